#include "plimsoll/model/readiness_waiver.h"

#include <algorithm>
#include <array>
#include <span>

namespace plimsoll {
namespace {

constexpr std::array<std::string_view, kWaiverStateCount> kStateNames = {"Pending", "Active",
                                                                         "Expired", "Invalid"};

// UTF-8 of what takes no ink: spaces, soft hyphen, joiners, directional marks, variation selectors, byte order mark.
// Unicode 15: Zs, and of Cf and Mn those that are invisible by themselves.
bool IsUnseen(std::string_view character) {
  constexpr std::string_view kTwoBytes[] = {"\u00a0", "\u00ad", "\u034f", "\u061c"};
  constexpr std::string_view kThreeBytes[] = {"\u115f", "\u1160", "\u1680", "\u180e",
                                              "\u3000", "\u3164", "\ufeff", "\uffa0"};
  const auto is_one_of = [&](std::span<const std::string_view> characters) {
    return std::find(characters.begin(), characters.end(), character) != characters.end();
  };
  const auto between = [&](std::string_view first, std::string_view last) {
    return character >= first && character <= last;
  };
  switch (character.size()) {
    case 2:
      return is_one_of(kTwoBytes);
    case 3:
      return between("\u2000", "\u200f") || between("\u2028", "\u202f") ||
             between("\u205f", "\u206f") || between("\ufe00", "\ufe0f") || is_one_of(kThreeBytes);
    case 4:  // tags and more variation selectors: U+E0000 to U+E0FFF
      return character.starts_with("\xF3\xA0");
    default:
      return false;
  }
}

size_t LengthOf(unsigned char lead) {
  if (lead >= 0xF0) return 4;
  if (lead >= 0xE0) return 3;
  return lead >= 0xC0 ? 2 : 1;
}

// Takes the next character that is seen from `name`; empty at its end. Letters of ASCII as lower case.
struct Seen {
  std::string_view character;
  char folded = 0;  // of a single byte
  friend bool operator==(const Seen& a, const Seen& b) {
    return a.folded != 0 || b.folded != 0 ? a.folded == b.folded : a.character == b.character;
  }
};

Seen NextSeen(std::string_view& name) {
  while (!name.empty()) {
    const auto first = static_cast<unsigned char>(name.front());
    const size_t length = std::min(LengthOf(first), name.size());
    const std::string_view character = name.substr(0, length);
    name.remove_prefix(length);
    const bool blank = length == 1 && (first <= 0x20 || first == 0x7F);
    if (blank || IsUnseen(character)) continue;
    if (length > 1) return {character};
    const bool upper = first >= 'A' && first <= 'Z';
    return {character, static_cast<char>(upper ? first - 'A' + 'a' : first)};
  }
  return {};
}

}  // namespace

std::string_view WaiverStateName(WaiverState state) {
  return kStateNames[static_cast<size_t>(state)];
}

std::optional<WaiverState> ParseWaiverState(std::string_view text) {
  const auto* const found = std::find(kStateNames.begin(), kStateNames.end(), text);
  if (found == kStateNames.end()) return std::nullopt;
  return static_cast<WaiverState>(found - kStateNames.begin());
}

bool MayBeSamePerson(std::string_view a, std::string_view b) {
  for (;;) {
    const Seen of_a = NextSeen(a);
    const Seen of_b = NextSeen(b);
    if (of_a != of_b) return false;
    if (of_a.character.empty()) return true;
  }
}

}  // namespace plimsoll

#include "kube/known_objects.h"

#include <charconv>
#include <functional>
#include <optional>
#include <utility>

namespace plimsoll::kube {
namespace {

// Namespaces have no slash.
std::string Text(const ObjectKey& key) { return key.namespace_name + "/" + key.name; }

ObjectKey Key(std::string_view text) {
  const size_t slash = text.find('/');
  return {std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

constexpr bool IsDashPlace(size_t place) {
  return place == 8 || place == 13 || place == 18 || place == 23;
}
constexpr size_t kUuidLength = 36;

// "0123abcd-...": lower case, as the API server writes them, so that the text can be made again.
std::optional<std::array<uint8_t, 16>> ParseUuid(std::string_view text) {
  if (text.size() != kUuidLength) return std::nullopt;
  std::array<uint8_t, 16> bytes{};
  size_t digits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (IsDashPlace(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int value = HexValue(text[i]);
    if (value < 0) return std::nullopt;
    bytes[digits / 2] = static_cast<uint8_t>((bytes[digits / 2] << 4U) | value);
    ++digits;
  }
  return bytes;
}

std::string UuidText(const std::array<uint8_t, 16>& bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(kUuidLength);
  for (const uint8_t byte : bytes) {
    if (IsDashPlace(text.size())) text += '-';
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0xFU];
  }
  return text;
}

// Only compared for equality: the number itself, or a hash with the top bit set where it is none.
uint64_t VersionOf(std::string_view text) {
  constexpr uint64_t kTopBit = uint64_t{1} << 63U;
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool plain = error == std::errc() && end == text.data() + text.size() && number < kTopBit &&
                     (text == "0" || !text.starts_with('0'));
  return plain ? number : std::hash<std::string_view>()(text) | kTopBit;
}

}  // namespace

KnownObjects::Entry KnownObjects::Make(const std::string& key, std::string_view uid,
                                       std::string_view resource_version) {
  Entry entry;
  entry.version = VersionOf(resource_version);
  entry.pass = pass_;
  if (const auto bytes = ParseUuid(uid)) {
    entry.uid = *bytes;
    other_uids_.erase(key);
  } else {
    entry.other_uid = true;
    other_uids_[key] = uid;
  }
  return entry;
}

std::string KnownObjects::UidOf(const std::string& key, const Entry& entry) const {
  return entry.other_uid ? other_uids_.at(key) : UuidText(entry.uid);
}

KnownObjects::Change KnownObjects::Note(const ObjectKey& key, std::string_view uid,
                                        std::string_view resource_version) {
  const std::string text = Text(key);
  const auto found = objects_.find(text);
  if (found == objects_.end()) {
    objects_.emplace(text, Make(text, uid, resource_version));
    return {true, ""};
  }
  Change change;
  std::string known_uid = UidOf(text, found->second);
  change.changed = known_uid != uid || found->second.version != VersionOf(resource_version);
  if (known_uid != uid) change.replaced_uid = std::move(known_uid);
  found->second = Make(text, uid, resource_version);
  return change;
}

std::string KnownObjects::Forget(const ObjectKey& key) {
  const std::string text = Text(key);
  const auto found = objects_.find(text);
  if (found == objects_.end()) return {};
  std::string uid = UidOf(text, found->second);
  objects_.erase(found);
  other_uids_.erase(text);
  return uid;
}

std::vector<KnownObjects::Gone> KnownObjects::EndPass() {
  std::vector<Gone> gone;
  for (auto entry = objects_.begin(); entry != objects_.end();) {
    if (entry->second.pass == pass_) {
      ++entry;
      continue;
    }
    gone.push_back({Key(entry->first), UidOf(entry->first, entry->second)});
    other_uids_.erase(entry->first);
    entry = objects_.erase(entry);
  }
  return gone;
}

}  // namespace plimsoll::kube

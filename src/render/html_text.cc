#include "render/html_text.h"

#include <algorithm>
#include <array>

#include "plimsoll/base/markup.h"
#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

uint32_t HexDigit(char c) { return static_cast<uint32_t>(c >= 'a' ? c - 'a' + 10 : c - '0'); }

void AppendEscaped(std::string_view line, std::string& out) {
  std::string_view separator;
  for (const std::string_view part : Split(line, '\'')) {
    out += separator;
    separator = "&#39;";
    AppendMarkup(part, out);
  }
}

}  // namespace

std::string Escape(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  bool first = true;
  for (const std::string_view line : Split(text, '\n')) {
    if (!first) out += '\n';
    first = false;
    AppendEscaped(SanitizeLine(line, std::string::npos), out);
  }
  return out;
}

std::string EscapeOr(std::string_view text, std::string_view otherwise) {
  const std::string_view trimmed = Trim(text);
  return trimmed.empty() ? std::string(otherwise) : Escape(trimmed);
}

std::string TimeTag(Timestamp time) {
  return "<time datetime=\"" + FormatTimestamp(time) + "\">" + Day(time) + "</time>";
}

std::string Count(size_t number, std::string_view one, std::string_view many) {
  std::string out = std::to_string(number) + " ";
  if (number == 1) return out += one;
  if (!many.empty()) return out += many;
  out += one;
  return out += 's';
}

std::string_view StateClass(ReadinessState state) {
  switch (state) {
    case ReadinessState::kReady:
      return "ready";
    case ReadinessState::kNotReady:
      return "not-ready";
    case ReadinessState::kWaived:
      return "waived";
    case ReadinessState::kBlocked:
      return "blocked";
  }
  return "";
}

std::string StateBadge(ReadinessState state) {
  switch (state) {
    case ReadinessState::kReady:
      return "<span class=\"badge ready\">✔ Ready</span>";
    case ReadinessState::kNotReady:
      return "<span class=\"badge not-ready\">▲ Not ready</span>";
    case ReadinessState::kWaived:
      return "<span class=\"badge waived\">◆ Waived</span>";
    case ReadinessState::kBlocked:
      return "<span class=\"badge blocked\">✖ Blocked</span>";
  }
  return {};
}

std::string_view ActionClass(Action action, bool waived) {
  if (waived) return "w";
  return action == Action::kDeny ? "d" : action == Action::kWarn ? "n" : "a";
}

std::string ActionText(Action action, bool waived) {
  if (waived) return "◆ waived";
  return action == Action::kDeny ? "✖ deny" : action == Action::kWarn ? "▲ warn" : "○ audit";
}

std::string UpcomingText(const Upcoming& upcoming) {
  return std::string(ActionName(upcoming.action)) + " from " + TimeTag(upcoming.from);
}

std::string HashSource(std::string_view hex) {
  std::string out = "'sha256-";
  // Three bytes are six digits and four characters; a digest leaves two bytes over.
  for (size_t i = 0; i < hex.size(); i += 6) {
    const size_t digits = std::min<size_t>(6, hex.size() - i);
    uint32_t bits = 0;
    for (size_t d = 0; d < 6; ++d) bits = bits << 4U | (d < digits ? HexDigit(hex[i + d]) : 0);
    const size_t characters = digits * 4 / 6 + (digits == 6 ? 0 : 1);
    for (size_t c = 0; c < 4; ++c) {
      out += c < characters ? kBase64[bits >> (18 - 6 * c) & 63U] : '=';
    }
  }
  return out += '\'';
}

}  // namespace plimsoll

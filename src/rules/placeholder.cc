#include "rules/placeholder.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

constexpr std::array<std::string_view, 24> kWords = {
    "todo", "tbd",   "fixme",       "changeme", "change-me", "replace-me", "xxx",   "none",
    "null", "n/a",   "na",          "unknown",  "undefined", "example",    "foo",   "bar",
    "test", "dummy", "placeholder", "-",        "?",         "replaceme",  "to-do", "tba"};

// No segment of a longer one is a placeholder word; "<...>" longer than this is not seen when percent-encoded.
constexpr size_t kMaxDecodedSegment = 256;

bool HasPair(std::string_view value, std::string_view open, std::string_view close) {
  const size_t start = value.find(open);
  return start != std::string_view::npos &&
         value.find(close, start + open.size()) != std::string_view::npos;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Decodes "%41" into `buffer`; where nothing is encoded, or too long, the segment itself.
std::string_view PercentDecode(std::string_view segment,
                               std::array<char, kMaxDecodedSegment>& buffer) {
  if (segment.find('%') == std::string_view::npos || segment.size() > buffer.size()) return segment;
  size_t length = 0;
  for (size_t i = 0; i < segment.size(); ++i) {
    char c = segment[i];
    if (c == '%' && i + 2 < segment.size()) {
      const int high = HexDigit(segment[i + 1]);
      const int low = HexDigit(segment[i + 2]);
      if (high >= 0 && low >= 0) {
        c = static_cast<char>(high * 16 + low);
        i += 2;
      }
    }
    buffer[length++] = c;
  }
  return {buffer.data(), length};
}

}  // namespace

bool HasTemplateExpression(std::string_view value) {
  // Most values have neither, and none of the three can do without one.
  if (value.find('{') == std::string_view::npos && value.find('$') == std::string_view::npos) {
    return false;
  }
  return HasPair(value, "{{", "}}") || HasPair(value, "${", "}") || HasPair(value, "$(", ")");
}

bool IsPlaceholder(std::string_view value) {
  value = Trim(value);
  if (value.empty()) return true;
  if (value.size() >= 2 && value.front() == '<' && value.back() == '>') return true;
  constexpr std::string_view kYour = "your-";
  if (value.size() >= kYour.size() && EqualsIgnoreCase(value.substr(0, kYour.size()), kYour)) {
    return true;
  }
  if (HasTemplateExpression(value)) return true;
  return std::any_of(kWords.begin(), kWords.end(),
                     [value](std::string_view word) { return EqualsIgnoreCase(value, word); });
}

std::string_view PlaceholderSegment(std::string_view path) {
  std::string_view whole = path;
  while (!whole.empty() && whole.front() == '/') whole.remove_prefix(1);
  while (!whole.empty() && whole.back() == '/') whole.remove_suffix(1);
  if (whole.empty()) return {};
  if (EqualsIgnoreCase(whole, "n/a")) return whole;  // the one word with a slash in it
  std::array<char, kMaxDecodedSegment> buffer;
  std::string_view rest = whole;
  while (true) {
    const size_t slash = rest.find('/');
    const bool last = slash == std::string_view::npos;
    const std::string_view segment = rest.substr(0, slash);
    const bool gitlab_separator = segment == "-" && !last;
    if (!segment.empty() && !gitlab_separator && IsPlaceholder(PercentDecode(segment, buffer))) {
      return segment;
    }
    if (last) return {};
    rest.remove_prefix(slash + 1);
  }
}

}  // namespace plimsoll

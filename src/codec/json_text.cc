#include "codec/json_text.h"

#include <array>
#include <cstring>

namespace plimsoll {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The character that a two-character escape stands for, by its second one; 0 where it is none.
constexpr std::array<char, 256> kSimpleEscapes = [] {
  std::array<char, 256> meant{};
  meant['"'] = '"';
  meant['\\'] = '\\';
  meant['/'] = '/';
  meant['b'] = '\b';
  meant['f'] = '\f';
  meant['n'] = '\n';
  meant['r'] = '\r';
  meant['t'] = '\t';
  return meant;
}();

char* AppendUtf8(uint32_t code, char* to) {
  const auto put = [&to](uint32_t byte) { *to++ = static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
  return to;
}

// `from` is after "\\u" and moves past the escape or the pair of them. Null where it stands for no character.
char* UnescapeUnicode(const char*& from, char* to) {
  const int unit = HexQuad({from, 4});
  if (unit < 0) return nullptr;
  from += 4;
  auto code = static_cast<uint32_t>(unit);
  if (code >= 0xD800 && code <= 0xDFFF) {
    if (code > 0xDBFF || from[0] != '\\' || from[1] != 'u') return nullptr;
    const int low = HexQuad({from + 2, 4});
    if (low < 0xDC00 || low > 0xDFFF) return nullptr;
    from += 6;
    code = 0x10000 + ((code - 0xD800) << 10) + (static_cast<uint32_t>(low) - 0xDC00);
  }
  return AppendUtf8(code, to);
}

}  // namespace

int HexQuad(std::string_view text) {
  if (text.size() < 4) return -1;
  int value = 0;
  for (const char c : text.substr(0, 4)) {
    if (IsDigit(c)) {
      value = value * 16 + (c - '0');
    } else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
      value = value * 16 + ((c | 0x20) - 'a' + 10);
    } else {
      return -1;
    }
  }
  return value;
}

bool IsJsonNumber(std::string_view text) {
  size_t at = 0;
  const auto digits = [&text, &at] {
    const size_t start = at;
    while (at < text.size() && IsDigit(text[at])) ++at;
    return at > start;
  };
  if (at < text.size() && text[at] == '-') ++at;
  const size_t first = at;
  if (!digits()) return false;
  if (text[first] == '0' && at > first + 1) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == text.size();
}

char* UnescapeJson(const char* from, char* to) {
  while (true) {
    // Copies some bytes at a time, also those after the run: they are overwritten by what belongs there.
    std::memcpy(to, from, kJsonStep);
    const auto found = QuotesAndBackslashes(from);
    if (found == 0) {
      from += kJsonStep;
      to += kJsonStep;
      continue;
    }
    const size_t plain = FirstMark(found);
    to += plain;
    from += plain;
    if (*from == '"') return to;
    const char escape = from[1];
    from += 2;
    if (const char meant = kSimpleEscapes[static_cast<unsigned char>(escape)]; meant != 0) {
      *to++ = meant;
    } else {
      to = escape == 'u' ? UnescapeUnicode(from, to) : nullptr;
      if (to == nullptr) return nullptr;
    }
  }
}

}  // namespace plimsoll

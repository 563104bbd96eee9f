#include "codec/json_text.h"

#include <cstring>

namespace plimsoll {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The character that a two-character escape stands for; 0 where it is none.
char SimpleEscape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

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
    // Copies eight bytes at a time, also those after the run: they are overwritten by what belongs there.
    uint64_t word;
    uint64_t found;
    while (true) {
      std::memcpy(&word, from, sizeof(word));
      std::memcpy(to, &word, sizeof(word));
      found = QuotesAndBackslashes(word);
      if (found != 0) break;
      from += sizeof(word);
      to += sizeof(word);
    }
    const size_t plain = FirstMarkedByte(found);
    to += plain;
    from += plain;
    if (*from == '"') return to;
    const char escape = from[1];
    from += 2;
    if (escape == 'u') {
      to = UnescapeUnicode(from, to);
      if (to == nullptr) return nullptr;
    } else {
      const char meant = SimpleEscape(escape);
      if (meant == 0) return nullptr;
      *to++ = meant;
    }
  }
}

}  // namespace plimsoll

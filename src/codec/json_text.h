// The inside of JSON strings and numbers.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace plimsoll {

// The number grammar of RFC 8259 §6, for the whole text.
bool IsJsonNumber(std::string_view text);

// The value of the four hexadecimal digits that `text` begins with; -1 where it does not.
int HexQuad(std::string_view text);

// Marks quotes and backslashes among the eight bytes of `word`: the lowest mark is exact, there are none if there are
// none.
inline uint64_t QuotesAndBackslashes(uint64_t word) {
  constexpr uint64_t kOnes = 0x0101010101010101ULL;
  constexpr uint64_t kHighs = 0x8080808080808080ULL;
  const uint64_t quotes = word ^ (kOnes * '"');
  const uint64_t backslashes = word ^ (kOnes * '\\');
  return (((quotes - kOnes) & ~quotes) | ((backslashes - kOnes) & ~backslashes)) & kHighs;
}

inline size_t FirstMarkedByte(uint64_t marks) {
  static_assert(std::endian::native == std::endian::little, "the first byte must be the lowest");
  return static_cast<size_t>(std::countr_zero(marks)) / 8;
}

// Offset of the first quote or backslash at or after `at`. There must be one, and eight readable bytes from it on.
inline size_t FindQuoteOrBackslash(const char* at) {
  for (size_t offset = 0;; offset += sizeof(uint64_t)) {
    uint64_t word;
    std::memcpy(&word, at + offset, sizeof(word));
    if (const uint64_t marks = QuotesAndBackslashes(word)) return offset + FirstMarkedByte(marks);
  }
}

// Writes the string that begins at `from` (after its quote) and ends before the next unescaped quote to `to`, unescaped,
// and returns the end of what was written; it is never longer than it was, but up to eight bytes beyond are used. Null for an unknown escape or a surrogate
// without its pair. The string must end, with eight readable bytes from its quote on.
char* UnescapeJson(const char* from, char* to);

}  // namespace plimsoll

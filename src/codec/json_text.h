// The inside of JSON strings and numbers.
#pragma once

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

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

// So many bytes behind a text must be readable, and so many behind a buffer writable: strings are looked through and
// copied some bytes at a time.
inline constexpr size_t kJsonSlack = 32;

#if defined(__SSE2__)  // every x86-64 has it

inline constexpr size_t kJsonStep = 16;

// A bit for each quote and each backslash among the sixteen bytes from `at` on, the lowest for the first.
inline uint32_t QuotesAndBackslashes(const char* at) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const __m128i found = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                     _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
  return static_cast<uint32_t>(_mm_movemask_epi8(found));
}

inline size_t FirstMark(uint32_t marks) { return static_cast<size_t>(std::countr_zero(marks)); }

#else

inline constexpr size_t kJsonStep = 8;

// Marks quotes and backslashes among the eight bytes from `at` on: the lowest mark is exact, there are none if there are
// none.
inline uint64_t QuotesAndBackslashes(const char* at) {
  constexpr uint64_t kOnes = 0x0101010101010101ULL;
  constexpr uint64_t kHighs = 0x8080808080808080ULL;
  uint64_t word;
  std::memcpy(&word, at, sizeof(word));
  const uint64_t quotes = word ^ (kOnes * '"');
  const uint64_t backslashes = word ^ (kOnes * '\\');
  return (((quotes - kOnes) & ~quotes) | ((backslashes - kOnes) & ~backslashes)) & kHighs;
}

inline size_t FirstMark(uint64_t marks) {
  static_assert(std::endian::native == std::endian::little, "the first byte must be the lowest");
  return static_cast<size_t>(std::countr_zero(marks)) / 8;
}

#endif

// Offset of the first quote or backslash at or after `at`. There must be one, and kJsonSlack readable bytes from it on.
inline size_t FindQuoteOrBackslash(const char* at) {
  for (size_t offset = 0;; offset += kJsonStep) {
    if (const auto marks = QuotesAndBackslashes(at + offset)) return offset + FirstMark(marks);
  }
}

// Writes the string that begins at `from` (after its quote) and ends before the next unescaped quote to `to`, unescaped,
// and returns the end of what was written; it is never longer than it was, but up to kJsonSlack bytes beyond are used.
// Null for an unknown escape or a surrogate without its pair. The string must end, with kJsonSlack readable bytes from
// its quote on.
char* UnescapeJson(const char* from, char* to);

}  // namespace plimsoll

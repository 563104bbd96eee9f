#include "rules/host_name.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

constexpr size_t kMaxLabelBytes = 63;  // RFC 1035
constexpr std::string_view kAcePrefix = "xn--";

// ---- letters ----

// Letters whose lower case is found by adding `to_lower`; with 0 they are lower case, or know none.
struct Letters {
  uint32_t first;
  uint32_t last;
  uint32_t to_lower;
};

constexpr std::array<Letters, 27> kLetters = {{
    {0x00C0, 0x00D6, 0x20},       {0x00D8, 0x00DE, 0x20},  // À to Þ
    {0x00DF, 0x00F6, 0},          {0x00F8, 0x00FF, 0},     // ß to ÿ
    {0x0178, 0x0178, 0xFFFFFF87},                          // Ÿ: ÿ
    {0x0386, 0x0386, 0x26},       {0x0388, 0x038A, 0x25},  // Greek
    {0x038C, 0x038C, 0x40},       {0x038E, 0x038F, 0x3F}, {0x0391, 0x03A1, 0x20},
    {0x03A3, 0x03A9, 0x20},       {0x03AC, 0x03AF, 0},    {0x03B1, 0x03C9, 0},
    {0x03CC, 0x03CE, 0},          {0x0400, 0x040F, 0x50},  // Cyrillic
    {0x0410, 0x042F, 0x20},       {0x0430, 0x045F, 0},    {0x0490, 0x0490, 1},
    {0x0491, 0x0491, 0},          {0x05D0, 0x05EA, 0},  // Hebrew
    {0x0621, 0x063A, 0},          {0x0641, 0x064A, 0},  // Arabic
    {0x3041, 0x3096, 0},          {0x30A1, 0x30FA, 0},  // kana
    {0x30FC, 0x30FC, 0},          {0x4E00, 0x9FFF, 0},  // Han
    {0xAC00, 0xD7A3, 0},                                // Hangul
}};

// Latin Extended-A: pairs of capital and small letter, but for some that fold to more than one letter or to ASCII.
bool IsPairedLatin(uint32_t c) {
  return (c >= 0x0100 && c <= 0x012F) || (c >= 0x0134 && c <= 0x0137) ||
         (c >= 0x0139 && c <= 0x013E) || (c >= 0x0141 && c <= 0x0148) ||
         (c >= 0x014A && c <= 0x0177) || (c >= 0x0179 && c <= 0x017E);
}

std::optional<uint32_t> LowerLetter(uint32_t c) {
  if (IsPairedLatin(c)) {
    const bool capitals_are_even = c < 0x0139 || (c >= 0x014A && c <= 0x0177);
    return (c % 2 == 0) == capitals_are_even ? c + 1 : c;
  }
  for (const Letters& letters : kLetters) {
    if (c >= letters.first && c <= letters.last) return c + letters.to_lower;
  }
  return std::nullopt;
}

// The code point at the front of valid UTF-8; moves on.
uint32_t TakeCodePoint(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  uint32_t c = length == 1 ? lead : lead & (0x7Fu >> length);
  for (size_t i = 1; i < length; ++i) {
    c = (c << 6) | (static_cast<unsigned char>(text[i]) & 0x3Fu);
  }
  text.remove_prefix(length);
  return c;
}

// ---- Punycode: the names of RFC 3492, section 6 ----

constexpr uint32_t kBase = 36;
constexpr uint32_t kTMin = 1;
constexpr uint32_t kTMax = 26;
constexpr uint32_t kSkew = 38;
constexpr uint32_t kDamp = 700;
constexpr uint32_t kInitialBias = 72;
constexpr uint32_t kInitialN = 0x80;

uint32_t Adapt(uint32_t delta, uint32_t points, bool first) {
  delta = first ? delta / kDamp : delta / 2;
  delta += delta / points;
  uint32_t k = 0;
  for (; delta > (kBase - kTMin) * kTMax / 2; k += kBase) delta /= kBase - kTMin;
  return k + (kBase - kTMin + 1) * delta / (delta + kSkew);
}

char Digit(uint32_t value) {
  return static_cast<char>(value < 26 ? 'a' + value : '0' + (value - 26));
}

void AppendVariableLength(uint32_t value, uint32_t bias, std::string& out) {
  for (uint32_t k = kBase;; k += kBase) {
    const uint32_t t = k <= bias ? kTMin : k >= bias + kTMax ? kTMax : k - bias;
    if (value < t) break;
    out += Digit(t + (value - t) % (kBase - t));
    value = (value - t) / (kBase - t);
  }
  out += Digit(value);
}

// At most kMaxLabelBytes code points, so that `delta` cannot overflow.
std::string Punycode(const std::vector<uint32_t>& label) {
  std::string out;
  for (const uint32_t c : label) {
    if (c < kInitialN) out += static_cast<char>(c);
  }
  const auto basic = static_cast<uint32_t>(out.size());
  if (basic > 0) out += '-';
  uint32_t n = kInitialN;
  uint32_t delta = 0;
  uint32_t bias = kInitialBias;
  for (uint32_t handled = basic; handled < label.size(); ++delta, ++n) {
    uint32_t next = UINT32_MAX;
    for (const uint32_t c : label) {
      if (c >= n) next = std::min(next, c);
    }
    delta += (next - n) * (handled + 1);
    n = next;
    for (const uint32_t c : label) {
      if (c < n) ++delta;
      if (c != n) continue;
      AppendVariableLength(delta, bias, out);
      bias = Adapt(delta, handled + 1, handled == basic);
      delta = 0;
      ++handled;
    }
  }
  return out;
}

bool AppendLabel(std::string_view label, std::string& out) {
  std::vector<uint32_t> points;
  bool ascii = true;
  while (!label.empty()) {
    const uint32_t c = TakeCodePoint(label);
    ascii = ascii && c < kInitialN;
    const std::optional<uint32_t> lower = c >= kInitialN         ? LowerLetter(c)
                                          : c >= 'A' && c <= 'Z' ? c + 0x20
                                                                 : c;
    if (!lower || points.size() == kMaxLabelBytes) return false;
    points.push_back(*lower);
  }
  if (ascii) {
    for (const uint32_t c : points) out += static_cast<char>(c);
    return true;
  }
  const std::string encoded = Punycode(points);
  out += kAcePrefix;
  out += encoded;
  return kAcePrefix.size() + encoded.size() <= kMaxLabelBytes;
}

}  // namespace

std::optional<std::string> ToAsciiHost(std::string_view host) {
  std::string out;
  bool first = true;
  for (const std::string_view label : Split(host, '.')) {
    if (!first) out += '.';
    first = false;
    if (!AppendLabel(label, out)) return std::nullopt;
  }
  return out;
}

}  // namespace plimsoll

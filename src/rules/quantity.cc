#include "rules/quantity.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace plimsoll {
namespace {

__extension__ typedef unsigned __int128 Uint128;

constexpr uint64_t kMaxUnits = INT64_MAX;  // larger amounts are capped, as in Kubernetes
constexpr uint32_t kNanosPerUnit = 1'000'000'000;
// Digits kept: 10^20 · 2^60 (the largest binary suffix) still fits 128 bits. Of those beyond, only "not all zero" matters.
constexpr int kMaxDigits = 20;
// 10^100 is far above the cap, 10^-100 far below a nano-unit; keeps arithmetic on exponents from overflowing.
constexpr int kMaxExponent = 100;

struct Number {
  Uint128 digits = 0;
  int exponent = 0;   // decimal
  bool more = false;  // something was cut off that was not zero
};

// Reads "12.5"; moves `text` on to the suffix.
bool ReadNumber(std::string_view& text, Number& number) {
  size_t i = 0;
  int kept = 0;
  bool any = false;
  bool fraction = false;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.') {
      if (fraction) return false;
      fraction = true;
      continue;
    }
    if (c < '0' || c > '9') break;
    any = true;
    if (kept < kMaxDigits) {
      number.digits = number.digits * 10 + static_cast<unsigned>(c - '0');
      if (number.digits != 0) ++kept;
      if (fraction) number.exponent = std::max(number.exponent - 1, -kMaxExponent * 2);
    } else {
      if (c != '0') number.more = true;
      if (!fraction) number.exponent = std::min(number.exponent + 1, kMaxExponent * 2);
    }
  }
  text.remove_prefix(i);
  return any;
}

struct Suffix {
  std::string_view text;
  int decimal;
  int binary;
};
constexpr std::array<Suffix, 16> kSuffixes = {{{"", 0, 0},
                                               {"n", -9, 0},
                                               {"u", -6, 0},
                                               {"m", -3, 0},
                                               {"k", 3, 0},
                                               {"M", 6, 0},
                                               {"G", 9, 0},
                                               {"T", 12, 0},
                                               {"P", 15, 0},
                                               {"E", 18, 0},
                                               {"Ki", 0, 10},
                                               {"Mi", 0, 20},
                                               {"Gi", 0, 30},
                                               {"Ti", 0, 40},
                                               {"Pi", 0, 50},
                                               {"Ei", 0, 60}}};

// "e3", "E-3", "e+03".
std::optional<int> ReadExponent(std::string_view text) {
  if (text.size() < 2 || (text[0] != 'e' && text[0] != 'E')) return std::nullopt;
  text.remove_prefix(1);
  const bool negative = text[0] == '-';
  if (text[0] == '-' || text[0] == '+') text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = std::min(value * 10 + (c - '0'), kMaxExponent);
  }
  return negative ? -value : value;
}

bool ReadSuffix(std::string_view text, Suffix& suffix) {
  const auto* known = std::find_if(kSuffixes.begin(), kSuffixes.end(),
                                   [text](const Suffix& s) { return s.text == text; });
  if (known != kSuffixes.end()) {
    suffix = *known;
    return true;
  }
  const std::optional<int> exponent = ReadExponent(text);
  if (exponent) suffix = {text, *exponent, 0};
  return exponent.has_value();
}

// The amount in nano-units, rounded up and capped.
Uint128 ToNanos(const Number& number, const Suffix& suffix) {
  const Uint128 cap = static_cast<Uint128>(kMaxUnits) * kNanosPerUnit;
  Uint128 amount = number.digits << suffix.binary;
  if (amount == 0) return 0;
  int exponent = number.exponent + suffix.decimal + 9;
  bool more = number.more;
  for (; exponent < 0; ++exponent) {
    more = more || amount % 10 != 0;
    amount /= 10;
    if (amount == 0) break;
  }
  for (; exponent > 0 && amount <= cap; --exponent) amount *= 10;
  if (more && amount <= cap) ++amount;
  return std::min(amount, cap);
}

}  // namespace

std::optional<Quantity> Quantity::Parse(std::string_view text) {
  Quantity quantity;
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
    quantity.negative_ = text.front() == '-';
    text.remove_prefix(1);
  }
  Number number;
  Suffix suffix = kSuffixes[0];
  if (!ReadNumber(text, number) || !ReadSuffix(text, suffix)) return std::nullopt;
  const Uint128 nanos = ToNanos(number, suffix);
  if (nanos <= UINT64_MAX) {  // nearly always, and dividing 128 bits takes ten times as long
    const auto few = static_cast<uint64_t>(nanos);
    quantity.units_ = few / kNanosPerUnit;
    quantity.nanos_ = static_cast<uint32_t>(few % kNanosPerUnit);
  } else {
    quantity.units_ = static_cast<uint64_t>(nanos / kNanosPerUnit);
    quantity.nanos_ = static_cast<uint32_t>(nanos % kNanosPerUnit);
  }
  return quantity;
}

std::optional<Quantity> Quantity::From(JsonView value) {
  if (value.kind() != JsonKind::kString && value.kind() != JsonKind::kNumber) return std::nullopt;
  return Parse(value.text());
}

std::strong_ordering operator<=>(const Quantity& a, const Quantity& b) {
  if (a.negative() != b.negative()) {
    return a.negative() ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  std::strong_ordering magnitude = a.units_ <=> b.units_;
  if (magnitude == 0) magnitude = a.nanos_ <=> b.nanos_;
  if (!a.negative()) return magnitude;
  return 0 <=> magnitude;
}

}  // namespace plimsoll

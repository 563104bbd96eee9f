#include "plimsoll/base/time.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace plimsoll {
namespace {

using std::chrono::seconds;

// Reads exactly `digits` decimal digits and takes them off `text`.
std::optional<int> TakeDigits(std::string_view& text, size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool TakeCharacter(std::string_view& text, char expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::chrono::sys_days> TakeDate(std::string_view& text) {
  const std::optional<int> year = TakeDigits(text, 4);
  if (!year || *year < 1970 || !TakeCharacter(text, '-')) return std::nullopt;
  const std::optional<int> month = TakeDigits(text, 2);
  if (!month || !TakeCharacter(text, '-')) return std::nullopt;
  const std::optional<int> day = TakeDigits(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

// "15:04:05[.999]"
std::optional<seconds> TakeTimeOfDay(std::string_view& text) {
  const std::optional<int> hour = TakeDigits(text, 2);
  if (!hour || *hour > 23 || !TakeCharacter(text, ':')) return std::nullopt;
  const std::optional<int> minute = TakeDigits(text, 2);
  if (!minute || *minute > 59 || !TakeCharacter(text, ':')) return std::nullopt;
  const std::optional<int> second = TakeDigits(text, 2);
  if (!second || *second > 59) return std::nullopt;
  if (TakeCharacter(text, '.')) {
    if (!TakeDigits(text, 1)) return std::nullopt;
    while (TakeDigits(text, 1)) {
    }
  }
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + seconds(*second);
}

// "Z" or "+01:00"
std::optional<seconds> TakeOffset(std::string_view& text) {
  if (TakeCharacter(text, 'Z') || TakeCharacter(text, 'z')) return seconds(0);
  const bool east = TakeCharacter(text, '+');
  if (!east && !TakeCharacter(text, '-')) return std::nullopt;
  const std::optional<int> hours = TakeDigits(text, 2);
  if (!hours || *hours > 23 || !TakeCharacter(text, ':')) return std::nullopt;
  const std::optional<int> minutes = TakeDigits(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  const seconds offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return east ? offset : -offset;
}

struct DurationUnit {
  std::string_view name;
  double seconds;
};
// Longer names first where one is the start of another ("ms" before "m").
constexpr std::array<DurationUnit, 7> kDurationUnits = {
    {{"ns", 1e-9}, {"us", 1e-6}, {"µs", 1e-6}, {"ms", 1e-3}, {"h", 3600}, {"m", 60}, {"s", 1}}};

// Ten thousand years: beyond it arithmetic on Timestamps is nobody's intention, and nothing below overflows.
constexpr double kMaxDurationSeconds = 10'000.0 * 366 * 24 * 3600;

}  // namespace

std::optional<Timestamp> ParseTimestamp(std::string_view text) {
  const std::optional<std::chrono::sys_days> date = TakeDate(text);
  if (!date) return std::nullopt;
  if (text.empty()) return Timestamp(*date);
  if (!TakeCharacter(text, 'T') && !TakeCharacter(text, 't')) return std::nullopt;
  const std::optional<seconds> time = TakeTimeOfDay(text);
  if (!time) return std::nullopt;
  const std::optional<seconds> offset = TakeOffset(text);
  if (!offset || !text.empty()) return std::nullopt;
  return Timestamp(*date) + *time - *offset;
}

std::string FormatTimestamp(Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 16> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "T%02d:%02d:%02dZ",
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return FormatDate(day) + buffer.data();
}

std::string FormatDate(Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  if (day != time) return FormatTimestamp(time);
  const std::chrono::year_month_day date(day);
  std::array<char, 40> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return buffer.data();
}

std::optional<seconds> ParseDuration(std::string_view text) {
  const bool negative = TakeCharacter(text, '-');
  if (!negative) TakeCharacter(text, '+');
  if (text == "0") return seconds(0);
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    double value = 0;
    double scale = 1;
    bool digits = false;
    bool fraction = false;
    for (; !text.empty(); text.remove_prefix(1)) {
      const char c = text.front();
      if (c == '.' && !fraction) {
        fraction = true;
      } else if (c >= '0' && c <= '9') {
        digits = true;
        if (fraction) scale /= 10;
        value = fraction ? value + (c - '0') * scale : value * 10 + (c - '0');
      } else {
        break;
      }
    }
    if (!digits) return std::nullopt;
    const DurationUnit* unit = nullptr;
    for (const DurationUnit& candidate : kDurationUnits) {
      if (unit == nullptr && text.starts_with(candidate.name)) unit = &candidate;
    }
    if (unit == nullptr) return std::nullopt;
    text.remove_prefix(unit->name.size());
    total += value * unit->seconds;
    if (total > kMaxDurationSeconds) return std::nullopt;
  }
  // Ten milliseconds spelled as fractions must not lose a second to rounding: 1.1h is 3960 s.
  const auto whole = static_cast<int64_t>(std::floor(total + 1e-6));
  return seconds(negative ? -whole : whole);
}

}  // namespace plimsoll

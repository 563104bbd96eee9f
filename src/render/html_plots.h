// Plots of the HTML report: counts by week as stacked bars, in SVG, with the same as a table beside it.
//
// Pure. Thread-safety: functions. Weeks begin on Monday, 00:00 UTC.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string_view>
#include <vector>

#include "plimsoll/base/time.h"

namespace plimsoll {

// Half a year: what a reader compares; bars stay wide enough on a phone.
inline constexpr size_t kMaxPlottedWeeks = 26;

struct WeeklyPlot {
  std::string_view id;     // unique on the page
  std::string_view title;  // what is counted
  // Of the two parts of a bar, the lower one first; the upper one is hatched as well as of another colour.
  std::array<std::string_view, 2> series;
  std::array<std::vector<Timestamp>, 2> events;
};

// Up to the week of `now`; what is older than kMaxPlottedWeeks is counted in words.
void WriteWeeklyPlot(const WeeklyPlot& plot, Timestamp now, std::ostream& out);

}  // namespace plimsoll

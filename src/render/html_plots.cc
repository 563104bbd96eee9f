#include "render/html_plots.h"

#include <algorithm>
#include <chrono>
#include <ostream>
#include <string>

#include "render/html_text.h"

namespace plimsoll {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

// In user units of the drawing, which is shown about as wide.
constexpr size_t kWidth = 360;
constexpr size_t kHeight = 150;
constexpr size_t kLeft = 30;
constexpr size_t kTop = 10;
constexpr size_t kBottom = 24;
constexpr size_t kPlotWidth = kWidth - kLeft - 4;
constexpr size_t kPlotHeight = kHeight - kTop - kBottom;
constexpr size_t kMaxBar = 40;
constexpr size_t kLabels = 4;
constexpr std::array<std::string_view, 2> kClasses{"one", "two"};

using Week = std::array<uint32_t, 2>;

// 1970-01-01 was a Thursday.
sys_days MondayOf(Timestamp time) {
  const sys_days day = std::chrono::floor<days>(time);
  return day - (std::chrono::weekday(day) - std::chrono::Monday);
}

struct Weeks {
  sys_days first;
  std::vector<Week> counts;
  uint32_t before = 0;
  uint32_t peak = 0;
  uint32_t all = 0;
};

Weeks CountWeeks(const WeeklyPlot& plot, Timestamp now) {
  const sys_days last = MondayOf(now);
  sys_days first = last;
  for (const auto& events : plot.events) {
    for (const Timestamp at : events) first = std::min(first, MondayOf(at));
  }
  first = std::max(first, last - days(7 * (kMaxPlottedWeeks - 1)));
  Weeks weeks;
  weeks.first = first;
  weeks.counts.resize(static_cast<size_t>((last - first).count() / 7) + 1);
  for (size_t s = 0; s < plot.events.size(); ++s) {
    for (const Timestamp at : plot.events[s]) {
      ++weeks.all;
      const auto week = (MondayOf(at) - first).count() / 7;
      if (week < 0) {
        ++weeks.before;
      } else {  // a clock that is ahead of ours
        ++weeks.counts[std::min(static_cast<size_t>(week), weeks.counts.size() - 1)][s];
      }
    }
  }
  for (const Week& week : weeks.counts) weeks.peak = std::max(weeks.peak, week[0] + week[1]);
  return weeks;
}

std::string DayOf(const Weeks& weeks, size_t week) {
  return Day(Timestamp(weeks.first + days(7 * static_cast<int>(week))));
}

size_t Tall(uint32_t count, uint32_t peak) {
  if (count == 0) return 0;
  return std::max<size_t>(1, kPlotHeight * count / peak);
}

void WriteBars(const Weeks& weeks, std::string_view id, std::ostream& out) {
  const size_t step = std::min(kPlotWidth / weeks.counts.size(), kMaxBar);
  const size_t bar = step - std::max<size_t>(1, step / 5);
  const size_t label_every = (weeks.counts.size() + kLabels - 1) / kLabels;
  for (size_t i = 0; i < weeks.counts.size(); ++i) {
    const size_t x = kLeft + 2 + i * step;
    size_t y = kTop + kPlotHeight;
    for (size_t s = 0; s < kClasses.size(); ++s) {
      const size_t tall = Tall(weeks.counts[i][s], weeks.peak);
      if (tall == 0) continue;
      y -= tall;
      const auto rectangle = [&](std::string_view paint) {
        out << "<rect x=\"" << x << "\" y=\"" << y << "\" width=\"" << bar << "\" height=\"" << tall
            << "\" " << paint << "/>";
      };
      rectangle("class=\"" + std::string(kClasses[s]) + "\"");
      if (s == 1) rectangle("fill=\"url(#" + std::string(id) + "-hatch)\"");
    }
    if (i % label_every == 0 && x + 50 < kWidth) {
      out << "<text x=\"" << x << "\" y=\"" << kHeight - 8 << "\">" << DayOf(weeks, i).substr(5)
          << "</text>";
    }
  }
}

void WriteDrawing(const WeeklyPlot& plot, const Weeks& weeks, std::ostream& out) {
  const size_t floor = kTop + kPlotHeight;
  out << "<svg viewBox=\"0 0 " << kWidth << ' ' << kHeight << "\" role=\"img\" aria-labelledby=\""
      << plot.id << "-title\"><title id=\"" << plot.id << "-title\">" << Escape(plot.title) << ", "
      << weeks.all << " in all, at most " << weeks.peak << " in a week; the table below has the "
      << "numbers</title><defs><pattern id=\"" << plot.id
      << "-hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" "
         "patternTransform=\"rotate(45)\"><rect class=\"hatch\" width=\"2.5\" height=\"6\"/>"
         "</pattern></defs>";
  for (const auto& [y, number] : {std::pair{kTop, weeks.peak}, std::pair{floor, 0U}}) {
    out << "<line class=\"grid\" x1=\"" << kLeft << "\" x2=\"" << kWidth << "\" y1=\"" << y
        << "\" y2=\"" << y << "\"/><text class=\"tick\" x=\"" << kLeft - 5 << "\" y=\"" << y + 4
        << "\">" << number << "</text>";
  }
  WriteBars(weeks, plot.id, out);
  out << "</svg>\n";
}

void WriteLegend(const WeeklyPlot& plot, std::ostream& out) {
  out << "<p class=\"legend\">";
  for (size_t s = 0; s < kClasses.size(); ++s) {
    out << "<span><i class=\"key " << kClasses[s] << "\"></i>" << Escape(plot.series[s]) << " ("
        << plot.events[s].size() << ")</span> ";
  }
  out << "</p>\n";
}

void WriteNumbers(const WeeklyPlot& plot, const Weeks& weeks, std::ostream& out) {
  out << "<details class=\"numbers\"><summary>As a table<span class=\"vh\">: " << Escape(plot.title)
      << "</span></summary><table><thead><tr><th scope=\"col\">Week of</th>";
  for (const std::string_view name : plot.series) {
    out << "<th scope=\"col\" class=\"num\">" << Escape(name) << "</th>";
  }
  out << "</tr></thead><tbody>";
  for (size_t i = 0; i < weeks.counts.size(); ++i) {
    const Week& week = weeks.counts[i];
    if (week[0] + week[1] == 0) continue;
    out << "<tr><th scope=\"row\">" << DayOf(weeks, i) << "</th><td class=\"num\">" << week[0]
        << "</td><td class=\"num\">" << week[1] << "</td></tr>";
  }
  out << "</tbody></table></details>\n";
}

}  // namespace

void WriteWeeklyPlot(const WeeklyPlot& plot, Timestamp now, std::ostream& out) {
  const Weeks weeks = CountWeeks(plot, now);
  out << "<figure><figcaption>" << Escape(plot.title) << "</figcaption>\n";
  if (weeks.peak == 0) {
    out << "<p class=\"none\">Nothing in the last " << kMaxPlottedWeeks << " weeks.</p>\n";
  } else {
    WriteDrawing(plot, weeks, out);
    WriteLegend(plot, out);
  }
  if (weeks.before != 0) {
    out << "<p class=\"note\">And " << weeks.before << " before " << DayOf(weeks, 0) << ".</p>\n";
  }
  if (weeks.peak != 0) WriteNumbers(plot, weeks, out);
  out << "</figure>\n";
}

}  // namespace plimsoll

#include "plimsoll/render/progress_line.h"

#include <cmath>
#include <cstdio>

namespace plimsoll {
namespace {

constexpr double kFewASecond = 10;
constexpr long kMinute = 60;
constexpr long kHour = 60 * kMinute;
// Beyond, an estimate says that something stands still.
constexpr double kLongestWait = 99 * kHour;

std::string RateInWords(double per_second) {
  // "0.4 a second": what takes seconds each still shows that it goes on.
  char text[32];
  std::snprintf(text, sizeof(text), per_second < kFewASecond ? "%.1f" : "%.0f", per_second);
  return std::string(text) + " a second";
}

std::string TimeLeft(double wait) {
  if (wait > kLongestWait) return {};
  const long seconds = static_cast<long>(std::ceil(wait));
  if (seconds < kMinute) return std::to_string(seconds) + " s left";
  if (seconds < kHour) {
    return std::to_string(seconds / kMinute) + " min " + std::to_string(seconds % kMinute) +
           " s left";
  }
  return std::to_string(seconds / kHour) + " h " + std::to_string(seconds % kHour / kMinute) +
         " min left";
}

}  // namespace

std::string ProgressLine(std::string_view what, size_t done, size_t total,
                         std::chrono::milliseconds elapsed, size_t width) {
  const bool foretold = total != 0 && done <= total;
  std::string line = std::string(what) + ' ' + std::to_string(done);
  if (foretold) line += " of " + std::to_string(total);
  if (done == 0 || elapsed < kRateKnownAfter) return line;
  const double per_second =
      static_cast<double>(done) / std::chrono::duration<double>(elapsed).count();
  std::string left;
  if (foretold && done < total) left = TimeLeft(static_cast<double>(total - done) / per_second);
  if (!left.empty()) left = ", " + left;
  const std::string rate = ", " + RateInWords(per_second);
  if (line.size() + rate.size() + left.size() <= width) return line + rate + left;
  if (line.size() + left.size() <= width) return line + left;
  return line;
}

}  // namespace plimsoll

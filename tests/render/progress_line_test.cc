#include "plimsoll/render/progress_line.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace plimsoll {
namespace {

using std::chrono::milliseconds;

constexpr size_t kWide = 100;

TEST(ProgressLine, SaysHowFarHowFastAndHowLong) {
  struct Case {
    size_t done;
    size_t total;
    milliseconds elapsed;
    size_t width;
    std::string line;
  };
  const std::vector<Case> cases = {
      {0, 300, milliseconds(5000), kWide, "judging: 0 of 300"},  // a rate of nothing is none
      {100, 300, milliseconds(999), kWide, "judging: 100 of 300"},
      {100, 300, milliseconds(1000), kWide, "judging: 100 of 300, 100 a second, 2 s left"},
      {100, 301, milliseconds(1000), kWide, "judging: 100 of 301, 100 a second, 3 s left"},
      {5000, 10000, milliseconds(2500), kWide, "judging: 5000 of 10000, 2000 a second, 3 s left"},
      {3, 9, milliseconds(4000), kWide, "judging: 3 of 9, 0.8 a second, 8 s left"},
      {10, 610, milliseconds(1000), kWide, "judging: 10 of 610, 10 a second, 1 min 0 s left"},
      {10, 1260, milliseconds(1000), kWide, "judging: 10 of 1260, 10 a second, 2 min 5 s left"},
      {1, 3781, milliseconds(1000), kWide, "judging: 1 of 3781, 1.0 a second, 1 h 3 min left"},
      {1, 1000000, milliseconds(60000), kWide, "judging: 1 of 1000000, 0.0 a second"},
      {300, 300, milliseconds(2000), kWide, "judging: 300 of 300, 150 a second"},
      {301, 300, milliseconds(2000), kWide, "judging: 301, 150 a second"},  // some came meanwhile
      {500, 0, milliseconds(2000), kWide, "judging: 500, 250 a second"},
      {100, 300, milliseconds(1000), 43, "judging: 100 of 300, 100 a second, 2 s left"},
      {100, 300, milliseconds(1000), 42, "judging: 100 of 300, 2 s left"},
      {100, 300, milliseconds(1000), 28, "judging: 100 of 300"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(ProgressLine("judging:", one.done, one.total, one.elapsed, one.width), one.line);
  }
}

}  // namespace
}  // namespace plimsoll

#include "plimsoll/base/time.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

using std::chrono::seconds;

TEST(ParseTimestampTest, ReadsRfc3339AndPlainDates) {
  struct Case {
    const char* text;
    const char* utc;
  };
  const Case cases[] = {
      {"2026-12-01T00:00:00Z", "2026-12-01T00:00:00Z"},
      {"2026-12-01", "2026-12-01T00:00:00Z"},
      {"2026-12-01T01:30:00+01:30", "2026-12-01T00:00:00Z"},
      {"2026-11-30T22:00:00-02:00", "2026-12-01T00:00:00Z"},
      {"2024-02-29T23:59:59.999999Z", "2024-02-29T23:59:59Z"},
      {"1970-01-01", "1970-01-01T00:00:00Z"},
      {"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
      {"2026-12-01t09:00:00z", "2026-12-01T09:00:00Z"},
  };
  for (const Case& c : cases) {
    const std::optional<Timestamp> time = ParseTimestamp(c.text);
    ASSERT_TRUE(time.has_value()) << c.text;
    EXPECT_EQ(FormatTimestamp(*time), c.utc) << c.text;
  }
}

TEST(ParseTimestampTest, RefusesEverythingElse) {
  for (const char* text : {"",
                           "tomorrow",
                           "2026",
                           "2026-13-01",
                           "2026-02-30",
                           "2025-02-29",
                           "2026-12-01 00:00:00Z",
                           "2026-12-01T",
                           "2026-12-01T00:00:00",
                           "2026-12-01T24:00:00Z",
                           "2026-12-01T00:60:00Z",
                           "2026-12-01T00:00:60Z",
                           "2026-12-01T00:00:00.Z",
                           "2026-12-01T00:00:00+1:00",
                           "2026-12-01T00:00:00Zx",
                           "1969-12-31",
                           "20261201",
                           "2026-1-1",
                           "+026-12-01",
                           "2026-12-01T00:00Z",
                           "10000-01-01"}) {
    EXPECT_FALSE(ParseTimestamp(text).has_value()) << text;
  }
}

TEST(FormatDateTest, ShowsTheTimeOnlyWhereItSaysSomething) {
  EXPECT_EQ(FormatDate(*ParseTimestamp("2026-12-01")), "2026-12-01");
  EXPECT_EQ(FormatDate(*ParseTimestamp("2026-12-01T09:00:00Z")), "2026-12-01T09:00:00Z");
}

TEST(ParseDurationTest, ReadsGoDurations) {
  struct Case {
    const char* text;
    int64_t expected;
  };
  const Case cases[] = {{"2160h", 2160 * 3600},
                        {"1h30m", 5400},
                        {"90s", 90},
                        {"1.5h", 5400},
                        {"1.1h", 3960},
                        {"0", 0},
                        {"1500ms", 1},
                        {"-90s", -90},
                        {"+1m", 60},
                        {"1h0m0s", 3600},
                        {"1000000us", 1},
                        {".5m", 30},
                        {"999ms", 0}};
  for (const Case& c : cases) EXPECT_EQ(ParseDuration(c.text), seconds(c.expected)) << c.text;
  for (const char* text : {"", "1", "h", "1d", "1h ", " 1h", "1..5h", "1h30", "-", "1e3s",
                           "99999999999999999999h", ".s"}) {
    EXPECT_EQ(ParseDuration(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace plimsoll

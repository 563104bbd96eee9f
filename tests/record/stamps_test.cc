#include "plimsoll/record/stamps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "plimsoll/model/workload_history.h"
#include "tests/policy/yaml.h"

namespace plimsoll {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Timestamp kNow = *ParseTimestamp("2026-11-20T12:00:00Z");

Stamps Read(const std::string& annotations) {
  const test::Yaml yaml(
      "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, annotations: " + annotations +
      "}, spec: {template: {spec: {containers: [{name: a, image: b}]}}}}");
  Workload workload;
  EXPECT_TRUE(workload.Assign(yaml.view()));
  return ReadStamps(workload, kNow);
}

TEST(StampsTest, ReadsWhatIsWritten) {
  const std::string stamp =
      CheckedStamp({}, kNow, {{"runbook.url", ""}, {"health.readiness-probe", "web"}});
  EXPECT_EQ(stamp, "2026-11-20T12:00:00Z runbook.url health.readiness-probe/web");
  const Stamps stamps =
      Read("{plimsoll.dev/kickoff: '2026-10-01', plimsoll.dev/checked: '" + stamp + "'}");
  EXPECT_EQ(stamps.kickoff, ParseTimestamp("2026-10-01"));
  EXPECT_EQ(stamps.checked, kNow);
  EXPECT_THAT(stamps.findings, ElementsAre(CheckedFinding{"runbook.url", "", {}},
                                           CheckedFinding{"health.readiness-probe", "web", {}}));
}

TEST(StampsTest, ALaterCheckAddsWhatIsNewWithItsDate) {
  const Stamps before =
      Read("{plimsoll.dev/checked: '2026-11-01T09:00:00Z runbook.url image.pinned/web'}");
  EXPECT_EQ(CheckedStamp(before, kNow, {{"runbook.url", ""}}),
            "2026-11-01T09:00:00Z runbook.url image.pinned/web")
      << "nothing new, and what was put right stays listed";
  const std::string stamp =
      CheckedStamp(before, *ParseTimestamp("2026-11-20"), {{"runbook.url", ""}, {"a.b", "web"}});
  EXPECT_EQ(stamp, "2026-11-01T09:00:00Z runbook.url image.pinned/web a.b/web@2026-11-20");
  const Stamps after = Read("{plimsoll.dev/checked: '" + stamp + "'}");
  ASSERT_EQ(after.findings.size(), 3U);
  EXPECT_EQ(after.findings[2], (CheckedFinding{"a.b", "web", ParseTimestamp("2026-11-20")}));
  EXPECT_EQ(CheckedStamp(after, kNow, {{"a.b", "web"}}), stamp);
}

TEST(StampsTest, DatesToComeAreNotBelieved) {
  const Stamps stamps = Read(
      "{plimsoll.dev/kickoff: '2026-11-21', plimsoll.dev/checked: '2026-11-20T12:00:01Z a.b'}");
  EXPECT_EQ(stamps.kickoff, std::nullopt);
  EXPECT_EQ(stamps.checked, std::nullopt);
  EXPECT_THAT(stamps.findings, IsEmpty());
}

TEST(StampsTest, NonsenseIsNothing) {
  for (const char* text : {"''", "' '", "'soon'", "'2026-02-30 a.b'", "7", "'/ / /'"}) {
    const Stamps stamps = Read("{plimsoll.dev/checked: " + std::string(text) + "}");
    EXPECT_EQ(stamps.checked, std::nullopt) << text;
    EXPECT_THAT(stamps.findings, IsEmpty()) << text;
  }
}

TEST(StampsTest, IsBounded) {
  std::string text = "2026-11-20";
  for (int i = 0; i < 1000; ++i) text += " rule." + std::to_string(i);
  text += " " + std::string(10'000, 'x');
  EXPECT_EQ(Read("{plimsoll.dev/checked: '" + text + "'}").findings.size(), kMaxToldFindings);
}

}  // namespace
}  // namespace plimsoll

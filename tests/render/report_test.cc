#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "plimsoll/base/text.h"
#include "plimsoll/render/check_report.h"
#include "tests/render/sample_report.h"
#include "tests/support/golden.h"

namespace plimsoll {
namespace {

using ::plimsoll::testing::ExpectGolden;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Text(const CheckReport& report, const TextStyle& style = {}) {
  std::ostringstream out;
  WriteTextReport(report, style, out);
  return out.str();
}

std::string Json(const CheckReport& report) {
  std::ostringstream out;
  WriteJsonReport(report, out);
  return out.str();
}

CheckReport WithFinding(const Finding& finding) {
  CheckReport report;
  report.files = 1;
  report.workloads.push_back(
      {.file = "a.yaml", .position = {1, 1}, .kind = "Pod", .name = "a", .findings = {finding}});
  return report;
}

TEST(Report, TextAsItsReaderSeesIt) {
  ExpectGolden("tests/golden/render/report.txt", Text(SampleReport()));
  ExpectGolden("tests/golden/render/report-all-80.txt",
               Text(SampleReport(), {.width = 80, .show_all = true}));
  ExpectGolden("tests/golden/render/report-color.txt", Text(SampleReport(), {.color = true}));
  ExpectGolden("tests/golden/render/report-empty.txt", Text(CheckReport{}));
}

// kubectl merges lists by name only for the kinds that Kubernetes itself has.
TEST(Report, KubectlIsNotRecommendedForCustomResources) {
  Finding finding;
  finding.result = RuleResult::kFail;
  finding.fix = "spec:\n  replicas: 2\n";
  Finding other = finding;
  other.fix = "metadata:\n  labels:\n    a: b\n";
  CheckReport report = WithFinding(finding);
  report.workloads[0].findings.push_back(other);
  EXPECT_THAT(Text(report), HasSubstr("kubectl patch"));
  report.workloads[0].kind = "Rollout";
  EXPECT_THAT(Text(report), HasSubstr("To fix both, merge this into the manifest:\n"));
}

TEST(Report, JsonIsTheInterface) {
  ExpectGolden("tests/golden/render/report.json", Json(SampleReport()));
  ExpectGolden("tests/golden/render/report-empty.json", Json(CheckReport{}));
}

TEST(Report, SummaryCountsResultsAndActions) {
  const CheckSummary summary = Summarize(SampleReport());
  EXPECT_EQ(summary.files, 3u);
  EXPECT_EQ(summary.documents, 7u);
  EXPECT_EQ(summary.workloads, 4u);
  EXPECT_EQ(summary.pass, 25u) << "counted also where they are not listed, and once where they are";
  EXPECT_EQ(summary.fail, 3u);
  EXPECT_EQ(summary.pending, 1u);
  EXPECT_EQ(summary.deny, 1u);
  EXPECT_EQ(summary.warn, 1u);
  EXPECT_EQ(summary.audit, 1u);
}

TEST(Report, ThresholdsAreInclusiveAndOnlyFailsCount) {
  const CheckReport sample = SampleReport();
  EXPECT_TRUE(HasFindingAtOrAbove(sample, Action::kDeny));
  const CheckReport warn = WithFinding(SampleFinding(RuleResult::kFail, Action::kWarn, "r"));
  EXPECT_TRUE(HasFindingAtOrAbove(warn, Action::kAudit));
  EXPECT_TRUE(HasFindingAtOrAbove(warn, Action::kWarn));
  EXPECT_FALSE(HasFindingAtOrAbove(warn, Action::kDeny));
  const CheckReport error = WithFinding(SampleFinding(RuleResult::kError, Action::kDeny, "r"));
  EXPECT_FALSE(HasFindingAtOrAbove(error, Action::kAudit));
}

TEST(Report, NothingInTheInputReachesTheTerminalAsACommand) {
  Finding finding = SampleFinding(RuleResult::kFail, Action::kDeny, "r\x1b[31m");
  finding.message =
      "beep\a \x1b]0;title\a \xc2\x9b"
      "31m \xe2\x80\xae"
      "txt.exe \xff\xfe";
  finding.fix = "a:\r\n  b: \x1b[2J\n";
  finding.reason = "line\nbreak";
  CheckReport report = WithFinding(finding);
  report.workloads[0].name = "\x1b[1mname";
  report.workloads[0].file = "file\nname.yaml";
  report.errors.push_back({"e\x1b", {1, 1}, "p\x1b", "m\x1b"});
  const std::string text = Text(report);
  for (const char c : text) {
    EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << static_cast<int>(c);
  }
  EXPECT_TRUE(IsValidUtf8(text));
  EXPECT_THAT(text, Not(HasSubstr("\xe2\x80\xae")));
  EXPECT_THAT(text, HasSubstr("file name.yaml:1"));
  EXPECT_THAT(text, Not(HasSubstr("\xc2\x9b")));
}

TEST(Report, JsonIsValidUtf8WhateverTheInputHeld) {
  Finding finding = SampleFinding(RuleResult::kFail, Action::kDeny, "r");
  finding.message = "\xff\xfe \xed\xa0\x80 \"quoted\" back\\slash \x01 \t\n gr\xc3\xbc\xc3\x9f";
  finding.fix = "a: \"\xc0\xaf\"\n";
  CheckReport report = WithFinding(finding);
  report.workloads[0].file = "caf\xe9.yaml";
  const std::string json = Json(report);
  EXPECT_TRUE(IsValidUtf8(json));
  EXPECT_THAT(json, HasSubstr("gr\xc3\xbc\xc3\x9f"));
  for (const char c : json) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
}

TEST(Report, ALongReportIsWrittenInPiecesAndComplete) {
  Finding finding = SampleFinding(RuleResult::kFail, Action::kAudit, "r");
  finding.message = std::string(1000, 'x');
  CheckReport report = WithFinding(finding);
  report.workloads[0].findings.assign(5000, finding);
  const std::string json = Json(report);
  size_t found = 0;
  for (size_t at = json.find("\"rule\":\"r\""); at != std::string::npos;
       at = json.find("\"rule\":\"r\"", at + 1)) {
    ++found;
  }
  EXPECT_EQ(found, 5000u);
  EXPECT_TRUE(json.ends_with("}\n"));
}

TEST(Report, AFindingWithoutAPlaceStandsWhereItsObjectDoes) {
  CheckReport report = WithFinding(SampleFinding(RuleResult::kFail, Action::kAudit, "r"));
  report.workloads[0].position = {7, 3};
  EXPECT_THAT(Json(report), HasSubstr("\"line\":7,\"column\":3,"));
  EXPECT_THAT(Text(report), HasSubstr("a.yaml:7:3"));
}

}  // namespace
}  // namespace plimsoll

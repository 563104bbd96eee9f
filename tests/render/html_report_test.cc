#include "plimsoll/render/html_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <sstream>

#include "render/html_text.h"
#include "tests/render/sample_html_report.h"
#include "tests/support/golden.h"

namespace plimsoll {
namespace {

using ::plimsoll::testing::ExpectGolden;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::SampleHtmlReport;

constexpr std::string_view kHostile = "<script>alert('1')</script>\"&";

std::string Html(const HtmlReport& report) {
  std::ostringstream out;
  WriteHtmlReport(report, out);
  return out.str();
}

// What the browser makes look and move, which has tests of its own, and digests of that.
std::string WithoutAssets(std::string page) {
  for (const std::string tag : {"style", "script"}) {
    const size_t from = page.find("<" + tag + ">") + tag.size() + 2;
    page.erase(from, page.find("</" + tag + ">") - from);
  }
  return std::regex_replace(page, std::regex("sha256-[A-Za-z0-9+/=]+"), "sha256-");
}

TEST(HtmlReport, AsItsReaderSeesIt) {
  ExpectGolden("tests/golden/render/report.html", WithoutAssets(Html(SampleHtmlReport())));
}

TEST(HtmlReport, ServedItMayAskItsServerAndNobodyElse) {
  HtmlReport report = SampleHtmlReport();
  EXPECT_THAT(Html(report), Not(HasSubstr("id=\"live\"")));
  EXPECT_THAT(HtmlReportPolicy(false), Not(HasSubstr("connect-src")));
  report.revision = "0123abc";
  const std::string page = Html(report);
  EXPECT_THAT(page, HasSubstr("<div id=\"live\" data-revision=\"0123abc\" hidden>"));
  EXPECT_THAT(page, HasSubstr(HtmlReportPolicy(true)));
  EXPECT_THAT(HtmlReportPolicy(true), HasSubstr("; connect-src 'self'; base-uri 'none'"));
  EXPECT_THAT(HtmlReportPolicy(true), Not(HasSubstr("unsafe")));
}

TEST(HtmlReport, NothingYet) {
  const std::string page = Html(HtmlReport{});
  EXPECT_THAT(page, HasSubstr("No records: nothing has been judged yet"));
  EXPECT_THAT(page, HasSubstr("No findings."));
}

TEST(HtmlReport, HostileTextStaysText) {
  const std::string hostile(kHostile);
  HtmlReport report = SampleHtmlReport();
  RecordWithHistory& one = report.records[0];
  WorkloadRecord& record = one.record;
  for (std::string* text : {&record.workload.name,
                            &record.workload.namespace_name,
                            &record.service,
                            &record.owner,
                            &record.tier,
                            &record.findings[0].policy,
                            &record.findings[0].rule,
                            &record.findings[0].path,
                            &record.findings[0].container,
                            &record.findings[0].message,
                            &record.findings[1].waiver,
                            &one.history.events[0].note,
                            &report.source,
                            &report.version,
                            &report.waivers[0].waiver.name,
                            &report.waivers[0].waiver.namespace_name,
                            &report.waivers[0].waiver.workloads[0].name,
                            &report.waivers[0].waiver.policy,
                            &report.waivers[0].waiver.rules[0],
                            &report.waivers[0].waiver.reason,
                            &report.waivers[0].waiver.requested_by,
                            &report.waivers[0].waiver.approved_by,
                            &report.examples["runbook.url"].fix,
                            &report.examples["runbook.url"].message}) {
    *text = hostile;
  }
  report.records[2].history.findings[0].rule = hostile;
  report.records[2].history.findings[0].container = hostile;
  report.notes = {hostile};
  const std::string page = Html(report);
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(page, Not(HasSubstr("alert('1')")));
  EXPECT_THAT(page, Not(HasSubstr("\"&\"")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;"));
}

TEST(HtmlReport, NothingIsLoaded) {
  const std::string page = Html(SampleHtmlReport());
  EXPECT_THAT(page, HasSubstr("default-src 'none'; style-src 'sha256-"));
  EXPECT_THAT(page, Not(HasSubstr("unsafe-inline")));
  EXPECT_THAT(WithoutAssets(page), Not(HasSubstr(" style=")));
  EXPECT_THAT(page, Not(HasSubstr("://")));
}

TEST(HtmlText, EscapesAndCleans) {
  EXPECT_EQ(Escape("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
  EXPECT_EQ(Escape("one\ntwo"), "one\ntwo");
  EXPECT_THAT(Escape("a\x1b[31m\xff"), Not(HasSubstr("\x1b")));
  EXPECT_EQ(EscapeOr("  ", "(none)"), "(none)");
}

// RFC 6234 digest of "" and its base64.
TEST(HtmlText, HashSource) {
  EXPECT_EQ(HashSource("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");
}

}  // namespace
}  // namespace plimsoll

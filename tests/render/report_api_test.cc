#include "plimsoll/render/report_api.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "tests/render/sample_html_report.h"
#include "tests/support/golden.h"

namespace plimsoll {
namespace {

using nlohmann::json;
using testing::At;
using testing::ExpectGolden;
using testing::Record;
using testing::SampleHtmlReport;

PolicySnapshot SamplePolicies() {
  ReadinessPolicy policy;
  policy.name = "production";
  policy.description = "What a service needs";
  policy.contact = "#sre";
  policy.stages = {{Action::kAudit, {}}, {Action::kDeny, At("2027-01-01")}};
  policy.rules.resize(2);
  policy.rules[0].rule = FindRule("runbook.url");
  policy.rules[1].rule = FindRule("ownership.owner");
  policy.rules[1].stages = {{Action::kDeny, {}}};
  policy.strongest = Action::kWarn;
  return PolicySnapshot({policy});
}

class ReportApiTest : public ::testing::Test {
 protected:
  static HtmlReport Sample() {
    HtmlReport report = SampleHtmlReport();
    report.records[0].record.policies = {"production"};
    return report;
  }
  ApiAnswer Ask(std::string_view path, std::string_view query = {}) const {
    return AnswerApi(facts_, {path, query, &policies_, At("2026-11-28T06:40:00Z")});
  }
  json Get(std::string_view path, std::string_view query = {}) const {
    const ApiAnswer answer = Ask(path, query);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return json::parse(answer.body);
  }
  ReportFacts facts_{Sample()};
  PolicySnapshot policies_ = SamplePolicies();
};

// Each is held against docs/api.schema.json by tests/cli/report_api_test.py.
TEST_F(ReportApiTest, AsProgramsReadIt) {
  const std::string folder = "tests/golden/render/api/";
  ExpectGolden(folder + "services.json", Ask("/api/v1/services").body);
  ExpectGolden(folder + "service.json", Ask("/api/v1/services/production/Deployment/search").body);
  ExpectGolden(folder + "service-never-admitted.json",
               Ask("/api/v1/services/production/Deployment/new").body);
  ExpectGolden(folder + "policies.json", Ask("/api/v1/policies").body);
  ExpectGolden(folder + "waivers.json", Ask("/api/v1/waivers").body);
  ExpectGolden(folder + "questions.json", Ask("/api/v1/questions").body);
  ExpectGolden(folder + "page.json", Ask("/api/v1/services", "limit=1").body);
  ExpectGolden(folder + "error.json", Ask("/api/v1/nothing").body);
}

TEST_F(ReportApiTest, PagesHaveEachOnceHoweverLongTheyAre) {
  for (const int limit : {1, 2, 3, 4, 100}) {
    std::multiset<std::string> seen;
    std::string more;
    int pages = 0;
    do {
      std::string query = "limit=" + std::to_string(limit);
      if (!more.empty()) query += "&continue=" + more;
      const json page = Get("/api/v1/services", query);
      EXPECT_LE(page["items"].size(), static_cast<size_t>(limit));
      for (const json& item : page["items"]) seen.insert(item["service"]);
      EXPECT_EQ(page["metadata"]["remainingItemCount"], 4 - seen.size());
      more = page["metadata"]["continue"];
      ++pages;
    } while (!more.empty());
    EXPECT_EQ(seen, (std::multiset<std::string>{"checkout", "ledger", "new", "search"}));
    EXPECT_EQ(pages, (4 + limit - 1) / limit);
  }
}

TEST_F(ReportApiTest, APageGoesOnWhereTheLastOneEndedAlsoIfThatIsGone) {
  const std::string more = Get("/api/v1/services", "limit=2")["metadata"]["continue"];
  HtmlReport later = Sample();
  std::erase_if(later.records,
                [](const auto& one) { return one.record.workload.name == "ledger"; });
  later.records.push_back(Record("aaa", "payments", ReadinessState::kReady));
  const ReportFacts facts(std::move(later));
  const json page = json::parse(
      AnswerApi(facts, {"/api/v1/services", "continue=" + more, &policies_, At("2026-11-28")})
          .body);
  ASSERT_EQ(page["items"].size(), 2U);
  EXPECT_EQ(page["items"][0]["service"], "new");
  EXPECT_EQ(page["items"][1]["service"], "search");
}

TEST_F(ReportApiTest, Filters) {
  const auto services = [&](std::string_view query) {
    std::vector<std::string> names;
    const json page = Get("/api/v1/services", query);
    for (const json& item : page["items"]) names.push_back(item["service"]);
    return names;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(services("owner=discovery"), Names{"search"});
  EXPECT_EQ(services("owner=%64iscover%79&state=Blocked"), Names{"search"});
  EXPECT_EQ(services("state=Ready"), Names{"ledger"});
  EXPECT_EQ(services("namespace=production").size(), 4U);
  EXPECT_EQ(services("namespace=other"), Names{});
  EXPECT_EQ(services("owner="), Names{});
  EXPECT_EQ(Get("/api/v1/questions", "owner=discovery")["owners"].size(), 1U);
  EXPECT_EQ(Get("/api/v1/waivers", "namespace=other")["items"].size(), 0U);
}

TEST_F(ReportApiTest, WhatCannotBeAskedIsSaid) {
  struct Case {
    const char* query;
    const char* message;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"limit=0", "limit: expected a number from 1 to 1000"},
           {"limit=1001", "limit: expected a number from 1 to 1000"},
           {"limit=-1", "limit: expected a number from 1 to 1000"},
           {"limit=9x", "limit: expected a number from 1 to 1000"},
           {"continue=zz", "continue: expected what the page before said in metadata.continue"},
           {"continue=123", "continue: expected what the page before said in metadata.continue"},
           {"state=ready", "state: expected Ready, NotReady, Waived or Blocked"},
           {"owner=%4", "the query: expected %XX, with two hexadecimal digits"},
           {"onwer=a", "\"onwer\": expected limit, continue, owner, namespace or state"}}) {
    const ApiAnswer answer = Ask("/api/v1/services", c.query);
    EXPECT_EQ(answer.status, 400) << c.query;
    const json error = json::parse(answer.body);
    EXPECT_EQ(error["reason"], "BadRequest");
    EXPECT_EQ(error["message"], c.message);
  }
}

TEST_F(ReportApiTest, PathsThatAreNotThere) {
  for (const char* path :
       {"/api/v1/", "/api/v1/service", "/api/v1/services/", "/api/v1/services/production",
        "/api/v1/services/production/Deployment/search/more", "/api/v2/services",
        "/api/v1/services/production/deployment/search",
        "/api/v1/services/other/Deployment/search"}) {
    const ApiAnswer answer = Ask(path);
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_EQ(json::parse(answer.body)["reason"], "NotFound") << path;
  }
}

TEST_F(ReportApiTest, WhatMayBeReadIsWhatMayBeListed) {
  using Names = std::vector<std::string_view>;
  EXPECT_EQ(ApiResources("/api/v1/services"), Names{"workloadreadinesses"});
  EXPECT_EQ(ApiResources("/api/v1/services/a/b/c"), Names{"workloadreadinesses"});
  EXPECT_EQ(ApiResources("/api/v1/questions"), Names{"workloadreadinesses"});
  EXPECT_EQ(ApiResources("/api/v1/waivers"), Names{"readinesswaivers"});
  EXPECT_EQ(ApiResources("/api/v1/policies"), (Names{"readinesspolicies", "workloadreadinesses"}));
  EXPECT_EQ(ApiResources("/api/v1/other"), Names{});
}

TEST_F(ReportApiTest, NamesThatAreNoTextAreStillJson) {
  HtmlReport report;
  report.records = {Record("a\xff\"<", "b\xfe", ReadinessState::kReady)};
  const ReportFacts facts(std::move(report));
  const ApiAnswer answer =
      AnswerApi(facts, {"/api/v1/services", "limit=1", nullptr, At("2026-11-28")});
  EXPECT_EQ(json::parse(answer.body)["items"].size(), 1U);
}

}  // namespace
}  // namespace plimsoll

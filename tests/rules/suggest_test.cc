#include "rules/suggest.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <string>

#include "plimsoll/codec/json_parser.h"
#include "rules/pattern.h"
#include "rules/placeholder.h"
#include "rules/slug.h"

namespace plimsoll {
namespace {

TEST(SuggestMatchingTest, FindsSomethingThatMatches) {
  for (const char* text : {"[a-z]+", "team-[a-z]+", "(pagerduty|slack):.+", "pagerduty:[a-z-]+",
                           "PX[0-9A-Z]{5}", "#[a-z]+", "x", "[0-9]+", "a{3}", "^org-[a-z]+$"}) {
    const re2::RE2 pattern(text);
    const std::string value =
        SuggestMatching(&pattern, {"payments", "#payments", "slack:payments"});
    EXPECT_TRUE(MatchesWhole(&pattern, value)) << text << ": " << value;
  }
  EXPECT_EQ(SuggestMatching(nullptr, {"payments"}), "payments");
}

TEST(SuggestMatchingTest, GivesUpWithTheFirst) {
  const re2::RE2 pattern(".*[0-9][a-z]!$");
  EXPECT_EQ(SuggestMatching(&pattern, {"payments"}), "payments");
}

struct TeamCase {
  std::string name;
  std::string in;  // namespace
  std::string team;
};

TEST(SuggestTeamTest, TheNamespaceWhereItSaysSomething) {
  const TeamCase cases[] = {
      {"checkout", "payments", "payments"},
      {"checkout", "default", "checkout-team"},
      {"checkout", "", "checkout-team"},
      {"dns", "kube-system", "dns-team"},
      {"test", "test", "test-service-team"},
      {"", "", "this-service-team"},
      {"{{ .Release.Name }}", "${NAMESPACE}", "this-service-team"},
      {std::string(63, 'a'), "", std::string(58, 'a') + "-team"},
  };
  for (const TeamCase& c : cases) {
    JsonParser parser;
    std::string text = R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":")" +
                       c.name + R"(","namespace":")" + c.in + R"("}})";
    Workload workload;
    ASSERT_TRUE(workload.Assign(parser.Parse(text).value()));
    const std::string team = SuggestTeam(workload);
    EXPECT_EQ(team, c.team);
    EXPECT_TRUE(IsSlug(team) && !IsPlaceholder(team)) << team;
  }
}

}  // namespace
}  // namespace plimsoll

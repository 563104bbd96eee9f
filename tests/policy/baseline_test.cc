// plimsoll-baseline, as it is built in, and the sample policies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/policy/support.h"
#include "tests/policy/yaml.h"

namespace plimsoll {
namespace {

const std::filesystem::path kSource = PLIMSOLL_SOURCE_DIR;

TEST(Baseline, IsTheFile) {
  EXPECT_EQ(BaselinePolicyYaml(), test::ReadFile(kSource / "src/policy/baseline.yaml"));
}

ParsedPolicy ParsedBaseline(const test::Yaml& yaml) { return ParseReadinessPolicy(yaml.view()); }

TEST(Baseline, IsReadWithoutProblemsAndOnlyAudits) {
  const test::Yaml yaml{std::string(BaselinePolicyYaml())};
  const ParsedPolicy parsed = ParsedBaseline(yaml);
  EXPECT_THAT(test::Lines(parsed.problems), testing::IsEmpty());
  ASSERT_TRUE(parsed.policy);
  EXPECT_EQ(parsed.policy->name, "plimsoll-baseline");
  EXPECT_EQ(parsed.policy->stages, std::vector<Stage>{Stage{}});
  EXPECT_EQ(parsed.policy->rules.size(), 25u);
  for (const PolicyRule& rule : parsed.policy->rules) EXPECT_TRUE(rule.stages.empty());
  EXPECT_THAT(parsed.policy->owner_keys, testing::Contains("plimsoll.dev/owner"));
}

// The table of readiness by tier: E enforced, W warned about, A audited, - not asked. A rule without a cap is enforced.
TEST(Baseline, HasTheCapsOfTheTable) {
  const test::Yaml yaml{std::string(BaselinePolicyYaml())};
  const ParsedPolicy parsed = ParsedBaseline(yaml);
  ASSERT_TRUE(parsed.policy);
  std::map<std::string, std::string> table;
  for (const PolicyRule& rule : parsed.policy->rules) {
    std::string& row = table[std::string(rule.rule->id)];
    for (const std::string& tier : parsed.policy->tiers.values) {
      char cell = 'E';
      for (const auto& [name, cap] : rule.by_tier) {
        if (name == tier) cell = !cap ? '-' : *cap == Action::kDeny ? 'E' : ActionName(*cap)[0];
      }
      row += cell;
    }
  }
  const std::map<std::string, std::string> expected = {
      {"alerting.route", "EE-"},
      {"alerting.rules", "WA-"},
      {"alerting.scraped", "WA-"},
      {"health.liveness-probe", "WAA"},
      {"health.probe-meaningful", "EWA"},
      {"health.probe-port", "EEW"},
      {"health.probe-timing", "WWA"},
      {"health.probes-distinct", "WWA"},
      {"health.readiness-probe", "EEW"},
      {"image.digest", "W--"},
      {"image.pinned", "EWA"},
      {"ownership.directory", "EEE"},
      {"ownership.owner", "EEE"},
      {"ownership.propagated", "WAA"},
      {"resilience.graceful-shutdown", "EW-"},
      {"resilience.pdb", "WW-"},
      {"resilience.pdb-evictable", "WW-"},
      {"resilience.replicas", "EW-"},
      {"resilience.spread", "EW-"},
      {"resilience.strategy", "EW-"},
      {"resources.cpu-request", "EWA"},
      {"resources.memory-limit", "EWA"},
      {"resources.memory-request", "EWA"},
      {"runbook.alerts", "WA-"},
      {"runbook.url", "EWA"},
  };
  EXPECT_EQ(table, expected);
}

TEST(Samples, ProductionIsReadWithoutProblemsAndDeniesFourThings) {
  const test::Yaml yaml{test::ReadFile(kSource / "deploy/samples/policies/production.yaml")};
  const ParsedPolicy parsed = ParseReadinessPolicy(yaml.view());
  EXPECT_THAT(test::Lines(parsed.problems), testing::IsEmpty());
  ASSERT_TRUE(parsed.policy);
  std::set<std::string_view> denied;
  for (const PolicyRule& rule : parsed.policy->rules) {
    const auto& stages = rule.stages.empty() ? parsed.policy->stages : rule.stages;
    if (StageAt(stages, test::At("2026-01-01")).action == Action::kDeny)
      denied.insert(rule.rule->id);
  }
  EXPECT_THAT(denied, testing::ElementsAre("alerting.route", "health.readiness-probe",
                                           "ownership.owner", "runbook.url"));
}

}  // namespace
}  // namespace plimsoll

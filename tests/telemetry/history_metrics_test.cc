#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plimsoll/telemetry/metrics.h"

namespace plimsoll {
namespace {

using testing::HasSubstr;
using testing::Not;

const Timestamp kNow = *ParseTimestamp("2026-12-24T00:00:00Z");

void ExpectLines(const std::string& text, std::initializer_list<const char*> lines) {
  for (const char* line : lines) EXPECT_THAT(text, HasSubstr(std::string("\n") + line + "\n"));
}

// A release that two rules of one policy refused: one release, and one for each of the rules.
TEST(HistoryMetrics, BlockedReleasesAreCountedOnceAndOnceForEachRule) {
  Metrics metrics("1.2.3");
  HistoryEffects effects;
  effects.blocked =
      HistoryEffects::Blocked{{"production"}, {"health.readiness-probe", "runbook.url"}, true};
  metrics.CountHistory(effects, "shop", "payments");
  effects.blocked->rules = {"runbook.url"};
  effects.blocked->surprise = false;
  metrics.CountHistory(effects, "shop", "payments");
  ExpectLines(
      metrics.Expose(kNow),
      {R"(plimsoll_blocked_releases_total{owner="payments",policy="production",resource_namespace="shop",surprise="true"} 1)",
       R"(plimsoll_blocked_releases_total{owner="payments",policy="production",resource_namespace="shop",surprise="false"} 1)",
       R"(plimsoll_blocked_release_rules_total{owner="payments",rule="health.readiness-probe",surprise="true"} 1)",
       R"(plimsoll_blocked_release_rules_total{owner="payments",rule="runbook.url",surprise="true"} 1)",
       R"(plimsoll_blocked_release_rules_total{owner="payments",rule="runbook.url",surprise="false"} 1)"});
}

TEST(HistoryMetrics, HowAFindingEndedIsToldByHowItWasToldFirst) {
  Metrics metrics("1.2.3");
  HistoryEffects effects;
  effects.ended = {{"a.b", FindingOutcome::kFixedAfterBlock, Sighting::kWarning},
                   {"a.b", FindingOutcome::kFixedAfterBlock, Sighting::kDenial},
                   {"a.b", FindingOutcome::kFixedBeforeEnforcement, Sighting::kChecked}};
  metrics.CountHistory(effects, "shop", "");
  ExpectLines(
      metrics.Expose(kNow),
      {R"(plimsoll_findings_resolved_total{outcome="fixed_after_block",owner="none",rule="a.b",told="early"} 1)",
       R"(plimsoll_findings_resolved_total{outcome="fixed_after_block",owner="none",rule="a.b",told="at_the_gate"} 1)",
       R"(plimsoll_findings_resolved_total{outcome="fixed_before_enforcement",owner="none",rule="a.b",told="early"} 1)"});
}

TEST(HistoryMetrics, LeadTimesAreThoseOfAnOwner) {
  Metrics metrics("1.2.3");
  EXPECT_THAT(metrics.Expose(kNow), Not(HasSubstr("plimsoll_lead_time_seconds_count")));
  metrics.ObserveLeadTime(std::chrono::hours(48), "payments");
  metrics.ObserveLeadTime(std::chrono::seconds(0), "payments");
  metrics.ObserveLeadTime(std::chrono::hours(1), "");
  ExpectLines(metrics.Expose(kNow),
              {R"(plimsoll_lead_time_seconds_count{owner="payments"} 2)",
               R"(plimsoll_lead_time_seconds_sum{owner="payments"} 172800)",
               R"(plimsoll_lead_time_seconds_bucket{owner="payments",le="60"} 1)",
               R"(plimsoll_lead_time_seconds_count{owner="none"} 1)"});
}

// Owners are free text: a histogram has a dozen series for each of them.
TEST(HistoryMetrics, OwnersOfLeadTimesAreBounded) {
  Metrics metrics("1.2.3");
  for (size_t i = 0; i < kMaxLabelValues + 3; ++i) {
    metrics.ObserveLeadTime(std::chrono::hours(1), "team-" + std::to_string(i));
  }
  ExpectLines(metrics.Expose(kNow), {R"(plimsoll_lead_time_seconds_count{owner="other"} 3)"});
}

}  // namespace
}  // namespace plimsoll

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plimsoll/telemetry/metrics.h"

namespace plimsoll {
namespace {

using testing::HasSubstr;
using testing::Not;

const Timestamp kNow = *ParseTimestamp("2026-12-24T00:00:00Z");

AuditFigures Figures() {
  AuditFigures figures;
  figures.workloads[{ReadinessState::kNotReady, "critical", "payments"}] = 3;
  figures.workloads[{ReadinessState::kReady, "", ""}] = 2;
  figures.findings[{"production", "runbook.url", Action::kWarn, "payments"}] = 5;
  figures.would_block[{"production", "payments"}] = 1;
  figures.blocked[{"production", "payments"}] = 4;
  const auto waiver = [](WaiverState state, std::string_view expires, uint32_t findings) {
    return AuditFigures::Waiver{state, "production", "payments", *ParseTimestamp(expires),
                                1,     findings};
  };
  figures.waivers[{"shop", "a"}] = waiver(WaiverState::kActive, "2027-01-02", 2);
  figures.waivers[{"shop", "b"}] = waiver(WaiverState::kActive, "2027-01-01", 0);
  figures.waivers[{"shop", "c"}] = waiver(WaiverState::kExpired, "2026-01-01", 0);
  figures.waivers[{"shop", "d"}] = waiver(WaiverState::kPending, "2026-12-30", 0);
  figures.waiting = 7;
  figures.unwritten = 11;
  figures.last_success = *ParseTimestamp("2026-12-23T00:00:00Z");
  figures.last_duration = std::chrono::milliseconds(250);
  figures.unlisted = {WorkloadKind::kPod};
  return figures;
}

TEST(AuditMetrics, AreThoseOfTheFigures) {
  Metrics metrics("1.2.3");
  EXPECT_THAT(metrics.Expose(kNow), Not(HasSubstr("plimsoll_audit")));
  metrics.SetAudit(Figures());
  const std::string text = metrics.Expose(kNow);
  for (
      const char* line :
      {R"(plimsoll_workloads{owner="payments",state="not_ready",tier="critical"} 3)",
       R"(plimsoll_workloads{owner="none",state="ready",tier="none"} 2)",
       R"(plimsoll_workload_findings{action="warn",owner="payments",policy="production",rule="runbook.url"} 5)",
       R"(plimsoll_waivers{owner="payments",state="active"} 1)",
       R"(plimsoll_waivers{owner="payments",state="unused"} 1)",
       R"(plimsoll_waivers{owner="payments",state="expired"} 1)",
       R"(plimsoll_waivers{owner="payments",state="pending"} 1)",
       R"(plimsoll_waiver_expiry_timestamp_seconds{owner="payments",policy="production",resource_namespace="shop"} 1798761600)",
       R"(plimsoll_would_block_workloads{owner="payments",policy="production"} 1)",
       R"(plimsoll_blocked_workloads{owner="payments",policy="production"} 4)",
       "plimsoll_audit_waiting_records 11", R"(plimsoll_audit_unlisted_kinds{kind="Pod"} 1)",
       "plimsoll_audit_waiting_workloads 7", "plimsoll_audit_duration_seconds 0.25",
       "plimsoll_audit_last_success_timestamp_seconds 1797984000"}) {
    EXPECT_THAT(text, HasSubstr(std::string("\n") + line + "\n"));
  }
  // Somebody else leads now.
  metrics.SetAudit(std::nullopt);
  EXPECT_THAT(metrics.Expose(kNow), Not(HasSubstr("plimsoll_workloads")));
}

TEST(AuditMetrics, OwnersBeyondTheLimitAreAddedUp) {
  Metrics metrics("1.2.3");
  AuditFigures figures;
  for (size_t i = 0; i < kMaxLabelValues + 5; ++i) {
    figures.workloads[{ReadinessState::kReady, "", "team-" + std::to_string(1000 + i)}] = 1;
  }
  metrics.SetAudit(figures);
  for (int scrape = 0; scrape < 2; ++scrape) {  // the same owners keep their names
    const std::string text = metrics.Expose(kNow);
    EXPECT_THAT(text,
                HasSubstr(R"(plimsoll_workloads{owner="other",state="ready",tier="none"} 5)"));
    EXPECT_THAT(text, HasSubstr(R"(owner="team-1000")"));
    EXPECT_THAT(text, HasSubstr("plimsoll_label_values_overflowed{label=\"owner\"} 1"));
  }
}

TEST(AuditMetrics, SeriesAreBounded) {
  Metrics metrics("1.2.3");
  AuditFigures figures;
  uint32_t all = 0;
  for (size_t i = 0; i < kMaxSeriesPerFamily + 10; ++i, ++all) {
    figures.findings[{"policy-" + std::to_string(i), "a.b", Action::kAudit, ""}] = 1;
  }
  metrics.SetAudit(figures);
  EXPECT_THAT(metrics.Expose(kNow),
              HasSubstr(R"({action="other",owner="other",policy="other",rule="other"} 10)"));
}

}  // namespace
}  // namespace plimsoll

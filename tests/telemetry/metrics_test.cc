#include "plimsoll/telemetry/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "plimsoll/base/text.h"
#include "tests/support/golden.h"

namespace plimsoll {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Timestamp kNow = *ParseTimestamp("2026-12-24T00:00:00Z");

void NeverFails(const RuleInput&, RuleOutcome&) {}
constexpr Rule kOwner{"ownership.owner", "", "", "", {}, NeverFails};

std::shared_ptr<const PolicySnapshot> Policies() {
  ReadinessPolicy policy;
  policy.name = "production";
  policy.match.kinds = {WorkloadKind::kDeployment};
  policy.stages = {{Action::kWarn, std::nullopt},
                   {Action::kDeny, *ParseTimestamp("2027-02-01T00:00:00Z")}};
  policy.rules = {{&kOwner, {}, {}, {}}, {&kOwner, {}, {}, {}}};
  return std::make_shared<const PolicySnapshot>(std::vector<ReadinessPolicy>{policy});
}

Finding Missing(std::string_view rule, Action action, RuleResult result = RuleResult::kFail) {
  Finding finding;
  finding.policy = "production";
  finding.rule = std::string(rule);
  finding.action = action;
  finding.result = result;
  return finding;
}

struct Review {
  AdmissionRequest request;
  AdmissionResponse response;
  Verdict verdict;
  Review() {
    request.group = "apps";
    request.version = "v1";
    request.kind = "Deployment";
    request.namespace_name = "payments";
    verdict.owner = "team-a";
  }
  void Tell(Metrics& metrics) {
    metrics.Observe({request, response, verdict, std::chrono::microseconds(70)});
  }
};

// The value of a series in an exposition; -1 where there is no such series.
double Value(const std::string& text, const std::string& series) {
  const size_t at = text.find("\n" + series + " ");
  if (at == std::string::npos) return -1;
  return std::strtod(text.c_str() + at + series.size() + 2, nullptr);
}

double Sample(const Metrics& metrics, const std::string& series) {
  return Value(metrics.Expose(kNow), series);
}

std::string Denials(const std::string& rule, const std::string& owner = "team-a") {
  return "plimsoll_denials_total{owner=\"" + owner +
         "\",policy=\"production\",resource_namespace=\"payments\",rule=\"" + rule + "\"}";
}

std::string Shown(const std::string& rule, const std::string& action) {
  return "plimsoll_findings_shown_total{action=\"" + action +
         "\",owner=\"team-a\",policy=\"production\",resource_namespace=\"payments\",rule=\"" +
         rule + "\"}";
}

std::string Reviews(const std::string& decision, const std::string& dry_run,
                    const std::string& kind, const std::string& operation) {
  return "plimsoll_admission_reviews_total{decision=\"" + decision + "\",dry_run=\"" + dry_run +
         "\",kind=\"" + kind + "\",operation=\"" + operation + "\"}";
}

TEST(Metrics, CatalogIsSortedAndOnlyItsNamesAreExposed) {
  const auto catalog = MetricCatalog();
  EXPECT_TRUE(std::is_sorted(catalog.begin(), catalog.end(),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));
  Metrics metrics("0.1.0");
  metrics.SetPolicies({Policies(), {{"production", true}}, 0, kNow});
  std::set<std::string> known;
  for (const MetricDescription& metric : catalog) known.insert(std::string(metric.name));
  size_t exposed = 0;
  const std::string text = metrics.Expose(kNow);
  for (const std::string_view line : Split(text, '\n')) {
    if (!line.starts_with("# TYPE ")) continue;
    ++exposed;
    EXPECT_TRUE(known.contains(std::string(Split(line, ' ')[2]))) << line;
  }
  EXPECT_GT(exposed, 15u);
  EXPECT_THROW(metrics.Read("no_such_metric", [] { return 0.0; }), std::invalid_argument);
}

TEST(Metrics, ReviewsAreCountedByKindOperationAndDecision) {
  Metrics metrics("0.1.0");
  Review review;
  review.Tell(metrics);
  review.Tell(metrics);
  review.request.operation = Operation::kUpdate;
  review.request.dry_run = true;
  review.verdict.decision = Decision::kDeny;
  review.Tell(metrics);
  review.request.kind = "Gadget";
  review.Tell(metrics);
  review.request.group = std::string_view("g").substr(0, 1);
  review.request.version = "a-version-that-is-longer-than-any-that-is-known-to-us";
  review.Tell(metrics);
  EXPECT_EQ(Sample(metrics, Reviews("allow", "false", "Deployment", "CREATE")), 2);
  EXPECT_EQ(Sample(metrics, Reviews("deny", "true", "Deployment", "UPDATE")), 1);
  EXPECT_EQ(Sample(metrics, Reviews("deny", "true", "other", "UPDATE")), 2);
  const std::string duration = "plimsoll_admission_duration_seconds";
  EXPECT_EQ(Sample(metrics, duration + "_count{decision=\"allow\"}"), 2);
  EXPECT_EQ(Sample(metrics, duration + "_bucket{decision=\"allow\",le=\"5e-05\"}"), 0);
  EXPECT_EQ(Sample(metrics, duration + "_bucket{decision=\"allow\",le=\"0.0001\"}"), 2);
}

TEST(Metrics, DenialsCountRequestsOncePerRule) {
  Metrics metrics("0.1.0");
  Review review;
  review.verdict.decision = Decision::kDeny;
  review.verdict.findings = {Missing("health.readiness-probe", Action::kDeny),
                             Missing("health.readiness-probe", Action::kDeny),
                             Missing("ownership.owner", Action::kDeny),
                             Missing("runbook.url", Action::kWarn),
                             Missing("runbook.url", Action::kAudit, RuleResult::kPending)};
  review.Tell(metrics);
  EXPECT_EQ(Sample(metrics, Denials("health.readiness-probe")), 1);
  EXPECT_EQ(Sample(metrics, Denials("ownership.owner")), 1);
  EXPECT_EQ(Sample(metrics, Denials("runbook.url")), -1);
  EXPECT_EQ(Sample(metrics, Shown("health.readiness-probe", "deny")), 2);
  EXPECT_EQ(Sample(metrics, Shown("runbook.url", "warn")), 1);
  EXPECT_EQ(Sample(metrics, Shown("runbook.url", "audit")), -1);
}

TEST(Metrics, CountsWhatWasLetThroughOnceForEachPolicyAndReason) {
  Metrics metrics("0.1.0");
  Review review;
  review.verdict.decision = Decision::kWarn;
  const auto let = [](const char* rule, LetThrough why) {
    Finding finding = Missing(rule, Action::kWarn);
    finding.let_through = why;
    return finding;
  };
  review.verdict.findings = {let("health.readiness-probe", LetThrough::kRollback),
                             let("ownership.owner", LetThrough::kRollback),
                             let("runbook.url", LetThrough::kExisting),
                             let("alerting.route", LetThrough::kNone)};
  review.Tell(metrics);
  const auto series = [](const std::string& reason) {
    return "plimsoll_let_through_total{owner=\"team-a\",policy=\"production\",reason=\"" + reason +
           "\",resource_namespace=\"payments\"}";
  };
  EXPECT_EQ(Sample(metrics, series("rollback")), 1);
  EXPECT_EQ(Sample(metrics, series("existing")), 1);
  EXPECT_EQ(Sample(metrics, series("")), -1);
  review.request.dry_run = true;
  review.Tell(metrics);
  EXPECT_EQ(Sample(metrics, series("rollback")), 1);
}

TEST(Metrics, SeriesAreSorted) {
  Metrics metrics("0.1.0");
  Review review;
  review.verdict.decision = Decision::kDeny;
  for (const char* rule : {"c", "a", "d", "b"}) {
    review.verdict.findings = {Missing(rule, Action::kDeny)};
    review.Tell(metrics);
  }
  std::vector<std::string> lines;
  const std::string text = metrics.Expose(kNow);
  for (const std::string_view line : Split(text, '\n')) {
    if (line.starts_with("plimsoll_denials_total{")) lines.emplace_back(line);
  }
  EXPECT_EQ(lines.size(), 4u);
  EXPECT_TRUE(std::is_sorted(lines.begin(), lines.end()));
}

TEST(Metrics, DryRunsAreNoDenials) {
  Metrics metrics("0.1.0");
  Review review;
  review.request.dry_run = true;
  review.verdict.decision = Decision::kDeny;
  review.verdict.findings = {Missing("ownership.owner", Action::kDeny)};
  review.Tell(metrics);
  EXPECT_EQ(Sample(metrics, Reviews("deny", "true", "Deployment", "CREATE")), 1);
  EXPECT_THAT(metrics.Expose(kNow), Not(HasSubstr("ownership.owner")));
}

TEST(Metrics, OwnersAndNamespacesAreBounded) {
  Metrics metrics("0.1.0");
  Review review;
  review.verdict.decision = Decision::kDeny;
  review.verdict.findings = {Missing("ownership.owner", Action::kDeny)};
  for (size_t i = 0; i < kMaxLabelValues + 50; ++i) {
    review.verdict.owner = "team-" + std::to_string(i);
    review.Tell(metrics);
  }
  review.verdict.owner = "team-3";
  review.Tell(metrics);
  EXPECT_EQ(Sample(metrics, Denials("ownership.owner", "team-3")), 2);
  EXPECT_EQ(Sample(metrics, Denials("ownership.owner", "other")), 50);
  EXPECT_EQ(Sample(metrics, "plimsoll_label_values_overflowed{label=\"owner\"}"), 1);
  EXPECT_EQ(Sample(metrics, "plimsoll_label_values_overflowed{label=\"resource_namespace\"}"), 0);
}

TEST(Metrics, SeriesAreBoundedAsAWhole) {
  Metrics metrics("0.1.0");
  constexpr size_t kNamespaces = 60;
  Review review;
  review.verdict.decision = Decision::kWarn;
  review.verdict.findings = {Missing("ownership.owner", Action::kWarn)};
  for (size_t owner = 0; owner < kMaxLabelValues; ++owner) {
    review.verdict.owner = "team-" + std::to_string(owner);
    for (size_t i = 0; i < kNamespaces; ++i) {
      const std::string name = "namespace-" + std::to_string(i);
      review.request.namespace_name = name;
      review.Tell(metrics);
    }
  }
  const std::string text = metrics.Expose(kNow);
  size_t series = 0;
  for (const std::string_view line : Split(text, '\n')) {
    series += line.starts_with("plimsoll_findings_shown_total{");
  }
  EXPECT_EQ(series, kMaxSeriesPerFamily + 1);
  EXPECT_EQ(Value(text,
                  "plimsoll_findings_shown_total{action=\"other\",owner=\"other\",policy=\"other\","
                  "resource_namespace=\"other\",rule=\"other\"}"),
            static_cast<double>(kMaxLabelValues * kNamespaces - kMaxSeriesPerFamily));
}

TEST(Metrics, HostileLabelValuesAreMadePrintable) {
  Metrics metrics("0.1.0");
  Review review;
  review.verdict.decision = Decision::kWarn;
  review.verdict.findings = {Missing("ownership.owner", Action::kWarn)};
  for (const std::string& owner :
       {std::string("a\"b\\c\nd\xff"), std::string(100000, 'x'), std::string()}) {
    review.verdict.owner = owner;
    review.Tell(metrics);
  }
  const std::string text = metrics.Expose(kNow);
  EXPECT_TRUE(IsValidUtf8(text));
  EXPECT_THAT(text, HasSubstr(R"(owner="a\"b\\c d)"));
  EXPECT_THAT(text, HasSubstr(R"(owner="none")"));
  EXPECT_LT(text.size(), 20'000u);
}

TEST(Metrics, UndecidedReviewsHaveTheirReason) {
  Metrics metrics("0.1.0");
  metrics.ObserveUndecided("uid", "too_large", "detail", std::chrono::milliseconds(3));
  EXPECT_EQ(Sample(metrics, "plimsoll_admission_undecided_total{reason=\"too_large\"}"), 1);
  EXPECT_EQ(Sample(metrics, "plimsoll_admission_duration_seconds_count{decision=\"error\"}"), 1);
  metrics.CountRefused("timeout");
  EXPECT_EQ(Sample(metrics, "plimsoll_http_requests_refused_total{reason=\"timeout\"}"), 1);
}

TEST(Metrics, PoliciesAndCertificates) {
  Metrics metrics("0.1.0");
  EXPECT_EQ(Sample(metrics, "plimsoll_policies"), -1);
  metrics.SetPolicies({Policies(), {{"production", true}, {"broken", false}}, 2, kNow});
  metrics.SetCertificateExpiry("serving", *ParseTimestamp("2027-01-01T00:00:00Z"));
  EXPECT_EQ(Sample(metrics, "plimsoll_policies"), 1);
  EXPECT_EQ(Sample(metrics, "plimsoll_policy_problems"), 2);
  EXPECT_EQ(Sample(metrics, "plimsoll_policy_ready{policy=\"production\"}"), 1);
  EXPECT_EQ(Sample(metrics, "plimsoll_policy_ready{policy=\"broken\"}"), 0);
  EXPECT_EQ(Sample(metrics, "plimsoll_policy_reloads_total{outcome=\"failure\"}"), 1);
  EXPECT_EQ(Sample(metrics, "plimsoll_policy_reloads_total{outcome=\"success\"}"), 0);
  EXPECT_EQ(
      Sample(metrics, "plimsoll_certificate_expiry_timestamp_seconds{certificate=\"serving\"}"),
      1798761600.0);
  const std::string next =
      "plimsoll_next_stage_timestamp_seconds{action=\"deny\",policy=\"production\","
      "rule=\"ownership.owner\"}";
  EXPECT_EQ(Sample(metrics, next), 1801440000.0);
  EXPECT_THAT(metrics.Expose(*ParseTimestamp("2027-03-01")), Not(HasSubstr(next)))
      << "a stage that has begun is not next";
  EXPECT_EQ(Sample(metrics, Reviews("deny", "false", "Deployment", "CREATE")), 0)
      << "a rate needs a zero to start from";
}

TEST(Metrics, ReadersAndTheProcess) {
  Metrics metrics("1.2.3");
  double connections = 7;
  metrics.Read("plimsoll_connections", [&] { return connections; });
  EXPECT_EQ(Sample(metrics, "plimsoll_connections"), 7);
  connections = 8;
  EXPECT_EQ(Sample(metrics, "plimsoll_connections"), 8);
  EXPECT_EQ(Sample(metrics, "plimsoll_build_info{version=\"1.2.3\"}"), 1);
  EXPECT_GT(Sample(metrics, "process_resident_memory_bytes"), 100'000);
  EXPECT_GT(Sample(metrics, "process_start_time_seconds"), 1.6e9);
  EXPECT_GE(Sample(metrics, "process_open_fds"), 3);
  EXPECT_GE(Sample(metrics, "process_threads"), 1);
}

TEST(Metrics, ReadersOfSeveralValues) {
  Metrics metrics("1.2.3");
  std::vector<LabelledValue> heard = {{"Deployment", 5}, {"Namespace", 0}};
  metrics.ReadEach("plimsoll_watch_last_event_timestamp_seconds", [&] { return heard; });
  EXPECT_EQ(Sample(metrics, "plimsoll_watch_last_event_timestamp_seconds{kind=\"Deployment\"}"), 5);
  EXPECT_EQ(Sample(metrics, "plimsoll_watch_last_event_timestamp_seconds{kind=\"Namespace\"}"), 0);
  heard.pop_back();
  EXPECT_THAT(metrics.Expose(kNow), ::testing::Not(HasSubstr("kind=\"Namespace\"")));
  EXPECT_THROW(metrics.ReadEach("no_such_metric", [] { return std::vector<LabelledValue>(); }),
               std::invalid_argument);
}

TEST(Metrics, ThreadsCountEveryReview) {
  Metrics metrics("0.1.0");
  constexpr int kThreads = 4;
  constexpr int kReviews = 2000;
  constexpr int kOwners = 5;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&] {
        Review review;
        review.verdict.decision = Decision::kDeny;
        review.verdict.findings = {Missing("ownership.owner", Action::kDeny)};
        for (int i = 0; i < kReviews; ++i) {
          review.verdict.owner = "team-" + std::to_string(i % kOwners);
          review.Tell(metrics);
        }
      });
    }
  }
  double denials = 0;
  for (int i = 0; i < kOwners; ++i) {
    denials += Sample(metrics, Denials("ownership.owner", "team-" + std::to_string(i)));
  }
  EXPECT_EQ(denials, kThreads * kReviews);
}

// Prometheus' own linter on everything that can be exposed at once.
TEST(Metrics, PromtoolAccepts) {
  const std::string promtool = PLIMSOLL_PROMTOOL;
  if (promtool.ends_with("-NOTFOUND")) GTEST_SKIP() << "there is no promtool: hack/setup test";
  Metrics metrics("0.1.0");
  metrics.SetPolicies({Policies(), {{"production", true}}, 0, kNow});
  metrics.SetCertificateExpiry("serving", kNow);
  Review review;
  review.verdict.decision = Decision::kDeny;
  review.verdict.findings = {Missing("ownership.owner", Action::kDeny)};
  review.verdict.findings.push_back(Missing("runbook.url", Action::kWarn));
  review.verdict.findings.back().let_through = LetThrough::kExisting;
  review.verdict.owner = "a\"b\\c\nd\xff";
  review.Tell(metrics);
  metrics.ObserveUndecided("", "too_large", "", std::chrono::milliseconds(1));
  metrics.CountRefused("timeout");
  AuditFigures audit;
  audit.workloads[{ReadinessState::kReady, "critical", "payments"}] = 1;
  audit.findings[{"production", "a.b", Action::kWarn, "payments"}] = 1;
  audit.would_block[{"production", "payments"}] = 1;
  audit.blocked[{"production", "payments"}] = 1;
  audit.waivers[{"shop", "a"}] = {WaiverState::kActive, "production", "payments", kNow, 1, 1};
  audit.unlisted = {WorkloadKind::kPod};
  metrics.SetAudit(audit);
  HistoryEffects effects;
  effects.told = {{"a.b", Sighting::kWarning}};
  effects.ended = {{"a.b", FindingOutcome::kWaived, Sighting::kWarning}};
  effects.blocked = HistoryEffects::Blocked{{"production"}, {"a.b"}, true};
  metrics.CountHistory(effects, "shop", "payments");
  metrics.ObserveLeadTime(std::chrono::hours(1), "payments");
  // The others are read from whoever counts them.
  const std::string own = metrics.Expose(kNow);
  for (const MetricDescription& metric : MetricCatalog()) {
    if (own.find("# HELP " + std::string(metric.name) + " ") != std::string::npos) continue;
    if (metric.labels.empty()) {
      metrics.Read(metric.name, [] { return 1.0; });
    } else {
      metrics.ReadEach(metric.name, [] { return std::vector<LabelledValue>{{"a", 1}}; });
    }
  }
  const std::string text = metrics.Expose(kNow);
  for (const MetricDescription& metric : MetricCatalog()) {
    EXPECT_THAT(text, HasSubstr("# HELP " + std::string(metric.name) + " "));
  }
  const std::string file =
      (std::filesystem::path(::testing::TempDir()) / "plimsoll_metrics_test.txt").string();
  std::ofstream(file) << text;
  EXPECT_EQ(std::system((promtool + " check metrics < " + file).c_str()), 0);
  std::filesystem::remove(file);
}

TEST(Metrics, ReferencePageIsCurrent) {
  plimsoll::testing::ExpectGolden("docs/metrics.md", MetricsReference());
}

}  // namespace
}  // namespace plimsoll

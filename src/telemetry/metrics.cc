#include "plimsoll/telemetry/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "plimsoll/base/text.h"
#include "plimsoll/model/action.h"
#include "plimsoll/model/workload.h"
#include "telemetry/audit_metrics.h"
#include "telemetry/counter_series.h"
#include "telemetry/families.h"
#include "telemetry/history_metrics.h"
#include "telemetry/label_values.h"
#include "telemetry/process_metrics.h"

namespace plimsoll {
namespace {

using prometheus::ClientMetric;
using prometheus::Counter;
using prometheus::Histogram;
using prometheus::MetricFamily;

constexpr size_t kOperations = 4;
constexpr size_t kDecisions = 3;
constexpr size_t kErrorDecision = kDecisions;  // in the histograms
constexpr size_t kKinds = kWorkloadKindCount + 1;

// From a verdict on a small object (tens of microseconds) to the API server's default timeout.
const Histogram::BucketBoundaries kDurationBuckets = {
    50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3,
    50e-3, 100e-3, 250e-3, 500e-3, 1.0,  2.5,    5.0,  10.0};

// The registry keeps series in a hash table; people compare two scrapes.
void SortByLabels(MetricFamily& family) {
  std::sort(family.metric.begin(), family.metric.end(),
            [](const ClientMetric& a, const ClientMetric& b) {
              return std::lexicographical_compare(
                  a.label.begin(), a.label.end(), b.label.begin(), b.label.end(),
                  [](const auto& left, const auto& right) { return left.value < right.value; });
            });
}

// reviews_total: all its label values are known, so its series are an array, filled as they are first needed.
class ReviewCounters {
 public:
  explicit ReviewCounters(prometheus::Family<Counter>& family) : family_(family) {}

  Counter& At(size_t kind, Operation operation, Decision decision, bool dry_run) {
    const size_t index = ((kind * kOperations + static_cast<size_t>(operation)) * kDecisions +
                          static_cast<size_t>(decision)) *
                             2 +
                         (dry_run ? 1 : 0);
    if (Counter* counter = counters_[index].load(std::memory_order_acquire)) return *counter;
    Counter& counter =
        family_.Add({{"kind", std::string(kind < kWorkloadKindCount
                                              ? WorkloadKindName(static_cast<WorkloadKind>(kind))
                                              : kOtherLabel)},
                     {"operation", std::string(OperationName(operation))},
                     {"decision", std::string(DecisionName(decision))},
                     {"dry_run", dry_run ? "true" : "false"}});
    counters_[index].store(&counter, std::memory_order_release);
    return counter;
  }

 private:
  prometheus::Family<Counter>& family_;
  std::array<std::atomic<Counter*>, kKinds * kOperations * kDecisions * 2> counters_{};
};

size_t KindIndex(const AdmissionRequest& request) {
  // Longest api version we know: "extensions/v1beta1". A fixed buffer, as this is counted for every review.
  std::array<char, 48> buffer;
  const size_t size = request.group.size() + 1 + request.version.size();
  if (size > buffer.size() || !request.sub_resource.empty()) return kWorkloadKindCount;
  char* end = std::copy(request.group.begin(), request.group.end(), buffer.data());
  if (!request.group.empty()) *end++ = '/';
  end = std::copy(request.version.begin(), request.version.end(), end);
  const std::string_view api_version(buffer.data(), static_cast<size_t>(end - buffer.data()));
  const std::optional<WorkloadKind> kind = WorkloadKindOf(api_version, request.kind);
  return kind ? static_cast<size_t>(*kind) : kWorkloadKindCount;
}

std::array<Histogram*, kDecisions + 1> DurationHistograms(prometheus::Registry& registry) {
  constexpr std::string_view kName = "plimsoll_admission_duration_seconds";
  auto& family = prometheus::BuildHistogram()
                     .Name(std::string(kName))
                     .Help(std::string(Describe(kName).help))
                     .Register(registry);
  std::array<Histogram*, kDecisions + 1> histograms{};
  for (size_t i = 0; i < kDecisions; ++i) {
    histograms[i] = &family.Add({{"decision", std::string(DecisionName(static_cast<Decision>(i)))}},
                                kDurationBuckets);
  }
  histograms[kErrorDecision] = &family.Add({{"decision", "error"}}, kDurationBuckets);
  return histograms;
}

// The next stage of each rule of each policy. Computed when scraped: stages begin without anything else happening.
MetricFamily NextStages(const PolicySnapshot& policies, Timestamp now) {
  MetricFamily family = EmptyFamily("plimsoll_next_stage_timestamp_seconds");
  for (const ReadinessPolicy& policy : policies.policies()) {
    std::set<std::string_view> seen;  // a rule may be listed twice; a series may not
    for (const PolicyRule& rule : policy.rules) {
      if (rule.rule == nullptr) continue;
      const std::optional<Stage> next =
          NextStage(rule.stages.empty() ? policy.stages : rule.stages, now);
      if (!next || !next->from || !seen.insert(rule.rule->id).second) continue;
      AddSample(family,
                {{"policy", policy.name},
                 {"rule", std::string(rule.rule->id)},
                 {"action", std::string(ActionLabel(next->action))}},
                Seconds(*next->from));
    }
  }
  return family;
}

}  // namespace

struct Metrics::State {
  explicit State(std::string_view version_text)
      : version(version_text),
        reviews(CounterFamily("plimsoll_admission_reviews_total", registry)),
        undecided(CounterFamily("plimsoll_admission_undecided_total", registry), {"reason"}),
        refused(CounterFamily("plimsoll_http_requests_refused_total", registry), {"reason"}),
        denials(CounterFamily("plimsoll_denials_total", registry),
                {"policy", "rule", "resource_namespace", "owner"}),
        findings(CounterFamily("plimsoll_findings_shown_total", registry),
                 {"policy", "rule", "action", "resource_namespace", "owner"}),
        let_through(CounterFamily("plimsoll_let_through_total", registry),
                    {"reason", "policy", "resource_namespace", "owner"}),
        reloads(CounterFamily("plimsoll_policy_reloads_total", registry), {"outcome"}),
        durations(DurationHistograms(registry)),
        history(registry, owners, namespaces) {
    reloads.At({"success"});
    reloads.At({"failure"});
  }

  prometheus::Registry registry;
  std::string version;
  ReviewCounters reviews;
  CounterSeries<1> undecided;
  CounterSeries<1> refused;
  CounterSeries<4> denials;
  CounterSeries<5> findings;
  CounterSeries<4> let_through;
  CounterSeries<1> reloads;
  std::array<Histogram*, kDecisions + 1> durations;
  LabelValues owners{kMaxLabelValues};
  LabelValues namespaces{kMaxLabelValues};
  LabelValues reasons{kMaxReasons};
  HistoryMetrics history;

  mutable std::mutex mutex;  // guards what follows; taken by scrapes and reloads, by no review
  PolicyLoad load;
  std::map<std::string, Timestamp> certificates;
  std::map<std::string, std::function<double()>> readers;
  std::map<std::string, std::function<std::vector<LabelledValue>()>> label_readers;
  std::optional<AuditFigures> audit;

  void CountFindings(const ObservedReview& review);
  void AddPolicyFamilies(Timestamp now, std::vector<MetricFamily>& families) const;
};

Metrics::Metrics(std::string_view version) : state_(std::make_unique<State>(version)) {}
Metrics::~Metrics() = default;

void Metrics::State::CountFindings(const ObservedReview& review) {
  const std::string_view owner = owners.Bounded(review.verdict.owner);
  const std::string_view name = namespaces.Bounded(review.request.namespace_name);
  const Finding* denied = nullptr;
  std::set<std::pair<LetThrough, std::string_view>> let;  // once a request
  for (const Finding& finding : review.verdict.findings) {
    if (finding.result != RuleResult::kFail) continue;
    findings.At({finding.policy, finding.rule, ActionLabel(finding.action), name, owner})
        .Increment();
    if (finding.let_through != LetThrough::kNone &&
        let.emplace(finding.let_through, finding.policy).second) {
      let_through.At({LetThroughLabel(finding.let_through), finding.policy, name, owner})
          .Increment();
    }
    if (finding.action != Action::kDeny) continue;
    // Findings are sorted, so those of one rule stand together: a request counts once for each rule.
    if (denied != nullptr && denied->policy == finding.policy && denied->rule == finding.rule) {
      continue;
    }
    denied = &finding;
    denials.At({finding.policy, finding.rule, name, owner}).Increment();
  }
}

void Metrics::Observe(const ObservedReview& review) {
  const Decision decision = review.verdict.decision;
  state_->reviews
      .At(KindIndex(review.request), review.request.operation, decision, review.request.dry_run)
      .Increment();
  state_->durations[static_cast<size_t>(decision)]->Observe(
      std::chrono::duration<double>(review.duration).count());
  if (!review.verdict.findings.empty() && !review.request.dry_run) state_->CountFindings(review);
}

void Metrics::ObserveUndecided(std::string_view, std::string_view reason, std::string_view,
                               std::chrono::nanoseconds duration) {
  state_->undecided.At({state_->reasons.Bounded(reason)}).Increment();
  state_->durations[kErrorDecision]->Observe(std::chrono::duration<double>(duration).count());
}

void Metrics::CountHistory(const HistoryEffects& effects, std::string_view resource_namespace,
                           std::string_view owner) {
  state_->history.Count(effects, resource_namespace, owner);
}

void Metrics::ObserveLeadTime(std::chrono::seconds lead, std::string_view owner) {
  state_->history.ObserveLead(lead, owner);
}

void Metrics::CountRefused(std::string_view reason) {
  state_->refused.At({state_->reasons.Bounded(reason)}).Increment();
}

void Metrics::SetPolicies(PolicyLoad load) {
  state_->reloads.At({load.problems == 0 ? "success" : "failure"}).Increment();
  // Rates need a zero to start from: what can be known beforehand is there before the first review.
  for (const ReadinessPolicy& policy : load.policies->policies()) {
    for (const WorkloadKind kind : policy.match.kinds) {
      for (const Operation operation : {Operation::kCreate, Operation::kUpdate}) {
        for (const Decision decision : {Decision::kAllow, Decision::kWarn, Decision::kDeny}) {
          state_->reviews.At(static_cast<size_t>(kind), operation, decision, false);
        }
      }
    }
  }
  const std::lock_guard lock(state_->mutex);
  state_->load = std::move(load);
}

void Metrics::SetCertificateExpiry(std::string_view certificate, Timestamp expires) {
  const std::lock_guard lock(state_->mutex);
  state_->certificates[std::string(certificate)] = expires;
}

void Metrics::SetAudit(std::optional<AuditFigures> figures) {
  const std::lock_guard lock(state_->mutex);
  state_->audit = std::move(figures);
}

void Metrics::Read(std::string_view name, std::function<double()> read) {
  Describe(name);
  const std::lock_guard lock(state_->mutex);
  state_->readers[std::string(name)] = std::move(read);
}

void Metrics::ReadEach(std::string_view name, std::function<std::vector<LabelledValue>()> read) {
  Describe(name);
  const std::lock_guard lock(state_->mutex);
  state_->label_readers[std::string(name)] = std::move(read);
}

void Metrics::State::AddPolicyFamilies(Timestamp now, std::vector<MetricFamily>& families) const {
  if (load.policies == nullptr) return;
  families.push_back(
      OneSample("plimsoll_policies", static_cast<double>(load.policies->policies().size())));
  families.push_back(OneSample("plimsoll_policy_problems", static_cast<double>(load.problems)));
  families.push_back(OneSample("plimsoll_policy_last_reload_timestamp_seconds", Seconds(load.at)));
  MetricFamily ready = EmptyFamily("plimsoll_policy_ready");
  for (const PolicyHealth& health : load.health) {
    AddSample(ready, {{"policy", SanitizeLine(health.policy, kMaxLabelValueBytes)}},
              health.ready ? 1 : 0);
  }
  families.push_back(std::move(ready));
  families.push_back(NextStages(*load.policies, now));
}

std::string Metrics::Expose(Timestamp now) const {
  std::vector<MetricFamily> families = state_->registry.Collect();
  {
    const std::lock_guard lock(state_->mutex);
    const std::optional<AuditFigures>& audit = state_->audit;
    if (audit) AddAuditFamilies(*audit, state_->owners, state_->namespaces, families);
  }
  MetricFamily build = EmptyFamily("plimsoll_build_info");
  AddSample(build, {{"version", state_->version}}, 1);
  families.push_back(std::move(build));
  MetricFamily overflowed = EmptyFamily("plimsoll_label_values_overflowed");
  AddSample(overflowed, {{"label", "owner"}}, state_->owners.overflowed() ? 1 : 0);
  AddSample(overflowed, {{"label", "resource_namespace"}}, state_->namespaces.overflowed() ? 1 : 0);
  families.push_back(std::move(overflowed));
  for (const auto& [name, value] : ReadProcessMetrics()) {
    families.push_back(OneSample(name, value));
  }
  {
    const std::lock_guard lock(state_->mutex);
    state_->AddPolicyFamilies(now, families);
    MetricFamily expiry = EmptyFamily("plimsoll_certificate_expiry_timestamp_seconds");
    for (const auto& [certificate, time] : state_->certificates) {
      AddSample(expiry, {{"certificate", certificate}}, Seconds(time));
    }
    families.push_back(std::move(expiry));
    for (const auto& [name, read] : state_->readers) families.push_back(OneSample(name, read()));
    for (const auto& [name, read] : state_->label_readers) {
      MetricFamily family = EmptyFamily(name);
      for (const LabelledValue& one : read()) {
        AddSample(family, {{std::string(Describe(name).labels), one.label}}, one.value);
      }
      families.push_back(std::move(family));
    }
  }
  std::sort(families.begin(), families.end(),
            [](const MetricFamily& a, const MetricFamily& b) { return a.name < b.name; });
  for (MetricFamily& family : families) SortByLabels(family);
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace plimsoll

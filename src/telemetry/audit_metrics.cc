#include "telemetry/audit_metrics.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "plimsoll/base/text.h"
#include "plimsoll/model/action.h"
#include "telemetry/families.h"

namespace plimsoll {
namespace {

std::string_view StateLabel(ReadinessState state) {
  switch (state) {
    case ReadinessState::kReady:
      return "ready";
    case ReadinessState::kNotReady:
      return "not_ready";
    case ReadinessState::kWaived:
      return "waived";
    case ReadinessState::kBlocked:
      return "blocked";
  }
  return "not_ready";
}

std::string_view StateLabel(const AuditFigures::Waiver& waiver) {
  switch (waiver.state) {
    case WaiverState::kPending:
      return "pending";
    case WaiverState::kActive:
      return waiver.findings > 0 ? "active" : "unused";
    case WaiverState::kExpired:
      return "expired";
    case WaiverState::kInvalid:
      return "invalid";
  }
  return "invalid";
}

std::string Printable(std::string_view text) { return SanitizeLine(text, kMaxLabelValueBytes); }

// One family. Owners that share a label value are added up, and so is what is beyond the limit on series.
class Series {
 public:
  explicit Series(std::string_view name) : name_(name) {}

  void Add(Labels labels, uint32_t count) {
    const auto found = counts_.find(labels);
    if (found != counts_.end()) {
      found->second += count;
    } else if (counts_.size() < kMaxSeriesPerFamily) {
      counts_.emplace(std::move(labels), count);
    } else {
      for (auto& [label, value] : labels) value = kOtherLabel;
      counts_[std::move(labels)] += count;
    }
  }

  prometheus::MetricFamily Finish() const {
    prometheus::MetricFamily family = EmptyFamily(name_);
    for (const auto& [labels, count] : counts_) AddSample(family, labels, count);
    return family;
  }

 private:
  std::string_view name_;
  std::map<Labels, double> counts_;
};

// When the next one of each policy, namespace and owner ends: who waits for the last has waited too long.
void AddWaiverFamilies(const AuditFigures& figures, LabelValues& owners, LabelValues& namespaces,
                       std::vector<prometheus::MetricFamily>& families) {
  Series waivers("plimsoll_waivers");
  std::map<Labels, Timestamp> expiries;
  for (const auto& [key, waiver] : figures.waivers) {
    waivers.Add({{"state", std::string(StateLabel(waiver))},
                 {"owner", std::string(owners.Bounded(waiver.owner))}},
                1);
    if (waiver.state != WaiverState::kActive) continue;
    Labels labels{{"policy", Printable(waiver.policy)},
                  {"resource_namespace", std::string(namespaces.Bounded(key.namespace_name))},
                  {"owner", std::string(owners.Bounded(waiver.owner))}};
    if (expiries.size() >= kMaxSeriesPerFamily && !expiries.contains(labels)) {
      for (auto& [label, value] : labels) value = kOtherLabel;
    }
    const auto [found, added] = expiries.try_emplace(std::move(labels), waiver.expires);
    found->second = std::min(found->second, waiver.expires);
  }
  families.push_back(waivers.Finish());
  families.push_back(EmptyFamily("plimsoll_waiver_expiry_timestamp_seconds"));
  for (const auto& [labels, expires] : expiries) {
    AddSample(families.back(), labels, Seconds(expires));
  }
}

}  // namespace

void AddAuditFamilies(const AuditFigures& figures, LabelValues& owners, LabelValues& namespaces,
                      std::vector<prometheus::MetricFamily>& families) {
  Series workloads("plimsoll_workloads");
  for (const auto& [of, count] : figures.workloads) {
    workloads.Add({{"state", std::string(StateLabel(of.state))},
                   {"tier", of.tier.empty() ? std::string(kNoLabel) : Printable(of.tier)},
                   {"owner", std::string(owners.Bounded(of.owner))}},
                  count);
  }
  Series findings("plimsoll_workload_findings");
  for (const auto& [of, count] : figures.findings) {
    findings.Add({{"policy", Printable(of.policy)},
                  {"rule", of.rule},
                  {"action", std::string(ActionLabel(of.action))},
                  {"owner", std::string(owners.Bounded(of.owner))}},
                 count);
  }
  Series would_block("plimsoll_would_block_workloads");
  for (const auto& [of, count] : figures.would_block) {
    would_block.Add(
        {{"policy", Printable(of.policy)}, {"owner", std::string(owners.Bounded(of.owner))}},
        count);
  }
  Series blocked("plimsoll_blocked_workloads");
  for (const auto& [of, count] : figures.blocked) {
    blocked.Add(
        {{"policy", Printable(of.policy)}, {"owner", std::string(owners.Bounded(of.owner))}},
        count);
  }
  for (const Series* series : {&workloads, &findings, &would_block, &blocked}) {
    families.push_back(series->Finish());
  }
  AddWaiverFamilies(figures, owners, namespaces, families);
  prometheus::MetricFamily unlisted = EmptyFamily("plimsoll_audit_unlisted_kinds");
  for (const WorkloadKind kind : figures.unlisted) {
    AddSample(unlisted, {{"kind", std::string(WorkloadKindName(kind))}}, 1);
  }
  families.push_back(std::move(unlisted));
  families.push_back(OneSample("plimsoll_audit_waiting_workloads", figures.waiting));
  families.push_back(OneSample("plimsoll_audit_waiting_records", figures.unwritten));
  families.push_back(
      OneSample("plimsoll_audit_last_success_timestamp_seconds", Seconds(figures.last_success)));
  families.push_back(OneSample("plimsoll_audit_duration_seconds",
                               std::chrono::duration<double>(figures.last_duration).count()));
}

}  // namespace plimsoll

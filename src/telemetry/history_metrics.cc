#include "telemetry/history_metrics.h"

#include <string>

namespace plimsoll {
namespace {

// From "the same minute" to "planned for half a year".
const prometheus::Histogram::BucketBoundaries kLeadBuckets = {
    60,           3600,         86400,        3.0 * 86400,  7.0 * 86400,
    14.0 * 86400, 30.0 * 86400, 60.0 * 86400, 90.0 * 86400, 180.0 * 86400};

prometheus::Family<prometheus::Histogram>& LeadFamily(prometheus::Registry& registry) {
  constexpr std::string_view kName = "plimsoll_lead_time_seconds";
  return prometheus::BuildHistogram()
      .Name(std::string(kName))
      .Help(std::string(Describe(kName).help))
      .Register(registry);
}

}  // namespace

HistoryMetrics::HistoryMetrics(prometheus::Registry& registry, LabelValues& owners,
                               LabelValues& namespaces)
    : owners_(owners),
      namespaces_(namespaces),
      blocked_(CounterFamily("plimsoll_blocked_releases_total", registry),
               {"policy", "resource_namespace", "owner", "surprise"}),
      blocked_by_(CounterFamily("plimsoll_blocked_release_rules_total", registry),
                  {"rule", "owner", "surprise"}),
      told_(CounterFamily("plimsoll_findings_first_shown_total", registry),
            {"rule", "owner", "how"}),
      ended_(CounterFamily("plimsoll_findings_resolved_total", registry),
             {"rule", "owner", "outcome", "told"}),
      lead_(LeadFamily(registry)) {}

void HistoryMetrics::Count(const HistoryEffects& effects, std::string_view resource_namespace,
                           std::string_view owner) {
  const std::string_view owner_label = owners_.Bounded(owner);
  if (effects.blocked) {
    const std::string_view surprise = effects.blocked->surprise ? "true" : "false";
    for (const std::string& policy : effects.blocked->policies) {
      blocked_.At({policy, namespaces_.Bounded(resource_namespace), owner_label, surprise})
          .Increment();
    }
    for (const std::string& rule : effects.blocked->rules) {
      blocked_by_.At({rule, owner_label, surprise}).Increment();
    }
  }
  for (const HistoryEffects::Told& told : effects.told) {
    told_.At({told.rule, owner_label, SightingName(told.how)}).Increment();
  }
  for (const HistoryEffects::Ended& ended : effects.ended) {
    ended_
        .At({ended.rule, owner_label, FindingOutcomeName(ended.outcome),
             ended.shown_by == Sighting::kDenial ? "at_the_gate" : "early"})
        .Increment();
  }
}

void HistoryMetrics::ObserveLead(std::chrono::seconds lead, std::string_view owner) {
  lead_.Add({{"owner", std::string(owners_.Bounded(owner))}}, kLeadBuckets)
      .Observe(static_cast<double>(lead.count()));
}

}  // namespace plimsoll

#include <algorithm>
#include <vector>

#include "plimsoll/base/text.h"
#include "plimsoll/rules/rule.h"
#include "rules/builtin.h"

namespace plimsoll {

std::span<const Rule* const> RuleCatalog() {
  // Sorted by id: FindRule searches it by halves.
  static const std::vector<const Rule*> kCatalog = {
      &AlertingRouteRule(),               // alerting.route
      &AlertingRulesRule(),               // alerting.rules
      &AlertingScrapedRule(),             // alerting.scraped
      &LivenessProbeRule(),               // health.liveness-probe
      &ProbeMeaningfulRule(),             // health.probe-meaningful
      &ProbePortRule(),                   // health.probe-port
      &ProbeTimingRule(),                 // health.probe-timing
      &ProbesDistinctRule(),              // health.probes-distinct
      &ReadinessProbeRule(),              // health.readiness-probe
      &ImageDigestRule(),                 // image.digest
      &ImagePinnedRule(),                 // image.pinned
      &InputDuplicateKeyRule(),           // input.duplicate-key
      &InputMergeKeyRule(),               // input.merge-key
      &InputStringMetadataRule(),         // input.string-metadata
      &InputUnrenderedRule(),             // input.unrendered
      &OwnershipAppLabelsRule(),          // ownership.app-labels
      &OwnershipContactRule(),            // ownership.contact
      &OwnershipDirectoryRule(),          // ownership.directory
      &OwnershipOwnerRule(),              // ownership.owner
      &OwnershipPropagatedRule(),         // ownership.propagated
      &ResilienceGracefulShutdownRule(),  // resilience.graceful-shutdown
      &ResiliencePdbRule(),               // resilience.pdb
      &ResiliencePdbEvictableRule(),      // resilience.pdb-evictable
      &ResilienceReplicasRule(),          // resilience.replicas
      &ResilienceSpreadRule(),            // resilience.spread
      &ResilienceStrategyRule(),          // resilience.strategy
      &ResourcesCpuRequestRule(),         // resources.cpu-request
      &ResourcesMemoryLimitRule(),        // resources.memory-limit
      &ResourcesMemoryRequestRule(),      // resources.memory-request
      &RunbookAlertsRule(),               // runbook.alerts
      &RunbookAliveRule(),                // runbook.alive
      &RunbookUrlRule(),                  // runbook.url
  };
  return kCatalog;
}

const Rule* FindRule(std::string_view id) {
  const std::span<const Rule* const> catalog = RuleCatalog();
  const auto found =
      std::lower_bound(catalog.begin(), catalog.end(), id,
                       [](const Rule* rule, std::string_view wanted) { return rule->id < wanted; });
  return found != catalog.end() && (*found)->id == id ? *found : nullptr;
}

std::string_view NearestRuleId(std::string_view id) {
  std::vector<std::string_view> ids;
  for (const Rule* rule : RuleCatalog()) ids.push_back(rule->id);
  return NearestName(id, ids);
}

}  // namespace plimsoll

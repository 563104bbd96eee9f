// The built-in rules. Each function is defined in the file named after the rule (health.probe-port:
// health_probe_port.cc) and returns one constant; catalog.cc lists them.
#pragma once

#include "plimsoll/rules/rule.h"

namespace plimsoll {

const Rule& AlertingRouteRule();
const Rule& AlertingRulesRule();
const Rule& AlertingScrapedRule();
const Rule& ImageDigestRule();
const Rule& ImagePinnedRule();
const Rule& InputDuplicateKeyRule();
const Rule& InputMergeKeyRule();
const Rule& InputStringMetadataRule();
const Rule& InputUnrenderedRule();
const Rule& LivenessProbeRule();
const Rule& OwnershipAppLabelsRule();
const Rule& OwnershipContactRule();
const Rule& OwnershipDirectoryRule();
const Rule& OwnershipOwnerRule();
const Rule& OwnershipPropagatedRule();
const Rule& ProbeMeaningfulRule();
const Rule& ProbePortRule();
const Rule& ProbeTimingRule();
const Rule& ProbesDistinctRule();
const Rule& ReadinessProbeRule();
const Rule& ResilienceGracefulShutdownRule();
const Rule& ResiliencePdbEvictableRule();
const Rule& ResiliencePdbRule();
const Rule& ResilienceReplicasRule();
const Rule& ResilienceSpreadRule();
const Rule& ResilienceStrategyRule();
const Rule& ResourcesCpuRequestRule();
const Rule& ResourcesMemoryLimitRule();
const Rule& ResourcesMemoryRequestRule();
const Rule& RunbookAliveRule();
const Rule& RunbookAlertsRule();
const Rule& RunbookUrlRule();

}  // namespace plimsoll

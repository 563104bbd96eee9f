#include <algorithm>
#include <string>

#include "plimsoll/base/text.h"
#include "rules/builtin.h"
#include "rules/fix.h"
#include "rules/metadata.h"
#include "rules/singleton.h"

namespace plimsoll {
namespace {

constexpr size_t kShownBytes = 60;

enum Spec : size_t { kMinimum, kSingletonKeys };

constexpr ParameterSpec kParameters[] = {
    {.name = "minimum",
     .type = ParameterType::kInteger,
     .default_json = "2",
     .description = "The least number of replicas.",
     .minimum = 1,
     .maximum = 1000},
    {.name = "singletonKeys",
     .type = ParameterType::kKeyList,
     .default_json = kDefaultSingletonKeys,
     .description = kSingletonKeysDescription},
};

bool HasReplicas(WorkloadKind kind) {
  return kind != WorkloadKind::kDaemonSet && kind != WorkloadKind::kPod &&
         kind != WorkloadKind::kJob && kind != WorkloadKind::kCronJob;
}

Violation TooFew(const RuleInput& input, std::optional<int64_t> replicas) {
  const Workload& workload = input.workload;
  const int64_t minimum = input.parameters.Integer(kMinimum);
  Violation violation;
  violation.path = "spec.replicas";
  if (!replicas || *replicas < 0) {
    violation.message =
        "the number of replicas of " + Subject(workload) + " is no number that Kubernetes accepts";
    violation.observed =
        SanitizeLine(ToJson(workload.spec()["replicas"], kShownBytes), kShownBytes);
  } else if (*replicas == 1) {
    violation.message = Subject(workload) +
                        " runs as a single replica, so every drained node and every crash is an "
                        "outage, and it gives no reason why there may be only one";
    violation.observed = workload.replicas_set() ? "1" : "not set, which means 1";
  } else {
    violation.message = Subject(workload) + " runs as " + std::to_string(*replicas) +
                        " replicas, fewer than the " + std::to_string(minimum) + " asked for";
    violation.observed = std::to_string(*replicas);
  }
  violation.required = "at least " + std::to_string(minimum);
  violation.fix = ObjectFix(Yaml::Map({{"spec", Yaml::Map({{"replicas", Yaml::Int(minimum)}})}}));
  violation.identity = "replicas";
  return violation;
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  const Workload& workload = input.workload;
  if (!HasReplicas(workload.kind())) {
    outcome.NotApplicable("its kind has no number of replicas");
    return;
  }
  const std::optional<int64_t> replicas = workload.replicas();
  if (replicas == 0) {
    outcome.NotApplicable("it is scaled to zero");
    return;
  }
  if (replicas && *replicas >= input.parameters.Integer(kMinimum)) return;
  if (replicas == 1 && StatesSingletonReason(workload, input.parameters.List(kSingletonKeys))) {
    return;
  }
  outcome.Fail(TooFew(input, replicas));
}

constexpr Rule kRule = {
    .id = "resilience.replicas",
    .title = "There is more than one replica, or a reason for only one",
    .rationale =
        "The cluster is upgraded at noon, node by node. Each drain takes down the only replica of "
        "some service for as long as it takes to be scheduled, pulled and warmed up, and a "
        "disruption "
        "budget cannot help: with one replica it either allows the outage or blocks the upgrade. A "
        "second replica makes the same drain a non-event.",
    .remediation =
        "Set spec.replicas to 2 or more. Where a HorizontalPodAutoscaler sets the number, give it "
        "minReplicas of 2 or more and let spec.replicas start there. If there must be only one, "
        "because it holds a lock or a volume, say so in the annotation "
        "plimsoll.dev/singleton-reason.",
    .parameters = kParameters,
    .evaluate = Evaluate,
    .sources = "https://kubernetes.io/docs/concepts/workloads/pods/disruptions/",
};

}  // namespace

const Rule& ResilienceReplicasRule() { return kRule; }

}  // namespace plimsoll

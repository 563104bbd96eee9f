#include <algorithm>
#include <string>

#include "plimsoll/base/text.h"
#include "rules/builtin.h"
#include "rules/fix.h"
#include "rules/metadata.h"
#include "rules/related.h"
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

Violation ScaledTooLow(const RuleInput& input, const Autoscaler& scaler) {
  const int64_t minimum = input.parameters.Integer(kMinimum);
  Violation violation;
  violation.path = "spec.replicas";
  violation.message = NameOf(scaler) + " may scale " + Subject(input.workload) + " down to " +
                      std::to_string(scaler.min_replicas) +
                      (scaler.min_replicas == 1 ? " replica" : " replicas") +
                      ", so every drained node and every crash may be an outage";
  violation.observed = (scaler.scaled_object ? "minReplicaCount " : "minReplicas ") +
                       std::to_string(scaler.min_replicas);
  violation.required = "at least " + std::to_string(minimum);
  violation.fix = ScaleFix(input.workload, &scaler, minimum);
  violation.identity = "minReplicas";
  violation.related = true;
  return violation;
}

// Of a workload whose number of replicas an autoscaler decides; spec.replicas is where it began.
void EvaluateScaled(const RuleInput& input, const Autoscaler& scaler, RuleOutcome& outcome) {
  if (scaler.min_replicas >= input.parameters.Integer(kMinimum)) return;
  if (scaler.min_replicas == 0) {
    outcome.NotApplicable("its autoscaler may scale it to zero");
    return;
  }
  if (scaler.min_replicas == 1 &&
      StatesSingletonReason(input.workload, input.parameters.List(kSingletonKeys))) {
    return;
  }
  outcome.Fail([&] { return ScaledTooLow(input, scaler); });
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
  if (const Scale scale = ScaleOf(input); scale.scaler != nullptr) {
    EvaluateScaled(input, *scale.scaler, outcome);
    return;
  }
  if (replicas && *replicas >= input.parameters.Integer(kMinimum)) return;
  if (replicas == 1 && StatesSingletonReason(workload, input.parameters.List(kSingletonKeys))) {
    return;
  }
  Violation violation = TooFew(input, replicas);
  // Whoever leaves the number out may do so because an autoscaler, which comes after the workload, is to decide it.
  violation.related =
      !workload.replicas_set() && KnownBeside(input, RelatedKind::kAutoscaler) != nullptr;
  outcome.Fail(std::move(violation));
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
        "Set spec.replicas to 2 or more. Where a HorizontalPodAutoscaler (or KEDA's ScaledObject) "
        "sets the number, give it minReplicas of 2 or more and leave spec.replicas out of the "
        "manifest: each apply would set it back. If there must be only one, "
        "because it holds a lock or a volume, say so in the annotation "
        "plimsoll.dev/singleton-reason.",
    .parameters = kParameters,
    .evaluate = Evaluate,
    .sources =
        "https://kubernetes.io/docs/concepts/workloads/pods/disruptions/, "
        "https://github.com/datreeio/datree/issues/185",
    .needs = {RelatedKind::kAutoscaler},
};

}  // namespace

const Rule& ResilienceReplicasRule() { return kRule; }

}  // namespace plimsoll

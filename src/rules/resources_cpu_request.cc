#include "rules/builtin.h"
#include "rules/resources.h"

namespace plimsoll {
namespace {

constexpr ResourceQuestion kQuestion = {
    .resource = "cpu",
    .field = "requests",
    .noun = "CPU request",
    .consequence = "the scheduler counts it as nothing and its node slows it down first",
    .suggested = "100m",
    .comment = "replace with what it uses at usual load",
};

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  EvaluateResource(kQuestion, input, outcome);
}

constexpr Rule kRule = {
    .id = "resources.cpu-request",
    .title = "Containers say how much CPU they need",
    .rationale =
        "The scheduler counts a container without a CPU request as nothing and packs twenty "
        "of them onto one node. When two of them get busy, those without a request get the "
        "smallest share: latency triples, probes time out, and pods that are well are "
        "restarted. An autoscaler on CPU has nothing to compute a percentage of.",
    .remediation =
        "Set resources.requests.cpu to what the container uses at its usual load (the 90th "
        "percentile of container_cpu_usage_seconds_total over a week is a fair start). A "
        "CPU limit stands in for a missing request; spec.resources of the pod holds for all "
        "its containers.",
    .parameters = kResourceParameters,
    .evaluate = Evaluate,
    .sources =
        "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/, "
        "KEP-2837 (pod-level resources)",
};

}  // namespace

const Rule& ResourcesCpuRequestRule() { return kRule; }

}  // namespace plimsoll

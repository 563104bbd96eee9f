#include "rules/builtin.h"
#include "rules/resources.h"

namespace plimsoll {
namespace {

constexpr ResourceQuestion kQuestion = {
    .resource = "memory",
    .field = "requests",
    .noun = "memory request",
    .consequence = "the kubelet evicts it first when its node runs short",
    .suggested = "128Mi",
    .comment = "replace with what it uses at usual load",
};

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  EvaluateResource(kQuestion, input, outcome);
}

constexpr Rule kRule = {
    .id = "resources.memory-request",
    .title = "Containers say how much memory they need",
    .rationale =
        "When a node runs short of memory the kubelet evicts first the pods that use more "
        "than they asked for, and a pod that asked for nothing always does. A batch job "
        "next door grows, and it is the payment service that is evicted, on every node the "
        "job visits.",
    .remediation =
        "Set resources.requests.memory to the working set at usual load "
        "(container_memory_working_set_bytes). A memory limit stands in for a missing "
        "request; spec.resources of the pod holds for all its containers.",
    .parameters = kResourceParameters,
    .evaluate = Evaluate,
    .sources =
        "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/, "
        "KEP-2837 (pod-level resources)",
};

}  // namespace

const Rule& ResourcesMemoryRequestRule() { return kRule; }

}  // namespace plimsoll

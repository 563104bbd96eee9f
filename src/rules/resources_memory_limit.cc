#include "rules/builtin.h"
#include "rules/resources.h"

namespace plimsoll {
namespace {

constexpr ResourceQuestion kQuestion = {
    .resource = "memory",
    .field = "limits",
    .noun = "memory limit",
    .consequence = "a leak in it takes memory from every pod on its node",
    .suggested = "256Mi",
    .comment = "replace with what it may use at most",
};

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  EvaluateResource(kQuestion, input, outcome);
}

constexpr Rule kRule = {
    .id = "resources.memory-limit",
    .title = "Containers cannot take all memory of their node",
    .rationale =
        "A container without a memory limit that leaks grows until the node itself runs "
        "out. The kernel then kills whatever it finds first, the kubelet among them, and "
        "twenty healthy services restart because of one. With a limit only the leaking "
        "container is killed, and its restarts tell which one it is.",
    .remediation =
        "Set resources.limits.memory above the highest working set that is normal; equal to "
        "the request where the service must never be evicted. spec.resources.limits of the "
        "pod holds for all its containers. A CPU limit is not asked for: it slows a "
        "container down even when its node is idle.",
    .parameters = kResourceParameters,
    .evaluate = Evaluate,
    .sources =
        "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/, "
        "KEP-2837 (pod-level resources)",
};

}  // namespace

const Rule& ResourcesMemoryLimitRule() { return kRule; }

}  // namespace plimsoll

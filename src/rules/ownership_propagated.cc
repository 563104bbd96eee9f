#include <algorithm>
#include <string>

#include "plimsoll/base/text.h"
#include "rules/builtin.h"
#include "rules/owner.h"

namespace plimsoll {
namespace {

enum Spec : size_t { kKeys };

constexpr ParameterSpec kParameters[] = {
    {.name = "keys",
     .type = ParameterType::kKeyList,
     .default_json = kDefaultOwnerKeys,
     .description = "Labels that may name the owner, as for ownership.owner."},
};

// Another owner key of the template says the same: what alerts need is there.
bool SaidByAnotherKey(const RuleInput& input, const Declared& owner) {
  const std::vector<std::string>& keys = input.parameters.List(kKeys);
  return std::any_of(keys.begin(), keys.end(), [&](const std::string& key) {
    return input.workload.TemplateLabel(key) == owner.text();
  });
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  const Workload& workload = input.workload;
  if (workload.kind() == WorkloadKind::kPod) {
    outcome.NotApplicable("a Pod's labels are those of the Pod itself");
    return;
  }
  Places places;
  places.annotation = places.pod_template = false;
  const Lookup lookup =
      FindDeclared(workload, input.parameters.List(kKeys), places,
                   [](const Declared& declared) { return !OwnerSlug(declared).empty(); });
  if (!lookup.good) {
    outcome.NotApplicable("no label of the workload names an owner");
    return;
  }
  const Declared& owner = *lookup.good;
  const JsonView below = MapAt(workload, Place::kTemplateLabel)[owner.key];
  const bool same = below.is_string() && below.text() == owner.text();
  if (same || (!below.present() && SaidByAnotherKey(input, owner))) return;
  Violation violation;
  violation.path = PathAt(workload, Place::kTemplateLabel, owner.key);
  violation.message = NameAt(Place::kLabel, owner.key) + " of " + Subject(workload) +
                      (below.present() ? " differs from the one on its pod template, so alerts "
                                         "about its pods go to somebody else"
                                       : " is not on its pod template, so alerts about its pods "
                                         "name no owner");
  violation.observed =
      below.present() ? ObservedAt(Declared{owner.key, Place::kTemplateLabel, below}) : "not set";
  violation.required = std::string(owner.key) + ": " + std::string(owner.text());
  violation.fix =
      ObjectFix(PatchAt(workload, Place::kTemplateLabel, owner.key, Yaml::String(owner.text())));
  violation.identity = "owner";
  outcome.Fail(std::move(violation));
}

constexpr Rule kRule = {
    .id = "ownership.propagated",
    .title = "Pods carry the same owner as their workload",
    .rationale =
        "Metrics and alerts know pods: kube-state-metrics, cAdvisor and log shippers see the pod "
        "template's labels, not the Deployment's. An owner on the Deployment alone does not reach "
        "the alert, which then goes to the default receiver, where it waits until somebody looks "
        "the owner up by hand.",
    .remediation =
        "Repeat the owner's label, with the same value, under spec.template.metadata.labels. It "
        "need not be in the selector, so adding it is an ordinary rollout.",
    .parameters = kParameters,
    .evaluate = Evaluate,
    .sources =
        "https://github.com/kubernetes/kube-state-metrics/blob/main/docs/metrics/workload/"
        "pod-metrics.md (kube_pod_labels)",
};

}  // namespace

const Rule& OwnershipPropagatedRule() { return kRule; }

}  // namespace plimsoll

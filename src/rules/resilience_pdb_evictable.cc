#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "rules/builtin.h"
#include "rules/metadata.h"
#include "rules/related.h"

namespace plimsoll {
namespace {

// True if every pod that the budget selects is one of the workload's: it asks for all that the workload's own selector asks
// for. A budget that asks for less may cover other pods, too, and how many of them there are is not known.
bool IsOnlyFor(const PodDisruptionBudget& budget, const Workload& workload) {
  const JsonView written = workload.spec()["selector"];
  const std::optional<LabelSelector> own = workload.kind() == WorkloadKind::kReplicationController
                                               ? ReadLabelMap(written)
                                               : ReadLabelSelector(written);
  if (!own || own->requirements.empty()) return false;
  const auto& asked = budget.selector.requirements;
  return std::all_of(own->requirements.begin(), own->requirements.end(),
                     [&](const LabelSelector::Requirement& requirement) {
                       return std::find(asked.begin(), asked.end(), requirement) != asked.end();
                     });
}

// Why no pod can ever be evicted while all `replicas` are healthy; "" if one can. As the disruption controller counts:
// percentages of either field are rounded up.
std::string WhyBlocked(const PodDisruptionBudget& budget, const Workload& workload,
                       int64_t replicas) {
  using Form = Amount::Form;
  const Amount& most = budget.max_unavailable;
  const Amount& least = budget.min_available;
  if (most.form == Form::kInvalid || least.form == Form::kInvalid) {
    return "has an amount that is neither a number nor a percentage";
  }
  if (most.form != Form::kAbsent && least.form != Form::kAbsent) {
    return "has both minAvailable and maxUnavailable, which the API server refuses";
  }
  if (most.form != Form::kAbsent) {
    return most.value == 0 ? "allows none to be away (maxUnavailable: " + most.Text() + ")" : "";
  }
  if (least.form == Form::kAbsent) {
    return "has neither maxUnavailable nor minAvailable, which allows none to be away";
  }
  const bool whole = least.form == Form::kPercent && least.value >= 100;
  if (!whole && (!IsOnlyFor(budget, workload) || least.Of(replicas) < replicas)) return "";
  return "wants " + least.Text() + " of them available (minAvailable) where there " +
         (replicas == 1 ? "is 1" : "are " + std::to_string(replicas));
}

Yaml AllowOne(const Workload& workload, const PodDisruptionBudget& budget) {
  return ObjectIn(workload, "policy/v1", "PodDisruptionBudget", budget.name,
                  Yaml::Map({{"maxUnavailable", Yaml::Int(1)}, {"minAvailable", Yaml::Null()}}));
}

Violation Blocked(const RuleInput& input, const PodDisruptionBudget& budget,
                  const std::string& why) {
  const Workload& workload = input.workload;
  Violation violation;
  violation.path = "spec.replicas";
  violation.message = "PodDisruptionBudget \"" + budget.name +
                      "\" blocks every drain of the pods of " + Subject(workload) + ": it " + why;
  violation.observed = why;
  violation.required = "a budget that allows at least one eviction";
  violation.fix = AllowOne(workload, budget).Render();
  violation.identity = "budget\n" + budget.name;
  return violation;
}

Violation SeveralBudgets(const RuleInput& input,
                         const std::vector<const PodDisruptionBudget*>& budgets) {
  const Workload& workload = input.workload;
  std::string names;
  for (const PodDisruptionBudget* budget : budgets) {
    names += (names.empty() ? "\"" : ", \"") + budget->name + "\"";
  }
  Violation violation;
  violation.path = std::string(workload.template_path()) + ".metadata.labels";
  violation.message = "several PodDisruptionBudgets cover the pods of " + Subject(workload) +
                      ", and the API server evicts no pod that has more than one";
  violation.observed = names;
  violation.required = "one budget";
  Yaml fix =
      ObjectIn(workload, "policy/v1", "PodDisruptionBudget", budgets.back()->name, Yaml::Map());
  fix.Set("$patch", Yaml::String("delete").Commented("kubectl delete pdb " + budgets.back()->name));
  violation.fix = fix.Render();
  violation.identity = "several budgets";
  return violation;
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  const Workload& workload = input.workload;
  Neighbours* const beside = BudgetsFor(input, outcome);
  if (beside == nullptr) return;
  const std::vector<const PodDisruptionBudget*>& budgets = beside->Budgets();
  if (budgets.empty()) {
    outcome.NotApplicable("no PodDisruptionBudget covers its pods");
    return;
  }
  const Scale scale = ScaleOf(input);
  if (!scale.replicas || *scale.replicas <= 0) {
    outcome.NotApplicable("how many replicas there are is not known");
    return;
  }
  // Files may have one budget in several versions, such as overlays: those are one.
  const bool several = budgets.front()->name != budgets.back()->name;
  if (several) outcome.Fail([&] { return SeveralBudgets(input, budgets); });
  for (const PodDisruptionBudget* budget : budgets) {
    const std::string why = WhyBlocked(*budget, workload, *scale.replicas);
    if (!why.empty()) outcome.Fail([&] { return Blocked(input, *budget, why); });
  }
}

constexpr Rule kRule = {
    .id = "resilience.pdb-evictable",
    .title = "Its disruption budget lets nodes be drained",
    .rationale =
        "A budget that allows no eviction does not protect the service: it stops the upgrade of "
        "the cluster at the first node that runs one of its pods. Somebody then deletes the budget "
        "or the pod by force, at night, for every service at once.",
    .remediation =
        "Let the budget allow one pod to be away: maxUnavailable: 1, or a minAvailable below the "
        "number of replicas (below minReplicas, where a HorizontalPodAutoscaler decides). "
        "Percentages of minAvailable are rounded up: 50% of one replica is one. Cover a pod by one "
        "budget only.",
    .parameters = {},
    .evaluate = Evaluate,
    .sources =
        "https://kubernetes.io/docs/tasks/run-application/configure-pdb/, "
        "kubernetes/kubernetes pkg/controller/disruption and "
        "pkg/registry/core/pod/storage/eviction.go",
    .rule_class = RuleClass::kCrossObject,
    .needs = {RelatedKind::kPodDisruptionBudget, RelatedKind::kAutoscaler},
};

}  // namespace

const Rule& ResiliencePdbEvictableRule() { return kRule; }

}  // namespace plimsoll

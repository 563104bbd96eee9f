#include <string>
#include <utility>

#include "rules/builtin.h"
#include "rules/metadata.h"
#include "rules/related.h"

namespace plimsoll {
namespace {

// A budget that was meant for the workload, by its name, and misses it.
const PodDisruptionBudget* NearMiss(const RuleInput& input, const RelatedObjects& related) {
  const Workload& workload = input.workload;
  for (const std::string_view suffix : {"", "-pdb"}) {
    const PodDisruptionBudget* const budget =
        related.FindBudget(workload.namespace_name(), workload.name() + std::string(suffix));
    if (budget != nullptr) return budget;
  }
  return nullptr;
}

// A patch of a selector that is there: what it asks for and the new one does not must go.
Yaml Reselect(const Workload& workload, const LabelSelector& old) {
  Yaml selector = SelectorFor(workload);
  Yaml stale = Yaml::Map();
  bool expressions = false;
  for (const LabelSelector::Requirement& requirement : old.requirements) {
    const bool exact =
        requirement.op == LabelSelector::Operator::kIn && requirement.values.size() == 1;
    expressions = expressions || !exact;
    if (exact) stale.Set(requirement.key, Yaml::Null());
  }
  Yaml patch = Yaml::Map();
  if (expressions) patch.Set("matchExpressions", Yaml::Null());
  for (Yaml::Member& member : selector.TakeMembers()) {
    if (member.first == "matchLabels") {
      for (Yaml::Member& label : member.second.TakeMembers()) stale.Set(label.first, label.second);
    } else {
      patch.Set(member.first, member.second);
    }
  }
  patch.Set("matchLabels", std::move(stale));
  return patch;
}

Violation NotCovered(const RuleInput& input, const RelatedObjects& related, int64_t replicas) {
  const Workload& workload = input.workload;
  const PodDisruptionBudget* const near = NearMiss(input, related);
  Violation violation;
  violation.path = std::string(workload.template_path()) + ".metadata.labels";
  violation.message = "no PodDisruptionBudget covers the pods of " + Subject(workload) +
                      ", so a node drain may evict all " + std::to_string(replicas) +
                      " replicas at once";
  violation.observed = "no budget selects the labels of its pods";
  if (near != nullptr) {
    violation.observed = "PodDisruptionBudget \"" + near->name + "\" selects " +
                         (near->selects ? DescribeSelector(near->selector) : "nothing") +
                         ", which its pods are not";
  }
  violation.required = "a PodDisruptionBudget in its namespace that selects its pods";
  Yaml spec = Yaml::Map({{"maxUnavailable", Yaml::Int(1)}, {"selector", SelectorFor(workload)}});
  if (near != nullptr) spec = Yaml::Map({{"selector", Reselect(workload, near->selector)}});
  violation.fix = ObjectIn(workload, "policy/v1", "PodDisruptionBudget",
                           near != nullptr ? near->name : ObjectName(workload), std::move(spec))
                      .Render();
  violation.identity = "budget";
  return violation;
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  const Workload& workload = input.workload;
  Neighbours* const beside = BudgetsFor(input, outcome);
  if (beside == nullptr) return;
  const Scale scale = ScaleOf(input);
  if (!scale.replicas || *scale.replicas < 2) {
    outcome.NotApplicable(
        "with fewer than two replicas a budget either allows the outage or blocks every drain");
    return;
  }
  if (workload.template_labels().size() == 0) {
    outcome.NotApplicable("its pods have no labels, so nothing can select them");
    return;
  }
  if (beside->Budgets().empty()) {
    outcome.Fail([&] { return NotCovered(input, beside->objects(), *scale.replicas); });
  }
}

constexpr Rule kRule = {
    .id = "resilience.pdb",
    .title = "A disruption budget covers its replicas",
    .rationale =
        "The cluster is upgraded and two nodes are drained at the same time. Three replicas were "
        "enough for any crash, but nothing told the drain that they are one service: all of them "
        "are evicted within the same second, and the service is down until the first one is warm "
        "again.",
    .remediation =
        "Add a PodDisruptionBudget to the workload's namespace whose selector matches the labels "
        "of its pods, and let it allow one replica to be away (maxUnavailable: 1). Labels of the "
        "pod template count, with matchLabels and matchExpressions; one label that other services "
        "share is not enough to tell them apart.",
    .parameters = {},
    .evaluate = Evaluate,
    .sources =
        "https://kubernetes.io/docs/tasks/run-application/configure-pdb/, "
        "kubernetes/kubernetes pkg/controller/disruption, "
        "https://github.com/FairwindsOps/polaris/issues/999",
    .rule_class = RuleClass::kCrossObject,
    .needs = {RelatedKind::kPodDisruptionBudget, RelatedKind::kAutoscaler},
};

}  // namespace

const Rule& ResiliencePdbRule() { return kRule; }

}  // namespace plimsoll

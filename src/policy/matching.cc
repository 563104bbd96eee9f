#include "policy/matching.h"

#include <algorithm>
#include <optional>

#include "plimsoll/base/text.h"
#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll {
namespace {

bool Satisfies(const LabelSelector::Requirement& requirement,
               std::optional<std::string_view> value) {
  const auto listed = [&] {
    return value && std::find(requirement.values.begin(), requirement.values.end(), *value) !=
                        requirement.values.end();
  };
  switch (requirement.op) {
    case LabelSelector::Operator::kIn:
      return listed();
    case LabelSelector::Operator::kNotIn:
      return !listed();  // also where the label is not set
    case LabelSelector::Operator::kExists:
      return value.has_value();
    case LabelSelector::Operator::kDoesNotExist:
      return !value.has_value();
  }
  return false;
}

bool MatchesNamespace(const LabelSelector& selector, const EvaluationContext& context) {
  return std::all_of(selector.requirements.begin(), selector.requirements.end(),
                     [&](const LabelSelector::Requirement& requirement) {
                       if (requirement.key == kNamespaceNameLabel) {
                         return Satisfies(requirement, context.namespace_name);
                       }
                       return Satisfies(requirement,
                                        context.namespace_labels[requirement.key].AsString());
                     });
}

std::optional<std::string_view> NamespaceLabel(const EvaluationContext& context,
                                               std::string_view key) {
  return context.namespace_labels[key].AsString();
}

}  // namespace

bool Matches(const LabelSelector& selector, JsonView labels) {
  return std::all_of(selector.requirements.begin(), selector.requirements.end(),
                     [&](const LabelSelector::Requirement& requirement) {
                       return Satisfies(requirement, labels[requirement.key].AsString());
                     });
}

Exemption ExemptionOf(const Workload& workload, const EvaluationContext& context) {
  if (workload.metadata()["deletionTimestamp"].present()) return Exemption::kBeingDeleted;
  if (workload.shape() == Workload::Shape::kPartial) return Exemption::kPartial;
  if (workload.shape() == Workload::Shape::kExternal) return Exemption::kTemplateElsewhere;
  if (workload.replicas() == 0) return Exemption::kScaledToZero;
  if (context.owner_confirmed) return Exemption::kControlledByOwner;
  return Exemption::kNone;
}

bool AppliesInNamespace(const MatchConstraints& match, const EvaluationContext& context) {
  for (const std::string& glob : match.exclude_namespaces) {
    if (GlobMatch(glob, context.namespace_name)) return false;
  }
  return MatchesNamespace(match.namespace_selector, context);
}

bool Applies(const MatchConstraints& match, const Workload& workload,
             const EvaluationContext& context) {
  return std::find(match.kinds.begin(), match.kinds.end(), workload.kind()) != match.kinds.end() &&
         AppliesInNamespace(match, context) && Matches(match.object_selector, workload.labels());
}

TierChoice ResolveTier(const Tiers& tiers, const Workload& workload,
                       const EvaluationContext& context) {
  TierChoice choice;
  if (tiers.values.empty()) return choice;
  choice.source = TierChoice::Source::kDefault;
  choice.tier = tiers.default_tier;
  std::optional<std::string_view> written = workload.Label(tiers.label);
  if (written) {
    choice.source = TierChoice::Source::kWorkload;
  } else if (written = NamespaceLabel(context, tiers.label); written) {
    choice.source = TierChoice::Source::kNamespace;
  } else {
    return choice;
  }
  choice.written = *written;
  const auto found = std::find(tiers.values.begin(), tiers.values.end(), *written);
  choice.known = found != tiers.values.end();
  if (choice.known) choice.tier = *found;
  return choice;
}

}  // namespace plimsoll

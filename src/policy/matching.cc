#include "policy/matching.h"

#include <algorithm>
#include <optional>

#include "plimsoll/base/text.h"
#include "plimsoll/model/selector.h"
#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll {
namespace {

// Of the context's namespace; its name is one of them whether or not they are known.
struct NamespaceLabels {
  const EvaluationContext& context;

  std::optional<std::string_view> Find(std::string_view key) const {
    if (key == kNamespaceNameLabel) return context.namespace_name;
    return context.namespace_labels[key].AsString();
  }
};

std::optional<std::string_view> NamespaceLabel(const EvaluationContext& context,
                                               std::string_view key) {
  return context.namespace_labels[key].AsString();
}

}  // namespace

bool Matches(const LabelSelector& selector, JsonView labels) {
  return Selects(selector, DocumentLabels{labels});
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
  return Selects(match.namespace_selector, NamespaceLabels{context});
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

#include "controllers/owner_rule.h"

namespace plimsoll::controllers {

std::optional<OwnerLink> ReadOwnerLink(WorkloadKind kind, std::string_view namespace_name,
                                       JsonView metadata) {
  for (const JsonView reference : metadata["ownerReferences"].elements()) {
    if (!reference["controller"].AsBool().value_or(false)) continue;
    const std::optional<WorkloadKind> owner =
        WorkloadKindOf(reference["apiVersion"].StringOrEmpty(), reference["kind"].StringOrEmpty());
    const std::string_view uid = reference["uid"].StringOrEmpty();
    if (!owner || uid.empty() || !ControllersOf(kind)[static_cast<size_t>(*owner)])
      return std::nullopt;
    return OwnerLink{
        {*owner, std::string(namespace_name), std::string(reference["name"].StringOrEmpty())},
        std::string(uid)};
  }
  return std::nullopt;
}

OwnerRule::OwnerRule(const PolicySnapshot& policies) : judged_(JudgedKinds(policies)) {
  leads_ = judged_;
  // As often as the longest chain has links: a Pod's ReplicaSet's Deployment.
  for (int depth = 0; depth < kMaxOwnerDepth; ++depth) {
    for (size_t kind = 0; kind < kWorkloadKindCount; ++kind) {
      if ((ControllersOf(static_cast<WorkloadKind>(kind)) & leads_).any()) leads_.set(kind);
    }
  }
}

}  // namespace plimsoll::controllers

#include "controllers/owner_rule.h"

#include <algorithm>
#include <array>

namespace plimsoll::controllers {
namespace {

struct Control {
  WorkloadKind owner;
  WorkloadKind owned;
};

// What the controllers of Kubernetes and Argo Rollouts make, owners of owners first.
constexpr std::array<Control, 8> kControls = {{
    {WorkloadKind::kDeployment, WorkloadKind::kReplicaSet},
    {WorkloadKind::kRollout, WorkloadKind::kReplicaSet},
    {WorkloadKind::kCronJob, WorkloadKind::kJob},
    {WorkloadKind::kReplicaSet, WorkloadKind::kPod},
    {WorkloadKind::kStatefulSet, WorkloadKind::kPod},
    {WorkloadKind::kDaemonSet, WorkloadKind::kPod},
    {WorkloadKind::kJob, WorkloadKind::kPod},
    {WorkloadKind::kReplicationController, WorkloadKind::kPod},
}};

bool Controls(WorkloadKind owner, WorkloadKind owned) {
  return std::any_of(kControls.begin(), kControls.end(), [&](const Control& control) {
    return control.owner == owner && control.owned == owned;
  });
}

}  // namespace

std::optional<OwnerLink> ReadOwnerLink(WorkloadKind kind, std::string_view namespace_name,
                                       JsonView metadata) {
  for (const JsonView reference : metadata["ownerReferences"].elements()) {
    if (!reference["controller"].AsBool().value_or(false)) continue;
    const std::optional<WorkloadKind> owner =
        WorkloadKindOf(reference["apiVersion"].StringOrEmpty(), reference["kind"].StringOrEmpty());
    const std::string_view uid = reference["uid"].StringOrEmpty();
    if (!owner || uid.empty() || !Controls(*owner, kind)) return std::nullopt;
    return OwnerLink{
        {*owner, std::string(namespace_name), std::string(reference["name"].StringOrEmpty())},
        std::string(uid)};
  }
  return std::nullopt;
}

OwnerRule::OwnerRule(const PolicySnapshot& policies) {
  for (const ReadinessPolicy& policy : policies.policies()) {
    for (const WorkloadKind kind : policy.match.kinds) judged_.set(static_cast<size_t>(kind));
  }
  leads_ = judged_;
  for (const Control& control : kControls) {
    if (LeadsToJudged(control.owner)) leads_.set(static_cast<size_t>(control.owned));
  }
}

}  // namespace plimsoll::controllers

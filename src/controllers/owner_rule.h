// OwnerRule: which owners take the place of the workloads they control. A Pod of a ReplicaSet of a Deployment is left to
// the Deployment where some policy is about Deployments.
//
// Thread-safety: value type. Semantics: kubernetes/kubernetes pkg/controller; metav1.OwnerReference.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "plimsoll/base/json_view.h"
#include "plimsoll/controllers/owner_index.h"
#include "plimsoll/model/object_key.h"
#include "plimsoll/model/workload.h"
#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll::controllers {

// What an object says controls it.
struct OwnerLink {
  WorkloadKey owner;
  std::string uid;
  friend bool operator==(const OwnerLink&, const OwnerLink&) = default;
};

// Nothing where no workload controls it, or one of a kind that never controls this kind: a Deployment that names another
// Deployment as its controller has made that up. So no chain of links is a circle.
std::optional<OwnerLink> ReadOwnerLink(WorkloadKind kind, std::string_view namespace_name,
                                       JsonView metadata);

class OwnerRule {
 public:
  OwnerRule() = default;
  explicit OwnerRule(const PolicySnapshot& policies);

  // Some policy is about workloads of this kind.
  bool IsJudged(WorkloadKind kind) const { return judged_[static_cast<size_t>(kind)]; }
  // It is judged, or one that controls it may be.
  bool LeadsToJudged(WorkloadKind kind) const { return leads_[static_cast<size_t>(kind)]; }

  friend bool operator==(const OwnerRule&, const OwnerRule&) = default;

 private:
  WorkloadKindSet judged_;
  WorkloadKindSet leads_;
};

}  // namespace plimsoll::controllers

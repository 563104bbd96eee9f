// OwnerIndex: which objects that control others exist, by uid, so that a Pod of a Deployment that is judged itself is left
// to its Deployment, and a Pod that merely claims to have an owner is not.
//
// Thread-safety: serves one thread at a time. Semantics: metav1.OwnerReference; kubernetes/kubernetes pkg/controller.
#pragma once

#include <bitset>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "plimsoll/base/json_view.h"
#include "plimsoll/base/result.h"
#include "plimsoll/model/workload.h"
#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll::controllers {

// Bit n: WorkloadKind n.
using WorkloadKindSet = std::bitset<kWorkloadKindCount>;

// The kinds that Kubernetes' and Argo Rollouts' controllers make objects of this kind for. Nothing controls itself, directly
// or by way of others.
WorkloadKindSet ControllersOf(WorkloadKind kind);
// The kinds that some policy is about.
WorkloadKindSet JudgedKinds(const PolicySnapshot& policies);
// The kinds whose objects must be known to confirm the owners of those that are judged; none where policies are about
// top-level kinds only.
WorkloadKindSet KindsOfOwners(WorkloadKindSet judged);
inline WorkloadKindSet KindsOfOwners(const PolicySnapshot& policies) {
  return KindsOfOwners(JudgedKinds(policies));
}

// A uid that does not exist is remembered, so that it is not asked for with every review that claims it.
inline constexpr size_t kMaxAbsentOwners = 4096;
// Pod, ReplicaSet, Deployment; Pod, Job, CronJob. Longer chains are not Kubernetes' own.
inline constexpr int kMaxOwnerDepth = 4;
// Of any object (validation.NameIsDNSSubdomain). A longer one is not asked for: the question would fail, whoever made it up.
inline constexpr size_t kMaxOwnerNameBytes = 253;

class OwnerIndex {
 public:
  enum class Answer { kNotConfirmed, kConfirmed, kUnknown };
  // What an object says controls it.
  struct Claim {
    std::optional<WorkloadKind> kind;  // nothing: no workload
    std::string name;
    std::string uid;  // "": nothing does
  };

  // `metadata`: of the object.
  void Set(WorkloadKind kind, JsonView metadata);
  void Remove(std::string_view uid);
  // Asked for, and not there.
  void SetAbsent(std::string_view uid);
  // What came of asking for the object that is said to have that uid, by its name. There is none of that name (kNotFound), or
  // another one: it is absent. Everything else (it took too long, it was refused) says nothing of it, and changes nothing.
  void SetAnswer(WorkloadKind kind, std::string_view uid, const Result<JsonView>& object);
  // Everything of kinds that are no longer in `kinds`.
  void Keep(WorkloadKindSet kinds);

  // Whether the owner of `reference` in an object of kind `owned` exists in that namespace, is of a kind that makes such
  // objects (ControllersOf), and it, or what controls it, is judged by these policies. kUnknown where one of a kind that they make
  // necessary to know has not been met (yet), whether or not that kind is watched already: `unknown` is the one to ask for.
  Answer Confirm(std::string_view namespace_name, WorkloadKind owned, JsonView reference,
                 const PolicySnapshot& policies, Claim* unknown = nullptr) const;

  size_t size() const { return owners_.size(); }

 private:
  struct Owner {
    WorkloadKind kind;
    std::string namespace_name;
    Claim controller;
  };

  std::unordered_map<std::string, Owner> owners_;
  std::unordered_set<std::string> absent_;
  std::deque<std::string> absent_order_;
};

}  // namespace plimsoll::controllers

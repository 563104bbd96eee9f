#include "plimsoll/controllers/owner_index.h"

#include <algorithm>

namespace plimsoll::controllers {
namespace {

bool Has(WorkloadKindSet kinds, WorkloadKind kind) { return kinds[static_cast<size_t>(kind)]; }

WorkloadKindSet SetOf(std::initializer_list<WorkloadKind> kinds) {
  WorkloadKindSet set;
  for (const WorkloadKind kind : kinds) set.set(static_cast<size_t>(kind));
  return set;
}

OwnerIndex::Claim ClaimOf(JsonView reference) {
  return {
      WorkloadKindOf(reference["apiVersion"].StringOrEmpty(), reference["kind"].StringOrEmpty()),
      std::string(reference["name"].StringOrEmpty()),
      std::string(reference["uid"].StringOrEmpty())};
}

bool MayBeAName(std::string_view text) {
  return !text.empty() && text.size() <= kMaxOwnerNameBytes && text.front() != '.' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
         });
}

}  // namespace

WorkloadKindSet ControllersOf(WorkloadKind kind) {
  using enum WorkloadKind;
  switch (kind) {
    case kPod:
      return SetOf({kReplicaSet, kStatefulSet, kDaemonSet, kJob, kReplicationController});
    case kReplicaSet:
      return SetOf({kDeployment, kRollout});
    case kJob:
      return SetOf({kCronJob});
    default:
      return {};
  }
}

WorkloadKindSet JudgedKinds(const PolicySnapshot& policies) {
  WorkloadKindSet judged;
  for (const ReadinessPolicy& policy : policies.policies()) {
    for (const WorkloadKind kind : policy.match.kinds) judged.set(static_cast<size_t>(kind));
  }
  return judged;
}

WorkloadKindSet KindsOfOwners(WorkloadKindSet judged) {
  WorkloadKindSet owners;
  for (size_t i = 0; i < kWorkloadKindCount; ++i) {
    if (!judged[i]) continue;
    const WorkloadKindSet parents = ControllersOf(static_cast<WorkloadKind>(i));
    // A parent matters if it is judged, or leads on to one that is.
    for (size_t parent = 0; parent < kWorkloadKindCount; ++parent) {
      if (!parents[parent]) continue;
      const WorkloadKindSet grandparents =
          ControllersOf(static_cast<WorkloadKind>(parent)) & judged;
      if (judged[parent] || grandparents.any()) owners.set(parent);
      owners |= grandparents;
    }
  }
  return owners;
}

void OwnerIndex::Set(WorkloadKind kind, JsonView metadata) {
  const std::string uid(metadata["uid"].StringOrEmpty());
  if (uid.empty()) return;
  Owner owner{kind, std::string(metadata["namespace"].StringOrEmpty()), {}};
  for (const JsonView reference : metadata["ownerReferences"].elements()) {
    if (reference["controller"].AsBool().value_or(false)) owner.controller = ClaimOf(reference);
  }
  absent_.erase(uid);
  owners_.insert_or_assign(uid, std::move(owner));
}

void OwnerIndex::Remove(std::string_view uid) { owners_.erase(std::string(uid)); }

void OwnerIndex::SetAbsent(std::string_view uid) {
  if (owners_.contains(std::string(uid)) || !absent_.emplace(uid).second) return;
  absent_order_.emplace_back(uid);
  if (absent_order_.size() <= kMaxAbsentOwners) return;
  absent_.erase(absent_order_.front());
  absent_order_.pop_front();
}

void OwnerIndex::SetAnswer(WorkloadKind kind, std::string_view uid,
                           const Result<JsonView>& object) {
  if (!object) {
    if (object.error().code == ErrorCode::kNotFound) SetAbsent(uid);
    return;
  }
  const JsonView metadata = (*object)["metadata"];
  const std::string_view met = metadata["uid"].StringOrEmpty();
  if (met == uid) {
    Set(kind, metadata);
  } else if (!met.empty()) {
    SetAbsent(uid);
  }
}

void OwnerIndex::Keep(WorkloadKindSet kinds) {
  std::erase_if(owners_, [&](const auto& entry) { return !Has(kinds, entry.second.kind); });
}

OwnerIndex::Answer OwnerIndex::Confirm(std::string_view namespace_name, WorkloadKind owned,
                                       JsonView reference, const PolicySnapshot& policies,
                                       Claim* unknown) const {
  const WorkloadKindSet judged = JudgedKinds(policies);
  const WorkloadKindSet needed = KindsOfOwners(judged);
  const Claim first = ClaimOf(reference);
  const Claim* claim = &first;
  for (int depth = 0; depth < kMaxOwnerDepth; ++depth) {
    const std::optional<WorkloadKind> kind = claim->kind;
    if (!kind || claim->uid.empty() || !Has(needed & ControllersOf(owned), *kind)) {
      return Answer::kNotConfirmed;
    }
    const auto found = owners_.find(claim->uid);
    if (found == owners_.end()) {
      if (absent_.contains(claim->uid) || !MayBeAName(claim->name)) return Answer::kNotConfirmed;
      if (unknown != nullptr) *unknown = *claim;
      return Answer::kUnknown;
    }
    // What the reference says of the owner's kind is a claim; what was met under that uid is not.
    const Owner& owner = found->second;
    if (owner.namespace_name != namespace_name || owner.kind != *kind) {
      return Answer::kNotConfirmed;
    }
    if (Has(judged, owner.kind)) return Answer::kConfirmed;
    owned = owner.kind;
    claim = &owner.controller;
  }
  return Answer::kNotConfirmed;
}

}  // namespace plimsoll::controllers

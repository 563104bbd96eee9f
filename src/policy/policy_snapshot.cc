#include "plimsoll/policy/policy_snapshot.h"

#include <algorithm>

namespace plimsoll {

PolicySnapshot::PolicySnapshot(std::vector<ReadinessPolicy> policies)
    : policies_(std::move(policies)) {
  std::stable_sort(policies_.begin(), policies_.end(),
                   [](const auto& a, const auto& b) { return a.name < b.name; });
  const auto last = std::unique(policies_.begin(), policies_.end(),
                                [](const auto& a, const auto& b) { return a.name == b.name; });
  policies_.erase(last, policies_.end());
}

const ReadinessPolicy* PolicySnapshot::Find(std::string_view name) const {
  const auto found = std::lower_bound(
      policies_.begin(), policies_.end(), name,
      [](const ReadinessPolicy& policy, std::string_view wanted) { return policy.name < wanted; });
  return found != policies_.end() && found->name == name ? &*found : nullptr;
}

ReadinessPolicy HeldBack(ReadinessPolicy policy, Action strongest) {
  policy.strongest = strongest;
  if (strongest < Action::kDeny) policy.failure_policy = FailurePolicy::kIgnore;
  return policy;
}

Stage StageAt(const std::vector<Stage>& stages, Timestamp now) {
  Stage current;
  for (const Stage& stage : stages) {
    if (stage.from && now < *stage.from) break;
    current = stage;
  }
  return current;
}

std::optional<Stage> NextStage(const std::vector<Stage>& stages, Timestamp now) {
  for (const Stage& stage : stages) {
    if (stage.from && now < *stage.from) return stage;
  }
  return std::nullopt;
}

}  // namespace plimsoll

#include "controllers/policy_changes.h"

#include <algorithm>

namespace plimsoll::controllers {
namespace {

bool SameRule(const PolicyRule& a, const PolicyRule& b) {
  return a.rule == b.rule && a.stages == b.stages && a.by_tier == b.by_tier &&
         a.parameters == b.parameters;
}

bool JudgesAlike(const ReadinessPolicy& a, const ReadinessPolicy& b) {
  return a.match == b.match && a.stages == b.stages && a.tiers == b.tiers &&
         a.owner_keys == b.owner_keys && a.waivers == b.waivers &&
         std::equal(a.rules.begin(), a.rules.end(), b.rules.begin(), b.rules.end(), SameRule);
}

}  // namespace

PolicyChanges ChangesBetween(const PolicySnapshot* before, const PolicySnapshot& now) {
  PolicyChanges changes;
  for (const ReadinessPolicy& policy : now.policies()) {
    const ReadinessPolicy* old = before == nullptr ? nullptr : before->Find(policy.name);
    if (old != nullptr && JudgesAlike(*old, policy)) continue;
    changes.now.push_back(&policy);
    if (old != nullptr) changes.before.push_back(policy.name);
  }
  if (before == nullptr) return changes;
  for (const ReadinessPolicy& policy : before->policies()) {
    if (now.Find(policy.name) == nullptr) changes.before.push_back(policy.name);
  }
  return changes;
}

}  // namespace plimsoll::controllers

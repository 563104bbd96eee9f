#include <algorithm>
#include <optional>

#include "plimsoll/render/check_report.h"

namespace plimsoll {
namespace {

const PolicyRule* FindPolicyRule(const ReadinessPolicy& policy, std::string_view id) {
  for (const PolicyRule& rule : policy.rules) {
    if (rule.rule != nullptr && rule.rule->id == id) return &rule;
  }
  return nullptr;
}

Action Capped(Action action, const PolicyRule* rule, std::string_view tier) {
  if (rule == nullptr) return action;
  for (const auto& [name, tier_cap] : rule->by_tier) {
    const std::optional<Action> cap = tier_cap;
    if (name == tier && cap) return std::min(action, *cap);
  }
  return action;
}

}  // namespace

std::string UpcomingStages(const PolicySnapshot& policies, const Finding& finding,
                           std::string_view tier, Timestamp now) {
  const ReadinessPolicy* policy = policies.Find(finding.policy);
  if (policy == nullptr || finding.result != RuleResult::kFail) return {};
  // Findings about the policy's own terms (the tier label) belong to no entry of spec.rules.
  const PolicyRule* rule = FindPolicyRule(*policy, finding.rule);
  const bool own_stages = rule != nullptr && !rule->stages.empty();
  const std::vector<Stage>& stages = own_stages ? rule->stages : policy->stages;
  std::string out;
  Action action = finding.action;
  for (std::optional<Stage> next = NextStage(stages, now); next && next->from;
       next = NextStage(stages, *next->from)) {
    const Action capped = Capped(next->action, rule, tier);
    if (capped == action) continue;
    action = capped;
    if (!out.empty()) out += ", ";
    out += ActionLabel(action);
    out += " from ";
    out += FormatDate(*next->from);
  }
  return out;
}

}  // namespace plimsoll

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

Action Capped(Action action, const PolicyRule& rule, std::string_view tier) {
  for (const auto& [name, cap] : rule.by_tier) {
    if (name == tier) return std::min(action, cap);
  }
  return action;
}

}  // namespace

std::string UpcomingStages(const PolicySnapshot& policies, const Finding& finding,
                           std::string_view tier, Timestamp now) {
  const ReadinessPolicy* policy = policies.Find(finding.policy);
  const PolicyRule* rule = policy == nullptr ? nullptr : FindPolicyRule(*policy, finding.rule);
  if (rule == nullptr || finding.result != RuleResult::kFail) return {};
  const std::vector<Stage>& stages = rule->stages.empty() ? policy->stages : rule->stages;
  std::string out;
  Action action = finding.action;
  for (std::optional<Stage> next = NextStage(stages, now); next && next->from;
       next = NextStage(stages, *next->from)) {
    const Action capped = Capped(next->action, *rule, tier);
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

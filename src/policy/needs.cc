#include "plimsoll/policy/needs.h"

#include "plimsoll/rules/rule.h"

namespace plimsoll {

RelatedKinds RelatedKindsOf(const PolicySnapshot& policies) {
  RelatedKinds needs;
  for (const ReadinessPolicy& policy : policies.policies()) {
    for (const PolicyRule& rule : policy.rules) needs.Add(rule.rule->needs);
  }
  return needs;
}

}  // namespace plimsoll

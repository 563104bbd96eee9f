// A rule's page: what it asks, which incident it prevents, how to put it right, what can be set. Made from the Rule itself
// so that `plimsoll explain` and docs/rules/ can never say something else than the program does.
//
// Thread-safety: functions without state.
#pragma once

#include <iosfwd>
#include <span>
#include <string>
#include <string_view>

#include "plimsoll/policy/policy_snapshot.h"
#include "plimsoll/render/check_report.h"
#include "plimsoll/rules/rule.h"

namespace plimsoll {

// An object that fails the rule, what is said about it, and what puts it right. Empty fields are left out.
struct RuleExample {
  std::string manifest;
  std::string message;
  std::string fix;
};

// What a page shows besides the rule.
struct RulePageContext {
  const ReadinessPolicy* baseline = nullptr;  // where the rule is in it, the page says so
  RuleExample example;
};

void WriteRuleText(const Rule& rule, const RulePageContext& context, const TextStyle& style,
                   std::ostream& out);
std::string RuleMarkdown(const Rule& rule, const RulePageContext& context);

// One line a rule: id and title.
void WriteRuleList(std::span<const Rule* const> rules, const TextStyle& style, std::ostream& out);
// The index of docs/rules/: a table with links to the pages.
std::string RuleIndexMarkdown(std::span<const Rule* const> rules, const ReadinessPolicy* baseline);

}  // namespace plimsoll

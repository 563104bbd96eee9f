// plimsoll explain: rule pages, on the screen or as the files of docs/rules/.
#include <algorithm>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "commands.h"
#include "example.h"
#include "exit_code.h"
#include "explain_more.h"
#include "plimsoll/base/text.h"
#include "plimsoll/files/file_tree.h"
#include "plimsoll/policy/policy_snapshot.h"
#include "plimsoll/render/rule_page.h"
#include "policies.h"
#include "terminal.h"

namespace plimsoll::cli {
namespace {

// "runbook.alerts, runbook.url" of runbook.
std::string RulesOf(const std::string& group) {
  std::vector<std::string> rules;
  for (const Rule* rule : RuleCatalog()) {
    if (rule->id.starts_with(group + '.')) rules.emplace_back(rule->id);
  }
  return Join(rules, ", ");
}

// In a denial, and so on the clipboard, a rule has its policy before it.
std::string WithoutPolicy(const std::string& id) {
  std::string rule = id.substr(id.find('/') + 1);
  return FindRule(rule) == nullptr ? id : rule;
}

// What can be called again as it was typed.
bool IsName(const std::string& id) {
  return !id.empty() && std::all_of(id.begin(), id.end(), [](char c) {
    return std::string_view(" \"'\\$`*?<>|&;()").find(c) == std::string_view::npos && c > ' ' &&
           c < 0x7f;
  });
}

int UnknownRule(const std::string& id) {
  std::string problem = "no rule \"" + SanitizeLine(id, 200) + "\"";
  if (const std::string_view nearest = NearestRuleId(id); !nearest.empty()) {
    problem += "; did you mean " + std::string(nearest) + "?";
  } else if (const std::string group = RulesOf(id); !group.empty()) {
    problem += "; there are " + group;
  } else if (IsName(id)) {
    problem += "; of a policy: plimsoll explain policy " + SanitizeLine(id, 200);
  }
  const std::vector<std::string> help = {"Try: plimsoll explain"};
  return SayUnable(problem, help);
}

int WritePages(const std::string& folder, const ReadinessPolicy* baseline) {
  std::vector<TreeFile> pages = {{"README.md", RuleIndexMarkdown(RuleCatalog(), baseline)}};
  for (const Rule* rule : RuleCatalog()) {
    const RulePageContext context{baseline, ExampleFor(*rule)};
    pages.push_back({std::string(rule->id) + ".md", RuleMarkdown(*rule, context)});
  }
  const Status written = WriteTree(folder, pages);
  return written ? kExitOk : SayUnable(written.error().message + "; nothing was written");
}

}  // namespace

int RunExplain(const ExplainOptions& options, Timestamp now, std::ostream& out) {
  if (options.what.size() == 2) return ExplainPolicy(options, now, out);
  const std::string rule_id = options.what.empty() ? "" : WithoutPolicy(options.what.front());
  if (rule_id == "-") return ExplainDenial(options, out);
  const LoadedPolicies loaded = LoadBaseline();
  const ReadinessPolicy* baseline = loaded.policies.empty() ? nullptr : &loaded.policies.front();
  if (!options.output.empty()) return WritePages(options.output, baseline);
  const TextStyle style = StyleFor(options.color);
  if (rule_id.empty()) {
    if (options.format == PageFormat::kMarkdown) {
      out << RuleIndexMarkdown(RuleCatalog(), baseline);
    } else {
      WriteRuleList(RuleCatalog(), style, out);
    }
    return kExitOk;
  }
  const bool all = rule_id == "all";
  if (!all && FindRule(rule_id) == nullptr) return UnknownRule(rule_id);
  bool first = true;
  for (const Rule* rule : RuleCatalog()) {
    if (!all && rule->id != rule_id) continue;
    const RulePageContext context{baseline, ExampleFor(*rule)};
    if (!first) out << '\n';
    first = false;
    if (options.format == PageFormat::kMarkdown) {
      out << RuleMarkdown(*rule, context);
    } else {
      WriteRuleText(*rule, context, style, out);
    }
  }
  return kExitOk;
}

}  // namespace plimsoll::cli

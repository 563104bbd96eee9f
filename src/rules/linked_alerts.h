// The alerts that speak of a workload: those that name it, else those that name its namespace. Alerts that speak of
// everybody name nobody (docs/adr/0072).
//
// Pure. Views live as long as the workload's document and the related objects.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "plimsoll/model/neighbours.h"
#include "plimsoll/rules/rule.h"
#include "rules/fix.h"

namespace plimsoll {

struct LinkedAlerts {
  std::span<const Alert* const> alerts;  // by name, object and group
  bool of_namespace = false;             // they name the namespace only
  bool unreadable = false;               // the namespace has some that are not understood
  std::vector<std::string> missing;      // that the workload says it has, and no rule is called
  std::vector<const Alert*> merged;  // what `alerts` shows where the workload lists some by name
};

// `keys`: annotations of the workload that list alerts by name.
LinkedAlerts FindLinkedAlerts(const RuleInput& input, Neighbours& beside,
                              const std::vector<std::string>& keys);

// Rules are known, by PrometheusRules or by rule files; else null, and the outcome is told why the rule does not apply.
Neighbours* KnownRules(const RuleInput& input, RuleOutcome& outcome);

inline constexpr std::string_view kDefaultAlertKeys = R"(["plimsoll.dev/alerts"])";
inline constexpr std::string_view kAlertKeysDescription =
    "Annotations of the workload that may list alerts by name, with commas between them, where "
    "expressions do not show whom they are about.";

// `PrometheusRule "checkout"`, `rule files of ConfigMap "alerts"`; with its namespace where it is another.
std::string WhereIs(const Alert& alert, std::string_view namespace_name);
// A patch that sets one label or annotation (`field`) of the alert: of its PrometheusRule, or of a rule file. Lists of rules
// have no merge key: it says what to put where.
std::string AlertFix(const Alert& alert, std::string_view field, std::string_view key, Yaml value);

}  // namespace plimsoll

#include "rules/linked_alerts.h"

#include <algorithm>
#include <utility>

#include "plimsoll/base/text.h"
#include "rules/related.h"

namespace plimsoll {
namespace {

// An annotation lists a handful; a text is no list.
constexpr size_t kMaxListedAlerts = 50;

}  // namespace

LinkedAlerts FindLinkedAlerts(const RuleInput& input, Neighbours& beside,
                              const std::vector<std::string>& keys) {
  const AlertIndex& index = beside.objects().alerts();
  LinkedAlerts linked;
  std::vector<const Alert*> listed;
  size_t count = 0;
  for (const std::string& key : keys) {
    const std::string_view text = input.workload.Annotation(key).value_or(std::string_view());
    for (const std::string_view part : Split(text, ',')) {
      const std::string_view name = Trim(part);
      if (name.empty() || ++count > kMaxListedAlerts) continue;
      const size_t before = listed.size();
      index.ForEachNamed(name, [&](const Alert& alert) { listed.push_back(&alert); });
      if (listed.size() == before) linked.missing.emplace_back(name);
    }
  }
  const std::vector<const Alert*>& near = beside.AlertsOfWorkload();
  if (!listed.empty()) {
    linked.merged = std::move(listed);
    linked.merged.insert(linked.merged.end(), near.begin(), near.end());
    SortAlerts(linked.merged);
    linked.alerts = linked.merged;
  } else if (!near.empty()) {
    linked.alerts = near;
  } else {
    linked.alerts = beside.AlertsOfNamespace();
    linked.of_namespace = true;
  }
  linked.unreadable = index.HasUnknownIn(input.workload.namespace_name());
  return linked;
}

Neighbours* KnownRules(const RuleInput& input, RuleOutcome& outcome) {
  Neighbours* const beside = KnownBeside(input, RelatedKind::kRuleFile);
  if (beside != nullptr && beside->objects().has_rule_files() &&
      beside->objects().KnowledgeOf(RelatedKind::kPrometheusRule) != Knowledge::kUnknown) {
    return beside;
  }
  return BesideOf(input, RelatedKind::kPrometheusRule, outcome);
}

std::string WhereIs(const Alert& alert, std::string_view namespace_name) {
  std::string text(alert.in_file ? "ConfigMap \"" : "PrometheusRule \"");
  text += alert.object.name + '"';
  if (alert.object.namespace_name != namespace_name) {
    text += " of namespace " + alert.object.namespace_name;
  }
  return text;
}

std::string AlertFix(const Alert& alert, std::string_view field, std::string_view key, Yaml value) {
  Yaml rule = Yaml::Map({{"alert", Yaml::String(alert.name)}});
  rule.Set(field, Yaml::Map({{std::string(key), std::move(value)}}));
  Yaml group = Yaml::Map(
      {{"name", Yaml::String(alert.group)},
       {"rules",
        Yaml::List({std::move(rule)}).Commented("add this to the alert; the others stay")}});
  Yaml groups = Yaml::Map({{"groups", Yaml::List({std::move(group)})}});
  if (alert.in_file) return groups.Render();
  return ObjectAt(alert.object, "monitoring.coreos.com/v1", "PrometheusRule", std::move(groups))
      .Render();
}

}  // namespace plimsoll

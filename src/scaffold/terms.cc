#include <algorithm>
#include <optional>

#include "plimsoll/rules/rule.h"
#include "plimsoll/scaffold/service.h"

namespace plimsoll {
namespace {

// One rule's parameters, by name.
class Given {
 public:
  explicit Given(const PolicyRule& rule) : rule_(rule) {}

  const std::vector<std::string>& List(std::string_view name) const {
    static const std::vector<std::string> kNone;
    const std::optional<size_t> spec = SpecOf(name);
    return spec ? rule_.parameters.List(*spec) : kNone;
  }
  std::string String(std::string_view name) const {
    const std::optional<size_t> spec = SpecOf(name);
    return spec ? rule_.parameters.String(*spec) : std::string();
  }
  int64_t Integer(std::string_view name) const {
    const std::optional<size_t> spec = SpecOf(name);
    return spec ? rule_.parameters.Integer(*spec) : 0;
  }

 private:
  std::optional<size_t> SpecOf(std::string_view name) const {
    const std::span<const ParameterSpec> specs = rule_.rule->parameters;
    for (size_t i = 0; i < specs.size(); ++i) {
      if (specs[i].name == name) return i;
    }
    return std::nullopt;
  }

  const PolicyRule& rule_;
};

void AddOnce(const std::string& text, std::vector<std::string>& list) {
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
}

void AddFirst(const std::vector<std::string>& keys, std::vector<std::string>& list) {
  if (!keys.empty()) AddOnce(keys.front(), list);
}

// Labels that satisfy a selector, as far as it says which.
void AddWanted(const LabelSelector& selector, std::vector<KeyValue>& labels) {
  for (const LabelSelector::Requirement& requirement : selector.requirements) {
    const bool there = std::any_of(labels.begin(), labels.end(), [&](const KeyValue& label) {
      return label.first == requirement.key;
    });
    if (there) continue;
    if (requirement.op == LabelSelector::Operator::kIn && !requirement.values.empty()) {
      labels.emplace_back(requirement.key, requirement.values.front());
    } else if (requirement.op == LabelSelector::Operator::kExists) {
      labels.emplace_back(requirement.key, "true");
    }
  }
}

void TakeOwner(const Given& given, ServiceTerms& terms) {
  AddFirst(given.List("keys"),
           given.String("where") == "annotation" ? terms.owner_notes : terms.owner_keys);
}

void TakeSeverities(const Given& given, ServiceTerms& terms) {
  terms.severity_key = given.String("severityKey");
  std::vector<std::string> exact;
  for (const std::string& glob : given.List("severities")) {
    if (glob.find_first_of("*?") == std::string::npos) exact.push_back(glob);
  }
  if (exact.empty()) return;
  terms.page_severity = exact.front();
  terms.ticket_severity = exact.size() > 1 ? exact[1] : exact.front();
}

void TakeRule(const PolicyRule& rule, ServiceTerms& terms) {
  const Given given(rule);
  const std::string_view id = rule.rule->id;
  if (id == "ownership.owner") TakeOwner(given, terms);
  if (id == "ownership.contact") AddFirst(given.List("keys"), terms.contact_keys);
  if (id == "ownership.app-labels") {
    for (const std::string& label : given.List("labels")) AddOnce(label, terms.app_labels);
  }
  if (id == "alerting.route") AddFirst(given.List("keys"), terms.route_keys);
  if (id == "alerting.rules") TakeSeverities(given, terms);
  if (id == "alerting.scraped") {
    const std::vector<std::string>& providers = given.List("providers");
    if (std::find(providers.begin(), providers.end(), "operator") == providers.end()) {
      terms.scrape_annotations = true;
    }
  }
  if (id == "runbook.url") {
    AddFirst(given.List("keys"), terms.runbook_keys);
    for (const std::string& host : given.List("hosts")) AddOnce(host, terms.runbook_hosts);
  }
  if (id == "runbook.alerts") AddFirst(given.List("keys"), terms.alert_runbook_keys);
  if (id == "resilience.replicas") {
    terms.replicas = std::max(terms.replicas, given.Integer("minimum"));
  }
  if (id == "resilience.spread" && !given.List("topologyKeys").empty()) {
    terms.topology_key = given.List("topologyKeys").front();
  }
}

void TakeTiers(const Tiers& tiers, ServiceTerms& terms) {
  if (tiers.values.empty()) return;
  AddOnce(tiers.label, terms.tier_labels);
  if (terms.tiers.empty()) {
    terms.tiers = tiers.values;
    terms.default_tier = tiers.default_tier;
    return;
  }
  std::erase_if(terms.tiers, [&](const std::string& tier) {
    return std::find(tiers.values.begin(), tiers.values.end(), tier) == tiers.values.end();
  });
}

}  // namespace

ServiceTerms TermsOf(const PolicySnapshot& policies) {
  ServiceTerms terms;
  for (const ReadinessPolicy& policy : policies.policies()) {
    TakeTiers(policy.tiers, terms);
    AddWanted(policy.match.object_selector, terms.object_labels);
    AddWanted(policy.match.namespace_selector, terms.namespace_labels);
    for (const PolicyRule& rule : policy.rules) TakeRule(rule, terms);
  }
  // What no policy asks for is there all the same, under its usual name: the next one will.
  if (terms.owner_keys.empty() && terms.owner_notes.empty()) {
    terms.owner_keys.emplace_back("plimsoll.dev/owner");
  }
  if (terms.route_keys.empty()) terms.route_keys.emplace_back("plimsoll.dev/alert-route");
  if (terms.runbook_keys.empty()) terms.runbook_keys.emplace_back("plimsoll.dev/runbook");
  if (terms.alert_runbook_keys.empty()) terms.alert_runbook_keys.emplace_back("runbook_url");
  return terms;
}

}  // namespace plimsoll

#include "rules/linked_alerts.h"

#include <algorithm>
#include <array>
#include <span>
#include <tuple>
#include <utility>

#include "plimsoll/base/text.h"
#include "rules/related.h"

namespace plimsoll {
namespace {

// As the controllers name what they make: letters and digits of k8s.io/apimachinery/pkg/util/rand. All of the template's
// digest are hexadecimal, too, for expressions that think it is. A ReplicaSet is one digest less than its pods.
constexpr std::array<std::string_view, 4> kOfReplicaSets = {"-5d4f8c7b9d", "-5d4f8c7b9d-x2c4z",
                                                            "-5d4f8c7b9-x2c4z", "-5d4f8c7b-x2c4z"};
constexpr std::array<std::string_view, 3> kInOrder = {"-0", "-1", "-2"};
constexpr std::array<std::string_view, 1> kAtRandom = {"-x2c4z"};
constexpr std::array<std::string_view, 2> kOfCronJobs = {"-29012345", "-29012345-x2c4z"};
constexpr std::array<std::string_view, 1> kItself = {""};

// An annotation lists a handful; a text is no list.
constexpr size_t kMaxListedAlerts = 50;

std::span<const std::string_view> PodEnds(WorkloadKind kind) {
  switch (kind) {
    case WorkloadKind::kDeployment:
    case WorkloadKind::kRollout:
      return kOfReplicaSets;
    case WorkloadKind::kStatefulSet:
      return kInOrder;
    case WorkloadKind::kCronJob:
      return kOfCronJobs;
    case WorkloadKind::kPod:
      return kItself;
    default:
      return kAtRandom;
  }
}

void AddService(std::string_view name, AlertCandidate& candidate) {
  std::vector<std::string_view>& services = candidate.services;
  if (name.empty() || std::find(services.begin(), services.end(), name) != services.end()) return;
  services.push_back(name);
}

AlertCandidate CandidateOf(const Workload& workload, const RelatedObjects& related) {
  AlertCandidate candidate;
  candidate.namespace_name = workload.namespace_name();
  candidate.kind = workload.kind();
  candidate.name = workload.name();
  candidate.pod_ends = PodEnds(workload.kind());
  candidate.containers = workload.containers();
  candidate.services.reserve(8);  // more than most have names
  AddService(candidate.name, candidate);
  for (const std::string_view key :
       {"app.kubernetes.io/name", "app.kubernetes.io/instance", "app", "k8s-app"}) {
    AddService(workload.TemplateLabel(key).value_or(std::string_view()), candidate);
  }
  related.ForEachService(candidate.namespace_name, workload.template_labels(),
                         [&](const Service& service) { AddService(service.name, candidate); });
  related.ForEachPodMonitor(
      candidate.namespace_name, workload.template_labels(),
      [&](const Monitor& monitor) { AddService(monitor.key.name, candidate); });
  return candidate;
}

bool Before(const Alert* a, const Alert* b) {
  return std::tie(a->name, a->object, a->group) < std::tie(b->name, b->object, b->group);
}

void SortUnique(std::vector<const Alert*>& alerts) {
  std::sort(alerts.begin(), alerts.end(), [](const Alert* a, const Alert* b) {
    return Before(a, b) || (!Before(b, a) && a < b);
  });
  alerts.erase(std::unique(alerts.begin(), alerts.end()), alerts.end());
}

}  // namespace

LinkedAlerts FindLinkedAlerts(const RuleInput& input, const RelatedObjects& related,
                              const std::vector<std::string>& keys) {
  const AlertCandidate candidate = CandidateOf(input.workload, related);
  LinkedAlerts linked;
  std::vector<const Alert*> of_namespace;
  related.alerts().ForEachNear(candidate, [&](const Alert& alert) {
    const AlertScope scope = ScopeOf(alert, candidate);
    if (scope == AlertScope::kWorkload) linked.alerts.push_back(&alert);
    if (scope == AlertScope::kNamespace) of_namespace.push_back(&alert);
  });
  size_t listed = 0;
  for (const std::string& key : keys) {
    const std::string_view text = input.workload.Annotation(key).value_or(std::string_view());
    for (const std::string_view part : Split(text, ',')) {
      const std::string_view name = Trim(part);
      if (name.empty() || ++listed > kMaxListedAlerts) continue;
      const size_t before = linked.alerts.size();
      related.alerts().ForEachNamed(name,
                                    [&](const Alert& alert) { linked.alerts.push_back(&alert); });
      if (linked.alerts.size() == before) linked.missing.emplace_back(name);
    }
  }
  if (linked.alerts.empty()) {
    linked.alerts = std::move(of_namespace);
    linked.of_namespace = true;
  }
  SortUnique(linked.alerts);
  linked.unreadable = related.alerts().HasUnknownIn(candidate.namespace_name);
  return linked;
}

const RelatedObjects* KnownRules(const RuleInput& input, RuleOutcome& outcome) {
  const RelatedObjects* const related = input.environment.related;
  if (related != nullptr && related->Knows(RelatedKind::kRuleFile) && related->has_rule_files() &&
      related->KnowledgeOf(RelatedKind::kPrometheusRule) != Knowledge::kUnknown) {
    return related;
  }
  return RelatedOf(input, RelatedKind::kPrometheusRule, outcome);
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

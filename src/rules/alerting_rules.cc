#include <algorithm>
#include <string>
#include <vector>

#include "plimsoll/base/text.h"
#include "rules/builtin.h"
#include "rules/linked_alerts.h"
#include "rules/metadata.h"
#include "rules/placeholder.h"
#include "rules/related.h"

namespace plimsoll {
namespace {

constexpr size_t kShownBytes = 60;

enum Spec : size_t { kAlertKeys, kSeverityKey, kSeverities };

constexpr ParameterSpec kParameters[] = {
    {.name = "alertKeys",
     .type = ParameterType::kKeyList,
     .default_json = kDefaultAlertKeys,
     .description = kAlertKeysDescription},
    {.name = "severityKey",
     .type = ParameterType::kString,
     .default_json = "\"severity\"",
     .description = "The label of an alert that says how severe it is; empty: none is asked for."},
    {.name = "severities",
     .type = ParameterType::kGlobList,
     .default_json = "[]",
     .description =
         "What its value may be, such as `page`; empty: anything that is no placeholder."},
};

// ---- no alert ----

// An expression that is true while the workload does not work, by what kube-state-metrics tells of every cluster.
std::string SuggestExpression(const Workload& workload) {
  const std::string where = workload.namespace_name().empty()
                                ? std::string()
                                : "namespace=\"" + std::string(workload.namespace_name()) + "\", ";
  const std::string& name = workload.name();
  switch (workload.kind()) {
    case WorkloadKind::kDeployment:
      return "kube_deployment_status_replicas_available{" + where + "deployment=\"" + name +
             "\"} == 0";
    case WorkloadKind::kStatefulSet:
      return "kube_statefulset_status_replicas_ready{" + where + "statefulset=\"" + name +
             "\"} == 0";
    case WorkloadKind::kDaemonSet:
      return "kube_daemonset_status_number_unavailable{" + where + "daemonset=\"" + name +
             "\"} > 0";
    case WorkloadKind::kReplicaSet:
      return "kube_replicaset_status_ready_replicas{" + where + "replicaset=\"" + name + "\"} == 0";
    case WorkloadKind::kCronJob:
      return "kube_job_status_failed{" + where + "job_name=~\"" + name + "-.*\"} > 0";
    default:
      return "kube_pod_status_ready{" + where + "pod=~\"" + name + ".*\", condition=\"true\"} == 0";
  }
}

std::string Severity(const RuleInput& input) {
  for (const std::string& glob : input.parameters.List(kSeverities)) {
    if (glob.find_first_of("*?") == std::string::npos) return glob;
  }
  return "page";
}

std::string AddAlert(const RuleInput& input) {
  const Workload& workload = input.workload;
  Yaml rule =
      Yaml::Map({{"alert", Yaml::String("WorkloadUnavailable")
                               .Commented("replace with a name and an expression of yours")},
                 {"expr", Yaml::String(SuggestExpression(workload))},
                 {"for", Yaml::String("5m")}});
  if (const std::string& key = input.parameters.String(kSeverityKey); !key.empty()) {
    rule.Set("labels", Yaml::Map({{key, Yaml::String(Severity(input))}}));
  }
  rule.Set("annotations",
           Yaml::Map({{"runbook_url",
                       Yaml::String("https://runbooks.corp.internal/" + SuggestedName(workload))
                           .Commented("replace with the URL of its runbook")}}));
  Yaml group = Yaml::Map(
      {{"name", Yaml::String(ObjectName(workload))}, {"rules", Yaml::List({std::move(rule)})}});
  return ObjectIn(workload, "monitoring.coreos.com/v1", "PrometheusRule", ObjectName(workload),
                  Yaml::Map({{"groups", Yaml::List({std::move(group)})}}))
      .Render();
}

Violation NoAlert(const RuleInput& input) {
  const Workload& workload = input.workload;
  Violation violation;
  violation.path = "metadata.name";
  violation.message = "no alert rule names " + Subject(workload) +
                      (workload.namespace_name().empty()
                           ? std::string()
                           : " or namespace " + std::string(workload.namespace_name())) +
                      ", so nobody is woken when it fails";
  violation.observed = "no alert names it";
  violation.required = "at least one alert that names the workload or its namespace";
  violation.fix = AddAlert(input);
  violation.identity = "alert";
  return violation;
}

// What is left of the annotation without the alerts that there are not.
Yaml WithoutMissing(const RuleInput& input, const std::vector<std::string>& missing) {
  const std::string& key = input.parameters.List(kAlertKeys).front();
  std::string left;
  for (const std::string_view part :
       Split(input.workload.Annotation(key).value_or(std::string_view()), ',')) {
    const std::string name(Trim(part));
    if (name.empty() || std::find(missing.begin(), missing.end(), name) != missing.end()) continue;
    left += (left.empty() ? "" : ", ") + name;
  }
  return left.empty() ? Yaml::Null() : Yaml::String(left);
}

Violation NoSuchAlert(const RuleInput& input, const std::string& name,
                      const std::vector<std::string>& missing) {
  const Workload& workload = input.workload;
  const std::string& key = input.parameters.List(kAlertKeys).front();
  Violation violation;
  violation.path = PathAt(workload, Place::kAnnotation, key);
  violation.message = Subject(workload) + " names the alert \"" + SanitizeLine(name, kShownBytes) +
                      "\", and no alert rule is called that";
  violation.observed = SanitizeLine(name, kShownBytes);
  violation.required = "names of alerts that there are";
  violation.fix = AnnotationFix(key, WithoutMissing(input, missing));
  violation.identity = "named\n" + name;
  return violation;
}

// ---- severity ----

bool HasSeverity(const RuleInput& input, const Alert& alert) {
  const std::optional<std::string_view> value =
      KeptLabels{alert.labels}.Find(input.parameters.String(kSeverityKey));
  if (!value || IsPlaceholder(*value)) {
    // A template is filled in when the alert fires.
    return value && value->find("{{") != std::string_view::npos;
  }
  const std::vector<std::string>& allowed = input.parameters.List(kSeverities);
  return allowed.empty() || std::any_of(allowed.begin(), allowed.end(),
                                        [&](const auto& glob) { return GlobMatch(glob, *value); });
}

Violation NoSeverity(const RuleInput& input, const Alert& alert) {
  const std::string& key = input.parameters.String(kSeverityKey);
  const std::optional<std::string_view> value = KeptLabels{alert.labels}.Find(key);
  const std::vector<std::string>& allowed = input.parameters.List(kSeverities);
  Violation violation;
  violation.path = "metadata.name";
  violation.message = "alert \"" + SanitizeLine(alert.name, kShownBytes) + "\" (" +
                      WhereIs(alert, input.workload.namespace_name()) + ") has " +
                      (value ? key + " \"" + SanitizeLine(*value, kShownBytes) +
                                   "\", which says nothing to those who route it"
                             : "no label " + key + ", so nobody knows whether to wake somebody");
  violation.observed = value ? SanitizeLine(*value, kShownBytes) : "not set";
  violation.required =
      allowed.empty() ? "a label " + key : "a label " + key + ": " + JoinKeys(allowed);
  violation.fix =
      AlertFix(alert, "labels", key,
               Yaml::String(Severity(input)).Commented("replace with how severe it is"));
  violation.identity = "severity\n" + alert.name + '\n' + alert.object.namespace_name + '/' +
                       alert.object.name + '\n' + alert.group;
  return violation;
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  if (input.workload.runs_to_completion() && input.workload.kind() != WorkloadKind::kCronJob) {
    outcome.NotApplicable("it runs once, and whoever started it waits for it");
    return;
  }
  Neighbours* const beside = KnownRules(input, outcome);
  if (beside == nullptr) return;
  const LinkedAlerts linked = FindLinkedAlerts(input, *beside, input.parameters.List(kAlertKeys));
  for (const std::string& name : linked.missing) {
    outcome.Fail([&] { return NoSuchAlert(input, name, linked.missing); });
  }
  if (linked.alerts.empty() && linked.unreadable) {
    outcome.NotApplicable("its namespace has alert rules whose expressions are not understood");
    return;
  }
  if (linked.alerts.empty()) {
    outcome.Fail([&] { return NoAlert(input); });
    return;
  }
  if (input.parameters.String(kSeverityKey).empty()) return;
  const Alert* last = nullptr;  // one name in one group may have several thresholds
  for (const Alert* alert : linked.alerts) {
    if (HasSeverity(input, *alert)) continue;
    const bool told = last != nullptr && last->name == alert->name &&
                      last->object == alert->object && last->group == alert->group;
    if (!told) outcome.Fail([&] { return NoSeverity(input, *alert); });
    last = alert;
  }
}

constexpr Rule kRule = {
    .id = "alerting.rules",
    .title = "An alert names it, and says how severe it is",
    .rationale =
        "A route for alerts wakes nobody if there is no alert. The service had an owner, a runbook "
        "and a pager, and was down for six hours on a Sunday, because the only rule that would "
        "have seen it was the one that somebody was going to write.",
    .remediation =
        "Write at least one alert whose expression or labels name the workload (deployment=, "
        "pod=~, job=, service=, app=) or its namespace, as a PrometheusRule, or in a rule file of a "
        "ConfigMap with the label plimsoll.dev/prometheus-rules: \"true\". Give each a severity. "
        "Alerts about everything (up == 0) name nobody. Where expressions do not show it, list "
        "the alerts' names in the annotation plimsoll.dev/alerts.",
    .parameters = kParameters,
    .evaluate = Evaluate,
    .sources =
        "https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/, "
        "https://sre.google/sre-book/monitoring-distributed-systems/",
    .rule_class = RuleClass::kCrossObject,
    .needs = {RelatedKind::kPrometheusRule, RelatedKind::kRuleFile, RelatedKind::kService,
              RelatedKind::kPodMonitor},
};

}  // namespace

const Rule& AlertingRulesRule() { return kRule; }

}  // namespace plimsoll

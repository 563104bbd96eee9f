#include <algorithm>
#include <optional>
#include <string>

#include "plimsoll/base/text.h"
#include "rules/builtin.h"
#include "rules/linked_alerts.h"
#include "rules/metadata.h"
#include "rules/runbook_parameters.h"
#include "rules/url.h"

namespace plimsoll {
namespace {

constexpr size_t kShownBytes = 120;

enum Spec : size_t { kKeys, kAlertKeys, kHosts, kSchemes };

constexpr ParameterSpec kParameters[] = {
    {.name = "keys",
     .type = ParameterType::kKeyList,
     .default_json = R"(["runbook_url","runbook"])",
     .description = "Annotations of an alert that may hold the link; the first that does counts."},
    {.name = "alertKeys",
     .type = ParameterType::kKeyList,
     .default_json = kDefaultAlertKeys,
     .description = kAlertKeysDescription},
    kRunbookHosts,
    kRunbookSchemes,
};

UrlRequirements Requirements(const RuleInput& input) {
  return {input.parameters.List(kSchemes), input.parameters.List(kHosts)};
}

// What Prometheus fills in when the alert fires cannot be judged; that a link is meant can be seen.
bool IsTemplate(std::string_view value) {
  return value.find("{{") != std::string_view::npos && value.find("://") != std::string_view::npos;
}

struct Link {
  std::string_view key;
  std::string_view value;
  UrlVerdict verdict{UrlGrade::kUseless, ""};
};

// The best link of an alert; nothing where it has none at all.
std::optional<Link> LinkOf(const RuleInput& input, const Alert& alert) {
  std::optional<Link> best;
  for (const std::string& key : input.parameters.List(kKeys)) {
    const std::optional<std::string_view> value = KeptLabels{alert.annotations}.Find(key);
    if (!value) continue;
    UrlVerdict verdict = IsTemplate(*value) ? UrlVerdict{UrlGrade::kGood, ""}
                                            : JudgeUrl(Trim(*value), Requirements(input));
    if (!best || verdict.grade < best->verdict.grade) best = Link{key, *value, std::move(verdict)};
  }
  return best;
}

std::string Suggested(const RuleInput& input) {
  const std::string name = SuggestedName(input.workload);
  for (const std::string& host : input.parameters.List(kHosts)) {
    const std::string full = host.starts_with("*.") ? "runbooks" + host.substr(1) : host;
    std::string url = input.parameters.List(kSchemes).front() + "://" + full + "/" + name;
    if (JudgeUrl(url, Requirements(input)).grade == UrlGrade::kGood) return url;
  }
  return input.parameters.List(kSchemes).front() + "://runbooks.corp.internal/" + name;
}

Violation Bad(const RuleInput& input, const Alert& alert, const std::optional<Link>& link) {
  const std::string& first = input.parameters.List(kKeys).front();
  const std::string key(link ? link->key : std::string_view(first));
  Violation violation;
  violation.path = "metadata.name";
  violation.message = "alert \"" + SanitizeLine(alert.name, kShownBytes) + "\" (" +
                      WhereIs(alert, input.workload.namespace_name()) + ") ";
  if (link) {
    violation.message += "has the annotation " + key + ", whose URL " + link->verdict.problem;
    Url url;
    (void)Url::Parse(Trim(link->value), url);
    violation.observed = url.has_userinfo() ? "a URL with a user name or password (not shown)"
                                            : SanitizeLine(link->value, kShownBytes);
    if (violation.observed.empty()) violation.observed = "empty";
  } else {
    violation.message += "links no runbook, so whoever it wakes starts from nothing";
    violation.observed = "not set";
  }
  violation.required =
      "the URL of one page" + (input.parameters.List(kHosts).empty()
                                   ? std::string()
                                   : " on " + JoinKeys(input.parameters.List(kHosts)));
  violation.fix =
      AlertFix(alert, "annotations", key,
               Yaml::String(Suggested(input)).Commented("replace with the URL of its runbook"));
  const bool weak = link && link->verdict.grade == UrlGrade::kWeak;
  violation.identity = (weak ? "front page\n" : "runbook\n") + alert.name + '\n' +
                       alert.object.namespace_name + '/' + alert.object.name + '\n' + alert.group;
  if (weak) violation.strongest = Action::kWarn;
  return violation;
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  if (input.parameters.List(kKeys).empty()) {
    outcome.NotApplicable("the policy lists no keys to look for");
    return;
  }
  Neighbours* const beside = KnownRules(input, outcome);
  if (beside == nullptr) return;
  const LinkedAlerts linked = FindLinkedAlerts(input, *beside, input.parameters.List(kAlertKeys));
  if (linked.alerts.empty()) {
    outcome.NotApplicable("no alert names it");
    return;
  }
  const Alert* last = nullptr;
  for (const Alert* alert : linked.alerts) {
    const std::optional<Link> link = LinkOf(input, *alert);
    if (link && link->verdict.grade == UrlGrade::kGood) continue;
    const bool told = last != nullptr && last->name == alert->name &&
                      last->object == alert->object && last->group == alert->group;
    if (!told) outcome.Fail([&] { return Bad(input, *alert, link); });
    last = alert;
  }
}

constexpr Rule kRule = {
    .id = "runbook.alerts",
    .title = "Each of its alerts links a runbook",
    .rationale =
        "The page says KafkaConsumerLagHigh. Whoever it wakes has never heard of the consumer, "
        "and the runbook of the service is forty pages long. A link from the alert itself to what "
        "to do about it is the difference between five minutes and an hour; in public rule "
        "sets half of all alerts have none, and many of the rest lead to pages that do not exist "
        "(kube-prometheus#731).",
    .remediation =
        "Give each alert that names the workload the annotation runbook_url with the URL of the "
        "page, or the section, that says what to do when it fires. The same is asked of the URL as "
        "of runbook.url: a host that people on call can reach by name, the path of one page.",
    .parameters = kParameters,
    .evaluate = Evaluate,
    .sources =
        "https://runbooks.prometheus-operator.dev/, "
        "https://github.com/prometheus-operator/kube-prometheus/issues/731, "
        "https://github.com/kubernetes-monitoring/kubernetes-mixin/issues/685",
    .rule_class = RuleClass::kCrossObject,
    .needs = {RelatedKind::kPrometheusRule, RelatedKind::kRuleFile, RelatedKind::kService,
              RelatedKind::kPodMonitor},
};

}  // namespace

const Rule& RunbookAlertsRule() { return kRule; }

}  // namespace plimsoll

#include <algorithm>
#include <string>

#include "plimsoll/base/text.h"
#include "rules/builtin.h"
#include "rules/metadata.h"
#include "rules/owner_team.h"
#include "rules/pattern.h"
#include "rules/placeholder.h"
#include "rules/suggest.h"

namespace plimsoll {
namespace {

constexpr size_t kShownBytes = 80;
// Longer is no route but a document.
constexpr size_t kMaxRouteBytes = 1024;

enum Spec : size_t { kKeys, kPattern, kCredentialKeys };

constexpr ParameterSpec kParameters[] = {
    {.name = "keys",
     .type = ParameterType::kKeyList,
     .default_json = R"(["plimsoll.dev/alert-route","pagerduty.com/service-id",)"
                     R"("opsgenie.com/component-selector","opsgenie.com/team"])",
     .description =
         "Annotations (or labels) that may say where alerts go, on the workload, its pod "
         "template or its namespace; the first that does counts."},
    {.name = "pattern",
     .type = ParameterType::kPattern,
     .default_json = "\"\"",
     .description = "What a route looks like, such as `(pagerduty|slack):.+`; empty: anything that "
                    "is no placeholder."},
    {.name = "credentialKeys",
     .type = ParameterType::kKeyList,
     .default_json = R"(["pagerduty.com/integration-key"])",
     .description = "Keys whose values are credentials: found on a workload, where everybody who "
                    "may read it can copy them, they are reported as leaked."},
};

bool IsRoute(std::string_view text, const re2::RE2* pattern) {
  const std::string_view route = Trim(text);
  if (route.size() > kMaxRouteBytes || IsPlaceholder(route)) return false;
  const bool one_line = std::none_of(route.begin(), route.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  return one_line && MatchesWhole(pattern, route);
}

bool IsRoute(JsonView value, const re2::RE2* pattern) {
  return value.is_string() && IsRoute(value.text(), pattern);
}

// Of the owner's entry in the directory of teams.
bool TeamHasRoute(const Team* team, const re2::RE2* pattern) {
  return team != nullptr &&
         std::any_of(team->alert_routes.begin(), team->alert_routes.end(),
                     [pattern](const std::string& route) { return IsRoute(route, pattern); });
}

bool NamespaceHasRoute(const RuleInput& input, const re2::RE2* pattern) {
  const std::vector<std::string>& keys = input.parameters.List(kKeys);
  return std::any_of(keys.begin(), keys.end(), [&](const std::string& key) {
    return IsRoute(input.environment.namespace_annotations[key], pattern);
  });
}

std::string Problem(const RuleInput& input, const Declared& bad) {
  const std::string where = NameAt(bad.place, bad.key) + " of " + Subject(input.workload);
  if (!bad.value.is_string()) {
    return where + " is of type " + std::string(JsonKindName(bad.value.kind())) + ", not a string";
  }
  const std::string shown = "\"" + SanitizeLine(bad.text(), kShownBytes) + "\"";
  if (Trim(bad.text()).empty()) return where + " is empty, so its alerts wake nobody";
  if (IsPlaceholder(bad.text())) {
    return where + " has the placeholder " + shown + ", so its alerts wake nobody";
  }
  const re2::RE2* pattern = input.parameters.Pattern(kPattern);
  if (pattern != nullptr)
    return where + " has " + shown + ", which is no route" + ThatMatches(pattern);
  return where + " has " + shown + ", which is no route";
}

Violation Missing(const RuleInput& input, const std::optional<Declared>& bad, const Team* owner) {
  const Workload& workload = input.workload;
  const re2::RE2* pattern = input.parameters.Pattern(kPattern);
  const std::vector<std::string>& keys = input.parameters.List(kKeys);
  const Declared target = bad.value_or(Declared{keys.front(), Place::kAnnotation, JsonView()});
  const std::string team = SuggestTeam(workload);
  const std::string route =
      SuggestMatching(pattern, {team, "team-" + team, "#" + team, "slack:#" + team});
  Violation violation;
  violation.path = PathAt(workload, target.place, target.key);
  violation.message =
      bad ? Problem(input, *bad)
          : Subject(workload) + " has no route for its alerts, so nobody is woken when it fails";
  violation.observed = ObservedAt(bad);
  violation.required =
      "a route" + ThatMatches(pattern) + " under " + JoinKeys(keys) + ", here or on the namespace";
  if (owner != nullptr)
    violation.required += ", or in the directory's entry of team " + owner->slug;
  violation.fix =
      ObjectFix(PatchAt(workload, target.place, target.key,
                        Yaml::String(route).Commented("replace with where the team's alerts go" +
                                                      ThatMatches(pattern))));
  violation.identity = "route";
  violation.strongest = StrongestWithout(input);
  return violation;
}

// Never shows the value: findings are printed in terminals, CI logs and reports.
Violation Leaked(const RuleInput& input, Place place, std::string_view key) {
  Violation violation;
  violation.path = PathAt(input.workload, place, key);
  violation.message = NameAt(place, key) + " of " + Subject(input.workload) +
                      " holds a credential that everybody who can read the object can copy";
  violation.observed = std::string(key) + ": set (value not shown)";
  violation.required = "no credential in metadata";
  violation.fix = ObjectFix(
      PatchAt(input.workload, place, key,
              Yaml::Null().Commented(
                  "replace the leaked key at its provider; keep the new one in a Secret")));
  violation.identity = NameAt(place, key);
  return violation;
}

void ReportLeaks(const RuleInput& input, RuleOutcome& outcome) {
  constexpr Place kPlaces[] = {Place::kLabel, Place::kAnnotation, Place::kTemplateLabel,
                               Place::kTemplateAnnotation};
  const Places all;
  for (const std::string& key : input.parameters.List(kCredentialKeys)) {
    for (const Place place : kPlaces) {
      if (!all.Includes(place, input.workload.kind())) continue;
      const JsonView value = MapAt(input.workload, place)[key];
      if (value.is_string() && !IsPlaceholder(value.text())) {
        outcome.Fail(Leaked(input, place, key));
      }
    }
  }
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  ReportLeaks(input, outcome);
  const std::vector<std::string>& keys = input.parameters.List(kKeys);
  if (keys.empty()) {
    outcome.NotApplicable("the policy lists no keys to look for");
    return;
  }
  const re2::RE2* pattern = input.parameters.Pattern(kPattern);
  const Lookup lookup = FindDeclared(
      input.workload, keys, Places(),
      [pattern](const Declared& declared) { return IsRoute(declared.value, pattern); });
  if (lookup.good || NamespaceHasRoute(input, pattern)) return;
  const Team* owner = OwnerTeam(input);
  if (TeamHasRoute(owner, pattern)) {
    outcome.Note(InheritedFrom(*owner));
  } else {
    outcome.Fail(Missing(input, lookup.bad, owner));
  }
}

constexpr Rule kRule = {
    .id = "alerting.route",
    .title = "Alerts about the workload have somewhere to go",
    .rationale =
        "The alert fires on time, matches no route and lands with the default receiver, a channel "
        "with four hundred messages a day. Nobody is woken, and the outage is found in the morning "
        "by the support desk. A route on the workload, or on its namespace, is what the alert "
        "rules "
        "and the on-call tool need to reach the right people.",
    .remediation =
        "Add the annotation plimsoll.dev/alert-route (or the one of your on-call tool, such as "
        "pagerduty.com/service-id) with the service, schedule or channel that takes the alerts, "
        "on the workload, once on its namespace, or once for all workloads of a team in its entry "
        "of the directory of teams. Never put an integration key there: that is a "
        "credential, and belongs in a Secret.",
    .parameters = kParameters,
    .evaluate = Evaluate,
    .sources =
        "https://github.com/PagerDuty/backstage-plugin (pagerduty.com/service-id), "
        "https://github.com/K-Phoen/backstage-plugin-opsgenie (opsgenie.com/component-selector)",
};

}  // namespace

const Rule& AlertingRouteRule() { return kRule; }

}  // namespace plimsoll

#include <algorithm>
#include <string>

#include "scaffold/manifests.h"
#include "scaffold/text.h"

namespace plimsoll {
namespace {

constexpr std::string_view kRunbook = R"(
# @NAME@: runbook

For whoever is woken by it and did not write it. Publish this page, and put its address where `@KEY@` is.
What is in <angle brackets> is for its people to fill in, before the first release.

| | |
|---|---|
| Owner | @OWNER@ |
| Tier | @TIER@ |
| Namespace | @NAMESPACE@ |
| Alerts go to | @ROUTE@ |
| Reach its people | @CONTACT@ |
| If they do not answer | <who decides then> |

## What it does

<Two sentences: who uses it, and what they cannot do while it is away.>

## Does it work?

- `@KUBECTL@ get deployment/@NAME@`: as many ready as wanted.
- `@KUBECTL@ get --raw "/api/v1/namespaces/@NAMESPACE_OR_DEFAULT@/services/@NAME@:http/proxy/readyz"`: answers.
- Dashboard: <address>
- A request that a user would make: <command, and what it answers>

## What it depends on, and who on it

| | If it is away |
|---|---|
| <database, queue, other service> | <what still works, what does not> |

Used by: <services and people>

## Put it back in order

- **Roll back**: `@KUBECTL@ rollout undo deployment/@NAME@`. <When that is not safe: migrations, formats.>
- **Restart**: `@KUBECTL@ rollout restart deployment/@NAME@`. One replica after the other, no request is lost.
- **More of it**: @SCALE@
- **Turn it off**: <a switch, or how to keep users away from it>
- **Data**: <what is stored where, how it is restored, how much may be lost>

## Alerts

@ALERTS@

## Known trouble

<What has happened before, how it showed, what helped. After every incident, add to it.>
)";

std::string AlertSections(const ServicePlan& plan) {
  std::string text;
  for (const PlannedAlert& alert : PlanAlerts(plan, "")) {
    if (!text.empty()) text += '\n';
    text +=
        "### " + alert.name + "\n\n" + alert.summary +
        (alert.page ? " Somebody is woken.\n\n" : " It can wait until the morning.\n\n") +
        alert.first_steps +
        std::to_string(1 + std::count(alert.first_steps.begin(), alert.first_steps.end(), '\n')) +
        ". Still no idea: <whom to call>\n";
  }
  return text;
}

std::string Or(const std::string& text, std::string_view otherwise) {
  return text.empty() ? std::string(otherwise) : text;
}

}  // namespace

std::string WriteRunbook(const ServicePlan& plan, const ServiceTerms& terms) {
  const std::string kubectl =
      "kubectl" + (plan.namespace_name.empty() ? "" : " -n " + plan.namespace_name);
  const std::string scale =
      plan.max_replicas > 0
          ? "`" + kubectl + " patch hpa/" + plan.name + " -p '{\"spec\":{\"minReplicas\":6}}'`."
          : "`" + kubectl + " scale deployment/" + plan.name + " --replicas=6`.";
  return Fill(kRunbook, {{"NAME", plan.name},
                         {"KEY", terms.runbook_keys.front()},
                         {"OWNER", plan.owner},
                         {"TIER", Or(terms.tier_labels.empty() ? "" : plan.tier, "none")},
                         {"NAMESPACE", Or(plan.namespace_name, "<namespace>")},
                         {"NAMESPACE_OR_DEFAULT", Or(plan.namespace_name, "default")},
                         {"ROUTE", Or(plan.alert_route, "<service, schedule or channel>")},
                         {"CONTACT", Or(plan.contact, "<channel or address>")},
                         {"KUBECTL", kubectl},
                         {"SCALE", scale},
                         {"ALERTS", AlertSections(plan)}});
}

}  // namespace plimsoll

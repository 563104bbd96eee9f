#include <string>

#include "plimsoll/base/text.h"
#include "rules/builtin.h"
#include "rules/metadata.h"
#include "rules/placeholder.h"
#include "rules/slug.h"

namespace plimsoll {
namespace {

constexpr size_t kShownBytes = 80;

enum Spec : size_t { kLabels };

constexpr ParameterSpec kParameters[] = {
    {.name = "labels",
     .type = ParameterType::kKeyList,
     .default_json = R"(["app.kubernetes.io/name","app.kubernetes.io/part-of"])",
     .description = "The labels that must be there, each on the workload or on its pod template."},
};

bool IsGood(const Declared& declared) {
  return IsSlug(declared.text()) && !IsPlaceholder(declared.text());
}

// The name for "name", the namespace or the name for what it is a part of.
std::string Suggested(const Workload& workload, std::string_view key) {
  std::string name = SuggestedName(workload);
  if (!key.ends_with("part-of") || workload.namespace_name() == "default") return name;
  return MakeSlug(workload.namespace_name(), name);
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  const Workload& workload = input.workload;
  if (input.parameters.List(kLabels).empty()) {
    outcome.NotApplicable("the policy lists no labels to look for");
    return;
  }
  for (const std::string& key : input.parameters.List(kLabels)) {
    // One list of one key would be built on each call; look at the two places by hand.
    const Declared here{key, Place::kLabel, MapAt(workload, Place::kLabel)[key]};
    const Declared below{key, Place::kTemplateLabel, MapAt(workload, Place::kTemplateLabel)[key]};
    if (IsGood(here) || IsGood(below)) continue;
    const bool only_below = !here.value.present() && below.value.present();
    const Declared& bad = only_below ? below : here;
    Violation violation;
    violation.path = PathAt(workload, bad.place, key);
    if (bad.value.present()) {
      violation.message = NameAt(bad.place, key) + " of " + Subject(workload) + " is \"" +
                          SanitizeLine(bad.text(), kShownBytes) + "\", which names nothing";
      violation.observed = ObservedAt(bad);
    } else {
      violation.message = Subject(workload) + " has no label \"" + key +
                          "\", so tools cannot tell which application it is a part of";
      violation.observed = "not set";
    }
    violation.required = "a name that is no placeholder";
    violation.fix = ObjectFix(PatchAt(
        workload, bad.place, key,
        Yaml::String(Suggested(workload, key)).Commented("replace with the application's name")));
    violation.identity = key;
    outcome.Fail(std::move(violation));
  }
}

constexpr Rule kRule = {
    .id = "ownership.app-labels",
    .title = "The workload carries the recommended application labels",
    .rationale =
        "During an outage of the checkout nobody can list what belongs to it: one Deployment is "
        "labelled app, the next k8s-app, the third name. Dashboards and cost reports show three "
        "applications where there is one. The labels that Kubernetes recommends give all tools the "
        "same answer.",
    .remediation =
        "Set app.kubernetes.io/name to the application's name and app.kubernetes.io/part-of to the "
        "larger one it belongs to, in metadata.labels. They need not be in the selector.",
    .parameters = kParameters,
    .evaluate = Evaluate,
    .sources = "https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/",
};

}  // namespace

const Rule& OwnershipAppLabelsRule() { return kRule; }

}  // namespace plimsoll

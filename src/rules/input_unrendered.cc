#include <string>

#include "plimsoll/base/text.h"
#include "rules/builtin.h"
#include "rules/fix.h"
#include "rules/image_fix.h"
#include "rules/metadata.h"
#include "rules/notes.h"
#include "rules/placeholder.h"
#include "rules/probe.h"

namespace plimsoll {
namespace {

constexpr size_t kShownBytes = 80;
constexpr std::string_view kComment = "replace with what your renderer makes of it";

// Also one half of an expression: a value cut in two by YAML.
bool IsUnrendered(std::string_view value) {
  return HasTemplateExpression(value) || value.find("{{") != std::string_view::npos ||
         value.starts_with("ko://");
}

Violation Unrendered(const std::string& what, std::string_view value, std::string path,
                     std::string fix) {
  Violation violation;
  violation.message = what +
                      " is still a template, so nobody knows yet what will run: render first "
                      "(helm template, kustomize build, ko resolve)";
  violation.observed = SanitizeLine(value, kShownBytes);
  violation.required = "a rendered value";
  violation.fix = std::move(fix);
  violation.identity = path;
  violation.path = std::move(path);
  return violation;
}

void CheckNames(const Workload& workload, RuleOutcome& outcome) {
  for (const std::string_view field : {"name", "generateName", "namespace"}) {
    const std::string_view value = workload.metadata()[field].StringOrEmpty();
    if (!IsUnrendered(value)) continue;
    Yaml metadata = Yaml::Map();
    metadata.Set(field, Yaml::String(field == "namespace" ? "default" : SuggestedName(workload))
                            .Commented(kComment));
    outcome.Fail(Unrendered(
        "the " + std::string(field) + " of the " + std::string(WorkloadKindName(workload.kind())),
        value, "metadata." + std::string(field),
        ObjectFix(Yaml::Map({{"metadata", std::move(metadata)}}))));
  }
}

void CheckLabels(const Workload& workload, RuleOutcome& outcome) {
  const Places all;
  for (const Place place : {Place::kLabel, Place::kTemplateLabel}) {
    if (!all.Includes(place, workload.kind())) continue;
    for (const JsonMember label : MapAt(workload, place).members()) {
      const std::string_view value = label.value.StringOrEmpty();
      if (!IsUnrendered(value)) continue;
      outcome.Fail(Unrendered(
          NameAt(place, SanitizeLine(label.key, kShownBytes)), value,
          PathAt(workload, place, label.key),
          ObjectFix(PatchAt(workload, place, label.key,
                            Yaml::String(SuggestedName(workload)).Commented(kComment)))));
    }
  }
}

void CheckImages(const Workload& workload, RuleOutcome& outcome) {
  for (const Container& container : workload.containers()) {
    const std::string_view image = container.Field(ContainerField::kImage).StringOrEmpty();
    if (!IsUnrenderedImage(image)) continue;
    Violation violation = Unrendered(
        "the image of " + ContainerLabel(container), image,
        workload.ContainerPath(container) + ".image",
        ContainerFix(workload, container,
                     Yaml::Map({{"image", Yaml::String(SuggestImage(workload, ImageReference()))
                                              .Commented(kComment)}})));
    violation.container = container.name;
    violation.identity = ProbeIdentity(container, "image");
    outcome.Fail(std::move(violation));
  }
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  if (IsMadeByController(input.workload)) {
    outcome.NotApplicable("a controller made it, so nobody wrote its manifest");
    return;
  }
  CheckNames(input.workload, outcome);
  CheckLabels(input.workload, outcome);
  CheckImages(input.workload, outcome);
}

constexpr Rule kRule = {
    .id = "input.unrendered",
    .title = "Nothing is left of a template",
    .rationale =
        "A pipeline applies the chart's source instead of its output, or a variable is empty and "
        "${TAG} stays as it is. Pods hang in InvalidImageName in front of customers, while the "
        "check in CI was green: it had judged the template, in which nothing was decided yet.",
    .remediation =
        "Check and apply what the renderer puts out: helm template, kustomize build, ko resolve or "
        "envsubst, piped into plimsoll check -.",
    .parameters = {},
    .evaluate = Evaluate,
    .sources = "https://ko.build/features/k8s/",
};

}  // namespace

const Rule& InputUnrenderedRule() { return kRule; }

}  // namespace plimsoll

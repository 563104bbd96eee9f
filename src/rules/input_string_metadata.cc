#include <string>

#include "plimsoll/base/text.h"
#include "rules/builtin.h"
#include "rules/metadata.h"
#include "rules/slug.h"

namespace plimsoll {
namespace {

constexpr size_t kShownBytes = 60;
constexpr Place kPlaces[] = {Place::kLabel, Place::kAnnotation, Place::kTemplateLabel,
                             Place::kTemplateAnnotation};

bool IsLabel(Place place) { return place == Place::kLabel || place == Place::kTemplateLabel; }

// The value as a string: as it is spelled, where that can be one.
Yaml AsString(const Workload& workload, const Declared& declared) {
  const JsonKind kind = declared.value.kind();
  if (kind == JsonKind::kNull) return Yaml::String("");
  const std::string text(declared.value.text());
  const bool scalar = kind == JsonKind::kNumber || kind == JsonKind::kBool;
  if (scalar && (!IsLabel(declared.place) || IsSlug(text))) return Yaml::String(text);
  return Yaml::String(SuggestedName(workload)).Commented("replace with a string");
}

Violation NotAString(const Workload& workload, const Declared& declared) {
  const bool null = declared.value.kind() == JsonKind::kNull;
  Violation violation;
  violation.path = PathAt(workload, declared.place, declared.key);
  violation.message =
      NameAt(declared.place, SanitizeLine(declared.key, kShownBytes)) + " of " + Subject(workload);
  if (null) {
    violation.message += " has no value, which Kubernetes stores as an empty string";
    violation.strongest = Action::kWarn;
  } else {
    violation.message += " is of type " + std::string(JsonKindName(declared.value.kind())) +
                         ", so the API server refuses the whole object";
  }
  violation.observed = SanitizeLine(ToJson(declared.value, kShownBytes), kShownBytes);
  violation.required = "a string";
  violation.fix =
      ObjectFix(PatchAt(workload, declared.place, declared.key, AsString(workload, declared)));
  violation.identity = violation.path;
  return violation;
}

Violation NotAMap(const Workload& workload, Place place) {
  const JsonView map = MapAt(workload, place);
  // "metadata.labels[" and so on, without the key.
  std::string path = PathAt(workload, place, "");
  path.resize(path.size() - 2);
  Violation violation;
  violation.path = path;
  violation.message = path + " of " + Subject(workload) + " is of type " +
                      std::string(JsonKindName(map.kind())) +
                      ", so the API server refuses the whole object";
  violation.observed = SanitizeLine(ToJson(map, kShownBytes), kShownBytes);
  violation.required = "a map of strings";
  violation.fix = ObjectFix(PatchAt(
      workload, place, "app.kubernetes.io/name",
      Yaml::String(SuggestedName(workload)).Commented("replace with the keys that were meant")));
  violation.identity = path;
  return violation;
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  const Workload& workload = input.workload;
  const Places all;
  bool asked = false;
  for (const Place place : kPlaces) {
    if (!all.Includes(place, workload.kind())) continue;
    const JsonView map = MapAt(workload, place);
    if (!map.present()) continue;
    asked = true;
    if (!map.is_object()) outcome.Fail(NotAMap(workload, place));
    for (const JsonMember member : map.members()) {
      if (member.value.is_string()) continue;
      outcome.Fail([&] { return NotAString(workload, {member.key, place, member.value}); });
    }
  }
  if (!asked) outcome.NotApplicable("it has neither labels nor annotations");
}

constexpr Rule kRule = {
    .id = "input.string-metadata",
    .title = "Labels and annotations are strings",
    .rationale =
        "version: 1.10 is a number in YAML, and to most readers it is 1.1; prometheus.io/scrape: "
        "true is a boolean. The API server refuses the object with a message about Go types, in "
        "the "
        "middle of a release, or a template engine hands over {{ .name }} as a map and the label "
        "is gone.",
    .remediation =
        "Put quotes around every label and annotation that YAML could read as something else: "
        "numbers, true and false, yes and no, dates, and anything in braces.",
    .parameters = {},
    .evaluate = Evaluate,
    .sources = "https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/",
};

}  // namespace

const Rule& InputStringMetadataRule() { return kRule; }

}  // namespace plimsoll

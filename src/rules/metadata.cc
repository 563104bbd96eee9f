#include "rules/metadata.h"

#include "plimsoll/base/text.h"
#include "rules/placeholder.h"
#include "rules/slug.h"

namespace plimsoll {
namespace {

// Longer values are cut in messages.
constexpr size_t kShownBytes = 80;
// More keys would bury the sentence.
constexpr size_t kShownKeys = 4;

bool IsLabel(Place place) { return place == Place::kLabel || place == Place::kTemplateLabel; }

bool IsOnTemplate(Place place) {
  return place == Place::kTemplateLabel || place == Place::kTemplateAnnotation;
}

}  // namespace

Places Places::FromWhere(std::string_view where) {
  Places places;
  if (where == "label") places.annotation = false;
  if (where == "annotation") places.label = false;
  if (where == "workload") places.pod_template = false;
  if (where == "template") places.workload = false;
  return places;
}

bool Places::Includes(Place place, WorkloadKind kind) const {
  if (!(IsLabel(place) ? label : annotation)) return false;
  // A Pod is its own template.
  if (kind == WorkloadKind::kPod) return !IsOnTemplate(place);
  return IsOnTemplate(place) ? pod_template : workload;
}

JsonView MapAt(const Workload& workload, Place place) {
  switch (place) {
    case Place::kLabel:
      return workload.labels();
    case Place::kAnnotation:
      return workload.annotations();
    case Place::kTemplateLabel:
      return workload.template_labels();
    case Place::kTemplateAnnotation:
      return workload.template_annotations();
  }
  return {};
}

std::string PathAt(const Workload& workload, Place place, std::string_view key) {
  std::string path;
  if (IsOnTemplate(place) && !workload.template_path().empty()) {
    path += workload.template_path();
    path += '.';
  }
  path += IsLabel(place) ? "metadata.labels[" : "metadata.annotations[";
  path += key;
  path += ']';
  return path;
}

Yaml PatchAt(const Workload& workload, Place place, std::string_view key, Yaml value) {
  Yaml map = Yaml::Map();
  map.Set(key, std::move(value));
  Yaml metadata = Yaml::Map();
  metadata.Set(IsLabel(place) ? "labels" : "annotations", std::move(map));
  Yaml object = Yaml::Map();
  object.Set("metadata", std::move(metadata));
  return IsOnTemplate(place) ? TemplatePatch(workload, std::move(object)) : object;
}

std::string NameAt(Place place, std::string_view key) {
  std::string name = IsLabel(place) ? "label \"" : "annotation \"";
  name += key;
  name += '"';
  if (IsOnTemplate(place)) name += " of the pod template";
  return name;
}

std::string ObservedAt(const std::optional<Declared>& declared) {
  if (!declared) return "not set";
  std::string observed(declared->key);
  observed += ": ";
  if (declared->value.is_string()) {
    return observed +
           (declared->text().empty() ? "empty" : SanitizeLine(declared->text(), kShownBytes));
  }
  return observed + "of type " + std::string(JsonKindName(declared->value.kind()));
}

std::string JoinKeys(const std::vector<std::string>& keys) {
  std::string joined;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (i == kShownKeys) return joined + ", …";
    const bool last = i + 1 == keys.size();
    if (i > 0) joined += last ? " or " : ", ";
    joined += keys[i];
  }
  return joined;
}

std::string Subject(const Workload& workload) {
  std::string subject(WorkloadKindName(workload.kind()));
  if (!workload.name().empty()) {
    subject += " \"" + SanitizeLine(workload.name(), kShownBytes) + "\"";
  }
  return subject;
}

std::string SuggestedName(const Workload& workload) {
  if (workload.name().empty() || HasTemplateExpression(workload.name())) return "this-service";
  std::string slug = MakeSlug(workload.name(), "");
  if (!slug.empty()) return slug;
  // The name is itself a placeholder ("test").
  std::string longer = workload.name();
  longer += "-service";
  return MakeSlug(longer, "this-service");
}

}  // namespace plimsoll

// Finding a value that people declare on a workload (owner, runbook, alert route): under one of several keys, as a label or
// as an annotation, on the workload or on its pod template; and saying where it is or where it belongs.
//
// Pure; looking allocates nothing. Views live as long as the workload's document.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/json_view.h"
#include "plimsoll/model/workload.h"
#include "rules/fix.h"

namespace plimsoll {

enum class Place : uint8_t { kLabel, kAnnotation, kTemplateLabel, kTemplateAnnotation };

// Which places a rule looks at, in the order of the enumerators.
struct Places {
  bool label = true;
  bool annotation = true;
  bool workload = true;
  bool pod_template = true;

  // From a parameter: "any", "label", "annotation", "workload", "template".
  static Places FromWhere(std::string_view where);
  bool Includes(Place place, WorkloadKind kind) const;
};

struct Declared {
  std::string_view key;
  Place place = Place::kLabel;
  JsonView value;  // of any type

  std::string_view text() const { return value.StringOrEmpty(); }
};

// The labels or annotations of a place.
JsonView MapAt(const Workload& workload, Place place);
// "metadata.labels[team]", "spec.template.metadata.annotations[plimsoll.dev/owner]".
std::string PathAt(const Workload& workload, Place place, std::string_view key);
// {metadata: {labels: {key: value}}} or the like, rooted at the object.
Yaml PatchAt(const Workload& workload, Place place, std::string_view key, Yaml value);
// "label \"team\"", "annotation \"team\" of the pod template".
std::string NameAt(Place place, std::string_view key);

struct Lookup {
  std::optional<Declared> good;  // the first that `is_good`
  std::optional<Declared> bad;   // otherwise: the first there is
};

// Key by key, each in its places. Explicit nulls are absent, as in Kubernetes.
template <class IsGood>
Lookup FindDeclared(const Workload& workload, const std::vector<std::string>& keys, Places places,
                    IsGood is_good) {
  static constexpr Place kOrder[] = {Place::kLabel, Place::kAnnotation, Place::kTemplateLabel,
                                     Place::kTemplateAnnotation};
  Lookup lookup;
  for (const std::string& key : keys) {
    for (const Place place : kOrder) {
      if (!places.Includes(place, workload.kind())) continue;
      const Declared declared{key, place, MapAt(workload, place)[key]};
      if (!declared.value.present()) continue;
      if (is_good(declared)) {
        lookup.good = declared;
        return lookup;
      }
      if (!lookup.bad) lookup.bad = declared;
    }
  }
  return lookup;
}

// What is there, in few words, for Violation::observed: "team: TODO", "team: a number (42)", "not set".
std::string ObservedAt(const std::optional<Declared>& declared);

// "a, b or c", at most a few.
std::string JoinKeys(const std::vector<std::string>& keys);

// "Deployment \"checkout\"", for the beginning of a message.
std::string Subject(const Workload& workload);

// The workload's name as part of a suggested value: never empty, never itself a placeholder.
std::string SuggestedName(const Workload& workload);

}  // namespace plimsoll

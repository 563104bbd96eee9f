// Break-glass: an annotation with which somebody who may lets a change through whatever the policies say, for an incident.
//
// Pure. Thread-safety: functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "plimsoll/base/json_view.h"

namespace plimsoll {

// On the workload, with the incident's name.
inline constexpr std::string_view kBreakGlassAnnotation = "plimsoll.dev/break-glass";
// On readinesspolicies, for each policy that denies.
inline constexpr std::string_view kBreakGlassVerb = "breakglass";
inline constexpr std::string_view kPolicyResource = "readinesspolicies";
// The number of a ticket or the address of a page; more is a report, which belongs there.
inline constexpr size_t kMaxIncidentBytes = 120;

// The incident that an object names, in one clean line; "" where it names none: the annotation is not set, empty, or holds
// only a place ("TODO", "changeme").
std::string IncidentOf(JsonView metadata);

}  // namespace plimsoll

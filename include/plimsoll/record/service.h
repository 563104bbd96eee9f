// Which service a workload belongs to, so that what its team was told in a development namespace counts in production.
//
// Pure. Thread-safety: functions.
#pragma once

#include <string>
#include <string_view>

#include "plimsoll/model/workload.h"

namespace plimsoll {

// A label or annotation: says it outright.
inline constexpr std::string_view kServiceKey = "plimsoll.dev/service";
// https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
inline constexpr std::string_view kAppNameLabel = "app.kubernetes.io/name";

// "checkout" where kServiceKey names it; "checkout (payments)" by name and owner; else the workload alone,
// "Deployment/checkout in shop". `owner`: as the verdict has it. `name`: of the workload, where it has none of its own
// (generateName). At most kMaxServiceBytes.
std::string ServiceOf(const Workload& workload, std::string_view owner,
                      std::string_view namespace_name, std::string_view name);

}  // namespace plimsoll

// The history of a workload (`status.history` of its WorkloadReadiness) as JSON, and back. The meaning of each field is in
// crds/; a test holds writer and schema together. Reading is tolerant, as of record_codec.h, and bounded.
//
// Thread-safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "plimsoll/base/json_view.h"
#include "plimsoll/model/workload_history.h"

namespace plimsoll::kube {

// A merge patch that replaces the history, and is refused (409) where the object is no longer at `resource_version`.
std::string WriteHistoryPatch(const WorkloadHistory& history, std::string_view resource_version);
// `object`: a WorkloadReadiness. Empty where it has none.
WorkloadHistory ReadWorkloadHistory(JsonView object);

// The latest event; nothing where there was none. Without reading the rest.
std::optional<Timestamp> LastEvent(JsonView object);

}  // namespace plimsoll::kube

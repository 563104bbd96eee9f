// What Plimsoll writes into the cluster about workloads and policies, as JSON, and back. The meaning of each field is in
// crds/; tests hold writer and schema together.
//
// Reading is tolerant: what is missing, unknown or of another type has its default, so that an object written by another
// version, or by hand, is read as different from what must be there and is written again.
//
// Thread-safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "plimsoll/base/json_view.h"
#include "plimsoll/controllers/policy_status.h"
#include "plimsoll/model/object_key.h"
#include "plimsoll/model/workload_record.h"

namespace plimsoll::kube {

// For `kubectl get wr -l plimsoll.dev/owner=payments`; not set where the owner is no legal label value.
inline constexpr std::string_view kOwnerLabel = "plimsoll.dev/owner";
inline constexpr std::string_view kTierLabel = "plimsoll.dev/tier";

// The whole WorkloadReadiness object, as server-side apply takes it.
std::string WriteWorkloadRecord(const ObjectKey& key, const WorkloadRecord& record);
// `object`: a WorkloadReadiness. One that does not say what it is about is about a workload without a name.
WorkloadRecord ReadWorkloadRecord(JsonView object);

// A merge patch of the policy's status: what is not set is null.
std::string WritePolicyStatus(const controllers::PolicyStatus& status);
// `object`: a ReadinessPolicy. Nothing where it has no status yet.
std::optional<controllers::PolicyStatus> ReadPolicyStatus(JsonView object);

}  // namespace plimsoll::kube

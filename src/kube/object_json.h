// Writing Kubernetes objects: reading one to change it, and the ways of writing that controllers use.
//
// Thread-safety: functions without state. Errors: those of ApiCaller; nothing here throws. Semantics: API concepts
// (server-side apply, patches, MicroTime); client-go util/retry.
#pragma once

#include <chrono>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "plimsoll/base/result.h"
#include "plimsoll/base/time.h"
#include "plimsoll/kube/api_client.h"
#include "plimsoll/kube/resources.h"
#include "plimsoll/model/object_key.h"

namespace plimsoll::kube {

inline constexpr std::string_view kJsonType = "application/json";
inline constexpr std::string_view kMergePatchType = "application/merge-patch+json";
inline constexpr std::string_view kJsonPatchType = "application/json-patch+json";
inline constexpr std::string_view kApplyPatchType = "application/apply-patch+yaml";  // JSON is YAML

// The API server takes no longer name for a field manager (apimachinery, ValidateFieldManager).
inline constexpr size_t kMaxFieldManagerBytes = 128;

// An object that is read in order to be changed and written back. Not JSON, no object, or deeper than kMaxDepth: kInternal,
// as it came from the API server.
Result<nlohmann::json> ParseObject(std::string_view text);

// One line. Bytes that are no UTF-8 become U+FFFD.
std::string WriteJson(const nlohmann::json& value);

// metav1.MicroTime: "2026-11-24T10:00:00.000000Z".
std::string FormatMicroTime(Timestamp time);

// Server-side apply with force: what `object` says is ours from now on. It must have apiVersion, kind and name, and no
// managedFields. kInvalidArgument for a field manager that is empty or too long.
Result<ApiResponse> Apply(ApiCaller& api, const ResourceType& type, const ObjectKey& key,
                          const nlohmann::json& object, std::string_view field_manager);

// Replaces members of the status (a merge patch: null takes one away, arrays are replaced whole). With a resource version,
// kConflict where the object is no longer at it.
Result<ApiResponse> PatchStatus(ApiCaller& api, const ResourceType& type, const ObjectKey& key,
                                const nlohmann::json& status,
                                std::string_view resource_version = {});

// Five times is what client-go tries; somebody who loses more often is at war with another controller.
inline constexpr int kMaxConflictAttempts = 5;
using Sleep = std::function<void(std::chrono::milliseconds)>;
void SleepFor(std::chrono::milliseconds time);
// Before the attempt after `failed` ones: 10 ms × 2^(failed - 1), up to twice that by chance.
std::chrono::milliseconds ConflictDelay(int failed);

// Repeats `attempt`, which reads and writes and returns a Result, while it ends in kConflict.
template <class Attempt>
auto RetryOnConflict(const Attempt& attempt, const Sleep& sleep = SleepFor) {
  for (int failed = 1;; ++failed) {
    auto result = attempt();
    if (result || result.error().code != ErrorCode::kConflict || failed == kMaxConflictAttempts) {
      return result;
    }
    sleep(ConflictDelay(failed));
  }
}

}  // namespace plimsoll::kube

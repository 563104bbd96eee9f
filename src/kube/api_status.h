// The API server's own words about why it has not done what was asked.
//
// Pure. Thread-safety: value types, functions without state. Semantics: metav1.Status.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "plimsoll/base/json_view.h"
#include "plimsoll/base/result.h"

namespace plimsoll::kube {

// A Status is some hundred bytes; a proxy's error page some KiB.
inline constexpr size_t kMaxErrorBodyBytes = 64 * 1024;

struct ApiStatus {
  int code = 0;
  std::string reason;  // "Expired", "AlreadyExists"; "" where the body is no Status
  std::string message;
  std::optional<std::chrono::seconds> retry_after;  // details.retryAfterSeconds
  bool resource_version_too_large = false;          // the server is behind what we have seen
};

// From a Status object, such as the object of an ERROR frame.
ApiStatus ReadApiStatus(JsonView status);
// From the body of an answer, whatever it is; `code` is the answer's.
ApiStatus ApiStatusFromBody(int code, std::string body);

// As api_client.h says. `what`: "GET /api/v1/pods".
Error ApiError(const ApiStatus& status, std::string_view what);

}  // namespace plimsoll::kube

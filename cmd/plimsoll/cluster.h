// The cluster that a command looks at, found as kubectl finds it.
//
// Thread-safety: functions. The client serves any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "options.h"
#include "plimsoll/base/result.h"
#include "plimsoll/kube/api_client.h"

namespace plimsoll::cli {

Result<std::unique_ptr<kube::ApiClient>> ConnectTo(const ClusterOptions& options);

// Whether the API server does not know who asks, as against: that may not do it.
bool IsUnauthorized(const Error& error);

// What went wrong there and what to do about it, in one line. `permission`: what it takes, such as "list
// readinesspolicies.plimsoll.dev"; `absent`: what to say where there is no such thing, "" for nothing.
std::string InWords(const Error& error, std::string_view permission, std::string_view absent);

}  // namespace plimsoll::cli

// The cluster that a command looks at, found as kubectl finds it.
//
// Thread-safety: a function. The client serves any thread.
#pragma once

#include <memory>

#include "options.h"
#include "plimsoll/base/result.h"
#include "plimsoll/kube/api_client.h"

namespace plimsoll::cli {

Result<std::unique_ptr<kube::ApiClient>> ConnectTo(const ClusterOptions& options);

}  // namespace plimsoll::cli

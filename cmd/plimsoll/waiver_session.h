// What the commands of plimsoll waiver share: the cluster and namespace they act on, and how they say what went wrong.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "options.h"
#include "plimsoll/base/result.h"
#include "plimsoll/kube/api_client.h"

namespace plimsoll::cli {

// Of "2027-01-15T00:00:00Z" its date.
inline constexpr size_t kDateBytes = std::string_view("2027-01-15").size();

struct Session {
  std::unique_ptr<kube::ApiClient> api;
  std::string namespace_name;  // as given, else that of the context
};
Result<Session> Begin(const ClusterOptions& options);

// What an Error of the API server means here, with what to do about it. `doing`: "approve and patch".
std::string WordFor(const Error& error, std::string_view doing);
// Whether the API server has answered with an object: a page of somebody else's means that nothing was done.
Status MustBeObject(Result<kube::ApiResponse> answer);

}  // namespace plimsoll::cli

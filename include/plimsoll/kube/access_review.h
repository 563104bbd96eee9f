// AccessReview: may this user do that? Asks the API server, whose authorizers decide (RBAC and whatever else it has).
//
// Thread-safety: ReviewAccess from any thread. Errors: those of ApiCaller; kInvalidArgument for a question without a user, a
// verb or a resource, or with bytes that are no UTF-8 (what would be asked is then not what was meant). No permission is
// no error. Semantics: authorization.k8s.io/v1 SubjectAccessReview.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "plimsoll/base/result.h"
#include "plimsoll/kube/api_client.h"

namespace plimsoll::kube {

// Questions come from reviews, and the API server waits for those for 10 s.
inline constexpr std::chrono::milliseconds kAccessReviewTimeout = std::chrono::seconds(3);

struct AccessReview {
  // As AdmissionReview's userInfo has them.
  std::string user;
  std::string uid;
  std::vector<std::string> groups;
  std::vector<std::pair<std::string, std::vector<std::string>>> extra;

  std::string verb;
  std::string group;           // "" for the core group
  std::string resource;        // plural
  std::string name;            // "" for all
  std::string namespace_name;  // "" for cluster-scoped resources, else for all namespaces
};

// True if it is allowed. What no authorizer has an opinion on is not.
Result<bool> ReviewAccess(ApiCaller& api, const AccessReview& review,
                          std::chrono::milliseconds timeout = kAccessReviewTimeout);

}  // namespace plimsoll::kube

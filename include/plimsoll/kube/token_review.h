// TokenReview: whose bearer token is this? Asks the API server, whose authenticators decide.
//
// Thread-safety: ReviewToken from any thread. Errors: those of ApiCaller; kInvalidArgument for what cannot be a token. A token
// that nobody knows is no error. Semantics: authentication.k8s.io/v1 TokenReview, without audiences: those of the API server.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plimsoll/base/result.h"
#include "plimsoll/kube/api_client.h"

namespace plimsoll::kube {

inline constexpr std::chrono::milliseconds kTokenReviewTimeout = std::chrono::seconds(3);

// As SubjectAccessReview has one.
struct TokenUser {
  std::string name;
  std::string uid;
  std::vector<std::string> groups;
  std::vector<std::pair<std::string, std::vector<std::string>>> extra;
};

// RFC 6750, "b64token": what may stand behind "Bearer ".
bool IsToken(std::string_view text);

// Nothing where it is nobody's.
Result<std::optional<TokenUser>> ReviewToken(
    ApiCaller& api, std::string_view token,
    std::chrono::milliseconds timeout = kTokenReviewTimeout);

}  // namespace plimsoll::kube

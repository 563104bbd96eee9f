#include "plimsoll/kube/policy_status_store.h"

#include <string>

#include "plimsoll/kube/leader_elector.h"
#include "plimsoll/kube/record_codec.h"
#include "plimsoll/kube/resources.h"

namespace plimsoll::kube {

Status PolicyStatusStore::Write(std::string_view policy, const controllers::PolicyStatus& status) {
  ApiRequest request;
  request.method = ApiMethod::kPatch;
  request.path = ObjectPath(kPolicies, {"", std::string(policy)}) +
                 "/status?fieldManager=" + std::string(kPolicyStatusFieldManager);
  request.content_type = "application/merge-patch+json";
  request.body = WritePolicyStatus(status);
  request.timeout = kLeadersWriteTimeout;
  const Result<ApiResponse> response = api_.Call(request);
  if (response || response.error().code == ErrorCode::kNotFound) return {};
  return tl::unexpected(response.error());
}

}  // namespace plimsoll::kube

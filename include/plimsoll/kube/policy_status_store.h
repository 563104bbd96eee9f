// Writes the status of ReadinessPolicy objects: a merge patch of the status subresource.
//
// Thread-safety: as of the ApiCaller, which must outlive it. Errors: those of ApiCaller; a policy that is gone is none.
#pragma once

#include <string_view>

#include "plimsoll/controllers/ports.h"
#include "plimsoll/kube/api_client.h"

namespace plimsoll::kube {

inline constexpr std::string_view kPolicyStatusFieldManager = "plimsoll-policy-status";

class PolicyStatusStore final : public controllers::PolicyStatusStore {
 public:
  explicit PolicyStatusStore(ApiCaller& api) : api_(api) {}
  Status Write(std::string_view policy, const controllers::PolicyStatus& status) override;

 private:
  ApiCaller& api_;
};

}  // namespace plimsoll::kube

// Conditions of a status, written and read. Reading is tolerant, as in record_codec.h.
//
// Thread-safety: pure functions. Semantics: metav1.Condition.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "plimsoll/base/json_view.h"
#include "plimsoll/controllers/policy_status.h"

namespace plimsoll::kube {

nlohmann::ordered_json ConditionJson(const controllers::PolicyCondition& condition);
controllers::PolicyCondition ReadCondition(JsonView object);

}  // namespace plimsoll::kube

// Which workloads a policy is about.
//
// Thread-safety: pure functions.
#pragma once

#include "plimsoll/model/readiness_policy.h"
#include "plimsoll/model/workload.h"
#include "plimsoll/policy/evaluator.h"

namespace plimsoll {

// Whether the policy is about workloads in the context's namespace at all: half of Applies, answered without a workload.
bool AppliesInNamespace(const MatchConstraints& match, const EvaluationContext& context);

// Objects are matched as they are to be: one that leaves the policy by losing its label has left.
bool Applies(const MatchConstraints& match, const Workload& workload,
             const EvaluationContext& context);

}  // namespace plimsoll

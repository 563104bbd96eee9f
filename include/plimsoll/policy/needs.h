// What must be known of a cluster to judge by a set of policies.
//
// Pure. Thread-safety: functions.
#pragma once

#include "plimsoll/model/related_kind.h"
#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll {

// The kinds of objects beside workloads that some rule of the policies asks about.
RelatedKinds RelatedKindsOf(const PolicySnapshot& policies);

}  // namespace plimsoll

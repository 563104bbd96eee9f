// Which workloads no policy applies to, and the tier of the others. Which policy applies to which workload:
// plimsoll/policy/matching.h.
//
// Thread-safety: pure functions.
#pragma once

#include <string_view>

#include "plimsoll/base/json_view.h"
#include "plimsoll/model/finding.h"
#include "plimsoll/model/readiness_policy.h"
#include "plimsoll/model/workload.h"
#include "plimsoll/policy/evaluator.h"
#include "plimsoll/policy/matching.h"  // IWYU pragma: export

namespace plimsoll {

// The API server sets it on every namespace (KEP-2161), so it is known even where the namespace's labels are not.
inline constexpr std::string_view kNamespaceNameLabel = "kubernetes.io/metadata.name";

// Why this workload is let through whatever the policies say (design §6 "Never trap anybody"); kNone where it is judged.
Exemption ExemptionOf(const Workload& workload, const EvaluationContext& context);

// Where the tier of a workload was found.
struct TierChoice {
  enum class Source { kNone, kWorkload, kNamespace, kDefault };
  Source source = Source::kNone;  // kNone: the policy has no tiers
  std::string_view written;       // what the label says; "" for kDefault
  std::string_view tier;          // one of the policy's tiers: the written one, else the default
  bool known = true;              // false: `written` is none of them
};

TierChoice ResolveTier(const Tiers& tiers, const Workload& workload,
                       const EvaluationContext& context);

}  // namespace plimsoll

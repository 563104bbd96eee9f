// WaiverStatus: what `kubectl get rw` says about a waiver: whether it excuses, for how much longer, and whether anything
// needs it. See status in crds/plimsoll.dev_readinesswaivers.yaml.
//
// Pure: from what was parsed and counted, and from the status before. Two statuses that are equal need no write.
// Thread-safety: value types and pure functions. Semantics of conditions: as in policy_status.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/time.h"
#include "plimsoll/controllers/policy_status.h"
#include "plimsoll/model/audit_figures.h"
#include "plimsoll/policy/policy_snapshot.h"
#include "plimsoll/policy/waiver_set.h"

namespace plimsoll::controllers {

// A waiver is often asked for before its workload can be created. Only after so long is one that nothing needs worth an
// Event.
inline constexpr std::chrono::hours kUnusedGrace{24};

inline constexpr std::string_view kUsedCondition = "Used";

struct WaiverStatus {
  struct Use {
    uint32_t workloads = 0;
    uint32_t findings = 0;
    friend bool operator==(const Use&, const Use&) = default;
  };
  int64_t observed_generation = 0;
  WaiverState state = WaiverState::kInvalid;
  std::string message;
  std::optional<int64_t> days_left;
  std::optional<Use> used_by;
  std::optional<Timestamp> unused_since;
  std::vector<PolicyCondition> conditions;  // sorted by type
  friend bool operator==(const WaiverStatus&, const WaiverStatus&) = default;
};

// `use`: what the audit has counted; nothing while it does not know. `previous`: the status that the cluster has, null
// where there is none.
WaiverStatus MakeWaiverStatus(const ParsedWaiver& parsed, int64_t generation,
                              const PolicySnapshot& policies,
                              const std::optional<WaiverStatus::Use>& use,
                              const WaiverStatus* previous, Timestamp now);

// What people should see once, as the status goes from `before` (null: none) to `now`: one word for programs and a note.
struct WaiverNews {
  std::string_view reason;  // "WaiverApproved", "WaiverExpired", "WaiverUnused", "WaiverInvalid"
  std::string note;
  bool warning = false;
};
std::vector<WaiverNews> NewsOf(const WaiverStatus* before, const WaiverStatus& now);

}  // namespace plimsoll::controllers

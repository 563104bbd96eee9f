// ReadinessWaiver (plimsoll.dev/v1alpha1): a dated, owned, approved exception: these workloads of one namespace are excused
// from these rules of one policy until a date. See crds/plimsoll.dev_readinesswaivers.yaml for the meaning of each field.
//
// Thread-safety: value types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/time.h"
#include "plimsoll/model/workload.h"

namespace plimsoll {

inline constexpr std::string_view kWaiverApiVersion = "plimsoll.dev/v1alpha1";
inline constexpr std::string_view kWaiverKind = "ReadinessWaiver";

// A workload of the waiver's own namespace, by its exact name: a waiver reaches no other.
struct WaivedWorkload {
  WorkloadKind kind = WorkloadKind::kDeployment;
  std::string name;
  friend bool operator==(const WaivedWorkload&, const WaivedWorkload&) = default;
};

struct ReadinessWaiver {
  std::string namespace_name;
  std::string name;
  std::vector<WaivedWorkload> workloads;
  std::string policy;
  std::vector<std::string> rules;
  std::string reason;
  std::string requested_by;
  Timestamp expires;
  std::string approved_by;  // "" while nobody has approved it
  // When the API server stored it; nothing in a file. How long it lasts is counted from then.
  std::optional<Timestamp> created;
  friend bool operator==(const ReadinessWaiver&, const ReadinessWaiver&) = default;
};

// What becomes of a waiver at some time, by the terms of its policy (policy/waiver_set.h).
enum class WaiverState : uint8_t {
  kPending,  // its policy wants an approval, and there is none
  kActive,   // excuses
  kExpired,
  kInvalid,  // cannot excuse, whatever the date
};
inline constexpr size_t kWaiverStateCount = 4;
// "Pending", "Active", "Expired", "Invalid".
std::string_view WaiverStateName(WaiverState state);
std::optional<WaiverState> ParseWaiverState(std::string_view text);

// Whether two names of users may stand for one person: equal but for case, for white space and for characters that
// nobody sees. Whoever approves must not be mistaken for who asks; users as such are compared exactly.
bool MayBeSamePerson(std::string_view a, std::string_view b);

}  // namespace plimsoll

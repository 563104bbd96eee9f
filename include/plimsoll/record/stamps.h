// What a manifest says of its own past: when its service was begun, and when it was last checked with what result. Written by
// `plimsoll init` and `plimsoll check --stamp`; whoever writes it by hand deceives nobody but the statistics.
//
//   plimsoll.dev/kickoff: "2026-10-01"
//   plimsoll.dev/checked: "2026-11-20T10:00:00Z runbook.url health.readiness-probe/web@2026-11-22"
//
// The date is that of the first check; what a later one found besides has its own. What has been put right since stays
// listed: that it was told, and is gone, is what the third question asks for.
//
// Pure. Thread-safety: functions and value types.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/time.h"
#include "plimsoll/model/workload.h"

namespace plimsoll {

inline constexpr std::string_view kKickoffAnnotation = "plimsoll.dev/kickoff";
inline constexpr std::string_view kCheckedAnnotation = "plimsoll.dev/checked";

struct CheckedFinding {
  std::string rule;
  std::string container;
  std::optional<Timestamp> at = std::nullopt;  // where it is not that of the first check
  friend bool operator==(const CheckedFinding&, const CheckedFinding&) = default;
};

struct Stamps {
  std::optional<Timestamp> kickoff;
  std::optional<Timestamp> checked;
  std::vector<CheckedFinding> findings;  // what that check found; at most kMaxToldFindings
};

// Dates after `now` are not believed, nor is what cannot be read.
Stamps ReadStamps(const Workload& workload, Timestamp now);

// The value of kCheckedAnnotation after a check that found this, on a workload that bears the stamps `before`. The same where
// it found nothing new.
std::string CheckedStamp(const Stamps& before, Timestamp now,
                         const std::vector<CheckedFinding>& findings);

}  // namespace plimsoll

// What a manifest says of its own past: when its service was begun, and when it was last checked with what result. Written by
// `plimsoll init` and `plimsoll check --stamp`; whoever writes it by hand deceives nobody but the statistics.
//
//   plimsoll.dev/kickoff: "2026-10-01"
//   plimsoll.dev/checked: "2026-11-20T10:00:00Z runbook.url health.readiness-probe/web"
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
  friend bool operator==(const CheckedFinding&, const CheckedFinding&) = default;
};

struct Stamps {
  std::optional<Timestamp> kickoff;
  std::optional<Timestamp> checked;
  std::vector<CheckedFinding> findings;  // what that check found; at most kMaxToldFindings
};

// Dates after `now` are not believed, nor is what cannot be read.
Stamps ReadStamps(const Workload& workload, Timestamp now);

// The value of kCheckedAnnotation.
std::string CheckedStamp(Timestamp now, const std::vector<CheckedFinding>& findings);

}  // namespace plimsoll

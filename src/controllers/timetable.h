// What a policy's timetables say: its own and those that rules have instead.
//
// Thread-safety: pure functions.
#pragma once

#include <optional>
#include <vector>

#include "plimsoll/base/time.h"
#include "plimsoll/model/action.h"
#include "plimsoll/model/readiness_policy.h"
#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll::controllers {

// The policy's stage in force; where every rule has a timetable of its own, the strongest of theirs.
Action StageInForce(const ReadinessPolicy& policy, Timestamp now);

// The next date at which any of its timetables moves on, and the strongest stage that begins on it. No rule has two stages
// between now and then, so a finding's `upcoming` says what becomes of it on that date (docs/adr/0054).
std::optional<Stage> NextChange(const ReadinessPolicy& policy, Timestamp now);

// Every date of its timetables, sorted, each once.
std::vector<Timestamp> DatesOf(const ReadinessPolicy& policy);

}  // namespace plimsoll::controllers

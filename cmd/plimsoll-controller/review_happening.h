// From an answered review to what the histories are to know of it.
//
// Thread-safety: pure functions.
#pragma once

#include <optional>

#include "plimsoll/base/time.h"
#include "plimsoll/policy/verdict_observer.h"
#include "plimsoll/record/history_keeper.h"

namespace plimsoll::controller {

// Whether there may be something to tell: no dry run, something was judged, and it was told something, or let through by
// mercy, or was a rollout under enforcement.
bool MayBeNews(const ObservedReview& review);
// The workload's name as it will be stored; "" where the API server has yet to make one up (generateName). Such a workload
// has no record before it exists, and is told of by none.
std::string_view StoredName(const ObservedReview& review);
// The pod template becomes another one, or comes to be.
bool IsRollout(const ObservedReview& review);

Happening HappeningOf(const ObservedReview& review, Timestamp now);

}  // namespace plimsoll::controller

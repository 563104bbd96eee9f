// Which policies of a new snapshot may judge otherwise than those of the old one.
//
// Thread-safety: pure functions.
#pragma once

#include <string>
#include <vector>

#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll::controllers {

struct PolicyChanges {
  // Gone, or judging otherwise than before, by name.
  std::vector<std::string> before;
  // New, or judging otherwise than before; of the new snapshot.
  std::vector<const ReadinessPolicy*> now;
  bool none() const { return before.empty() && now.empty(); }
};

// A policy whose words for people (description, contact, documentation), failurePolicy or existingViolations have changed
// judges as before: an audit judges as on CREATE.
PolicyChanges ChangesBetween(const PolicySnapshot* before, const PolicySnapshot& now);

}  // namespace plimsoll::controllers

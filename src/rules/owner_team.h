// The team of a workload's owner in the directory of teams: where rules find what a workload inherits.
#pragma once

#include <string>

#include "plimsoll/model/team_directory.h"
#include "plimsoll/rules/rule.h"

namespace plimsoll {

// Null where there is no directory, no owner, or no such team in office.
const Team* OwnerTeam(const RuleInput& input);

// "inherited from team payments", for RuleOutcome::Note.
std::string InheritedFrom(const Team& team);

// A workload without something of its own would have inherited it from a team that an outdated directory may lack: then
// nobody is refused for it.
Action StrongestWithout(const RuleInput& input);

}  // namespace plimsoll

// What a policy has set otherwise than a rule's defaults, for people to read.
//
// Pure. Thread-safety: a function.
#pragma once

#include <string>
#include <vector>

#include "plimsoll/rules/rule.h"

namespace plimsoll {

// "minimum: 3", "hosts: *.corp.internal, wiki", "pattern: team-.+"; in the order of the rule's specs.
std::vector<std::string> ParametersThatDiffer(const Rule& rule, const Parameters& parameters);

}  // namespace plimsoll

// Values for fixes where only people know the real one: derived from the workload, and such that the rule passes.
//
// Only failing rules call these; they may allocate.
#pragma once

#include <re2/re2.h>

#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/model/workload.h"

namespace plimsoll {

// A team's slug: the namespace where it says something, else the workload's name with "-team".
std::string SuggestTeam(const Workload& workload);

// The first candidate that `pattern` matches whole; otherwise one made from the pattern's fixed beginning and a candidate
// ("pagerduty:" and "checkout"); otherwise the first candidate, which then needs a person all the same.
std::string SuggestMatching(const re2::RE2* pattern, const std::vector<std::string>& candidates);

// " that matches PATTERN", or "" where there is none: for messages and comments.
std::string ThatMatches(const re2::RE2* pattern);

}  // namespace plimsoll

// Containers and images that a policy leaves out of a rule.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/text.h"

namespace plimsoll {

inline constexpr std::string_view kExemptContainersDescription =
    "Names of containers that are not asked, for injected sidecars that their users cannot change; "
    "`*` and `?` are wildcards.";

inline bool MatchesAny(const std::vector<std::string>& globs, std::string_view name) {
  return std::any_of(globs.begin(), globs.end(),
                     [name](const std::string& glob) { return GlobMatch(glob, name); });
}

}  // namespace plimsoll

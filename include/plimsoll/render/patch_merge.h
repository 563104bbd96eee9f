// One patch out of several, so that a workload can be put right in one go.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace plimsoll {

// `a` and `b` as one strategic-merge patch: maps merge, lists of named things merge by name (ports by containerPort),
// comments stay. Works on the block style that rules write (two spaces a level). Nothing where the two contradict each
// other, where a text is not in that style, or where one says its kind and so is an object of its own, also where both are
// the same: then they are better shown apart.
std::optional<std::string> MergePatches(std::string_view a, std::string_view b);

}  // namespace plimsoll

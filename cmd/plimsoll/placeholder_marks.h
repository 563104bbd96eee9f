// Values that only people know and that nobody has written yet: check --fix --unsafe-fixes marks them in the file with
// `# plimsoll: replace with ...`, and check reports each mark, so that a guess is not taken for an answer. To the cluster a
// comment is nothing: the findings of a mark are those of `check` alone.
//
// Thread-safety: functions.
#pragma once

#include <string_view>
#include <vector>

#include "check_judge.h"

namespace plimsoll::cli {

inline constexpr std::string_view kPlaceholderMark = "# plimsoll: replace with ";
// As in a finding's fix.
inline constexpr std::string_view kFixRemark = "# replace with ";
// The rule id of a finding about a mark. Not in the catalog; it warns.
inline constexpr std::string_view kPlaceholderRule = "check.placeholder";

// Adds a finding for each mark to the workload that it stands in. `objects` are in the order of their files.
void AddPlaceholderMarks(std::vector<JudgedObject>& objects);

}  // namespace plimsoll::cli

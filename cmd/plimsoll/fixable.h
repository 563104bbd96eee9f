// What can be fixed, as a finding and its file say it.
//
// Thread-safety: functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "input.h"
#include "plimsoll/base/json_view.h"
#include "plimsoll/model/finding.h"

namespace plimsoll::cli {

// Lists of rule groups have no merge key that is known here: a patch would replace what is there.
inline constexpr std::string_view kRuleGroups = "groups:";

// A fail with a fix that no waiver excuses.
bool IsFixable(const Finding& finding);
// Its fix has a value that only people know.
bool IsUnsafe(const Finding& finding);
// Its fix is a patch of another object, or a new one: it says which.
bool IsElsewhere(const Finding& finding);

// A fix with its remarks as marks (placeholder_marks.h).
std::string Marked(std::string patch);

// The same kind and name, and no different namespaces: one may leave it to where it is applied.
bool IsSameObject(JsonView a, JsonView b);
// And the same version and namespace: one can be merged into the other.
bool IsSpelledTheSame(JsonView a, JsonView b);
// A whole object, not a patch of one: it says what it selects. Where one of its name is there already, that is for others.
bool IsWhole(JsonView wanted);
// Of the file's objects.
size_t IndexOf(const InputFile& file, JsonView object);
// A file whose place another one can take.
bool IsWritable(const InputFile& file);

}  // namespace plimsoll::cli

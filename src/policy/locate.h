// From a field path as findings carry it to the place in the source.
//
// Thread-safety: pure functions.
#pragma once

#include <string_view>

#include "plimsoll/base/json_view.h"
#include "plimsoll/base/position.h"

namespace plimsoll {

// Where `path` ("spec.template.spec.containers[0].image", "metadata.annotations[plimsoll.dev/owner]") stands below `root`:
// a member's key, or an element. Where the path goes on beyond what is there, the innermost thing that is there.
SourcePosition Locate(JsonView root, std::string_view path);

}  // namespace plimsoll

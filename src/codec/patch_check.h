// Whether a patched object is what its patch means it to be: strategic merge, looked at from its result.
#pragma once

#include <string_view>

#include "plimsoll/base/json_view.h"

namespace plimsoll {

// The patchMergeKey of the lists in k8s.io/api/core/v1 PodSpec and Container that are merged; "" for all others.
std::string_view MergeKeyOf(std::string_view field);

// The element of `list` that `item` is merged into: whose merge key has the same value.
JsonView CounterpartOf(JsonView item, JsonView list, std::string_view merge_key);

// `after` is `before` with `patch`, and nothing else. `field`: the name of the member that they are.
bool IsPatched(JsonView before, JsonView patch, JsonView after, std::string_view field = {});

}  // namespace plimsoll

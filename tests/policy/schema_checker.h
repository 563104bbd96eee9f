// As much of the API server's validation of custom resources as the ReadinessPolicy CRD uses: types, required, enum,
// pattern, date-time, minima and maxima, unknown fields, list types. CEL rules are not evaluated.
#pragma once

#include <string>
#include <vector>

#include "plimsoll/base/json_view.h"

namespace plimsoll::test {

// What is wrong with `value` by `schema` (an openAPIV3Schema), one line each.
std::vector<std::string> CheckAgainstSchema(JsonView value, JsonView schema);

}  // namespace plimsoll::test

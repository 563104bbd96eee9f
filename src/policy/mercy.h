// Mercy: what would deny is let through with a warning, because the context says so (EvaluationContext::mercy).
//
// Thread-safety: pure functions.
#pragma once

#include <string_view>

#include "plimsoll/model/finding.h"

namespace plimsoll {

// Makes a finding that denies one that warns, and says why. `mercy` is one.
void Forgive(Mercy mercy, std::string_view detail, Finding& finding);

}  // namespace plimsoll

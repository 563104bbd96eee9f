// What plimsoll explain explains besides rules: a policy, and a denial.
#pragma once

#include <iosfwd>

#include "options.h"
#include "plimsoll/base/time.h"

namespace plimsoll::cli {

// `options.what` is {"policy", FILE or NAME}.
int ExplainPolicy(const ExplainOptions& options, Timestamp now, std::ostream& out);
// From standard input.
int ExplainDenial(const ExplainOptions& options, std::ostream& out);

}  // namespace plimsoll::cli

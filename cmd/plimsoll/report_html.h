// plimsoll report --html: the page, to a file or to standard output.
#pragma once

#include <iosfwd>

#include "options.h"
#include "plimsoll/base/time.h"
#include "report_input.h"

namespace plimsoll::cli {

// The exit code. A file is written whole or not at all.
int WriteHtml(const ReportOptions& options, ReportInput input, Timestamp now, std::ostream& out);

}  // namespace plimsoll::cli

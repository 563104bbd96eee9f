// Where reports of `plimsoll check` go: standard output, files, the summary of a GitHub step.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

#include "check_options.h"
#include "plimsoll/base/result.h"
#include "plimsoll/render/ci_reports.h"

namespace plimsoll::cli {

ReportSurroundings SurroundingsOf(const CheckOptions& options);

// Every report that was asked for. A file is written whole or not at all. False where one could not be; that is said on
// standard error.
bool WriteReports(const CheckReport& report, const CheckOptions& options,
                  const ReportSurroundings& surroundings, std::ostream& out);

// The file whole or not at all: through symbolic links, with the permissions it had; what is no regular file (a pipe, a
// device) is written to.
Status WriteWholeFile(const std::string& path, std::string_view text);

}  // namespace plimsoll::cli

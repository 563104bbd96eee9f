// The commands. Each does what it is asked, writes to `out`, and returns the exit code.
#pragma once

#include <iosfwd>

#include "options.h"
#include "plimsoll/base/time.h"

namespace plimsoll::cli {

int RunCheck(const CheckOptions& options, Timestamp now, std::ostream& out);
int RunExplain(const ExplainOptions& options, Timestamp now, std::ostream& out);
int RunPolicyDefault(std::ostream& out);
int RunReport(const ReportOptions& options, Timestamp now, std::ostream& out);
int RunScan(const ScanOptions& options, Timestamp now, std::ostream& out);
int RunPreview(const PreviewOptions& options, Timestamp now, std::ostream& out);
int RunStatus(const StatusOptions& options, Timestamp now, std::ostream& out);
int RunPolicyValidate(const PolicyValidateOptions& options, std::ostream& out);

}  // namespace plimsoll::cli

// The records, and the waivers, that `plimsoll report` is about: from files, or from the cluster.
//
// Thread-safety: functions; they wait for files or the API server and write to standard error.
#pragma once

#include <string>
#include <vector>

#include "options.h"
#include "plimsoll/base/result.h"
#include "plimsoll/base/time.h"
#include "plimsoll/record/questions.h"
#include "plimsoll/render/html_report.h"

namespace plimsoll::cli {

struct ReportInput {
  std::vector<RecordWithHistory> records;
  std::vector<ReportedWaiver> waivers;  // where they were asked for
  std::vector<std::string> notes;       // what could not be read; said on standard error too
  bool complete = true;
};

// Files where there are paths. Not even an incomplete answer: an Error with what it takes. Waivers that may not be read are
// noted.
Result<ReportInput> ReadReportInput(const ReportOptions& options, bool with_waivers);

}  // namespace plimsoll::cli

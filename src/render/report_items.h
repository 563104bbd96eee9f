// What a report for other programs lists: fails and errors of a CheckReport, worst first, each with what identifies it.
//
// The items point into the report.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/render/ci_reports.h"

namespace plimsoll {

struct ReportItem {
  enum class Level : uint8_t { kUnjudged, kDeny, kWarn, kAudit, kWaived };
  Level level = Level::kAudit;
  const CheckedWorkload* workload = nullptr;  // null: it is about a file
  const Finding* finding = nullptr;           // likewise
  std::string rule;                           // "error" where something could not be judged
  std::string message;                        // one line
  std::string file;                           // from the top of the repository
  SourcePosition position;
  std::string fingerprint;  // no two items have the same
};

// "Deployment payments/checkout".
std::string ObjectTitle(const CheckedWorkload& workload);

// By level, then in the order of the report.
std::vector<ReportItem> ReportItems(const CheckReport& report,
                                    const ReportSurroundings& surroundings);

// "12 findings (3 deny, 9 warn)", "no findings": for headings.
std::string FindingCounts(const CheckSummary& summary);

}  // namespace plimsoll

#include "plimsoll/render/check_report.h"

namespace plimsoll {
namespace {

void Count(const Finding& finding, CheckSummary& summary) {
  switch (finding.result) {
    case RuleResult::kFail:
      ++summary.fail;
      ++(finding.action == Action::kDeny   ? summary.deny
         : finding.action == Action::kWarn ? summary.warn
                                           : summary.audit);
      if (!finding.waiver.empty()) ++summary.waived;
      return;
    case RuleResult::kPending:
      ++summary.pending;
      return;
    case RuleResult::kError:
      ++summary.error;
      return;
    case RuleResult::kPass:
    case RuleResult::kNotApplicable:
      return;  // counted per workload, since they are listed only when asked for
  }
}

}  // namespace

CheckSummary Summarize(const CheckReport& report) {
  CheckSummary summary;
  summary.files = report.files;
  summary.documents = report.documents;
  summary.workloads = report.workloads.size();
  summary.known = report.known;
  for (const CheckedWorkload& workload : report.workloads) {
    summary.pass += workload.passed;
    summary.not_applicable += workload.not_applicable;
    for (const Finding& finding : workload.findings) Count(finding, summary);
  }
  return summary;
}

bool HasFindingAtOrAbove(const CheckReport& report, Action threshold) {
  for (const CheckedWorkload& workload : report.workloads) {
    for (const Finding& finding : workload.findings) {
      if (finding.result != RuleResult::kFail || !finding.waiver.empty()) continue;
      if (finding.action >= threshold) return true;
    }
  }
  return false;
}

}  // namespace plimsoll

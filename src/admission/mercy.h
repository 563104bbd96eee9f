// Whether what a verdict denies is let through all the same: a rollback to a revision that was admitted before, or glass that
// somebody has broken who may (design, "Never trap anybody"). Asked only where a request would be denied.
//
// Thread-safety: functions; the sources are called. Errors: kUnavailable while a source is asking.
#pragma once

#include <string>
#include <vector>

#include "admission/answer.h"
#include "plimsoll/admission/handler.h"
#include "plimsoll/base/result.h"
#include "plimsoll/model/admission.h"
#include "plimsoll/model/finding.h"
#include "plimsoll/model/workload.h"
#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll {

// A request that would be denied.
struct DeniedRequest {
  const AdmissionRequest& request;
  const Workload& workload;
  const Workload* old_workload;  // null: nothing was there before
  const Verdict& verdict;
  const PolicySnapshot& policies;
};

struct MercyAnswer {
  Mercy mercy = Mercy::kNone;
  std::string detail;        // "web-5d8c9", "INC-123 by ana"
  std::vector<HelpLine> no;  // where there is none: why what was tried did not work
};

Result<MercyAnswer> FindMercy(const DeniedRequest& denied, const MercySources& sources);

}  // namespace plimsoll

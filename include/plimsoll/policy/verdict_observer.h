// Whoever wants to know what was decided: metrics, logs, records. Told after the decision; cannot change it.
#pragma once

#include <chrono>
#include <string_view>

#include "plimsoll/model/admission.h"
#include "plimsoll/model/finding.h"
#include "plimsoll/model/workload.h"

namespace plimsoll {

struct ObservedReview {
  const AdmissionRequest& request;
  const AdmissionResponse& response;
  const Verdict& verdict;
  std::chrono::nanoseconds duration;
  // What was judged and what it was before; null where nothing was. They live until Observe returns.
  const Workload* workload = nullptr;
  const Workload* old_workload = nullptr;
};

class VerdictObserver {
 public:
  virtual ~VerdictObserver() = default;
  // Called from every serving thread; must not block and must not throw.
  virtual void Observe(const ObservedReview& review) = 0;
  // A review that got no verdict (HTTP 4xx or 5xx). `reason` is a short stable word: "bad_request", "too_large",
  // "unavailable", ...
  virtual void ObserveUndecided(std::string_view uid, std::string_view reason,
                                std::string_view detail, std::chrono::nanoseconds duration) = 0;
};

}  // namespace plimsoll

// Gathers the findings of one verdict: worst first, none twice, at most kMaxFindingsPerVerdict of them.
//
// Thread-safety: one thread.
#pragma once

#include <cstdint>
#include <vector>

#include "plimsoll/model/finding.h"

namespace plimsoll {

class FindingCollector {
 public:
  void Add(Finding finding);
  // Counted, and worth `action`, though there is no room to describe them.
  void AddUntold(size_t count, Action action, bool waived);

  // Sorted and bounded; fills decision, findings, findings_dropped and waived.
  void Finish(Verdict& verdict);

 private:
  // Sorts and drops what is beyond the limit, so that memory stays bounded whatever the object.
  void Shrink();

  std::vector<Finding> findings_;
  Decision decision_ = Decision::kAllow;
  size_t dropped_ = 0;
  size_t dropped_waived_ = 0;  // of those
};

}  // namespace plimsoll

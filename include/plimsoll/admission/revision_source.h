// RevisionSource: has this pod template been admitted before? Controllers keep the templates that a workload has had
// (ReplicaSets, ControllerRevisions); going back to one of them in an incident must work, whatever has been published since.
//
// Called while a review is judged; must not block: what is not known yet is kPending, is being asked for, and the review is
// tried again. Answers may be some seconds old. Thread-safety: any thread.
#pragma once

#include <string>

#include "plimsoll/base/json_view.h"
#include "plimsoll/model/workload.h"

namespace plimsoll {

class RevisionSource {
 public:
  enum class State {
    kNone,  // no revision of this workload has that template
    kFound,
    kPending,  // it is being asked for: no verdict now
    kUnknown,  // it cannot be found out: treat as none, and say so
  };
  struct Answer {
    State state = State::kNone;
    std::string revision;  // kFound: the object that has it, "web-5d8c9f7b6d"
  };
  virtual ~RevisionSource() = default;
  // `workload`: as the cluster has it now, with its uid. `pod_template`: as it would become.
  virtual Answer Find(const Workload& workload, JsonView pod_template) const = 0;
};

}  // namespace plimsoll

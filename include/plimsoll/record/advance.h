// The state machine behind the three questions: a workload's history, and one more thing that happened, make the next
// history. The same thing told twice changes nothing, so retries and two replicas that saw the same do no harm.
//
// A release is *blocked* when a pod template is refused that has not been refused before. It is a *surprise* when none of
// the findings that denied it had been told for its service before.
//
// Pure. Thread-safety: functions and value types.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plimsoll/base/time.h"
#include "plimsoll/model/action.h"
#include "plimsoll/model/finding.h"
#include "plimsoll/model/workload_history.h"
#include "plimsoll/record/stamps.h"

namespace plimsoll {

// A finding in an answer.
struct AnsweredFinding {
  std::string policy;
  std::string rule;
  std::string container;
  std::string path;
  std::string message;
  Action action = Action::kWarn;  // kWarn or kDeny: what is audited only is not told
};

// A request that was answered, and was no dry run.
struct Attempt {
  Timestamp at;
  bool denied = false;
  // The digest of the pod template; "" where the request leaves the template alone (no rollout).
  std::string release;
  // Some rule about it denies at this stage, whether or not this workload violates it.
  bool enforced = false;
  bool creates = false;  // the workload did not exist before
  std::vector<AnsweredFinding> findings;
  Mercy mercy = Mercy::kNone;
  std::string mercy_detail;
  Stamps stamps;
  // Some of what denies was told for the same service elsewhere: in another namespace, by another workload.
  bool told_elsewhere = false;
};

// What an audit finds in the workload as it is stored.
struct Observation {
  struct Found {
    std::string rule;
    std::string container;
    bool waived = false;
  };
  Timestamp at;
  std::vector<Found> findings;
  // The workload is as before; policies, its namespace or the date have changed. What is gone was not fixed.
  bool asked_differently = false;
  Stamps stamps;
};

// What is to be counted once the next history is kept.
struct HistoryEffects {
  struct Blocked {
    std::vector<std::string> policies;  // that denied
    std::vector<std::string> rules;     // likewise
    bool surprise = false;
  };
  struct Ended {
    std::string rule;
    FindingOutcome outcome = FindingOutcome::kOpen;
    Sighting shown_by = Sighting::kWarning;  // how it was told first
  };
  struct Told {
    std::string rule;
    Sighting how = Sighting::kWarning;
  };
  bool changed = false;
  std::vector<Told> told;  // for the first time
  std::optional<Blocked> blocked;
  std::vector<Ended> ended;
  std::optional<Timestamp> first_enforced;  // just now
};

HistoryEffects Advance(WorkloadHistory& history, const Attempt& attempt);
HistoryEffects Advance(WorkloadHistory& history, const Observation& observation);

// Whether one of the findings that deny was told before, as far as this history knows.
bool ToldBefore(const WorkloadHistory& history, const Attempt& attempt);

}  // namespace plimsoll

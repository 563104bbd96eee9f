// What an audit has counted: how many workloads are in which state, policy by policy and owner by owner. Read by the
// metrics and by the status of policies.
//
// Thread-safety: value types.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "plimsoll/base/time.h"
#include "plimsoll/model/action.h"
#include "plimsoll/model/object_key.h"
#include "plimsoll/model/readiness_waiver.h"
#include "plimsoll/model/workload_record.h"

namespace plimsoll {

struct PolicyFigures {
  uint32_t matched = 0;  // judged by the policy: each of them is ready, failing or waived
  uint32_t ready = 0;
  uint32_t failing = 0;
  uint32_t waived = 0;
  // Refused if the next stage began now (the next date of any of the policy's timetables), those refused already among
  // them.
  uint32_t would_block = 0;
  friend bool operator==(const PolicyFigures&, const PolicyFigures&) = default;
};

struct AuditFigures {
  struct WorkloadClass {
    ReadinessState state;
    std::string tier;
    std::string owner;
    friend auto operator<=>(const WorkloadClass&, const WorkloadClass&) = default;
  };
  struct FindingClass {
    std::string policy;
    std::string rule;
    Action action;
    std::string owner;
    friend auto operator<=>(const FindingClass&, const FindingClass&) = default;
  };
  struct PolicyOwner {
    std::string policy;
    std::string owner;
    friend auto operator<=>(const PolicyOwner&, const PolicyOwner&) = default;
  };
  struct Waiver {
    WaiverState state = WaiverState::kInvalid;
    std::string policy;
    std::string
        owner;  // of the first of its workloads that is judged; "" where none is or names one
    Timestamp expires;
    uint32_t workloads = 0;  // that have findings which it excuses
    uint32_t findings = 0;   // those
    friend bool operator==(const Waiver&, const Waiver&) = default;
  };
  std::map<ObjectKey, Waiver> waivers;  // those that can be read
  std::map<WorkloadClass, uint32_t> workloads;
  std::map<FindingClass, uint32_t> findings;
  std::map<PolicyOwner, uint32_t> would_block;
  std::map<PolicyOwner, uint32_t> blocked;  // those of them that are refused already
  std::map<std::string, PolicyFigures> policies;
  // Workloads that have changed and are still to be judged. Those that wait for their namespace or owner to be known are
  // not among them.
  uint32_t waiting = 0;
  // Records that differ from what is stored and are still to be written or deleted, those among them that the API server
  // would not take.
  uint32_t unwritten = 0;
  Timestamp last_success;  // when nothing was waiting for the last time; the epoch: never
  // Of the last audit of everything: from its first judgement until nothing waited.
  std::chrono::nanoseconds last_duration{};
  // Kinds that may not be listed: none of their workloads is among all these.
  std::vector<WorkloadKind> unlisted;
};

}  // namespace plimsoll

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

#include "plimsoll/base/time.h"
#include "plimsoll/model/action.h"
#include "plimsoll/model/workload_record.h"

namespace plimsoll {

struct PolicyFigures {
  uint32_t matched = 0;
  uint32_t ready = 0;
  uint32_t failing = 0;
  uint32_t waived = 0;
  uint32_t would_block =
      0;  // refused if the policy's next stage began now, those refused already among them
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
  std::map<WorkloadClass, uint32_t> workloads;
  std::map<FindingClass, uint32_t> findings;
  std::map<PolicyOwner, uint32_t> would_block;
  std::map<std::string, PolicyFigures> policies;
  uint32_t waiting = 0;    // workloads that have changed and are still to be judged
  Timestamp last_success;  // when nothing was waiting for the last time; the epoch: never
  std::chrono::nanoseconds
      last_duration{};  // of the last audit of everything: since it began until nothing waited
};

}  // namespace plimsoll

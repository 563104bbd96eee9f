// WorkloadReadiness (plimsoll.dev/v1alpha1): what is known about one workload's readiness, as its object in the cluster
// holds it. See crds/plimsoll.dev_workloadreadinesses.yaml for the meaning of each field.
//
// Thread-safety: value types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/time.h"
#include "plimsoll/model/action.h"
#include "plimsoll/model/finding.h"
#include "plimsoll/model/object_key.h"

namespace plimsoll {

inline constexpr std::string_view kRecordKind = "WorkloadReadiness";

// Per-namespace reports of other tools outgrew etcd's limit of 1.5 MiB; one workload's record stays below 64 KiB. Nobody
// works through more than fifty findings of one workload before the next audit.
inline constexpr size_t kMaxRecordedFindings = 50;
inline constexpr size_t kMaxRecordedMessageBytes = 512;

enum class ReadinessState : uint8_t {
  kReady,     // nothing to put right
  kNotReady,  // findings, none of which denies now
  kWaived,    // findings, all of them waived
  kBlocked,   // a finding that denies: created anew as it is, the workload would be refused
};
// "Ready", "NotReady", "Waived", "Blocked".
std::string_view ReadinessStateName(ReadinessState state);
std::optional<ReadinessState> ParseReadinessState(std::string_view text);

struct RecordedFinding {
  std::string policy;
  std::string rule;
  std::string path;
  std::string container;
  std::string message;
  Action action = Action::kAudit;
  std::optional<Upcoming> upcoming;
  // Since when audits find it without a gap.
  Timestamp first_observed;
  friend bool operator==(const RecordedFinding&, const RecordedFinding&) = default;
};

struct WorkloadRecord {
  WorkloadKey workload;
  std::string api_version;  // of the workload, for the owner reference
  std::string uid;          // of the workload
  std::string owner;        // "" where nobody is named
  std::string tier;         // "" where no policy has tiers
  ReadinessState state = ReadinessState::kReady;
  std::vector<std::string> policies;  // those that apply, sorted
  uint32_t failing = 0;               // findings, those beyond kMaxRecordedFindings among them
  uint32_t waived = 0;
  uint32_t passed = 0;
  // The earliest stronger action that comes by date alone.
  std::optional<Upcoming> upcoming;
  // When Plimsoll saw the workload for the first time.
  Timestamp first_seen;
  std::vector<RecordedFinding> findings;  // worst first
  friend bool operator==(const WorkloadRecord&, const WorkloadRecord&) = default;
};

}  // namespace plimsoll

// WorkloadReadiness (plimsoll.dev/v1alpha1): what is known about one workload's readiness, as its object in the cluster
// holds it. See crds/plimsoll.dev_workloadreadinesses.yaml for the meaning of each field.
//
// Thread-safety: value types.
#pragma once

#include <chrono>
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
#include "plimsoll/model/workload_history.h"

namespace plimsoll {

inline constexpr std::string_view kRecordKind = "WorkloadReadiness";

// Per-namespace reports of other tools outgrew etcd's limit of 1.5 MiB; one workload's record stays below 64 KiB, its
// metadata among them. Nobody works through more than fifty findings of one workload before the next audit.
inline constexpr size_t kMaxRecordedFindings = 50;
inline constexpr size_t kMaxRecordedMessageBytes = 512;
// Paths are below 200 bytes but where a label's key (317) is part of them.
inline constexpr size_t kMaxRecordedPathBytes = 512;
// Owners and containers. Both are 63 bytes at most, unless somebody writes an address or a sentence into an annotation.
inline constexpr size_t kMaxRecordedNameBytes = 253;
// Few workloads are matched by more than three. Those beyond, by name, are not listed.
inline constexpr size_t kMaxRecordedPolicies = 100;
// Policies and findings as JSON. What is beyond is counted in `failing` and not listed.
inline constexpr size_t kMaxRecordBytes = size_t{60} * 1024;

// A workload that was refused and never came: its record stays for so long after the last that happened. A quarter of a year
// of planning ends in a kickoff sooner than that.
inline constexpr std::chrono::hours kNeverAdmittedTtl{24 * 30};

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
  std::string waiver;  // that excuses it; "" where none does
  // Since when audits find it without a gap.
  Timestamp first_observed;
  friend bool operator==(const RecordedFinding&, const RecordedFinding&) = default;
};

struct WorkloadRecord {
  WorkloadKey workload;
  std::string api_version;  // of the workload, for the owner reference
  std::string uid;          // of the workload; "" where it was never admitted
  std::string owner;        // "" where nobody is named
  std::string tier;         // "" where no policy has tiers
  std::string service;      // what is the same in every namespace (record/service.h)
  ReadinessState state = ReadinessState::kReady;
  std::vector<std::string> policies;  // those that apply, sorted
  uint32_t failing = 0;  // findings that no waiver excuses, those that are not listed among them
  uint32_t waived = 0;   // findings that one excuses, likewise
  uint32_t passed = 0;
  // The next date on which a finding gets stronger, and the strongest action that begins on it; nothing where kBlocked.
  std::optional<Upcoming> upcoming;
  // The first sighting of this workload (this uid), and how it was seen.
  Timestamp first_seen;
  Sighting first_seen_by = Sighting::kAudit;
  std::vector<RecordedFinding> findings;  // worst first
  friend bool operator==(const WorkloadRecord&, const WorkloadRecord&) = default;
};

}  // namespace plimsoll

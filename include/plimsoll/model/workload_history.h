// What has happened to one workload, as its WorkloadReadiness object keeps it (`status.history`): what its team was told and
// when, how each finding ended, which of its releases were blocked. The three questions are answered from this.
//
// "Told" means that somebody who acts on the workload had it before their eyes: a warning or a denial of a request that was
// no dry run, or what `plimsoll check` stamped into the manifest. That an audit knew is no telling (docs/adr/0090).
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

namespace plimsoll {

// Design §8. A person reads back no further, and twenty lines of 120 bytes keep a record far below 64 KiB.
inline constexpr size_t kMaxHistoryEvents = 20;
// As many as a record lists; of more, those that have ended longest ago are forgotten first.
inline constexpr size_t kMaxToldFindings = 50;
// Releases that are told apart when they are tried again. Nobody has ten rejected ones under way.
inline constexpr size_t kMaxBlockedReleases = 10;
inline constexpr size_t kMaxEventNoteBytes = 240;
inline constexpr size_t kMaxServiceBytes = 320;

// How a service came to be known, or a finding to be told.
enum class Sighting : uint8_t {
  kAudit,    // an audit found the workload
  kWarning,  // a request was let through with warnings
  kDenial,   // a request was refused
  kKickoff,  // the annotation plimsoll.dev/kickoff, which `plimsoll init` writes
  kChecked,  // the annotation plimsoll.dev/checked, which `plimsoll check --stamp` writes
};
// "audit", "warning", "denial", "kickoff", "checked".
std::string_view SightingName(Sighting sighting);
std::optional<Sighting> ParseSighting(std::string_view text);

enum class FindingOutcome : uint8_t {
  kOpen,
  kFixedBeforeEnforcement,  // gone without ever having blocked a release
  kFixedAfterBlock,         // gone after it had
  kWaived,                  // excused by a waiver
  kRemoved,                 // no longer asked: the policy has changed, or the workload is gone
};
// "open", "fixed_before_enforcement", "fixed_after_block", "waived", "removed": also label values.
std::string_view FindingOutcomeName(FindingOutcome outcome);
std::optional<FindingOutcome> ParseFindingOutcome(std::string_view text);

// A finding that was told, whichever policy it came from: a service that was warned by one policy about a missing runbook is
// not surprised to be refused for it by another.
struct ToldFinding {
  std::string rule;
  std::string container;  // "" where it is about no single one
  Timestamp first_shown;
  Sighting shown_by = Sighting::kWarning;  // kWarning, kDenial or kChecked
  std::optional<Timestamp> first_denied;
  FindingOutcome outcome = FindingOutcome::kOpen;
  std::optional<Timestamp> ended;  // where not kOpen
  friend bool operator==(const ToldFinding&, const ToldFinding&) = default;
};

// A pod template that was refused. However often it is tried again, it is one release.
struct BlockedRelease {
  std::string release;  // digest of the pod template
  Timestamp at;
  bool surprise = false;  // none of what denied it had been told before
  friend bool operator==(const BlockedRelease&, const BlockedRelease&) = default;
};

enum class HistoryEventType : uint8_t {
  kShown,
  kDenied,
  kFixed,
  kWaived,
  kRemoved,
  kRegressed,
  kRollback,
  kBreakGlass,
};
// "Shown", "Denied", "Fixed", "Waived", "Removed", "Regressed", "Rollback", "BreakGlass".
std::string_view HistoryEventName(HistoryEventType type);
std::optional<HistoryEventType> ParseHistoryEvent(std::string_view text);

struct HistoryEvent {
  Timestamp at;
  HistoryEventType type = HistoryEventType::kShown;
  std::string note;  // "runbook.url, health.readiness-probe (web)"
  friend bool operator==(const HistoryEvent&, const HistoryEvent&) = default;
};

struct WorkloadHistory {
  // As WorkloadRecord::service, from where it is read; not written with the history.
  std::string service;
  // The first rollout that was judged while some rule about it denied, whatever came of it.
  std::optional<Timestamp> first_enforced;
  std::vector<ToldFinding> findings;    // sorted by rule and container
  uint32_t blocked_releases = 0;        // all there ever were
  uint32_t surprises = 0;               // of them
  std::vector<BlockedRelease> blocked;  // the last ones, oldest first
  std::vector<HistoryEvent> events;     // the last ones, oldest first
  friend bool operator==(const WorkloadHistory&, const WorkloadHistory&) = default;

  const ToldFinding* Find(std::string_view rule, std::string_view container) const;
};

}  // namespace plimsoll

// PolicyStatus: what `kubectl get rp` says about a policy: whether it is in force as it was written, which stage holds,
// which comes next, and how many workloads it finds ready or not. See status in crds/plimsoll.dev_readinesspolicies.yaml.
//
// Pure: from what was parsed and counted, and from the status before. Two statuses that are equal need no write.
// Thread-safety: value types and pure functions. Semantics of conditions: Kubernetes API conventions, "Typical status
// properties"; kstatus (cli-utils): Ready says whether, Stalled says that waiting is of no use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/time.h"
#include "plimsoll/model/action.h"
#include "plimsoll/model/audit_figures.h"
#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll::controllers {

// A condition's message is read in a terminal. Beyond it: "and 12 more".
inline constexpr size_t kMaxListedProblems = 20;
inline constexpr size_t kMaxProblemBytes = 400;

inline constexpr std::string_view kReadyCondition = "Ready";
// Only there while the policy is not ready: nothing but a change of the policy will make it so.
inline constexpr std::string_view kStalledCondition = "Stalled";

// Only there while a policy asks the directory of teams and that cannot be read.
inline constexpr std::string_view kDirectoryCondition = "TeamDirectoryReady";

// Only there while the installation lets policies do less than Deny.
inline constexpr std::string_view kHeldBackCondition = "HeldBack";

struct PolicyCondition {
  std::string type;
  bool status = false;  // "True" or "False"
  int64_t observed_generation = 0;
  std::string reason;  // one word for programs
  std::string message;
  Timestamp last_transition;  // of `status`
  friend bool operator==(const PolicyCondition&, const PolicyCondition&) = default;
};

struct PolicyStatus {
  int64_t observed_generation = 0;
  // Nothing where nothing of the policy is in force.
  std::optional<Action> stage;
  std::optional<Upcoming> next_stage;
  // Nothing before the first audit.
  std::optional<PolicyFigures> workloads;
  std::vector<PolicyCondition> conditions;  // sorted by type
  friend bool operator==(const PolicyStatus&, const PolicyStatus&) = default;
};

// "Deny 2027-02-01".
std::string StageSummary(const Upcoming& stage);

// `previous`: the status the cluster has, null where there is none.
PolicyStatus MakePolicyStatus(const ParsedPolicy& parsed, int64_t generation,
                              const std::optional<PolicyFigures>& figures,
                              const PolicyStatus* previous, Timestamp now);
// Says in the status of a policy that asks the directory what is wrong with that; nothing where there is no problem.
void AddDirectoryCondition(const ParsedPolicy& parsed, const std::optional<std::string>& problem,
                           int64_t generation, const PolicyStatus* previous, Timestamp now,
                           PolicyStatus& status);

// Says in the status of a policy that is in force that no policy may do more than `strongest` here, and shows the stage as
// it acts; the next stage stays as published. Nothing where that is Deny.
void AddHeldBackCondition(const ParsedPolicy& parsed, Action strongest, int64_t generation,
                          const PolicyStatus* previous, Timestamp now, PolicyStatus& status);

}  // namespace plimsoll::controllers

// ReadinessPolicy (plimsoll.dev/v1alpha1), as its author wrote it: a published standard with dates. See
// crds/plimsoll.dev_readinesspolicies.yaml for the meaning of each field.
//
// Thread-safety: value types. Compiled for evaluation by policy/policy_snapshot.h.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plimsoll/base/position.h"
#include "plimsoll/base/time.h"
#include "plimsoll/model/action.h"
#include "plimsoll/model/workload.h"

namespace plimsoll {

inline constexpr std::string_view kPolicyApiVersion = "plimsoll.dev/v1alpha1";
inline constexpr std::string_view kPolicyKind = "ReadinessPolicy";

// metav1.LabelSelector. No requirements: everything matches.
struct LabelSelector {
  enum class Operator { kIn, kNotIn, kExists, kDoesNotExist };
  struct Requirement {
    std::string key;
    Operator op = Operator::kIn;
    std::vector<std::string> values;
    friend bool operator==(const Requirement&, const Requirement&) = default;
  };
  // matchLabels are written here as kIn with one value.
  std::vector<Requirement> requirements;
  friend bool operator==(const LabelSelector&, const LabelSelector&) = default;
};

struct Stage {
  Action action = Action::kAudit;
  std::optional<Timestamp> from;  // nothing: from the beginning
  friend bool operator==(const Stage&, const Stage&) = default;
};

struct MatchConstraints {
  std::vector<WorkloadKind> kinds;  // default: Deployment, StatefulSet, DaemonSet
  LabelSelector namespace_selector;
  std::vector<std::string> exclude_namespaces;  // globs
  LabelSelector object_selector;
  friend bool operator==(const MatchConstraints&, const MatchConstraints&) = default;
};

struct ExistingViolations {
  Action action = Action::kWarn;
  std::optional<Timestamp> until;  // nothing: for good
  friend bool operator==(const ExistingViolations&, const ExistingViolations&) = default;
};

struct Tiers {
  std::string label = "plimsoll.dev/tier";
  std::vector<std::string> values;  // empty: this policy has no tiers
  std::string default_tier;
  friend bool operator==(const Tiers&, const Tiers&) = default;
};

enum class FailurePolicy { kIgnore, kFail };

struct WaiverTerms {
  bool approval_required = true;
  std::chrono::seconds max_duration = std::chrono::hours(2160);
  friend bool operator==(const WaiverTerms&, const WaiverTerms&) = default;
};

}  // namespace plimsoll

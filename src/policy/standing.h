// Standing: what a policy does about a failing rule now, and why, in words.
//
// Thread-safety: value types and pure functions. Ownership: views into the policy and the tier choice.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "plimsoll/base/time.h"
#include "plimsoll/model/action.h"
#include "plimsoll/model/finding.h"
#include "plimsoll/model/readiness_policy.h"
#include "plimsoll/model/readiness_waiver.h"
#include "plimsoll/policy/policy_snapshot.h"
#include "policy/matching.h"

namespace plimsoll {

struct Standing {
  Stage stage;                // in force now
  std::optional<Stage> next;  // the next to come
  TierCap cap;                // nothing: the tier does not cap this rule
  std::string_view tier;
  bool mild = false;  // the cap is the finding's own (Violation::strongest), not the tier's
  bool held = false;  // the cap is the installation's (ReadinessPolicy::strongest)
  Action action = Action::kAudit;  // the weaker of stage and cap
};

// True if workloads of this tier are not asked (a byTier of Skip).
bool IsSkipped(const PolicyRule& rule, const TierChoice& tier);

// `rule` may be null: a finding of the policy itself, which follows the policy's stages without a cap.
Standing StandingOf(const ReadinessPolicy& policy, const PolicyRule* rule, const TierChoice& tier,
                    Timestamp now);

// As StandingOf would say, if the installation held nothing back.
Standing PublishedStandingOf(const ReadinessPolicy& policy, const PolicyRule* rule,
                             const TierChoice& tier, Timestamp now);

// What the installation keeps a policy of this standing from: Deny, and since or from when. Nothing where it keeps it from
// nothing of the kind.
std::optional<Upcoming> WithheldFrom(const Standing& published, Action strongest);

// Whether some rule of the policy denies workloads of this tier now.
bool Enforces(const ReadinessPolicy& policy, const TierChoice& tier, Timestamp now);

// The standing of a finding that deserves at most `strongest`.
Standing CappedAt(Standing standing, Action strongest);

// Why an UPDATE's finding is weaker than its standing.
enum class Ratchet : uint8_t {
  kNone,
  kExisting,           // the object had it before, and existingViolations holds
  kUntouchedTemplate,  // the object had it before, and the pod template stays as it is
};

struct Effect {
  Action action = Action::kAudit;
  std::string reason;
  std::optional<Upcoming> upcoming;
  LetThrough let_through = LetThrough::kNone;
  std::string_view waiver;           // that made it so; "" where none did
  std::optional<Upcoming> withheld;  // Finding::withheld
};

// What is done about a finding that the old object had (or had not), and why.
Effect EffectOf(const ReadinessPolicy& policy, const Standing& standing, Ratchet ratchet);

// What `otherwise` is under `waiver`, which is in force: Audit, until it expires. `then`: the standing at that time.
Effect WaivedEffect(const ReadinessWaiver& waiver, const Effect& otherwise,
                    const Standing& standing, Ratchet ratchet, const Standing& then);

// What of the ratchet holds for findings that the object had before. `same_template` is asked only where it matters.
template <class SameTemplate>
Ratchet RatchetFor(const ExistingViolations& existing, const Standing& standing, Timestamp now,
                   const SameTemplate& same_template) {
  const bool holds = !existing.until || now < *existing.until;
  if (holds && existing.action < standing.action) return Ratchet::kExisting;
  // Never trap: scaling, a restart or removing a finalizer must work on a release that is running already.
  if (standing.action == Action::kDeny && same_template()) return Ratchet::kUntouchedTemplate;
  return Ratchet::kNone;
}

}  // namespace plimsoll

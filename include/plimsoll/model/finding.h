// What judging one workload against the policies that apply to it found out.
//
// Thread-safety: value types.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/position.h"
#include "plimsoll/base/time.h"
#include "plimsoll/model/action.h"

namespace plimsoll {

enum class RuleResult : uint8_t { kPass, kFail, kNotApplicable, kPending, kError };

// "pass", "fail", "notApplicable", "pending", "error": part of the JSON interface.
std::string_view RuleResultName(RuleResult result);

// The stronger action that will be taken about a finding if nothing changes, and from when: what its reader plans with.
struct Upcoming {
  Action action = Action::kDeny;
  Timestamp from;

  friend bool operator==(const Upcoming&, const Upcoming&) = default;
};

// Why a finding that denies by its stage does not deny this request.
enum class LetThrough : uint8_t {
  kNone,
  kExisting,           // the object already had it, and existingViolations holds
  kUntouchedTemplate,  // the object already had it, and its pod template stays as it is
  kRollback,
  kBreakGlass,
};
// "", "existing", "unchanged_template", "rollback", "break_glass": part of the metrics' interface.
std::string_view LetThroughLabel(LetThrough why);

// One rule's answer for one place in one workload.
struct Finding {
  std::string policy;
  std::string rule;
  RuleResult result = RuleResult::kFail;
  // What is done about it now. Meaningful for kFail; kAudit otherwise.
  Action action = Action::kAudit;
  // kFail: why the action is what it is ("Deny since 2027-02-01", "Warn: the object already had this finding ...").
  // kNotApplicable, kPending, kError: why there is no pass or fail.
  std::string reason;
  std::string path;       // JSON path of the field, or of the place where it should be
  std::string container;  // "" where the finding is about no single container
  std::string message;    // one sentence that stands alone
  std::string observed;   // what is there, in few words ("not set", "nginx:latest")
  std::string required;   // what should be there
  // YAML rooted at the object: a patch that `kubectl patch --patch-file` takes; applied, the rule passes.
  std::string fix;
  // Of `path` in the source, where the object came from a file.
  SourcePosition position;
  // The waiver that excuses it ("checkout-runbook", in the workload's namespace); "" where none does.
  std::string waiver = {};
  // Of a kFail that would deny: why it does not.
  LetThrough let_through = LetThrough::kNone;
  // Of a kFail; nothing where its policy plans no stronger action for it.
  std::optional<Upcoming> upcoming;
  // Of a kFail: what its policy does by now, or plans, and the installation keeps it from (ReadinessPolicy::strongest).
  std::optional<Upcoming> withheld = {};

  friend bool operator==(const Finding&, const Finding&) = default;
};

// How strongly the object as a whole is refused.
enum class Decision : uint8_t { kAllow, kWarn, kDeny };
std::string_view DecisionName(Decision decision);  // "allow", "warn", "deny"

// Why an object was let through without being judged.
enum class Exemption : uint8_t {
  kNone,
  kNoPolicyMatches,
  kBeingDeleted,
  kScaledToZero,
  kControlledByOwner,
  kPartial,
  kTemplateElsewhere,  // a Rollout with workloadRef
};
std::string_view ExemptionReason(Exemption exemption);

// Why what would deny is let through with warnings all the same.
enum class Mercy : uint8_t {
  kNone,
  kRollback,    // the pod template is that of a revision that was admitted before
  kBreakGlass,  // somebody who may has broken the glass
};
// "", "rollback", "break-glass": the name of the audit annotation that has the detail.
std::string_view MercyName(Mercy mercy);

struct Verdict {
  Decision decision = Decision::kAllow;
  Exemption exemption = Exemption::kNone;
  // Of the context, where it made a difference: some finding would have denied.
  Mercy mercy = Mercy::kNone;
  std::string mercy_detail = {};
  // Some rule about it denies at this stage, whether or not this workload violates it.
  bool enforced = false;
  // Fails, pendings and errors; passes and notApplicables only where the context asked for them. Worst first (deny,
  // warn, audit, error, pending, notApplicable, pass), then by policy, rule, path.
  std::vector<Finding> findings;
  // The policies that apply, by name, sorted.
  std::vector<std::string_view> policies;
  // Whose word it is: taken from the first of the owner rule's keys that is set; "" where none is.
  std::string owner;
  std::string tier;
  uint32_t passed = 0;
  uint32_t not_applicable = 0;
  uint32_t waived = 0;  // of the findings, those beyond the limit among them: excused by a waiver
  // Beyond the limit on findings; 0 almost always. They count in `decision`.
  uint32_t findings_dropped = 0;
};

}  // namespace plimsoll

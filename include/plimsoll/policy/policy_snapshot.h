// PolicySnapshot: the policies in force, compiled, immutable. A request holds one for its life; a reload publishes a new
// one (std::shared_ptr<const PolicySnapshot>), and nobody waits for anybody.
//
// Thread-safety: immutable after construction.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plimsoll/base/json_view.h"
#include "plimsoll/base/position.h"
#include "plimsoll/model/readiness_policy.h"
#include "plimsoll/rules/rule.h"

namespace plimsoll {

// What a tier makes of a rule: the strongest action it may take, or, with nothing, that it is not judged (`Skip`).
using TierCap = std::optional<Action>;

// One entry of spec.rules.
struct PolicyRule {
  const Rule* rule = nullptr;
  Parameters parameters;
  std::vector<Stage> stages;  // empty: the policy's
  std::vector<std::pair<std::string, TierCap>> by_tier;
};

struct ReadinessPolicy {
  std::string name;
  std::string description;
  std::string contact;
  std::string documentation;
  MatchConstraints match;
  FailurePolicy failure_policy = FailurePolicy::kIgnore;
  std::vector<Stage> stages;  // sorted by date, never empty
  ExistingViolations existing_violations;
  Tiers tiers;
  WaiverTerms waivers;
  std::vector<PolicyRule> rules;
  // Where the owner of a workload is written: the keys of this policy's ownership.owner rule, else that rule's defaults.
  std::vector<std::string> owner_keys;
  std::string source_file;  // "" where it came from no file
  // What whoever runs Plimsoll lets any policy do at most (`--mode`); it is not in the policy.
  Action strongest = Action::kDeny;
};

// More problems than this in one document are a wrong document; the rest is counted in a last line.
inline constexpr size_t kMaxPolicyProblems = 100;

struct ParsedPolicy {
  // Absent where nothing sensible is left: no name, wrong kind, no valid rule, a `match` that cannot be read (it might
  // match too much), or more than kMaxPolicyProblems problems. Otherwise the policy without the rules that are wrong: the
  // other rules go on working (design §5). What cannot be read never acts more strongly than its author may have meant:
  // a problem in the timetable, the ratchet, the tiers or an unknown field of spec leaves every rule at Audit.
  std::optional<ReadinessPolicy> policy;
  // Every problem of the document, in its order. Empty: the policy is as its author meant it.
  std::vector<Diagnostic> problems;
  // Of the problems: one is a rule that does not exist (here: a newer version may have it), one is a field likewise.
  bool unknown_rules = false;
  bool unknown_fields = false;
  // The policy is there, and every rule is at Audit because of a problem.
  bool audits_only = false;
};

// The policy as it acts where no policy may do more than `strongest`. Below Deny it says Ignore, too.
ReadinessPolicy HeldBack(ReadinessPolicy policy, Action strongest);

// True for a policy, and for what was meant to be one: a kind of our group that is none of the others.
bool IsMeantAsPolicy(JsonView object);

// Reads one document: strict about names, types, formats, lengths and dates, as the CRD is. Pure.
ParsedPolicy ParseReadinessPolicy(JsonView document);

class PolicySnapshot {
 public:
  // Policies are kept sorted by name; of two with one name the first stays.
  explicit PolicySnapshot(std::vector<ReadinessPolicy> policies);

  const std::vector<ReadinessPolicy>& policies() const { return policies_; }
  const ReadinessPolicy* Find(std::string_view name) const;

 private:
  std::vector<ReadinessPolicy> policies_;
};

// The stage in force at `now`; the one before the first dated stage is Audit.
Stage StageAt(const std::vector<Stage>& stages, Timestamp now);
// The next one to begin after `now`.
std::optional<Stage> NextStage(const std::vector<Stage>& stages, Timestamp now);

// `labels` is an object of strings; where it is missing there are no labels. Semantics:
// k8s.io/apimachinery/pkg/labels, Requirement.Matches.
bool Matches(const LabelSelector& selector, JsonView labels);

// plimsoll-baseline, the starter policy: its text, as printed by `plimsoll policy default` and shipped by the chart.
std::string_view BaselinePolicyYaml();

}  // namespace plimsoll

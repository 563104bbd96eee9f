// Evaluate: one function judges a workload for admission, audit and the command line.
//
// Pure: what it depends on is in its arguments, time among them. Thread-safety: an Evaluator holds scratch memory and
// serves one thread at a time; snapshots are shared. Passing rules allocate nothing.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "plimsoll/base/json_view.h"
#include "plimsoll/base/time.h"
#include "plimsoll/model/admission.h"
#include "plimsoll/model/finding.h"
#include "plimsoll/model/neighbours.h"
#include "plimsoll/model/workload.h"
#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll {

class LinkResults;
class RelatedObjects;
class TeamDirectory;
class WaiverSet;

// More than this many findings help nobody; the rest is counted (design §11).
inline constexpr size_t kMaxFindingsPerVerdict = 500;

// What belongs to a new object (its budget, its monitor, its alert rules) may come after it: Helm and kubectl apply within
// seconds, GitOps tools in waves of some minutes, of which Argo CD and Flux wait for one to be healthy before the next.
inline constexpr std::chrono::seconds kRelatedGrace = std::chrono::minutes(5);

struct EvaluationContext {
  Timestamp now;
  Operation operation = Operation::kCreate;
  std::string_view namespace_name;
  // The namespace's labels and annotations where known. Where the labels are missing, only
  // kubernetes.io/metadata.name is, which the API server sets on every namespace.
  JsonView namespace_labels;
  JsonView namespace_annotations;
  // The object before an UPDATE, else null. Must be of the same kind.
  const Workload* old_workload = nullptr;
  // True where somebody who can know (an informer) has confirmed by uid that the controlling owner exists and is judged
  // itself. An ownerReference alone proves nothing: anybody can write one.
  bool owner_confirmed = false;
  // What would deny warns instead, for this reason; `mercy_detail` is said with it ("web-5d8c9", "INC-123 by ana").
  Mercy mercy = Mercy::kNone;
  std::string_view mercy_detail = {};
  // Waivers in force or not; null: there are none.
  const WaiverSet* waivers = nullptr;
  // What else there is in the cluster (or in the files given); null: not known, and rules that need it do not apply.
  const RelatedObjects* related = nullptr;
  // Until then, what a new object lacks beside it is pending, no finding; nothing, or not after `now`: all has come
  // (SettlesAt).
  std::optional<Timestamp> settles_at = {};
  // Null: there is none, and every owner is as good as any other.
  const TeamDirectory* directory = nullptr;
  // What the link checker has found; null: nobody looks (admission, the command line).
  const LinkResults* links = nullptr;
  // Also report what passed and what did not apply.
  bool report_all = false;
  // Fill Finding.position. It takes a walk through the source for each finding: off where there is no file to point at.
  bool locate = true;
};

// When what belongs to the object must have come: `grace` after its creationTimestamp, or, where it is being created, after
// `now`. Nothing where that has passed.
std::optional<Timestamp> SettlesAt(const Workload& workload, bool being_created, Timestamp now,
                                   std::chrono::seconds grace);

// The rule id of a finding about the tier label itself: its value is none of the policy's tiers. Not in the catalog, not
// listed in spec.rules; its action is the policy's stage.
inline constexpr std::string_view kTierRuleId = "policy.tier";

// What an evaluator uses again for each workload.
struct JudgementMemory {
  RuleOutcome outcome;
  Neighbours beside;
};

class Evaluator {
 public:
  // Judges a full workload. A partial one, one whose template is in another object, one being deleted and one scaled to zero get their Exemption.
  Verdict Evaluate(const PolicySnapshot& policies, const Workload& workload,
                   const EvaluationContext& context);

 private:
  JudgementMemory memory_;
  JudgementMemory old_memory_;
};

}  // namespace plimsoll

// AdmissionHandler: an admission request in, the answer out. It finds the workload, asks the evaluator, and words the
// answer for the person who reads it in a terminal (design §6 "Answering").
//
// Thread-safety: holds scratch memory, serves one thread at a time; make one per serving thread.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plimsoll/admission/access_source.h"
#include "plimsoll/admission/revision_source.h"
#include "plimsoll/base/result.h"
#include "plimsoll/base/time.h"
#include "plimsoll/model/admission.h"
#include "plimsoll/model/finding.h"
#include "plimsoll/model/related_objects.h"
#include "plimsoll/model/team_directory.h"
#include "plimsoll/policy/evaluator.h"

namespace plimsoll {

// kubectl and most clients show messages whole; API errors travel in HTTP bodies and logs, so keep them readable.
// Message and causes together: one of the two is what a reader sees.
inline constexpr size_t kMaxMessageBytes = 8 * 1024 - 1;
// The API server cuts all warnings of a response to 256 runes once they exceed 4,096 together (endpoints/filters/
// warning.go); ten short ones stay clear of that.
inline constexpr size_t kMaxWarnings = 10;
inline constexpr size_t kMaxWarningBytes = 120;

// What is known about namespaces. Called on every review; must not block.
class NamespaceSource {
 public:
  struct Facts {
    JsonView labels;  // missing where the namespace is not known
    JsonView annotations;
    // Keeps what the views look into: the namespaces may be read anew while a review is judged. May be null.
    std::shared_ptr<const void> owner;
    // The namespace is new and being asked for: there will be an answer in a moment, so there is no verdict now.
    bool pending = false;
  };
  virtual ~NamespaceSource() = default;
  virtual Facts Find(std::string_view name) const = 0;
};

// What is known about objects that control others. Called on reviews of controlled objects; must not block.
class OwnerSource {
 public:
  enum class Answer {
    kNotConfirmed,  // there is no such owner, or nobody judges it
    kConfirmed,     // it exists under that uid, and it or what controls it is judged itself
    kPending,       // it is being asked for: no verdict now
  };
  virtual ~OwnerSource() = default;
  // `owned`: the object's own kind. `reference`: the controlling one among its ownerReferences.
  virtual Answer Confirm(std::string_view namespace_name, WorkloadKind owned, JsonView reference,
                         const PolicySnapshot& policies) const = 0;
};

// Who is asked before a request is denied. Null: nothing is known of revisions, and nobody may break the glass.
struct MercySources {
  const RevisionSource* revisions = nullptr;
  const AccessSource* access = nullptr;
};

// What is known of objects beside workloads. Called on every review; must not block.
class RelatedSource {
 public:
  virtual ~RelatedSource() = default;
  // Null: nothing. A kind that is not known (yet) is one whose rules do not apply: no verdict waits for it.
  virtual std::shared_ptr<const RelatedObjects> Current() const = 0;
  // For how long what a new object lacks beside it is no finding.
  virtual std::chrono::seconds Grace() const { return kRelatedGrace; }
};

struct ReviewOutcome {
  AdmissionResponse response;
  Verdict verdict;
  // What was judged, and what it was before an UPDATE; null where there was nothing to judge. Valid until the handler's next
  // call, and as long as the review's Document.
  const Workload* workload = nullptr;
  const Workload* old_workload = nullptr;
};

struct MercyAnswer;  // src/admission/mercy.h

class AdmissionHandler {
 public:
  // An Error means that no verdict is possible (HTTP 503 or 4xx); never a made-up one. `namespaces`, `owners`, `related` and
  // `waivers` may be null: then namespaces are not known, no owner is confirmed, nothing is known of other objects and
  // nothing is waived.
  Result<ReviewOutcome> Handle(const AdmissionRequest& request, const PolicySnapshot& policies,
                               const NamespaceSource* namespaces, Timestamp now,
                               const OwnerSource* owners = nullptr, const MercySources& mercy = {},
                               const RelatedSource* related = nullptr,
                               const WaiverSet* waivers = nullptr);

  // Of the reviews that follow; null: there is none.
  void UseDirectory(std::shared_ptr<const TeamDirectory> directory) {
    directory_ = std::move(directory);
  }

 private:
  // Judges, and judges anew where there is mercy; what came of looking for it.
  Result<MercyAnswer> Judge(const AdmissionRequest& request, const PolicySnapshot& policies,
                            const MercySources& mercy, EvaluationContext context, Verdict& verdict);

  std::shared_ptr<const TeamDirectory> directory_;
  Evaluator evaluator_;
  Workload workload_;
  Workload old_workload_;
};

// The parts, for tests and for other front ends.
// "production/health.readiness-probe: container \"web\" ...": one finding in one line.
std::string FindingLine(const Finding& finding);

}  // namespace plimsoll

// ReviewWaiver: an admission request for a ReadinessWaiver in, the answer out. It holds what only a request can show: who
// asks. Two requests by two people make an exception: one requests, another, who may, approves.
//
// - CREATE: requestedBy is the user; there is no approval yet.
// - UPDATE before the approval: by who requested it alone, and requestedBy stays.
// - UPDATE that approves: approvedBy is the user, who may `approve` readinesswaivers in the namespace and has not requested
//   it; nothing else changes with it.
// - UPDATE after the approval: nothing in the spec changes.
// - Where the spec is written, its policy, rules and kinds exist, and it ends within the policy's maxDuration, counted from
//   the creation.
// An update that leaves the spec as it is passes, whatever is in it: labels and finalizers must come off.
//
// The ValidatingAdmissionPolicy in deploy/install.yaml says the same of who, without us (docs/adr/0066). Users are
// compared exactly, byte by byte; only that one person does both is looked for more widely (MayBeSamePerson).
//
// Pure: nothing is done, in a dry run or otherwise. Thread-safety: a function. Ownership: nothing is kept.
#pragma once

#include <cstddef>

#include "plimsoll/admission/access_source.h"
#include "plimsoll/base/result.h"
#include "plimsoll/base/time.h"
#include "plimsoll/model/admission.h"
#include "plimsoll/policy/policy_snapshot.h"
#include "plimsoll/policy/waiver_set.h"

namespace plimsoll {

inline constexpr std::string_view kApproveVerb = "approve";
inline constexpr std::string_view kWaiverResource = "readinesswaivers";

// Every replica keeps all waivers in memory, some 2 KiB each, and anybody who may create one may create many. A team with
// more exceptions than this has no standard.
inline constexpr size_t kMaxWaiversPerNamespace = 500;

struct WaiverReviewContext {
  const PolicySnapshot& policies;
  // Those that exist; null: not known, and not counted.
  const WaiverSet* waivers = nullptr;
  // Null: nobody can be asked, and nobody may approve.
  const AccessSource* access = nullptr;
  Timestamp now;
};

// An Error means that there is no answer: the request is none we can answer (kInvalidArgument), or whether the user may
// approve is not known yet (kUnavailable).
Result<AdmissionResponse> ReviewWaiver(const AdmissionRequest& request,
                                       const WaiverReviewContext& context);

}  // namespace plimsoll

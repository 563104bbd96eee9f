// ReviewPolicy: an admission request for a ReadinessPolicy in, the answer out, so that whoever applies a policy that cannot
// be in force as it is written hears it then, with every problem and the nearest known name, and not from its status.
//
// Let through in any case: what is being deleted, and an update that leaves the spec alone or adds no problem to those it
// had (a newer CRD, an older controller): labels and finalizers must come off a policy whatever is in it. What is
// surprising without being wrong is a warning: a Deny that holds from the first second, a Deny that comes earlier than was
// published.
//
// Pure. Thread-safety: a function.
#pragma once

#include "plimsoll/base/result.h"
#include "plimsoll/base/time.h"
#include "plimsoll/model/admission.h"

namespace plimsoll {

// An Error means that the request is none we can answer (HTTP 400).
Result<AdmissionResponse> ReviewPolicy(const AdmissionRequest& request, Timestamp now);

}  // namespace plimsoll

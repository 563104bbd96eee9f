// AdmissionReview v1 (admission.k8s.io/v1), read and written.
#pragma once

#include <string>

#include "plimsoll/base/json_view.h"
#include "plimsoll/base/result.h"
#include "plimsoll/model/admission.h"

namespace plimsoll {

// The API server accepts objects of 3 MiB; a review carries object and oldObject.
inline constexpr size_t kMaxReviewBytes = 7 * 1024 * 1024;

// The request in a parsed review. Errors name the field and what was expected; they carry the uid in no way: see
// ReviewUid.
Result<AdmissionRequest> ReadAdmissionReview(JsonView review);

// The uid if there is a plausible one, for error answers and logs; else "".
std::string_view ReviewUid(JsonView review);

// The whole AdmissionReview with the response, as compact JSON, appended to `out`.
void WriteAdmissionReview(const AdmissionResponse& response, std::string& out);

}  // namespace plimsoll

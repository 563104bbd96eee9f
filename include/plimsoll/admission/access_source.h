// AccessSource: may the user of a request do that? What its authorizers (RBAC and whatever else a cluster has) say, for
// decisions that hang on who asks: approving a waiver, breaking the glass.
//
// Called while a review is judged; must not block: an answer that is not known yet is kPending, is being asked for, and the
// review is tried again. Answers may be some seconds old. Thread-safety: any thread.
// Semantics: authorization.k8s.io/v1 SubjectAccessReview.
#pragma once

#include <string_view>

#include "plimsoll/model/admission.h"

namespace plimsoll {

// Of the API group plimsoll.dev.
struct AccessQuestion {
  std::string_view verb;            // "approve", "breakglass"
  std::string_view resource;        // plural: "readinesswaivers"
  std::string_view namespace_name;  // "" for cluster-scoped resources
  std::string_view name;            // "" for all
};

class AccessSource {
 public:
  enum class Answer {
    kDenied,
    kAllowed,
    kPending,  // it is being asked for: no verdict now
    kUnknown,  // it was asked for, and there was no answer: treat as denied, and say why
  };
  virtual ~AccessSource() = default;
  // The user is the request's: its userInfo as a whole.
  virtual Answer MayDo(const AdmissionRequest& request, const AccessQuestion& question) const = 0;
};

}  // namespace plimsoll

// ReportAccess: may whoever has this token read the report? Asks the API server whose token it is (TokenReview) and what
// that user may (SubjectAccessReview), and remembers the answer for some seconds. The question is: may they list, in all
// namespaces, what the answer is made of? So nobody reads here what kubectl would not show them, and there is no permission
// that says anything else (docs/adr/0113).
//
// Thread-safety: all methods from any thread. Ownership: `api` and `resolver` must outlive it; the resolver must have been
// stopped when it goes. RBAC: create on tokenreviews.authentication.k8s.io and subjectaccessreviews.authorization.k8s.io.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "fact_resolver.h"
#include "plimsoll/kube/api_client.h"
#include "short_memory.h"

namespace plimsoll::controller {

// A permission or a token that was taken away works for so long, as for reviews (cluster_access.h).
inline constexpr std::chrono::seconds kReportAnswerLife(10);
inline constexpr std::chrono::seconds kNoReportAnswerLife(2);
// Readers of a page are few; a token has 1 to 3 KB. Whoever sends invented ones pushes others out, who ask again.
inline constexpr size_t kMaxReportAnswers = 256;
inline constexpr size_t kMaxReportAnswerBytes = 1024 * 1024;

class ReportAccess {
 public:
  enum class Answer {
    kAllowed,
    kNobody,  // no token, or nobody's
    kDenied,
    kPending,  // it is being asked for
    kUnknown,  // there was no answer
  };
  using Now = std::function<std::chrono::steady_clock::time_point()>;

  // `now`: tests turn it themselves.
  ReportAccess(
      kube::ApiCaller& api, FactResolver& resolver,
      Now now = [] { return std::chrono::steady_clock::now(); });

  // `authorization`: the header; "Bearer TOKEN", or "Basic" with the token as its password, for browsers. `resources` of
  // plimsoll.dev. Never blocks.
  Answer MayRead(std::string_view authorization, const std::vector<std::string_view>& resources);

 private:
  Answer Ask(const std::string& token, const std::vector<std::string>& resources) const;

  kube::ApiCaller& api_;
  FactResolver& resolver_;
  Now now_;
  std::mutex mutex_;                                                       // held for a look-up
  ShortMemory<Answer> answers_{kMaxReportAnswers, kMaxReportAnswerBytes};  // guarded by mutex_
};

// The token in it; "" where there is none.
std::string TokenIn(std::string_view authorization);

}  // namespace plimsoll::controller

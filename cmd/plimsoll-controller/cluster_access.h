// ClusterAccess: asks the API server what the user of a request may do (SubjectAccessReview), and remembers the answer for
// some seconds. A question that has not been answered yet is asked in the resolver's thread (fact_resolver.h).
//
// Thread-safety: all methods from any thread. Ownership: `api` and `resolver` must outlive it; the resolver must have been
// stopped when it goes. RBAC: create on subjectaccessreviews.authorization.k8s.io.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>

#include "fact_resolver.h"
#include "plimsoll/admission/access_source.h"
#include "plimsoll/kube/access_review.h"
#include "plimsoll/kube/api_client.h"
#include "short_memory.h"

namespace plimsoll::controller {

// A permission that was just granted, or taken away, counts within this time.
inline constexpr std::chrono::seconds kAccessAnswerLife(10);
// For so long "there was no answer" is the answer; then it is asked for again.
inline constexpr std::chrono::seconds kNoAccessAnswerLife(2);
// Who breaks glass or approves waivers are a few people; each answer takes some 500 bytes.
inline constexpr size_t kMaxAccessAnswers = 1024;
inline constexpr size_t kMaxAccessBytes = 4 * 1024 * 1024;
// User, groups and extra of a request. A token with hundreds of groups has 20 KiB; beyond this it is not asked for.
inline constexpr size_t kMaxAccessQuestionBytes = 64 * 1024;

class ClusterAccess final : public AccessSource {
 public:
  using Now = std::function<std::chrono::steady_clock::time_point()>;

  // `now`: tests turn it themselves.
  ClusterAccess(
      kube::ApiCaller& api, FactResolver& resolver,
      Now now = [] { return std::chrono::steady_clock::now(); });

  Answer MayDo(const AdmissionRequest& request, const AccessQuestion& question) const override;

 private:
  void Ask(const std::string& key, kube::AccessReview review) const;

  kube::ApiCaller& api_;
  FactResolver& resolver_;
  Now now_;
  mutable std::mutex mutex_;                                                 // held for a look-up
  mutable ShortMemory<Answer> answers_{kMaxAccessAnswers, kMaxAccessBytes};  // guarded by mutex_
};

}  // namespace plimsoll::controller

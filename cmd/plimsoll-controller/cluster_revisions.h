// ClusterRevisions: whether a pod template is one that a workload has had (admission/revision_source.h). No watch: the
// revisions of one workload are listed, by its selector, when a review would deny it; the answer is remembered for some
// seconds.
//
// Thread-safety: all methods from any thread. Ownership: `api` and `resolver` must outlive it; the resolver must have been
// stopped when it goes. RBAC: list on replicasets and controllerrevisions.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "fact_resolver.h"
#include "plimsoll/admission/revision_source.h"
#include "plimsoll/controllers/revisions.h"
#include "plimsoll/kube/api_client.h"
#include "short_memory.h"

namespace plimsoll::controller {

// Long enough for the review that asked, its dry run before and its second try after.
inline constexpr std::chrono::seconds kRevisionAnswerLife(10);
// A template that was no revision is one as soon as somebody has waived or fixed what kept it out.
inline constexpr std::chrono::seconds kNoRevisionLife(2);
// Each is a template that was denied within the last seconds.
inline constexpr size_t kMaxRevisionAnswers = 256;
inline constexpr size_t kMaxRevisionAnswerBytes = 8 * 1024 * 1024;
// Of a pod template as JSON. The API server stores objects of 1.5 MiB.
inline constexpr size_t kMaxRevisionQuestionBytes = 2 * 1024 * 1024;
// Controllers keep ten revisions unless told otherwise (revisionHistoryLimit).
inline constexpr size_t kRevisionPageSize = 100;
inline constexpr size_t kMaxRevisionPages = 4;

class ClusterRevisions final : public RevisionSource {
 public:
  using Now = std::function<std::chrono::steady_clock::time_point()>;

  // `now`: tests turn it themselves.
  ClusterRevisions(
      kube::ApiCaller& api, FactResolver& resolver,
      Now now = [] { return std::chrono::steady_clock::now(); });

  Answer Find(const Workload& workload, JsonView pod_template) const override;

 private:
  struct Question {
    controllers::RevisionOwner owner;
    controllers::RevisionKeeper keeper;
    std::string namespace_name;
    std::string selector;
    std::string pod_template;  // as JSON
  };
  void Ask(const std::string& key, std::shared_ptr<const Question> question) const;
  // Nothing where it should be asked again.
  std::optional<Answer> Look(const Question& question) const;

  kube::ApiCaller& api_;
  FactResolver& resolver_;
  Now now_;
  mutable std::mutex mutex_;  // held for a look-up
  mutable ShortMemory<Answer> answers_{kMaxRevisionAnswers,
                                       kMaxRevisionAnswerBytes};  // guarded by mutex_
};

}  // namespace plimsoll::controller

#include "cluster_access.h"

#include <string_view>
#include <utility>
#include <vector>

namespace plimsoll::controller {
namespace {

constexpr std::string_view kGroup = "plimsoll.dev";

// Who asks is the whole of userInfo: two users of one name are not the same where their groups differ.
std::string KeyOf(const AdmissionRequest& request, const AccessQuestion& question) {
  std::string key = ToJson(request.user_info);
  for (const std::string_view part :
       {question.verb, question.resource, question.namespace_name, question.name}) {
    (key += '\n') += part;  // in none of them: they are names of the API
  }
  return key;
}

std::vector<std::string> Texts(JsonView list) {
  std::vector<std::string> texts;
  for (const JsonView text : list.elements()) texts.emplace_back(text.StringOrEmpty());
  return texts;
}

kube::AccessReview ReviewOf(const AdmissionRequest& request, const AccessQuestion& question) {
  kube::AccessReview review;
  const JsonView user = request.user_info;
  review.user = user["username"].StringOrEmpty();
  review.uid = user["uid"].StringOrEmpty();
  review.groups = Texts(user["groups"]);
  for (const JsonMember extra : user["extra"].members()) {
    review.extra.emplace_back(extra.key, Texts(extra.value));
  }
  review.verb = question.verb;
  review.group = kGroup;
  review.resource = question.resource;
  review.name = question.name;
  review.namespace_name = question.namespace_name;
  return review;
}

}  // namespace

ClusterAccess::ClusterAccess(kube::ApiCaller& api, FactResolver& resolver, Now now)
    : api_(api), resolver_(resolver), now_(std::move(now)) {}

AccessSource::Answer ClusterAccess::MayDo(const AdmissionRequest& request,
                                          const AccessQuestion& question) const {
  const std::string key = KeyOf(request, question);
  if (key.size() > kMaxAccessQuestionBytes) return Answer::kUnknown;
  {
    const std::lock_guard lock(mutex_);
    if (const Answer* known = answers_.Find(key, now_())) return *known;
  }
  Ask(key, ReviewOf(request, question));
  return Answer::kPending;
}

void ClusterAccess::Ask(const std::string& key, kube::AccessReview review) const {
  // Too many at once: this one is not asked; the review comes again, and asks again.
  (void)resolver_.Ask("access/" + key, [this, key, review = std::move(review)] {
    const Result<bool> allowed = kube::ReviewAccess(api_, review, kResolveTimeout);
    const Answer answer = !allowed   ? Answer::kUnknown
                          : *allowed ? Answer::kAllowed
                                     : Answer::kDenied;
    const std::lock_guard lock(mutex_);
    answers_.Keep(key, answer, now_() + (allowed ? kAccessAnswerLife : kNoAccessAnswerLife));
  });
}

}  // namespace plimsoll::controller

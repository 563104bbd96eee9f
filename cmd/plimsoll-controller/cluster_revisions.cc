#include "cluster_revisions.h"

#include <string>
#include <string_view>
#include <utility>

#include "plimsoll/codec/json_parser.h"
#include "plimsoll/kube/resources.h"

namespace plimsoll::controller {
namespace {

kube::ApiRequest PageOf(controllers::RevisionKeeper keeper, const std::string& namespace_name,
                        const std::string& selector, const std::string& token) {
  const kube::ResourceType type = keeper == controllers::RevisionKeeper::kReplicaSet
                                      ? kube::ResourceOf(WorkloadKind::kReplicaSet)
                                      : kube::kControllerRevisions;
  kube::ApiRequest request;
  request.path = kube::CollectionPath(type, namespace_name) +
                 "?limit=" + std::to_string(kRevisionPageSize) +
                 "&labelSelector=" + kube::PercentEncode(selector);
  if (!token.empty()) request.path += "&continue=" + kube::PercentEncode(token);
  request.timeout = kResolveTimeout;
  return request;
}

// Whether the same question will get the same error: a person must act. All else is asked again.
bool Lasts(const Error& error) {
  return error.code == ErrorCode::kForbidden || error.code == ErrorCode::kInvalidArgument ||
         error.code == ErrorCode::kNotFound || error.code == ErrorCode::kLimitExceeded;
}

}  // namespace

ClusterRevisions::ClusterRevisions(kube::ApiCaller& api, FactResolver& resolver, Now now)
    : api_(api), resolver_(resolver), now_(std::move(now)) {}

RevisionSource::Answer ClusterRevisions::Find(const Workload& workload,
                                              JsonView pod_template) const {
  const auto keeper = controllers::RevisionKeeperOf(workload.kind());
  const auto selector = controllers::SelectorQuery(workload.spec()["selector"]);
  const std::string_view uid = workload.metadata()["uid"].StringOrEmpty();
  if (!keeper || !selector || uid.empty()) return {};
  std::string text = ToJson(pod_template, kMaxRevisionQuestionBytes + 1);
  if (text.size() > kMaxRevisionQuestionBytes) return {State::kUnknown, {}};
  // The whole question: a review in which all but the uid is invented (callers are not authenticated, docs/adr/0108) must not
  // leave its answer to a true one. With their lengths, as an invented part may hold any byte.
  std::string key(WorkloadKindName(workload.kind()));
  for (const std::string_view part : {workload.namespace_name(), std::string_view(workload.name()),
                                      uid, std::string_view(*selector)}) {
    key += '\n' + std::to_string(part.size()) + ' ' + std::string(part);
  }
  key += '\n' + text;
  {
    const std::lock_guard lock(mutex_);
    if (const Answer* known = answers_.Find(key, now_())) return *known;
  }
  Ask(key, std::make_shared<const Question>(
               Question{{workload.kind(), workload.name(), std::string(uid)},
                        *keeper,
                        std::string(workload.namespace_name()),
                        *selector,
                        std::move(text)}));
  return {State::kPending, {}};
}

void ClusterRevisions::Ask(const std::string& key, std::shared_ptr<const Question> question) const {
  // One at a time for each workload: another template's turn comes when its review is tried again.
  const std::string name = "revisions/" + question->owner.uid;
  (void)resolver_.Ask(name, [this, key, question = std::move(question)] {
    std::optional<Answer> answer = Look(*question);
    if (!answer) return;
    const auto life = answer->state == State::kNone ? kNoRevisionLife : kRevisionAnswerLife;
    const std::lock_guard lock(mutex_);
    answers_.Keep(key, std::move(*answer), now_() + life);
  });
}

std::optional<RevisionSource::Answer> ClusterRevisions::Look(const Question& question) const {
  JsonParser wanted_parser;
  std::string text = question.pod_template;
  const Result<JsonView> wanted = wanted_parser.Parse(text);
  if (!wanted) return Answer{State::kUnknown, {}};
  JsonParser parser;
  std::string token;
  for (size_t page = 0; page < kMaxRevisionPages; ++page) {
    Result<kube::ApiResponse> response =
        api_.Call(PageOf(question.keeper, question.namespace_name, question.selector, token));
    if (!response) {
      if (Lasts(response.error())) return Answer{State::kUnknown, {}};
      return std::nullopt;
    }
    const Result<JsonView> list = parser.Parse(response->body);
    if (!list) return Answer{State::kUnknown, {}};
    for (const JsonView object : (*list)["items"].elements()) {
      if (!controllers::IsRevision(question.owner, object, *wanted)) continue;
      return Answer{State::kFound, std::string(object["metadata"]["name"].StringOrEmpty())};
    }
    token = (*list)["metadata"]["continue"].StringOrEmpty();
    if (token.empty()) return Answer{State::kNone, {}};
  }
  return Answer{State::kUnknown, {}};
}

}  // namespace plimsoll::controller

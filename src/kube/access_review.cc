#include "plimsoll/kube/access_review.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "kube/object_json.h"
#include "plimsoll/base/text.h"
#include "plimsoll/codec/json_parser.h"
#include "plimsoll/kube/resources.h"

namespace plimsoll::kube {
namespace {

// Writing replaces such bytes: the question would be about somebody else.
bool AllUtf8(const AccessReview& review) {
  const auto all = [](const std::vector<std::string>& texts) {
    return std::all_of(texts.begin(), texts.end(), [](const auto& t) { return IsValidUtf8(t); });
  };
  return all({review.user, review.uid, review.verb, review.group, review.resource, review.name,
              review.namespace_name}) &&
         all(review.groups) &&
         std::all_of(review.extra.begin(), review.extra.end(),
                     [&](const auto& e) { return IsValidUtf8(e.first) && all(e.second); });
}

Status Check(const AccessReview& review) {
  const auto refuse = [](const char* what) {
    return Fail(ErrorCode::kInvalidArgument, std::string("access review: ") + what);
  };
  if (review.user.empty() && review.groups.empty()) return refuse("no user and no group");
  if (review.verb.empty()) return refuse("no verb");
  if (review.resource.empty()) return refuse("no resource");
  if (!AllUtf8(review)) return refuse("a name is not valid UTF-8");
  return {};
}

std::string Body(const AccessReview& review) {
  nlohmann::json spec = {{"user", review.user},
                         {"groups", review.groups},
                         {"resourceAttributes",
                          {{"verb", review.verb},
                           {"group", review.group},
                           {"resource", review.resource},
                           {"name", review.name},
                           {"namespace", review.namespace_name}}}};
  if (!review.uid.empty()) spec["uid"] = review.uid;
  for (const auto& [key, values] : review.extra) spec["extra"][key] = values;
  return WriteJson({{"apiVersion", kSubjectAccessReviews.api_version()},
                    {"kind", kSubjectAccessReviews.kind},
                    {"spec", std::move(spec)}});
}

}  // namespace

Result<bool> ReviewAccess(ApiCaller& api, const AccessReview& review,
                          std::chrono::milliseconds timeout) {
  if (const Status checked = Check(review); !checked) return tl::unexpected(checked.error());
  ApiRequest request;
  request.method = ApiMethod::kPost;
  request.path = CollectionPath(kSubjectAccessReviews);
  request.content_type = kJsonType;
  request.body = Body(review);
  request.timeout = timeout;
  Result<ApiResponse> answer = api.Call(request);
  if (!answer) return tl::unexpected(answer.error());

  JsonParser parser;
  const Result<JsonView> root = parser.Parse(answer->body);
  const std::optional<bool> allowed = root ? (*root)["status"]["allowed"].AsBool() : std::nullopt;
  if (!allowed) {
    return Fail(ErrorCode::kInternal,
                "the API server's answer to a SubjectAccessReview has no status.allowed");
  }
  // status.evaluationError is no reason to doubt: with RBAC any binding to a role that is gone sets it.
  return *allowed && !(*root)["status"]["denied"].AsBool().value_or(false);
}

}  // namespace plimsoll::kube

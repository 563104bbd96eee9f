#include "plimsoll/kube/token_review.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "kube/object_json.h"
#include "plimsoll/codec/json_parser.h"
#include "plimsoll/kube/resources.h"

namespace plimsoll::kube {
namespace {

std::vector<std::string> Texts(JsonView list) {
  std::vector<std::string> texts;
  for (const JsonView text : list.elements()) texts.emplace_back(text.StringOrEmpty());
  return texts;
}

TokenUser UserOf(JsonView user) {
  TokenUser out;
  out.name = user["username"].StringOrEmpty();
  out.uid = user["uid"].StringOrEmpty();
  out.groups = Texts(user["groups"]);
  for (const JsonMember extra : user["extra"].members()) {
    out.extra.emplace_back(extra.key, Texts(extra.value));
  }
  return out;
}

}  // namespace

bool IsToken(std::string_view text) {
  const size_t end = text.find_last_not_of('=');
  if (end == std::string_view::npos) return false;
  return std::all_of(text.begin(), text.begin() + static_cast<ptrdiff_t>(end) + 1, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~+/").find(c) != std::string_view::npos;
  });
}

Result<std::optional<TokenUser>> ReviewToken(ApiCaller& api, std::string_view token,
                                             std::chrono::milliseconds timeout) {
  if (!IsToken(token)) return Fail(ErrorCode::kInvalidArgument, "token review: that is no token");
  ApiRequest request;
  request.method = ApiMethod::kPost;
  request.path = CollectionPath(kTokenReviews);
  request.content_type = kJsonType;
  request.body = WriteJson({{"apiVersion", kTokenReviews.api_version()},
                            {"kind", kTokenReviews.kind},
                            {"spec", {{"token", token}}}});
  request.timeout = timeout;
  const Result<ApiResponse> answer = api.Call(request);
  if (!answer) return tl::unexpected(answer.error());

  JsonParser parser;
  std::string body = answer->body;
  const Result<JsonView> root = parser.Parse(body);
  if (!root || !(*root)["status"].present()) {
    return Fail(ErrorCode::kInternal, "the API server's answer to a TokenReview has no status");
  }
  const JsonView status = (*root)["status"];
  // False, or left out: nobody's. status.error says why, for people who look at the API server.
  if (!status["authenticated"].AsBool().value_or(false)) return std::optional<TokenUser>();
  return std::optional(UserOf(status["user"]));
}

}  // namespace plimsoll::kube

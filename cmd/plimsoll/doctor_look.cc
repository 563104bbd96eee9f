#include "doctor_look.h"

#include <utility>

namespace plimsoll::cli {

Look Look::At(kube::ApiCaller& api, const std::string& path) {
  kube::ApiRequest request;
  request.path = path;
  return Look(api.Call(request));
}

Look Look::Ask(kube::ApiCaller& api, const std::string& path, std::string body) {
  kube::ApiRequest request;
  request.method = kube::ApiMethod::kPost;
  request.path = path;
  request.body = std::move(body);
  request.content_type = "application/json";
  return Look(api.Call(request));
}

const std::vector<JsonView>& Look::objects() const {
  static const std::vector<JsonView> kNone;
  return answer_ == nullptr ? kNone : answer_->objects;
}

Look::Look(Result<kube::ApiResponse> answer) {
  if (!answer) {
    error_ = answer.error();
    return;
  }
  answer_ = ParseManifests(std::move(answer->body));
  if (!answer_->problems.empty()) {
    error_ = Error{ErrorCode::kInternal,
                   "the answer cannot be read: " + answer_->problems.front().message,
                   {}};
  }
}

}  // namespace plimsoll::cli

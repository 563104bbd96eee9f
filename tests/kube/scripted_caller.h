// An ApiCaller for tests of what is sent: keeps the requests and answers with what it was told to.
#pragma once

#include <deque>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "plimsoll/kube/api_client.h"

namespace plimsoll::kube::test {

class ScriptedCaller final : public ApiCaller {
 public:
  std::vector<ApiRequest> requests;
  // The next answers; 200 and {} once there are no more.
  std::deque<Result<ApiResponse>> answers;

  Result<ApiResponse> Call(const ApiRequest& request) override {
    requests.push_back(request);
    if (answers.empty()) return ApiResponse{200, "{}"};
    Result<ApiResponse> answer = std::move(answers.front());
    answers.pop_front();
    return answer;
  }
  Status Stream(const ApiRequest&, const StreamLimits&,
                const std::function<bool(std::string_view)>&,
                const std::function<bool()>&) override {
    return Fail(ErrorCode::kInternal, "no streams here");
  }
};

}  // namespace plimsoll::kube::test

// An API server for one test: notes each request and answers with what the test has put in the queue.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "plimsoll/kube/api_client.h"

namespace plimsoll::testing {

class AnsweringCaller final : public kube::ApiCaller {
 public:
  std::vector<kube::ApiRequest> requests;
  std::deque<Result<kube::ApiResponse>> answers;

  void Answer(std::string body) { answers.emplace_back(kube::ApiResponse{200, std::move(body)}); }
  void Refuse(ErrorCode code, std::string message) {
    answers.emplace_back(Fail(code, std::move(message)));
  }

  Result<kube::ApiResponse> Call(const kube::ApiRequest& request) override {
    requests.push_back(request);
    if (answers.empty()) {
      ADD_FAILURE() << "no answer is left for " << request.path;
      return Fail(ErrorCode::kInternal, "no answer is left");
    }
    Result<kube::ApiResponse> answer = std::move(answers.front());
    answers.pop_front();
    return answer;
  }
  Status Stream(const kube::ApiRequest& /*request*/, const StreamLimits& /*limits*/,
                const std::function<bool(std::string_view)>& /*take*/,
                const std::function<bool()>& /*stop*/) override {
    return Fail(ErrorCode::kInternal, "there are no streams here");
  }
};

}  // namespace plimsoll::testing

#include "plimsoll/kube/token_review.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/fakes/scripted_api.h"

namespace plimsoll::kube {
namespace {

using nlohmann::json;
using testing::ScriptedApi;

void AnswerWith(ScriptedApi& api, const std::string& body) {
  api.AnswerBy([body](const ApiRequest&) { return Result<ApiResponse>(ApiResponse{201, body}); });
}

TEST(TokenReviewTest, AsksWhoseItIs) {
  ScriptedApi api;
  AnswerWith(api, R"({"status":{"authenticated":true,"user":{"username":"ana","uid":"u-1",
      "groups":["sre","system:authenticated"],"extra":{"scopes":["x","y"]}}}})");
  const auto user = ReviewToken(api, "abc.def-1_~+/==", std::chrono::milliseconds(1'500));
  ASSERT_TRUE(user && *user);
  EXPECT_EQ((*user)->name, "ana");
  EXPECT_EQ((*user)->uid, "u-1");
  EXPECT_EQ((*user)->groups, (std::vector<std::string>{"sre", "system:authenticated"}));
  EXPECT_EQ((*user)->extra.at(0).first, "scopes");
  EXPECT_EQ((*user)->extra.at(0).second, (std::vector<std::string>{"x", "y"}));
  ASSERT_EQ(api.calls().size(), 1U);
  const ApiRequest request = api.calls().front();
  EXPECT_EQ(request.method, ApiMethod::kPost);
  EXPECT_EQ(request.path, "/apis/authentication.k8s.io/v1/tokenreviews");
  EXPECT_EQ(request.timeout, std::chrono::milliseconds(1'500));
  EXPECT_EQ(json::parse(request.body), json::parse(R"({"apiVersion":"authentication.k8s.io/v1",
      "kind":"TokenReview","spec":{"token":"abc.def-1_~+/=="}})"));
}

TEST(TokenReviewTest, NobodysTokenIsNoError) {
  for (const char* body :
       {R"({"status":{"authenticated":false}})", R"({"status":{"error":"invalid bearer token"}})",
        R"({"status":{"authenticated":"true","user":{"username":"ana"}}})"}) {
    ScriptedApi api;
    AnswerWith(api, body);
    const auto user = ReviewToken(api, "t");
    ASSERT_TRUE(user) << body;
    EXPECT_FALSE(*user) << body;
  }
}

TEST(TokenReviewTest, AnAnswerThatIsNoneIsAnError) {
  for (const char* body : {"", "[]", R"({"spec":{"token":"t"}})"}) {
    ScriptedApi api;
    AnswerWith(api, body);
    const auto user = ReviewToken(api, "t");
    ASSERT_FALSE(user) << body;
    EXPECT_EQ(user.error().code, ErrorCode::kInternal);
  }
  ScriptedApi api;
  api.Fail(ScriptedApi::Trouble());
  EXPECT_FALSE(ReviewToken(api, "t"));
}

TEST(TokenReviewTest, WhatIsNoTokenIsNotAskedAbout) {
  ScriptedApi api;
  for (const char* text : {"", "=", "a b", "a\"b", "a=b", "a\xff", "a\n"}) {
    EXPECT_FALSE(IsToken(text)) << text;
    EXPECT_FALSE(ReviewToken(api, text)) << text;
  }
  EXPECT_TRUE(api.calls().empty());
}

}  // namespace
}  // namespace plimsoll::kube

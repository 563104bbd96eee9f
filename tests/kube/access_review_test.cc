#include "plimsoll/kube/access_review.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/fakes/scripted_api.h"

namespace plimsoll::kube {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using testing::ScriptedApi;

AccessReview Approve() {
  AccessReview review;
  review.user = "lee@corp.internal";
  review.uid = "u-1";
  review.groups = {"sre", "system:authenticated"};
  review.extra = {{"scopes.example.org/a", {"x", "y"}}};
  review.verb = "approve";
  review.group = "plimsoll.dev";
  review.resource = "readinesswaivers";
  review.name = "checkout";
  review.namespace_name = "payments";
  return review;
}

void AnswerWith(ScriptedApi& api, const std::string& body) {
  api.AnswerBy([body](const ApiRequest&) { return Result<ApiResponse>(ApiResponse{201, body}); });
}

TEST(AccessReviewTest, AsksExactlyThat) {
  ScriptedApi api;
  AnswerWith(api, R"({"status":{"allowed":true,"reason":"RBAC"}})");
  const Result<bool> allowed = ReviewAccess(api, Approve(), std::chrono::milliseconds(1'500));
  ASSERT_TRUE(allowed);
  EXPECT_TRUE(*allowed);
  ASSERT_EQ(api.calls().size(), 1u);
  const ApiRequest request = api.calls().front();
  EXPECT_EQ(request.method, ApiMethod::kPost);
  EXPECT_EQ(request.path, "/apis/authorization.k8s.io/v1/subjectaccessreviews");
  EXPECT_EQ(request.timeout, std::chrono::milliseconds(1'500));
  EXPECT_EQ(json::parse(request.body), json::parse(R"({
    "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
    "spec": {"user": "lee@corp.internal", "uid": "u-1", "groups": ["sre", "system:authenticated"],
             "extra": {"scopes.example.org/a": ["x", "y"]},
             "resourceAttributes": {"verb": "approve", "group": "plimsoll.dev",
               "resource": "readinesswaivers", "name": "checkout", "namespace": "payments"}}})"));
}

TEST(AccessReviewTest, WhatTheAnswerMeans) {
  struct Case {
    const char* body;
    std::optional<bool> allowed;  // nothing: an error
  };
  for (const Case& c : std::initializer_list<Case>{
           {R"({"status":{"allowed":true}})", true},
           {R"({"status":{"allowed":false}})", false},
           {R"({"status":{"allowed":false,"denied":true}})", false},
           {R"({"status":{"allowed":true,"denied":true}})", false},
           {R"({"status":{"allowed":false,"evaluationError":"clusterrole \"x\" not found"}})",
            false},
           {R"({"status":{}})", std::nullopt},
           {R"({"status":{"allowed":"true"}})", std::nullopt},
           {R"([true])", std::nullopt},
           {"", std::nullopt}}) {
    ScriptedApi api;
    AnswerWith(api, c.body);
    const Result<bool> allowed = ReviewAccess(api, Approve());
    if (c.allowed) {
      ASSERT_TRUE(allowed) << c.body;
      EXPECT_EQ(*allowed, *c.allowed) << c.body;
    } else {
      ASSERT_FALSE(allowed) << c.body;
      EXPECT_EQ(allowed.error().code, ErrorCode::kInternal);
    }
  }
}

TEST(AccessReviewTest, TroubleIsAnErrorAndNotARefusal) {
  ScriptedApi api;
  api.Fail({});
  const Result<bool> allowed = ReviewAccess(api, Approve());
  ASSERT_FALSE(allowed);
  EXPECT_EQ(allowed.error().code, ErrorCode::kUnavailable);
}

TEST(AccessReviewTest, QuestionsThatAreNone) {
  const auto refused = [](AccessReview review, const char* words) {
    ScriptedApi api;
    AnswerWith(api, R"({"status":{"allowed":true}})");
    const Result<bool> allowed = ReviewAccess(api, review);
    ASSERT_FALSE(allowed) << words;
    EXPECT_EQ(allowed.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(allowed.error().message, HasSubstr(words));
    EXPECT_TRUE(api.calls().empty());
  };
  AccessReview review = Approve();
  review.user.clear();
  review.groups.clear();
  refused(review, "no user");
  review = Approve();
  review.verb.clear();
  refused(review, "no verb");
  review = Approve();
  review.resource.clear();
  refused(review, "no resource");
  review = Approve();
  review.user = "lee\xff";
  refused(review, "UTF-8");
  review = Approve();
  review.extra.front().second.push_back("\xc3");
  refused(review, "UTF-8");
}

}  // namespace
}  // namespace plimsoll::kube

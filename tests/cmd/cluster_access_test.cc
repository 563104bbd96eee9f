#include "cluster_access.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cmd/support.h"
#include "tests/fakes/scripted_api.h"

namespace plimsoll::controller {
namespace {

using nlohmann::json;
using testing::Parsed;
using testing::ScriptedApi;
using testing::Settle;
using testing::Stopwatch;
using Answer = AccessSource::Answer;

constexpr const char* kAna =
    R"({"username":"ana","uid":"u-1","groups":["sre"],"extra":{"scope":["a"]}})";
constexpr AccessQuestion kBreak{"breakglass", "readinesspolicies", "", "production"};

class ClusterAccessTest : public ::testing::Test {
 protected:
  ~ClusterAccessTest() override { resolver_.Stop(); }

  Answer Ask(const std::string& user = kAna, const AccessQuestion& question = kBreak) {
    const Parsed info(user);
    AdmissionRequest request;
    request.user_info = info.view();
    return access_.MayDo(request, question);
  }
  // The answer, once the API server has given one.
  Answer Settled(const std::string& user = kAna, const AccessQuestion& question = kBreak) {
    EXPECT_EQ(Ask(user, question), Answer::kPending);
    EXPECT_TRUE(Settle(resolver_));
    return Ask(user, question);
  }
  void AnswerWith(const std::string& body) {
    api_.AnswerBy([body](const kube::ApiRequest&) {
      return Result<kube::ApiResponse>(kube::ApiResponse{201, body});
    });
  }

  ScriptedApi api_;
  Stopwatch time_;
  FactResolver resolver_;
  ClusterAccess access_{api_, resolver_, [this] { return time_.Now(); }};
};

TEST_F(ClusterAccessTest, AsksAboutTheWholeUserAndRemembersTheAnswer) {
  AnswerWith(R"({"status":{"allowed":true}})");
  EXPECT_EQ(Settled(), Answer::kAllowed);
  ASSERT_EQ(api_.calls().size(), 1u);
  EXPECT_EQ(api_.calls()[0].path, "/apis/authorization.k8s.io/v1/subjectaccessreviews");
  EXPECT_EQ(json::parse(api_.calls()[0].body)["spec"], json::parse(R"({
      "user": "ana", "uid": "u-1", "groups": ["sre"], "extra": {"scope": ["a"]},
      "resourceAttributes": {"verb": "breakglass", "group": "plimsoll.dev",
        "resource": "readinesspolicies", "name": "production", "namespace": ""}})"));
  EXPECT_EQ(Ask(), Answer::kAllowed);
  EXPECT_EQ(api_.calls().size(), 1u);
}

TEST_F(ClusterAccessTest, AnAnswerIsAskedForAgainOnceItIsOld) {
  AnswerWith(R"({"status":{"allowed":true}})");
  EXPECT_EQ(Settled(), Answer::kAllowed);
  AnswerWith(R"({"status":{"allowed":false}})");
  time_.Pass(kAccessAnswerLife - std::chrono::milliseconds(1));
  EXPECT_EQ(Ask(), Answer::kAllowed);
  time_.Pass(std::chrono::milliseconds(1));
  EXPECT_EQ(Settled(), Answer::kDenied);
  EXPECT_EQ(api_.calls().size(), 2u);
}

TEST_F(ClusterAccessTest, NoAnswerIsNotANoAndDoesNotLast) {
  api_.Fail(ScriptedApi::Trouble());
  EXPECT_EQ(Settled(), Answer::kUnknown);
  EXPECT_EQ(Ask(), Answer::kUnknown);
  EXPECT_EQ(api_.calls().size(), 1u);
  AnswerWith(R"({"status":{"allowed":true}})");
  time_.Pass(kNoAccessAnswerLife);
  EXPECT_EQ(Settled(), Answer::kAllowed);
}

TEST_F(ClusterAccessTest, AnotherUserOrQuestionIsAnotherAnswer) {
  AnswerWith(R"({"status":{"allowed":true}})");
  EXPECT_EQ(Settled(), Answer::kAllowed);
  AnswerWith(R"({"status":{"allowed":false}})");
  // The same name, without the group that may.
  EXPECT_EQ(Settled(R"({"username":"ana","uid":"u-1","groups":[]})"), Answer::kDenied);
  EXPECT_EQ(Settled(kAna, {"breakglass", "readinesspolicies", "", "staging"}), Answer::kDenied);
  EXPECT_EQ(Settled(kAna, {"approve", "readinesswaivers", "shop", ""}), Answer::kDenied);
  EXPECT_EQ(Ask(), Answer::kAllowed);
}

TEST_F(ClusterAccessTest, WaitingReviewsAskOnce) {
  AnswerWith(R"({"status":{"allowed":true}})");
  api_.Hold();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Ask(), Answer::kPending);
  EXPECT_TRUE(api_.WaitForCalls(1));
  EXPECT_EQ(Ask(), Answer::kPending);
  api_.LetGo();
  EXPECT_TRUE(Settle(resolver_));
  EXPECT_EQ(Ask(), Answer::kAllowed);
  EXPECT_EQ(api_.calls().size(), 1u);
}

TEST_F(ClusterAccessTest, AUserTooLargeToAskAboutMayNotAndIsNotAskedAbout) {
  const std::string user =
      R"({"username":"ana","groups":[")" + std::string(kMaxAccessQuestionBytes, 'g') + R"("]})";
  EXPECT_EQ(Ask(user), Answer::kUnknown);
  EXPECT_TRUE(Settle(resolver_));
  EXPECT_TRUE(api_.calls().empty());
}

TEST_F(ClusterAccessTest, AUserWithoutANameGetsNothing) {
  EXPECT_EQ(Settled("{}"), Answer::kUnknown);
  EXPECT_TRUE(api_.calls().empty());
}

}  // namespace
}  // namespace plimsoll::controller

#include "cluster_revisions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "plimsoll/kube/resources.h"
#include "tests/cmd/support.h"
#include "tests/fakes/scripted_api.h"

namespace plimsoll::controller {
namespace {

using testing::Parsed;
using testing::ScriptedApi;
using testing::Settle;
using testing::Stopwatch;
using State = RevisionSource::State;

std::string Template(const std::string& image, const std::string& labels = R"("app":"web")") {
  return R"({"metadata":{"labels":{)" + labels +
         R"(}},"spec":{"containers":[{"name":"web","image":")" + image + R"("}]}})";
}

std::string Object(const std::string& kind, const std::string& uid, const std::string& selector) {
  return R"({"apiVersion":"apps/v1","kind":")" + kind +
         R"(","metadata":{"name":"web","namespace":"shop","uid":")" + uid +
         R"("},"spec":{"selector":)" + selector + R"(,"template":)" + Template("web:3") + "}}";
}

constexpr const char* kSelector = R"({"matchLabels":{"app":"web"}})";

std::string ReplicaSet(const std::string& hash, const std::string& image) {
  return R"({"metadata":{"name":"web-)" + hash + R"(","labels":{"pod-template-hash":")" + hash +
         R"("},"annotations":{"deployment.kubernetes.io/revision":"1"},"ownerReferences":[{"apiVersion":"apps/v1",)"
         R"("kind":"Deployment","name":"web","uid":"u-1","controller":true}]},"spec":{"selector":{"matchLabels":)"
         R"({"pod-template-hash":")" +
         hash + R"("}},"template":)" +
         Template(image, R"("app":"web","pod-template-hash":")" + hash + R"(")") + "}}";
}

std::string List(const std::vector<std::string>& items, const std::string& token = "") {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ",") + item;
  return R"({"kind":"List","metadata":{"continue":")" + token + R"("},"items":[)" + text + "]}";
}

class ClusterRevisionsTest : public ::testing::Test {
 protected:
  ~ClusterRevisionsTest() override { resolver_.Stop(); }

  RevisionSource::Answer Find(const std::string& image, const std::string& kind = "Deployment",
                              const std::string& uid = "u-1",
                              const std::string& selector = kSelector) {
    const Parsed object(Object(kind, uid, selector));
    const Parsed wanted(Template(image));
    Workload workload;
    EXPECT_TRUE(workload.Assign(object.view()));
    return revisions_.Find(workload, wanted.view());
  }
  RevisionSource::Answer Settled(const std::string& image, const std::string& kind = "Deployment") {
    EXPECT_EQ(Find(image, kind).state, State::kPending);
    EXPECT_TRUE(Settle(resolver_));
    return Find(image, kind);
  }
  // One answer for each call, the last for all that follow.
  void AnswerWith(std::vector<Result<kube::ApiResponse>> answers) {
    api_.AnswerBy(
        [answers = std::move(answers), next = size_t{0}](const kube::ApiRequest&) mutable {
          return answers[std::min(next++, answers.size() - 1)];
        });
  }
  static Result<kube::ApiResponse> Ok(std::string body) {
    return kube::ApiResponse{200, std::move(body)};
  }

  ScriptedApi api_;
  Stopwatch time_;
  FactResolver resolver_;
  ClusterRevisions revisions_{api_, resolver_, [this] { return time_.Now(); }};
};

TEST_F(ClusterRevisionsTest, ARevisionIsFoundByTheWorkloadsSelector) {
  AnswerWith({Ok(List({ReplicaSet("aaaaa", "web:2"), ReplicaSet("bbbbb", "web:1")}))});
  const RevisionSource::Answer answer = Settled("web:1");
  EXPECT_EQ(answer.state, State::kFound);
  EXPECT_EQ(answer.revision, "web-bbbbb");
  ASSERT_EQ(api_.calls().size(), 1u);
  EXPECT_EQ(api_.calls()[0].path,
            "/apis/apps/v1/namespaces/shop/replicasets?limit=100&labelSelector=app%3Dweb");
  EXPECT_EQ(api_.calls()[0].timeout, kResolveTimeout);
  // Known for a while, and then asked for again.
  EXPECT_EQ(Find("web:1").state, State::kFound);
  time_.Pass(kRevisionAnswerLife);
  EXPECT_EQ(Settled("web:1").state, State::kFound);
  EXPECT_EQ(api_.calls().size(), 2u);
}

TEST_F(ClusterRevisionsTest, ATemplateThatNobodyHasIsNoneForAMoment) {
  AnswerWith({Ok(List({ReplicaSet("aaaaa", "web:2")}))});
  EXPECT_EQ(Settled("web:1").state, State::kNone);
  AnswerWith({Ok(List({ReplicaSet("bbbbb", "web:1")}))});
  EXPECT_EQ(Find("web:1").state, State::kNone);
  time_.Pass(kNoRevisionLife);
  EXPECT_EQ(Settled("web:1").state, State::kFound);
}

TEST_F(ClusterRevisionsTest, AnInventedQuestionLeavesNoAnswerToATrueOne) {
  AnswerWith({Ok(List({}))});
  EXPECT_EQ(Find("web:1", "Deployment", "u-1", R"({"matchLabels":{"app":"none"}})").state,
            State::kPending);
  ASSERT_TRUE(Settle(resolver_));
  AnswerWith({Ok(List({ReplicaSet("bbbbb", "web:1")}))});
  EXPECT_EQ(Settled("web:1").state, State::kFound);
}

TEST_F(ClusterRevisionsTest, StatefulSetsHaveControllerRevisions) {
  AnswerWith({Ok(List(
      {R"({"metadata":{"name":"web-6c5c7","ownerReferences":[{"apiVersion":"apps/v1","kind":"StatefulSet","name":"web",)"
       R"("uid":"u-1","controller":true}]},"revision":1,"data":{"spec":{"template":{"$patch":"replace","metadata":)"
       R"({"labels":{"app":"web"}},"spec":{"containers":[{"name":"web","image":"web:1"}]}}}}})"}))});
  EXPECT_EQ(Settled("web:1", "StatefulSet").revision, "web-6c5c7");
  EXPECT_EQ(api_.calls()[0].path,
            "/apis/apps/v1/namespaces/shop/controllerrevisions?limit=100&labelSelector=app%3Dweb");
}

TEST_F(ClusterRevisionsTest, PagesAreFollowedAndBounded) {
  AnswerWith(
      {Ok(List({ReplicaSet("aaaaa", "web:2")}, "t/1")), Ok(List({ReplicaSet("bbbbb", "web:1")}))});
  EXPECT_EQ(Settled("web:1").revision, "web-bbbbb");
  ASSERT_EQ(api_.calls().size(), 2u);
  EXPECT_TRUE(api_.calls()[1].path.ends_with("&continue=t%2F1")) << api_.calls()[1].path;

  AnswerWith({Ok(List({}, "for ever"))});
  EXPECT_EQ(Settled("web:7").state, State::kUnknown);
  EXPECT_EQ(api_.calls().size(), 2 + kMaxRevisionPages);
}

TEST_F(ClusterRevisionsTest, WhatPassesIsAskedAgainAndWhatDoesNotIsUnknown) {
  AnswerWith({Fail(ErrorCode::kUnavailable, "cut off")});
  EXPECT_EQ(Settled("web:1").state, State::kPending);
  EXPECT_TRUE(Settle(resolver_));
  AnswerWith({Ok(List({ReplicaSet("bbbbb", "web:1")}))});
  EXPECT_EQ(Settled("web:1").state, State::kFound);

  AnswerWith({Fail(ErrorCode::kForbidden, "no such role")});
  EXPECT_EQ(Settled("web:2").state, State::kUnknown);
  AnswerWith({Ok("not JSON")});
  EXPECT_EQ(Settled("web:4").state, State::kUnknown);
}

TEST_F(ClusterRevisionsTest, ReviewsOfOneReleaseAskOnce) {
  AnswerWith({Ok(List({ReplicaSet("bbbbb", "web:1")}))});
  api_.Hold();
  for (int i = 0; i < 50; ++i) EXPECT_EQ(Find("web:1").state, State::kPending);
  EXPECT_TRUE(api_.WaitForCalls(1));
  EXPECT_EQ(Find("web:9").state, State::kPending);  // its turn comes
  api_.LetGo();
  EXPECT_TRUE(Settle(resolver_));
  EXPECT_EQ(Find("web:1").state, State::kFound);
  EXPECT_EQ(api_.calls().size(), 1u);
  EXPECT_EQ(Settled("web:9").state, State::kNone);
}

TEST_F(ClusterRevisionsTest, NobodyIsAskedWhereThereCanBeNone) {
  EXPECT_EQ(Find("web:1", "ReplicaSet").state, State::kNone);
  EXPECT_EQ(Find("web:1", "Deployment", "").state, State::kNone);
  EXPECT_EQ(Find("web:1", "Deployment", "u-1", "{}").state, State::kNone);
  EXPECT_EQ(Find(std::string(kMaxRevisionQuestionBytes, 'x')).state, State::kUnknown);
  EXPECT_TRUE(Settle(resolver_));
  EXPECT_TRUE(api_.calls().empty());
}

}  // namespace
}  // namespace plimsoll::controller

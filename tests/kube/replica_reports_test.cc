#include "plimsoll/kube/replica_reports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "plimsoll/kube/resources.h"
#include "tests/fakes/scripted_api.h"

namespace plimsoll::kube {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using testing::ScriptedApi;

const ObjectKey kPod{"plimsoll-system", "plimsoll-controller-1"};
const std::string kPath = ObjectPath(kLeases, {"plimsoll-system", "replica-plimsoll-controller-1"});

TEST(ReplicaReportsTest, OneLeaseOwnedByThePod) {
  ScriptedApi api;
  ReplicaReports reports(api, kPod, "u-1");
  const Timestamp now = *ParseTimestamp("2026-11-24T10:00:00Z");
  ASSERT_TRUE(reports.Report({kPod.name, "abc", now}));
  ASSERT_TRUE(reports.Report({kPod.name, "def", now}));
  const json lease = *api.Find(kPath);
  EXPECT_EQ(lease["metadata"]["annotations"][kReplicaCaAnnotation], "def");
  EXPECT_EQ(lease["metadata"]["labels"][kReplicaLabel], "true");
  EXPECT_EQ(lease["metadata"]["ownerReferences"][0]["uid"], "u-1");
  EXPECT_EQ(lease["spec"]["renewTime"], "2026-11-24T10:00:00.000000Z");
}

TEST(ReplicaReportsTest, ListsThoseThatSaySomething) {
  ScriptedApi api;
  api.AnswerBy([](const ApiRequest& request) -> std::optional<Result<ApiResponse>> {
    EXPECT_EQ(request.path, CollectionPath(kLeases, "plimsoll-system") +
                                "?labelSelector=plimsoll.dev%2Freplica%3Dtrue&limit=500");
    return Result<ApiResponse>(ApiResponse{200, R"({"items":[
      {"metadata":{"annotations":{"plimsoll.dev/ca":"abc"}},
       "spec":{"holderIdentity":"a","renewTime":"2026-11-24T10:00:00.000000Z"}},
      {"metadata":{},"spec":{"holderIdentity":"b"}}]})"});
  });
  ReplicaReports reports(api, kPod, "");
  const auto listed = reports.List();
  ASSERT_TRUE(listed);
  EXPECT_THAT(*listed, ElementsAre(controllers::ReplicaReport{
                           "a", "abc", *ParseTimestamp("2026-11-24T10:00:00Z")}));
}

TEST(ReplicaReportsTest, TurnsThePagesToTheLast) {
  ScriptedApi api;
  api.AnswerBy([](const ApiRequest& request) {
    const bool first = request.path.find("&continue=") == std::string::npos;
    if (!first) {
      EXPECT_TRUE(request.path.ends_with("&limit=500&continue=a%2Bb")) << request.path;
    }
    const json page = {{"metadata", {{"continue", first ? "a+b" : ""}}},
                       {"items",
                        {{{"spec",
                           {{"holderIdentity", first ? "a" : "b"},
                            {"renewTime", "2026-11-24T10:00:00.000000Z"}}}}}}};
    return Result<ApiResponse>(ApiResponse{200, page.dump()});
  });
  const auto listed = ReplicaReports(api, kPod, "").List();
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->size(), 2U);
  EXPECT_EQ((*listed)[0].replica, "a");
  EXPECT_EQ((*listed)[1].replica, "b");
}

TEST(ReplicaReportsTest, PagesWithoutAnEndAreAnError) {
  ScriptedApi api;
  api.AnswerBy([](const ApiRequest&) {
    return Result<ApiResponse>(ApiResponse{200, R"({"metadata":{"continue":"x"},"items":[]})"});
  });
  const auto listed = ReplicaReports(api, kPod, "").List();
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().code, ErrorCode::kLimitExceeded);
}

TEST(ReplicaReportsTest, WhatIsNoListIsAnError) {
  for (const std::string& body : {std::string("[]"), std::string("{}"), std::string("x")}) {
    ScriptedApi api;
    api.AnswerBy([&](const ApiRequest&) { return Result<ApiResponse>(ApiResponse{200, body}); });
    EXPECT_FALSE(ReplicaReports(api, kPod, "").List()) << body;
  }
}

}  // namespace
}  // namespace plimsoll::kube

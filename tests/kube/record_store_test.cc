// The requests that records and statuses are written by, and what is no error.
#include "plimsoll/kube/record_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plimsoll/kube/history_codec.h"
#include "plimsoll/kube/history_store.h"
#include "plimsoll/kube/policy_status_store.h"
#include "plimsoll/kube/record_codec.h"
#include "tests/kube/scripted_caller.h"

namespace plimsoll::kube {
namespace {

const ObjectKey kKey{"shop", "deployment-web"};
const std::string kPath =
    "/apis/plimsoll.dev/v1alpha1/namespaces/shop/workloadreadinesses/deployment-web";

WorkloadRecord Record() {
  WorkloadRecord record;
  record.workload = {WorkloadKind::kDeployment, "shop", "web"};
  record.api_version = "apps/v1";
  record.uid = "1";
  return record;
}

TEST(RecordStoreTest, ARecordIsOneApply) {
  test::ScriptedCaller api;
  RecordStore store(api);
  EXPECT_TRUE(store.Write(kKey, Record()));
  ASSERT_EQ(api.requests.size(), 1U);
  const ApiRequest& request = api.requests.front();
  EXPECT_EQ(request.method, ApiMethod::kPatch);
  EXPECT_EQ(request.path, kPath + "?fieldManager=plimsoll-audit&force=true");
  EXPECT_EQ(request.content_type, "application/apply-patch+yaml");
  EXPECT_EQ(request.body, WriteWorkloadRecord(kKey, Record()));
}

TEST(RecordStoreTest, DeletesByName) {
  test::ScriptedCaller api;
  RecordStore store(api);
  EXPECT_TRUE(store.Delete(kKey));
  ASSERT_EQ(api.requests.size(), 1U);
  EXPECT_EQ(api.requests.front().method, ApiMethod::kDelete);
  EXPECT_EQ(api.requests.front().path, kPath);
}

TEST(HistoryStoreTest, ReadsAndWritesAgainstTheVersionThatWasRead) {
  test::ScriptedCaller api;
  api.answers.push_back(
      ApiResponse{200, R"({"metadata":{"resourceVersion":"41"},"status":{"service":"checkout"}})"});
  HistoryStore store(api);
  Result<controllers::StoredHistory> stored = store.Read(kKey);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->resource_version, "41");
  EXPECT_EQ(stored->history.service, "checkout");
  EXPECT_TRUE(store.Write(kKey, *stored));
  ASSERT_EQ(api.requests.size(), 2U);
  EXPECT_EQ(api.requests[0].method, ApiMethod::kGet);
  EXPECT_EQ(api.requests[0].path, kPath);
  EXPECT_EQ(api.requests[1].method, ApiMethod::kPatch);
  EXPECT_EQ(api.requests[1].path, kPath + "?fieldManager=plimsoll-history");
  EXPECT_EQ(api.requests[1].content_type, "application/merge-patch+json");
  EXPECT_EQ(api.requests[1].body, WriteHistoryPatch(stored->history, "41"));
}

TEST(HistoryStoreTest, ErrorsAreToldApart) {
  for (const ErrorCode code : {ErrorCode::kNotFound, ErrorCode::kConflict, ErrorCode::kForbidden,
                               ErrorCode::kUnavailable}) {
    test::ScriptedCaller api;
    api.answers = {Fail(code, "no"), Fail(code, "no")};
    HistoryStore store(api);
    EXPECT_EQ(store.Read(kKey).error().code, code);
    EXPECT_EQ(store.Write(kKey, {}).error().code, code);
  }
}

struct Answer {
  std::string name;
  Error error;
  bool write_succeeds;
  bool delete_succeeds;
};

TEST(RecordStoreTest, WhatIsGoneIsNoError) {
  for (const Answer& answer : {
           Answer{"namespace gone",
                  {ErrorCode::kNotFound, "PATCH x: namespaces \"shop\" not found", {}},
                  true,
                  true},
           Answer{
               "namespace going",
               {ErrorCode::kForbidden,
                "PATCH x: workloadreadinesses.plimsoll.dev \"deployment-web\" is forbidden: unable "
                "to create new content in namespace shop because it is being terminated",
                {}},
               true,
               false},
           Answer{"no CRD",
                  {ErrorCode::kNotFound,
                   "PATCH x: the server could not find the requested resource",
                   {}},
                  false,
                  true},
           Answer{"no right", {ErrorCode::kForbidden, "PATCH x: forbidden", {}}, false, false},
           Answer{"not now", {ErrorCode::kUnavailable, "PATCH x: 503", {}}, false, false},
       }) {
    test::ScriptedCaller api;
    RecordStore store(api);
    api.answers.emplace_back(tl::unexpected(answer.error));
    const Status written = store.Write(kKey, Record());
    EXPECT_EQ(written.has_value(), answer.write_succeeds) << answer.name;
    if (!written) {
      EXPECT_EQ(written.error(), answer.error) << answer.name;
    }
    api.answers.emplace_back(tl::unexpected(answer.error));
    EXPECT_EQ(store.Delete(kKey).has_value(), answer.delete_succeeds) << answer.name;
  }
}

TEST(PolicyStatusStoreTest, AStatusIsOnePatchOfTheSubresource) {
  test::ScriptedCaller api;
  PolicyStatusStore store(api);
  controllers::PolicyStatus status;
  status.observed_generation = 2;
  EXPECT_TRUE(store.Write("production", status));
  ASSERT_EQ(api.requests.size(), 1U);
  const ApiRequest& request = api.requests.front();
  EXPECT_EQ(request.method, ApiMethod::kPatch);
  EXPECT_EQ(request.path,
            "/apis/plimsoll.dev/v1alpha1/readinesspolicies/production/status"
            "?fieldManager=plimsoll-policy-status");
  EXPECT_EQ(request.content_type, "application/merge-patch+json");
  EXPECT_EQ(request.body, WritePolicyStatus(status));
  api.answers.emplace_back(Fail(ErrorCode::kNotFound, "gone"));
  EXPECT_TRUE(store.Write("production", status));
  api.answers.emplace_back(Fail(ErrorCode::kConflict, "changed"));
  EXPECT_FALSE(store.Write("production", status));
}

}  // namespace
}  // namespace plimsoll::kube

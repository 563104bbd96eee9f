#include "plimsoll/kube/webhook_configuration_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/controllers/policies.h"
#include "tests/kube/answering_caller.h"
#include "tests/support/golden.h"

namespace plimsoll::kube {
namespace {

using controllers::Webhook;
using controllers::WebhookConfiguration;
using nlohmann::json;

WebhookConfiguration Wanted() {
  controllers::WebhookOptions options;
  options.own_namespace = "plimsoll";
  options.service_name = "plimsoll";
  options.owner = controllers::OwnerReference{"v1", "Namespace", "plimsoll", "ns-uid"};
  const PolicySnapshot policies = plimsoll::testing::MakePolicies(
      {{"all", "  match: {objectSelector: {matchExpressions: [{key: team, operator: Exists}]}}\n"},
       {"production",
        "  failurePolicy: Fail\n  match: {namespaceSelector: {matchLabels: {env: production}}}\n"}});
  return controllers::DesiredConfiguration(policies, options, "PEM", true);
}

// The object as the API server gives it back.
json Stored(const std::string& applied, const std::string& version) {
  json object = json::parse(applied);
  object["metadata"]["uid"] = "u-1";
  object["metadata"]["resourceVersion"] = version;
  object["metadata"]["managedFields"] = json::array({{{"manager", "helm"}}});
  return object;
}

class StoreTest : public ::testing::Test {
 protected:
  json Body(size_t request) { return json::parse(api_.requests.at(request).body); }

  plimsoll::testing::AnsweringCaller api_;
  WebhookConfigurationStore store_{api_, "plimsoll"};
};

TEST_F(StoreTest, AppliedGoldenAndReadAsItWasWritten) {
  api_.Refuse(ErrorCode::kUnavailable, "to see the request");
  (void)store_.Apply(Wanted(), nullptr);
  const ApiRequest& request = api_.requests.at(0);
  EXPECT_EQ(request.method, ApiMethod::kPatch);
  EXPECT_EQ(request.path,
            "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/plimsoll"
            "?fieldManager=plimsoll-controller&force=true");
  EXPECT_EQ(request.content_type, "application/apply-patch+yaml");
  plimsoll::testing::ExpectGolden("tests/kube/webhook_configuration.golden.json",
                                  Body(0).dump(2) + "\n");

  api_.Answer(Stored(request.body, "7").dump());
  const Result<WebhookConfiguration> read = store_.Read();
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->uid, "u-1");
  EXPECT_EQ(read->resource_version, "7");
  EXPECT_EQ(read->webhooks, Wanted().webhooks);
  EXPECT_EQ(read->owners, Wanted().owners);
  EXPECT_EQ(api_.requests.at(1).method, ApiMethod::kGet);
}

TEST_F(StoreTest, AChangeCannotCreateAndNamesWhatItHasSeen) {
  api_.Refuse(ErrorCode::kUnavailable, "to see the request");
  WebhookConfiguration live = Wanted();
  live.uid = "u-1";
  live.resource_version = "7";
  (void)store_.Apply(Wanted(), &live);
  EXPECT_EQ(Body(0)["metadata"]["uid"], "u-1");
  EXPECT_EQ(Body(0)["metadata"]["resourceVersion"], "7");
}

TEST_F(StoreTest, WithoutABundleOfOursCaBundleIsNotMentioned) {
  WebhookConfiguration wanted = Wanted();
  for (Webhook& webhook : wanted.webhooks) webhook.ca_bundle.clear();
  api_.Refuse(ErrorCode::kUnavailable, "to see the request");
  (void)store_.Apply(wanted, nullptr);
  const json body = Body(0);
  ASSERT_FALSE(body["webhooks"].empty());
  for (const json& webhook : body["webhooks"]) {
    EXPECT_FALSE(webhook["clientConfig"].contains("caBundle"));
  }
}

TEST_F(StoreTest, AnEntryWithSomebodyElsesPartIsRemovedBefore) {
  WebhookConfiguration live = Wanted();
  live.uid = "u-1";
  live.resource_version = "7";
  live.webhooks.insert(live.webhooks.begin(), Webhook{});
  live.webhooks.front().name = "other.example.org";
  live.webhooks.at(1).match_conditions.push_back({"off", "false"});
  live.webhooks.at(3).url = "https://elsewhere";
  api_.Refuse(ErrorCode::kUnavailable, "to see the written form");
  (void)store_.Apply(Wanted(), nullptr);
  const std::string written = api_.requests.at(0).body;
  api_.requests.clear();

  api_.Answer(Stored(written, "8").dump());
  api_.Answer(Stored(written, "9").dump());
  const auto applied = store_.Apply(Wanted(), &live);
  ASSERT_TRUE(applied) << applied.error().message;
  EXPECT_EQ(applied->resource_version, "9");
  ASSERT_EQ(api_.requests.size(), 2U);
  EXPECT_EQ(api_.requests[0].content_type, "application/json-patch+json");
  EXPECT_EQ(Body(0), json::parse(R"([
      {"op": "add", "path": "/metadata/resourceVersion", "value": "7"},
      {"op": "remove", "path": "/webhooks/3"},
      {"op": "remove", "path": "/webhooks/1"}])"));
  EXPECT_EQ(Body(1)["metadata"]["resourceVersion"], "8");
}

TEST_F(StoreTest, WhatSomebodyElseOwnsOfAnEntryThatIsNotWantedGoesToo) {
  api_.Refuse(ErrorCode::kUnavailable, "to see the written form");
  (void)store_.Apply(Wanted(), nullptr);
  json stored = Stored(api_.requests.at(0).body, "8");
  json left = stored;
  stored["webhooks"].push_back(stored["webhooks"][0]);
  stored["webhooks"].back()["name"] = "validate-9.plimsoll.dev";
  api_.requests.clear();
  api_.Answer(stored.dump());
  api_.Answer(left.dump());
  ASSERT_TRUE(store_.Apply(Wanted(), nullptr));
  ASSERT_EQ(api_.requests.size(), 2U);
  EXPECT_EQ(Body(1)[1], json::parse(R"({"op": "remove", "path": "/webhooks/4"})"));
}

TEST_F(StoreTest, ReadsWhatOthersWrite) {
  api_.Answer(
      R"({"kind":"ValidatingWebhookConfiguration","metadata":{"resourceVersion":"1","uid":"u"},
    "webhooks":[{"name":"other.example.org","clientConfig":{"url":"https://x","caBundle":"UEVN"},
      "rules":[{"apiGroups":["*"],"apiVersions":["*"],"operations":["*"],"resources":["*/*"]}],
      "namespaceSelector":{"matchLabels":{"a":"b"}},"sideEffects":"None",
      "admissionReviewVersions":["v1"]}]})");
  const auto read = store_.Read();
  ASSERT_TRUE(read);
  const Webhook& webhook = read->webhooks.at(0);
  EXPECT_EQ(webhook.url, "https://x");
  EXPECT_EQ(webhook.ca_bundle, "PEM");
  EXPECT_EQ(webhook.failure_policy, FailurePolicy::kFail);
  EXPECT_EQ(webhook.rules.at(0).scope, "*");
  EXPECT_EQ(webhook.timeout_seconds, 10);
  EXPECT_EQ(webhook.namespace_selector.requirements.at(0).values, std::vector<std::string>{"b"});
}

TEST_F(StoreTest, ErrorsAreHandedOn) {
  api_.Refuse(ErrorCode::kNotFound, "no such object");
  EXPECT_EQ(store_.Read().error().code, ErrorCode::kNotFound);
  for (const char* body : {"<html>", "{}", R"({"kind":"Status"})", "[]", ""}) {
    api_.Answer(body);
    const auto read = store_.Read();
    ASSERT_FALSE(read) << body;
    EXPECT_EQ(read.error().code, ErrorCode::kInternal) << body;
  }
  api_.Refuse(ErrorCode::kConflict, "changed");
  EXPECT_EQ(store_.Apply(Wanted(), nullptr).error().code, ErrorCode::kConflict);
}

}  // namespace
}  // namespace plimsoll::kube

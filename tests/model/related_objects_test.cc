#include "plimsoll/model/related_objects.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "plimsoll/codec/json_parser.h"
#include "plimsoll/codec/related_objects.h"

namespace plimsoll {
namespace {

class RelatedObjectsTest : public ::testing::Test {
 protected:
  // Parses anew; the view lives until the next call.
  JsonView Parse(std::string json) {
    text_ = std::move(json);
    const Result<JsonView> view = parser_.Parse(text_);
    if (!view) throw std::runtime_error(view.error().message);
    return *view;
  }
  RelatedChange Set(RelatedKind kind, const std::string& name, const std::string& json,
                    const std::string& namespace_name = "shop") {
    return SetRelated(index_, kind, {namespace_name, name}, Parse(json));
  }
  std::vector<std::string> ServicesOf(const std::string& labels) {
    std::vector<std::string> names;
    const auto snapshot = index_.Snapshot();
    snapshot->ForEachService("shop", Parse(labels),
                             [&](const Service& service) { names.push_back(service.name); });
    std::sort(names.begin(), names.end());
    return names;
  }

  RelatedIndex index_;
  std::string text_;
  JsonParser parser_;
};

using Names = std::vector<std::string>;

TEST_F(RelatedObjectsTest, FindsServicesByTheLabelsTheySelect) {
  for (int i = 0; i < 100; ++i) {
    const std::string name = "s" + std::to_string(i);
    Set(RelatedKind::kService, name,
        R"({"spec":{"selector":{"part-of":"shop","app":")" + name +
            R"("},"ports":[{"port":80}]}})");
  }
  Set(RelatedKind::kService, "all", R"({"spec":{"selector":{"part-of":"shop"}}})");
  Set(RelatedKind::kService, "none", R"({"spec":{}})");
  Set(RelatedKind::kService, "s7", R"({"spec":{"selector":{"app":"s7"}}})", "elsewhere");
  EXPECT_EQ(ServicesOf(R"({"app":"s7","part-of":"shop"})"), (Names{"all", "s7"}));
  EXPECT_EQ(ServicesOf(R"({"app":"s7"})"), Names{});
  EXPECT_EQ(ServicesOf(R"({"part-of":"shop","x":"y"})"), Names{"all"});
  EXPECT_EQ(ServicesOf(R"({"app":7,"part-of":"shop"})"), Names{"all"});
  EXPECT_EQ(ServicesOf("{}"), Names{});
  index_.Remove(RelatedKind::kService, {"shop", "all"});
  EXPECT_EQ(ServicesOf(R"({"app":"s7","part-of":"shop"})"), Names{"s7"});
}

TEST_F(RelatedObjectsTest, WhatSaysTheSameChangesNothing) {
  const std::string hpa =
      R"({"spec":{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"},)"
      R"("minReplicas":2},"status":{"currentReplicas":)";
  EXPECT_EQ(Set(RelatedKind::kAutoscaler, "web", hpa + "2}}").namespaces, Names{"shop"});
  const auto before = index_.Snapshot();
  EXPECT_TRUE(Set(RelatedKind::kAutoscaler, "web", hpa + "5}}").none());
  EXPECT_EQ(index_.Snapshot(), before);
  EXPECT_EQ(before->AutoscalerOf("shop", WorkloadKind::kDeployment, "web")->min_replicas, 2);
  EXPECT_EQ(before->AutoscalerOf("shop", WorkloadKind::kStatefulSet, "web"), nullptr);
  EXPECT_TRUE(index_.Remove(RelatedKind::kAutoscaler, {"shop", "other"}).none());
  EXPECT_FALSE(index_.Remove(RelatedKind::kAutoscaler, {"shop", "web"}).none());
  // Whoever holds a snapshot goes on seeing what was.
  EXPECT_NE(before->AutoscalerOf("shop", WorkloadKind::kDeployment, "web"), nullptr);
  EXPECT_EQ(index_.Snapshot()->AutoscalerOf("shop", WorkloadKind::kDeployment, "web"), nullptr);
}

TEST_F(RelatedObjectsTest, AChangeSaysWhomItMayConcern) {
  const auto rule = [](const std::string& expression) {
    return R"({"spec":{"groups":[{"name":"g","rules":[{"alert":"A","expr":")" + expression +
           R"("}]}]}})";
  };
  EXPECT_EQ(
      Set(RelatedKind::kPrometheusRule, "r", rule(R"(up{namespace=\"shop\"} == 0)")).namespaces,
      Names{"shop"});
  const RelatedChange moved =
      Set(RelatedKind::kPrometheusRule, "r", rule(R"(up{namespace=~\"a|b\"} == 0)"));
  EXPECT_EQ(moved.namespaces, (Names{"a", "b", "shop"}));
  EXPECT_TRUE(Set(RelatedKind::kPrometheusRule, "r", rule(R"(up{job=\"x\"} == 0)")).any_namespace);
  EXPECT_EQ(Set(RelatedKind::kPrometheusRule, "r2", rule("up == 0")).namespaces, Names{});
  EXPECT_TRUE(index_.Remove(RelatedKind::kPrometheusRule, {"shop", "r"}).any_namespace);
  EXPECT_EQ(Set(RelatedKind::kServiceMonitor, "m", R"({"spec":{"selector":{}}})").namespaces,
            Names{"shop"});
  EXPECT_TRUE(Set(RelatedKind::kServiceMonitor, "m",
                  R"({"spec":{"namespaceSelector":{"any":true},"selector":{}}})")
                  .any_namespace);
}

TEST_F(RelatedObjectsTest, AKindThatIsNoLongerKnownIsForgotten) {
  EXPECT_EQ(index_.Snapshot()->KnowledgeOf(RelatedKind::kService), Knowledge::kUnknown);
  EXPECT_TRUE(index_.SetKnowledge(RelatedKind::kService, Knowledge::kKnown).any_namespace);
  EXPECT_TRUE(index_.SetKnowledge(RelatedKind::kService, Knowledge::kKnown).none());
  Set(RelatedKind::kService, "web", R"({"spec":{"selector":{"app":"web"}}})");
  EXPECT_EQ(ServicesOf(R"({"app":"web"})"), Names{"web"});
  index_.SetKnowledge(RelatedKind::kService, Knowledge::kNotInstalled);
  EXPECT_EQ(ServicesOf(R"({"app":"web"})"), Names{});
}

TEST_F(RelatedObjectsTest, WrongTypesAreReadWithoutHarm) {
  const std::string values[] = {
      "null",      "true", "-1", "1e99", R"("x")", "[]", "{}", "[[{}]]", R"({"a":{"b":null}})",
      R"(["a",1])"};
  const std::string places[] = {
      R"({"metadata":@})",
      R"({"spec":@})",
      R"({"spec":{"selector":@,"ports":@,"minAvailable":@}})",
      R"({"spec":{"selector":{"matchLabels":@,"matchExpressions":@}}})",
      R"({"spec":{"selector":{"matchExpressions":[@]}}})",
      R"({"spec":{"endpoints":[@],"podMetricsEndpoints":[@],"ports":[@]}})",
      R"({"spec":{"namespaceSelector":@,"scaleTargetRef":@}})",
      R"({"spec":{"namespaceSelector":{"any":@,"matchNames":@}}})",
      R"({"spec":{"groups":@}})",
      R"({"spec":{"groups":[{"name":@,"rules":@}]}})",
      R"({"spec":{"groups":[{"rules":[{"alert":"a","expr":@,"labels":@,"annotations":@}]}]}})",
      R"({"data":@})",
      R"({"data":{"a":@}})",
      R"({"data":{"a":"groups: @"}})"};
  for (std::string place : places) {
    for (const std::string& value : values) {
      std::string json = place;
      const bool quoted = place.find("groups: @") != std::string::npos;
      for (size_t at = json.find('@'); at != std::string::npos; at = json.find('@')) {
        json.replace(at, 1, quoted && value.find('"') != std::string::npos ? "x" : value);
      }
      for (size_t kind = 0; kind < kRelatedKindCount; ++kind) {
        Set(static_cast<RelatedKind>(kind), "x", json);
        EXPECT_NE(index_.Snapshot(), nullptr);
      }
    }
  }
}

}  // namespace
}  // namespace plimsoll

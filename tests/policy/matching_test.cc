#include "policy/matching.h"

#include <gtest/gtest.h>

#include "tests/policy/support.h"

namespace plimsoll {
namespace {

using Operator = LabelSelector::Operator;
using test::Json;

LabelSelector Selector(std::string key, Operator op, std::vector<std::string> values = {}) {
  LabelSelector selector;
  selector.requirements.push_back({std::move(key), op, std::move(values)});
  return selector;
}

TEST(LabelSelector, HasTheSemanticsOfKubernetes) {
  struct Case {
    LabelSelector selector;
    std::string_view labels;
    bool matches;
  };
  LabelSelector both = Selector("a", Operator::kIn, {"1"});
  both.requirements.push_back({"b", Operator::kExists, {}});
  for (const Case& c : std::vector<Case>{
           {{}, "{}", true},
           {Selector("a", Operator::kIn, {"1", "2"}), R"({"a":"2"})", true},
           {Selector("a", Operator::kIn, {"1", "2"}), R"({"a":"3"})", false},
           {Selector("a", Operator::kIn, {"1"}), "{}", false},
           {Selector("a", Operator::kIn, {""}), R"({"a":""})", true},
           {Selector("a", Operator::kIn, {""}), "{}", false},
           {Selector("a", Operator::kNotIn, {"1"}), R"({"a":"2"})", true},
           {Selector("a", Operator::kNotIn, {"1"}), R"({"a":"1"})", false},
           {Selector("a", Operator::kNotIn, {"1"}), "{}", true},
           {Selector("a", Operator::kExists), R"({"a":""})", true},
           {Selector("a", Operator::kExists), "{}", false},
           {Selector("a", Operator::kDoesNotExist), "{}", true},
           {Selector("a", Operator::kDoesNotExist), R"({"a":"x"})", false},
           {both, R"({"a":"1","b":"x"})", true},
           {both, R"({"a":"1"})", false},
           // What is no string is no label; the API server never stores one.
           {Selector("a", Operator::kExists), R"({"a":{"b":"c"}})", false},
           {Selector("a", Operator::kIn, {"1"}), R"({"a":1})", false},
           {Selector("a", Operator::kExists), R"(["a"])", false},
       }) {
    const Json labels(c.labels);
    EXPECT_EQ(Matches(c.selector, labels.view()), c.matches) << c.labels;
  }
  EXPECT_TRUE(Matches({}, JsonView()));
  EXPECT_TRUE(Matches(Selector("a", Operator::kNotIn, {"1"}), JsonView()));
  EXPECT_FALSE(Matches(Selector("a", Operator::kExists), JsonView()));
}

TEST(Applies, ByKindNamespaceAndLabels) {
  struct Case {
    std::string name;
    MatchConstraints match;
    std::string_view namespace_name;
    std::string_view namespace_labels;  // "" = not known
    bool applies;
  };
  const std::vector<WorkloadKind> deployments = {WorkloadKind::kDeployment};
  const LabelSelector production = Selector("env", Operator::kIn, {"production"});
  const LabelSelector by_name = Selector("kubernetes.io/metadata.name", Operator::kIn, {"shop"});
  const LabelSelector not_by_name =
      Selector("kubernetes.io/metadata.name", Operator::kNotIn, {"shop"});
  const LabelSelector web = Selector("app", Operator::kIn, {"web"});
  const LabelSelector api = Selector("app", Operator::kIn, {"api"});
  const test::ParsedWorkload workload = test::Deployment({.metadata = R"("labels":{"app":"web"})"});
  for (const Case& c : std::vector<Case>{
           {"kind", {deployments, {}, {}, {}}, "shop", "", true},
           {"other kind", {{WorkloadKind::kJob}, {}, {}, {}}, "shop", "", false},
           {"namespace",
            {deployments, production, {}, {}},
            "shop",
            R"({"env":"production"})",
            true},
           {"other namespace", {deployments, production, {}, {}}, "shop", R"({"env":"x"})", false},
           {"labels not known", {deployments, production, {}, {}}, "shop", "", false},
           {"name is always known", {deployments, by_name, {}, {}}, "shop", "", true},
           {"name beats a forged label",
            {deployments, by_name, {}, {}},
            "cart",
            R"({"kubernetes.io/metadata.name":"shop"})",
            false},
           {"not in by name", {deployments, not_by_name, {}, {}}, "shop", "", false},
           {"excluded by glob", {deployments, {}, {"kube-*", "sho?"}, {}}, "shop", "", false},
           {"not excluded", {deployments, {}, {"kube-*", "sho"}, {}}, "shop", "", true},
           {"object", {deployments, {}, {}, web}, "shop", "", true},
           {"other object", {deployments, {}, {}, api}, "shop", "", false},
       }) {
    std::optional<Json> labels;
    EvaluationContext context;
    context.namespace_name = c.namespace_name;
    if (!c.namespace_labels.empty()) {
      labels.emplace(c.namespace_labels);
      context.namespace_labels = labels->view();
    }
    EXPECT_EQ(Applies(c.match, *workload, context), c.applies) << c.name;
  }
}

TEST(Tier, WorkloadThenNamespaceThenDefault) {
  struct Case {
    std::string metadata;
    std::string_view namespace_labels;
    TierChoice::Source source;
    std::string_view tier;
    bool known;
  };
  using Source = TierChoice::Source;
  const Tiers tiers{"tier", {"critical", "standard"}, "standard"};
  for (const Case& c : std::vector<Case>{
           {"", "{}", Source::kDefault, "standard", true},
           {"", R"({"tier":"critical"})", Source::kNamespace, "critical", true},
           {R"("labels":{"tier":"standard"})", R"({"tier":"critical"})", Source::kWorkload,
            "standard", true},
           {R"("labels":{"tier":"gold"})", R"({"tier":"critical"})", Source::kWorkload, "standard",
            false},
           {"", R"({"tier":"gold"})", Source::kNamespace, "standard", false},
           {R"("labels":{"tier":""})", "{}", Source::kWorkload, "standard", false},
           // An annotation is no label, and what is no string is neither.
           {R"("annotations":{"tier":"critical"})", "{}", Source::kDefault, "standard", true},
           {R"("labels":{"tier":{"a":"b"}})", "{}", Source::kDefault, "standard", true},
       }) {
    const test::ParsedWorkload workload = test::Deployment({.metadata = c.metadata});
    const Json labels(c.namespace_labels);
    EvaluationContext context;
    context.namespace_labels = labels.view();
    const TierChoice choice = ResolveTier(tiers, *workload, context);
    EXPECT_EQ(choice.source, c.source) << c.metadata << c.namespace_labels;
    EXPECT_EQ(choice.tier, c.tier) << c.metadata << c.namespace_labels;
    EXPECT_EQ(choice.known, c.known) << c.metadata << c.namespace_labels;
  }
  const test::ParsedWorkload workload = test::Deployment({});
  EXPECT_EQ(ResolveTier({}, *workload, {}).source, Source::kNone);
}

TEST(Exemption, WhatIsLetThroughUnjudged) {
  struct Case {
    std::string name;
    test::ParsedWorkload workload;
    bool owner_confirmed;
    Exemption exemption;
  };
  std::vector<Case> cases;
  cases.push_back({"judged", test::Deployment({}), false, Exemption::kNone});
  cases.push_back(
      {"replicas not set", test::Deployment({.replicas = ""}), false, Exemption::kNone});
  cases.push_back({"being deleted",
                   test::Deployment({.metadata = R"("deletionTimestamp":"2026-01-01T00:00:00Z")"}),
                   false, Exemption::kBeingDeleted});
  cases.push_back({"null is not set", test::Deployment({.metadata = R"("deletionTimestamp":null)"}),
                   false, Exemption::kNone});
  cases.push_back(
      {"no replicas", test::Deployment({.replicas = "0"}), false, Exemption::kScaledToZero});
  cases.push_back(
      {"replicas is no number", test::Deployment({.replicas = "\"0\""}), false, Exemption::kNone});
  cases.push_back({"a patch", test::Deployment({.containers = R"([{"name":"web"}])"}), false,
                   Exemption::kPartial});
  cases.push_back(
      {"a Rollout of a Deployment",
       test::ParsedWorkload(
           R"({"apiVersion":"argoproj.io/v1alpha1","kind":"Rollout","metadata":{"name":"r"},
               "spec":{"workloadRef":{"kind":"Deployment","name":"web"}}})"),
       false, Exemption::kTemplateElsewhere});
  cases.push_back({"owner confirmed", test::Deployment({}), true, Exemption::kControlledByOwner});
  cases.push_back(
      {"an owner reference alone proves nothing",
       test::Deployment(
           {.metadata =
                R"("ownerReferences":[{"kind":"Deployment","name":"x","uid":"1","controller":true}])"}),
       false, Exemption::kNone});
  for (const Case& c : cases) {
    EvaluationContext context;
    context.owner_confirmed = c.owner_confirmed;
    EXPECT_EQ(ExemptionOf(*c.workload, context), c.exemption) << c.name;
  }
}

}  // namespace
}  // namespace plimsoll

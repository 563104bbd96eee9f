#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/policy_schema.h"
#include "tests/policy/support.h"
#include "tests/policy/yaml.h"

namespace plimsoll {
namespace {

using test::At;
using test::Yaml;

constexpr std::string_view kHead =
    "apiVersion: plimsoll.dev/v1alpha1\nkind: ReadinessPolicy\nmetadata: {name: p}\nspec:\n";

ParsedPolicy Parse(const std::string& yaml) { return ParseReadinessPolicy(Yaml(yaml).view()); }
ParsedPolicy ParseSpec(std::string_view spec) {
  return Parse(std::string(kHead) + std::string(spec));
}

TEST(PolicyParser, ReadsEveryField) {
  const ParsedPolicy parsed = Parse(R"(apiVersion: plimsoll.dev/v1alpha1
kind: ReadinessPolicy
metadata: {name: production, labels: {a: b}, uid: "1", resourceVersion: "5"}
spec:
  description: What a service needs.
  contact: "#sre"
  documentation: https://wiki.corp.internal/readiness
  match:
    kinds: [Deployment, Rollout]
    namespaceSelector:
      matchLabels: {env: production}
      matchExpressions: [{key: team, operator: NotIn, values: [a, b]}]
    excludeNamespaces: ["kube-*"]
    objectSelector: {matchExpressions: [{key: x, operator: Exists}]}
  failurePolicy: Fail
  stages:
    - {action: Audit}
    - {action: Warn, from: "2026-12-01T00:00:00Z"}
    - {action: Deny, from: "2027-02-01T01:00:00+01:00"}
  existingViolations: {action: Audit, until: "2027-06-01T00:00:00Z"}
  tiers: {label: corp/tier, values: [critical, standard, toy], default: standard}
  waivers: {approval: NotRequired, maxDuration: 720h}
  rules:
    - rule: health.readiness-probe
      parameters: {scope: all}
      stages: [{action: Warn, from: "2027-01-01T00:00:00Z"}]
      byTier: {standard: Warn, toy: Skip}
    - rule: health.liveness-probe
status: {stage: Audit}
)");
  EXPECT_THAT(test::Lines(parsed.problems), testing::IsEmpty());
  ASSERT_TRUE(parsed.policy);
  const ReadinessPolicy& policy = *parsed.policy;
  using Operator = LabelSelector::Operator;
  EXPECT_EQ(policy.name, "production");
  EXPECT_EQ(policy.description, "What a service needs.");
  EXPECT_EQ(policy.contact, "#sre");
  EXPECT_EQ(policy.documentation, "https://wiki.corp.internal/readiness");
  const MatchConstraints match{
      {WorkloadKind::kDeployment, WorkloadKind::kRollout},
      {{{"env", Operator::kIn, {"production"}}, {"team", Operator::kNotIn, {"a", "b"}}}},
      {"kube-*"},
      {{{"x", Operator::kExists, {}}}}};
  EXPECT_EQ(policy.match, match);
  EXPECT_EQ(policy.failure_policy, FailurePolicy::kFail);
  const std::vector<Stage> stages = {{Action::kAudit, std::nullopt},
                                     {Action::kWarn, At("2026-12-01")},
                                     {Action::kDeny, At("2027-02-01")}};
  EXPECT_EQ(policy.stages, stages);
  EXPECT_EQ(policy.existing_violations, (ExistingViolations{Action::kAudit, At("2027-06-01")}));
  EXPECT_EQ(policy.tiers, (Tiers{"corp/tier", {"critical", "standard", "toy"}, "standard"}));
  EXPECT_EQ(policy.waivers, (WaiverTerms{false, std::chrono::hours(720)}));
  ASSERT_EQ(policy.rules.size(), 2u);
  EXPECT_EQ(policy.rules[0].rule->id, "health.readiness-probe");
  EXPECT_EQ(policy.rules[0].stages, (std::vector<Stage>{{Action::kWarn, At("2027-01-01")}}));
  const std::vector<std::pair<std::string, TierCap>> caps = {{"standard", Action::kWarn},
                                                             {"toy", std::nullopt}};
  EXPECT_EQ(policy.rules[0].by_tier, caps);
  EXPECT_TRUE(policy.rules[1].stages.empty());
}

TEST(PolicyParser, NamesEveryProblemWithItsPlace) {
  struct Case {
    std::string spec;
    std::vector<std::string> problems;
  };
  for (
      const Case& c : std::vector<Case>{
          {"  stagess: []\n  rules: [{rule: health.readiness-probe}]\n",
           {"5:3: spec.stagess: unknown field; did you mean \"stages\"?"}},
          {"  colour: red\n  rules: [{rule: health.readiness-probe}]\n",
           {"5:3: spec.colour: unknown field; expected description, contact, documentation, "
            "match, failurePolicy, stages, existingViolations, tiers, waivers or rules"}},
          {"  contact: 5\n  rules: [{rule: health.readiness-probe}]\n",
           {"5:12: spec.contact: expected a string, found the number 5; put it in quotes"}},
          {"  rules: [{rule: health.readyness-probe}]\n",
           {"5:18: spec.rules[0].rule: \"health.readyness-probe\" is no rule; did you mean "
            "\"health.readiness-probe\"?"}},
          {"  rules: [{rule: nothing.like-it}]\n",
           {"5:18: spec.rules[0].rule: \"nothing.like-it\" is no rule; `plimsoll explain all` "
            "lists them"}},
          {"  rules:\n    - rule: health.readiness-probe\n    - rule: health.readiness-probe\n",
           {"7:13: spec.rules[1].rule: \"health.readiness-probe\" is listed twice; one entry a "
            "rule"}},
          {"  stages: [{action: warn}]\n  rules: [{rule: health.readiness-probe}]\n",
           {"5:21: spec.stages[0].action: \"warn\" is not known here; expected Audit, Warn or "
            "Deny; did you mean \"Warn\"?"}},
          {"  stages: [{action: Warn, from: tomorrow}]\n  rules: [{rule: "
           "health.readiness-probe}]\n",
           {"5:33: spec.stages[0].from: \"tomorrow\" is not a date and time such as "
            "2026-12-01T00:00:00Z"}},
          {"  stages:\n    - {action: Warn, from: \"2027-02-01T00:00:00Z\"}\n"
           "    - {action: Deny, from: \"2026-12-01T00:00:00Z\"}\n"
           "  rules: [{rule: health.readiness-probe}]\n",
           {"7:28: spec.stages[1].from: \"2026-12-01T00:00:00Z\" is not later than the stage "
            "before, 2027-02-01T00:00:00Z; stages stand in the order of their dates"}},
          {"  stages: [{action: Deny}, {action: Warn}]\n  rules: [{rule: "
           "health.readiness-probe}]\n",
           {"5:28: spec.stages[1].from: required, but not set: only the first stage may begin at "
            "the beginning",
            "5:37: spec.stages[1].action: Warn is not stronger than Deny, the stage before; a "
            "timetable goes from Audit to Warn to Deny"}},
          {"  tiers: {values: [critical, standard], default: standart}\n"
           "  rules: [{rule: health.readiness-probe, byTier: {standrad: Warn}}]\n",
           {"5:50: spec.tiers.default: \"standart\" is none of the tiers; expected critical or "
            "standard; did you mean \"standard\"?",
            "6:51: spec.rules[0].byTier.standrad: \"standrad\" is none of the tiers; expected "
            "critical or standard; did you mean \"standard\"?"}},
          {"  match: {namespaceSelector: {matchLabels: {\"a b/c\": \"-\"}}}\n"
           "  rules: [{rule: health.readiness-probe}]\n",
           {"5:45: spec.match.namespaceSelector.matchLabels[a b/c]: \"a b/c\" is not a label key "
            "such as plimsoll.dev/tier",
            "5:54: spec.match.namespaceSelector.matchLabels[a b/c]: \"-\" is not a label value: "
            "letters, digits, '-', '_' and '.', a letter or digit at both ends"}},
          {"  stages: [{action: DENY}]\n  rules: [{rule: health.readiness-probe}]\n",
           {"5:21: spec.stages[0].action: \"DENY\" is not known here; expected Audit, Warn or "
            "Deny; did you mean \"Deny\"?"}},
          // What is wrong in one place hides nothing in another.
          {"  match: {kinds: [Deploymnt, Pod, Pod], objectSelector: {matchExpressions: "
           "[{key: a, operator: in}, {key: a, operator: In}]}}\n"
           "  tiers: {values: [\"a b\", c], default: q}\n"
           "  rules: [{rule: x.y, byTier: {z: warn, c: Off}, stages: [{action: warn}, "
           "{action: Deny}, {action: Warn, from: \"2027-01-01T00:00:00Z\"}]}]\n",
           {("5:19: spec.match.kinds[0]: \"Deploymnt\" is not known here; expected Deployment, "
             "StatefulSet, DaemonSet, ReplicaSet, Pod, Job, CronJob, Rollout or "
             "ReplicationController; did you mean \"Deployment\"?"),
            "5:35: spec.match.kinds: \"Pod\" is listed twice",
            ("5:96: spec.match.objectSelector.matchExpressions[0].operator: \"in\" is not known "
             "here; expected In, NotIn, Exists or DoesNotExist; did you mean \"In\"?"),
            ("5:101: spec.match.objectSelector.matchExpressions[1].values: required with the "
             "operator In"),
            ("6:20: spec.tiers.values[0]: \"a b\" is not a tier name: letters, digits, '-', '_' "
             "and '.', a letter or digit at both ends"),
            "6:40: spec.tiers.default: \"q\" is none of the tiers; expected c",
            "7:18: spec.rules[0].rule: \"x.y\" is no rule; `plimsoll explain all` lists them",
            ("7:35: spec.rules[0].byTier.z: \"warn\" is not known here; expected Skip, Audit, Warn "
             "or Deny; did you mean \"Warn\"?"),
            ("7:44: spec.rules[0].byTier.c: expected a string, found the boolean false; put it in "
             "quotes"),
            ("7:68: spec.rules[0].stages[0].action: \"warn\" is not known here; expected Audit, "
             "Warn or Deny; did you mean \"Warn\"?"),
            ("7:100: spec.rules[0].stages[2].action: Warn is not stronger than Deny, the stage "
             "before; a timetable goes from Audit to Warn to Deny")}},
          {"  stages: [{action: Audit}, {action: warn}, {action: Deny, from: x}, {action: y}]\n"
           "  rules: [{rule: health.readiness-probe}]\n",
           {"5:11: spec.stages: 4 entries are more than the 3 allowed here",
            "5:38: spec.stages[1].action: \"warn\" is not known here; expected Audit, Warn or "
            "Deny; did you mean \"Warn\"?",
            "5:66: spec.stages[2].from: \"x\" is not a date and time such as "
            "2026-12-01T00:00:00Z"}},
          {"  description: [a]\n  rules: []\n",
           {"5:16: spec.description: expected a string, found a list",
            "6:10: spec.rules: must not be empty"}},
      }) {
    EXPECT_EQ(test::Lines(ParseSpec(c.spec).problems), c.problems) << c.spec;
  }
}

TEST(PolicyParser, AWrongHeaderHidesNothingBelowIt) {
  EXPECT_EQ(
      test::Lines(Parse("apiVersion: plimsoll.dev/v2\nkind: ReadinessPolicy\nmetadata: {name: P}\n"
                        "spec:\n  rules: [{rule: health.readyness-probe}]\n")
                      .problems),
      (std::vector<std::string>{
          "1:13: apiVersion: \"plimsoll.dev/v2\" is not known here; expected plimsoll.dev/v1alpha1",
          "3:18: metadata.name: \"P\" is not a DNS-1123 subdomain: lower-case letters, digits, '-' "
          "and '.', a letter or digit at both ends",
          "5:18: spec.rules[0].rule: \"health.readyness-probe\" is no rule; did you mean "
          "\"health.readiness-probe\"?"}));
}

TEST(PolicyParser, LimitsAreTheirsToTheCharacter) {
  const auto with_contact = [](size_t length, std::string_view character) {
    std::string contact;
    for (size_t i = 0; i < length; ++i) contact += character;
    return ParseSpec("  contact: \"" + contact + "\"\n  rules: [{rule: health.readiness-probe}]\n")
        .problems;
  };
  EXPECT_TRUE(with_contact(policy_schema::kMaxContact, "x").empty());
  EXPECT_TRUE(with_contact(policy_schema::kMaxContact, "é").empty());
  EXPECT_EQ(test::Lines(with_contact(policy_schema::kMaxContact + 1, "é")),
            std::vector<std::string>{
                "5:12: spec.contact: 257 characters are more than the 256 allowed here"});
}

// What cannot be read never makes the policy act more strongly (docs/adr/0013).
TEST(PolicyParser, WhatRemainsOfABrokenPolicy) {
  struct Case {
    std::string name;
    std::string yaml;
    std::optional<size_t> rules;  // nothing: no policy
    Action stage;
  };
  const std::string head(kHead);
  const std::string deny = "  stages: [{action: Deny}]\n";
  const std::string rules =
      "  rules: [{rule: health.readiness-probe}, {rule: health.liveness-probe}]\n";
  for (const Case& c : std::vector<Case>{
           {"nothing wrong", head + deny + rules, 2, Action::kDeny},
           {"unknown rule", head + deny + "  rules: [{rule: health.liveness-probe}, {rule: x.y}]\n",
            1, Action::kDeny},
           {"bad parameter",
            head + deny +
                "  rules: [{rule: health.liveness-probe}, {rule: health.readiness-probe, "
                "parameters: {scope: 5}}]\n",
            1, Action::kDeny},
           {"only bad rules", head + deny + "  rules: [{rule: x.y}]\n", std::nullopt, {}},
           {"a rule that is no object",
            head + deny + "  rules: [5, {rule: health.liveness-probe}]\n", 1, Action::kDeny},
           {"bad rule stages",
            head + deny +
                "  rules: [{rule: health.liveness-probe}, {rule: health.readiness-probe, "
                "stages: [{action: deny}]}]\n",
            1, Action::kDeny},
           {"bad stage", head + "  stages: [{action: Deny}, {action: Warn}]\n" + rules, 2,
            Action::kAudit},
           {"bad match",
            head + deny + "  match: {namespaceSelecter: {}}\n" + rules,
            std::nullopt,
            {}},
           {"In without values",
            head + deny +
                "  match: {objectSelector: {matchExpressions: [{key: a, operator: In}]}}\n" + rules,
            std::nullopt,
            {}},
           {"misspelt match", head + deny + "  macth: {}\n" + rules, 2, Action::kAudit},
           {"bad tiers", head + deny + "  tiers: {values: [a], default: b}\n" + rules, 2,
            Action::kAudit},
           {"bad ratchet", head + deny + "  existingViolations: {action: warn}\n" + rules, 2,
            Action::kAudit},
           {"bad contact", head + deny + "  contact: [a]\n" + rules, 2, Action::kDeny},
           {"bad waivers", head + deny + "  waivers: {maxDuration: 90d}\n" + rules, 2,
            Action::kDeny},
           {"bad failurePolicy", head + deny + "  failurePolicy: fail\n" + rules, 2, Action::kDeny},
           {"unknown metadata",
            "apiVersion: plimsoll.dev/v1alpha1\nkind: ReadinessPolicy\n"
            "metadata: {name: p, label: {}}\nspec:\n" +
                deny + rules,
            2, Action::kDeny},
           {"no name",
            "apiVersion: plimsoll.dev/v1alpha1\nkind: ReadinessPolicy\nmetadata: {}\nspec:\n" +
                deny + rules,
            std::nullopt,
            {}},
           {"another version",
            "apiVersion: plimsoll.dev/v2\nkind: ReadinessPolicy\nmetadata: {name: p}\nspec:\n" +
                deny + rules,
            std::nullopt,
            {}},
           {"another kind",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: p}\n",
            std::nullopt,
            {}},
       }) {
    const ParsedPolicy parsed = Parse(c.yaml);
    EXPECT_EQ(parsed.problems.empty(), c.name == "nothing wrong") << c.name;
    ASSERT_EQ(parsed.policy.has_value(), c.rules.has_value()) << c.name;
    if (!parsed.policy) continue;
    EXPECT_EQ(parsed.policy->rules.size(), *c.rules) << c.name;
    EXPECT_EQ(StageAt(parsed.policy->stages, At("2027-01-01")).action, c.stage) << c.name;
    EXPECT_EQ(parsed.policy->failure_policy, FailurePolicy::kIgnore) << c.name;
  }
}

TEST(PolicyParser, AnotherDocumentHasOneProblem) {
  EXPECT_EQ(
      test::Lines(
          Parse("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: p}\ndata: {a: b}\n").problems),
      std::vector<std::string>{"2:7: kind: expected ReadinessPolicy, found \"ConfigMap\""});
}

TEST(PolicyParser, WhatIsNoObjectHasOneProblem) {
  for (const std::string_view text : {"[]", "5", "null", "\"ReadinessPolicy\""}) {
    const test::Json json(text);
    const ParsedPolicy parsed = ParseReadinessPolicy(json.view());
    EXPECT_EQ(parsed.problems.size(), 1u) << text;
    EXPECT_FALSE(parsed.policy) << text;
  }
  EXPECT_EQ(ParseReadinessPolicy(JsonView()).problems.size(), 1u);
}

TEST(PolicyParser, ManyProblemsAreCutShort) {
  std::string spec;
  for (int i = 0; i < 5000; ++i) spec += "  x" + std::to_string(i) + ": 1\n";
  const ParsedPolicy parsed = ParseSpec(spec + "  rules: [{rule: health.readiness-probe}]\n");
  EXPECT_EQ(parsed.problems.size(), kMaxPolicyProblems + 1);
  EXPECT_EQ(parsed.problems.back().message,
            "too many problems; there may be more than those listed");
  EXPECT_FALSE(parsed.policy);
}

TEST(PolicyParser, ShowsHostileTextSafely) {
  const ParsedPolicy parsed =
      ParseSpec("  \"a\\e[31m\\nb\": 1\n  rules: [{rule: health.readiness-probe}]\n");
  ASSERT_EQ(parsed.problems.size(), 1u);
  for (const char c : FormatDiagnostic(parsed.problems[0])) {
    EXPECT_GE(static_cast<unsigned char>(c), 0x20);
  }
}

}  // namespace
}  // namespace plimsoll

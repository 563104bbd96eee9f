#include "plimsoll/controllers/policy_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/policy/support.h"
#include "tests/policy/yaml.h"

namespace plimsoll::controllers {
namespace {

using plimsoll::test::At;
using plimsoll::test::Yaml;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

constexpr std::string_view kNow = "2026-11-23T09:00:00Z";

// `spec`: the body of spec, indented by two.
ParsedPolicy Parse(const std::string& spec, const std::string& name = "production") {
  const Yaml yaml("apiVersion: plimsoll.dev/v1alpha1\nkind: ReadinessPolicy\nmetadata: {name: " +
                  name + "}\nspec:\n" + spec);
  return ParseReadinessPolicy(yaml.view());
}

PolicyStatus StatusOf(const ParsedPolicy& parsed, const PolicyStatus* previous = nullptr,
                      std::string_view now = kNow, int64_t generation = 3) {
  return MakePolicyStatus(parsed, generation, PolicyFigures{.matched = 5, .ready = 2, .failing = 3},
                          previous, At(now));
}

const std::string kGood =
    "  stages: [{action: Audit}, {action: Deny, from: '2027-02-01T00:00:00Z'}]\n"
    "  rules: [{rule: runbook.url}]\n";

TEST(PolicyStatusTest, OfAPolicyAsItIsMeant) {
  PolicyStatus expected;
  expected.observed_generation = 3;
  expected.stage = Action::kAudit;
  expected.next_stage = Upcoming{Action::kDeny, At("2027-02-01")};
  expected.workloads = PolicyFigures{.matched = 5, .ready = 2, .failing = 3};
  expected.conditions = {
      {"Ready", true, 3, "Accepted", "In force as written.", At(kNow)},
  };
  EXPECT_EQ(StatusOf(Parse(kGood)), expected);
  EXPECT_EQ(StageSummary(*expected.next_stage), "Deny 2027-02-01");
}

struct Case {
  std::string name;
  std::string spec;
  std::string reason;
  std::string message;
};

TEST(PolicyStatusTest, NamesWhatIsWrong) {
  for (
      const Case& c : {
          Case{
              "a misspelt rule", "  rules: [{rule: runbook.url}, {rule: runbok.url}]\n",
              "UnknownRule",
              "In force without what is wrong: 1 problem.\n- spec.rules[1].rule: \"runbok.url\" is "
              "no rule; did you mean \"runbook.url\"?"},
          Case{"a parameter",
               "  rules: [{rule: runbook.url}, {rule: ownership.owner, parameters: "
               "{key: [a]}}]\n",
               "InvalidField",
               "In force without what is wrong: 1 problem.\n- spec.rules[1]."
               "parameters.key: "},
          Case{"a field of tomorrow", kGood + "  exceptions: []\n", "UnknownField",
               "Every rule only audits until this is put right: 1 problem.\n- spec.exceptions: "
               "unknown field"},
          Case{"dates in disorder",
               "  stages: [{action: Warn, from: '2027-02-01T00:00:00Z'}, {action: Deny, from: "
               "'2027-01-01T00:00:00Z'}]\n  rules: [{rule: runbook.url}]\n",
               "InvalidField",
               "Every rule only audits until this is put right: 1 problem.\n"
               "- spec.stages[1].from: "},
          Case{
              "nothing left", "  rules: [{rule: runbok.url}, {rule: b}]\n", "NotInForce",
              "Not in force: 2 problems.\n- spec.rules[0].rule: \"runbok.url\" is no rule; did you "
              "mean \"runbook.url\"?\n- spec.rules[1].rule: "},
      }) {
    const PolicyStatus status = StatusOf(Parse(c.spec));
    ASSERT_THAT(status.conditions, SizeIs(2)) << c.name;
    const PolicyCondition& ready = status.conditions[0];
    EXPECT_EQ(ready.type, "Ready") << c.name;
    EXPECT_FALSE(ready.status) << c.name;
    EXPECT_EQ(ready.reason, c.reason) << c.name;
    EXPECT_THAT(ready.message, StartsWith(c.message)) << c.name;
    const PolicyCondition& stalled = status.conditions[1];
    EXPECT_EQ(stalled.type, "Stalled") << c.name;
    EXPECT_TRUE(stalled.status) << c.name;
    EXPECT_EQ(stalled.message, ready.message) << c.name;
  }
}

TEST(PolicyStatusTest, OneThatIsNotInForceHasNoStageAndNoFigures) {
  const PolicyStatus status = StatusOf(Parse("  rules: [{rule: runbok.url}]\n"));
  EXPECT_EQ(status.stage, std::nullopt);
  EXPECT_EQ(status.next_stage, std::nullopt);
  EXPECT_EQ(status.workloads, std::nullopt);
  EXPECT_EQ(status.observed_generation, 3);
}

// The rules that are right go on working, and are counted.
TEST(PolicyStatusTest, OneThatIsNotReadyHasThemWhereItIsInForce) {
  const PolicyStatus status = StatusOf(
      Parse("  stages: [{action: Warn}]\n  rules: [{rule: runbook.url}, {rule: tomorrow.rule}]\n"));
  EXPECT_EQ(status.stage, Action::kWarn);
  EXPECT_EQ(status.workloads->matched, 5U);
}

TEST(PolicyStatusTest, TransitionTimesAreThoseOfFlips) {
  const ParsedPolicy good = Parse(kGood);
  const ParsedPolicy bad = Parse("  rules: [{rule: runbook.url}, {rule: b}]\n");
  const PolicyStatus first = StatusOf(good);
  // Another generation, a later time, a stage that has begun: no flip.
  const PolicyStatus later = StatusOf(good, &first, "2027-03-01", 4);
  EXPECT_EQ(later.conditions[0].last_transition, At(kNow));
  EXPECT_EQ(later.conditions[0].observed_generation, 4);
  EXPECT_EQ(later.stage, Action::kDeny);
  const PolicyStatus broken = StatusOf(bad, &later, "2027-03-02", 5);
  for (const PolicyCondition& condition : broken.conditions) {
    EXPECT_EQ(condition.last_transition, At("2027-03-02")) << condition.type;
  }
  const PolicyStatus still = StatusOf(bad, &broken, "2027-03-03", 5);
  EXPECT_EQ(still, broken);
  const PolicyStatus mended = StatusOf(good, &still, "2027-03-04", 6);
  ASSERT_THAT(mended.conditions, SizeIs(1));
  EXPECT_EQ(mended.conditions[0].last_transition, At("2027-03-04"));
  EXPECT_EQ(StatusOf(good, &mended, "2027-03-05", 6), mended);
}

TEST(PolicyStatusTest, NoFiguresBeforeTheFirstAudit) {
  const PolicyStatus status = MakePolicyStatus(Parse(kGood), 1, std::nullopt, nullptr, At(kNow));
  EXPECT_EQ(status.workloads, std::nullopt);
}

TEST(PolicyStatusTest, RulesWithTimetablesOfTheirOwn) {
  const std::string own =
      "  stages: [{action: Audit}, {action: Deny, from: '2026-12-01T00:00:00Z'}]\n"
      "  rules:\n"
      "    - {rule: runbook.url, stages: [{action: Warn, from: '2026-01-01T00:00:00Z'}]}\n"
      "    - rule: ownership.owner\n"
      "      stages: [{action: Audit}, {action: Warn, from: '2027-01-01T00:00:00Z'}]\n";
  // No rule follows the policy's stages, so they say nothing.
  PolicyStatus status = StatusOf(Parse(own));
  EXPECT_EQ(status.stage, Action::kWarn);
  EXPECT_EQ(status.next_stage, (Upcoming{Action::kWarn, At("2027-01-01")}));
  status = StatusOf(Parse(own + "    - rule: resilience.replicas\n"));
  EXPECT_EQ(status.stage, Action::kAudit);
  EXPECT_EQ(status.next_stage, (Upcoming{Action::kDeny, At("2026-12-01")}));
}

TEST(PolicyStatusTest, SaysWhatIsWrongWithTheDirectoryThatItAsks) {
  const ParsedPolicy asks = Parse("  rules: [{rule: ownership.directory}]\n");
  const auto add = [](const ParsedPolicy& parsed, const std::optional<std::string>& problem,
                      const PolicyStatus* previous, std::string_view now) {
    PolicyStatus status = StatusOf(parsed, previous, now);
    AddDirectoryCondition(parsed, problem, 3, previous, At(now), status);
    return status;
  };
  EXPECT_THAT(add(asks, std::nullopt, nullptr, kNow).conditions, SizeIs(1));
  EXPECT_THAT(add(Parse(kGood), "broken", nullptr, kNow).conditions, SizeIs(1));
  const PolicyStatus first = add(asks, "teams.yaml:3:1: x", nullptr, kNow);
  ASSERT_THAT(first.conditions, SizeIs(2));
  EXPECT_EQ(first.conditions[0].status, true) << "the policy is in force as it is written";
  EXPECT_EQ(first.conditions[1].type, kDirectoryCondition);
  EXPECT_EQ(first.conditions[1].status, false);
  EXPECT_THAT(first.conditions[1].message, HasSubstr("teams.yaml:3:1: x"));
  const PolicyStatus second = add(asks, "teams.yaml:4:1: y", &first, "2026-11-24T09:00:00Z");
  EXPECT_EQ(second.conditions[1].last_transition, At(kNow));
}

TEST(PolicyStatusTest, SaysThatTheInstallationHoldsThePolicyBack) {
  const ParsedPolicy denies = Parse(
      "  stages: [{action: Warn}, {action: Deny, from: '2026-01-01T00:00:00Z'}]\n"
      "  rules: [{rule: runbook.url}]\n");
  const auto add = [&](Action strongest, const PolicyStatus* previous, std::string_view now) {
    PolicyStatus status = StatusOf(denies, previous, now);
    AddHeldBackCondition(denies, strongest, 3, previous, At(now), status);
    return status;
  };
  EXPECT_EQ(add(Action::kDeny, nullptr, kNow), StatusOf(denies));
  const PolicyStatus first = add(Action::kAudit, nullptr, kNow);
  EXPECT_EQ(first.stage, Action::kAudit);
  ASSERT_THAT(first.conditions, SizeIs(2));
  EXPECT_EQ(first.conditions[0].type, kHeldBackCondition) << "they are sorted by type";
  EXPECT_EQ(first.conditions[1].type, kReadyCondition);
  EXPECT_EQ(first.conditions[1].status, true);
  EXPECT_THAT(first.conditions[0].message, HasSubstr("--mode=audit"));
  EXPECT_EQ(add(Action::kAudit, &first, "2027-11-24T09:00:00Z"), first) << "nothing to write";
  EXPECT_EQ(add(Action::kWarn, &first, kNow).stage, Action::kWarn);
}

TEST(PolicyStatusTest, MessagesAreBounded) {
  std::string rules = "  rules: [{rule: runbook.url}";
  for (int i = 0; i < 60; ++i) rules += ", {rule: runbook.url" + std::to_string(i) + "x}";
  const PolicyStatus status = StatusOf(Parse(rules + "]\n"));
  EXPECT_THAT(status.conditions[0].message, HasSubstr("60 problems."));
  EXPECT_THAT(status.conditions[0].message, testing::EndsWith("\n- and 40 more"));
  EXPECT_LT(status.conditions[0].message.size(), (kMaxListedProblems + 2) * kMaxProblemBytes);
}

}  // namespace
}  // namespace plimsoll::controllers

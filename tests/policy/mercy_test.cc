// What would deny, and is let through: by the ratchet, for a rollback, with broken glass.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/policy/support.h"

namespace plimsoll {
namespace {

using test::At;
using test::Deployment;
using test::DeploymentSpec;
using test::ParsedWorkload;

PolicySnapshot Snapshot(ReadinessPolicy policy) {
  std::vector<ReadinessPolicy> policies;
  policies.push_back(std::move(policy));
  return PolicySnapshot(std::move(policies));
}

Verdict Judge(Mercy mercy, std::vector<Stage> stages, std::vector<const Rule*> rules,
              const DeploymentSpec& spec = {}) {
  const PolicySnapshot snapshot = Snapshot(test::Policy("p", std::move(stages), std::move(rules)));
  const ParsedWorkload workload = Deployment(spec);
  EvaluationContext context;
  context.now = At("2027-03-01");
  context.mercy = mercy;
  context.mercy_detail = mercy == Mercy::kRollback ? "web-5d8c9" : "INC-1 by ana";
  return Evaluator().Evaluate(snapshot, *workload, context);
}

const std::vector<Stage> kDeny = {{Action::kDeny, At("2027-02-01")}};
const std::vector<Stage> kWarn = {{Action::kWarn, std::nullopt}, {Action::kDeny, At("2027-06-01")}};

TEST(MercyTest, WhatDeniesWarnsAndSaysWhy) {
  const Verdict back = Judge(Mercy::kRollback, kDeny, {&test::NeedsOwner()});
  EXPECT_EQ(back.decision, Decision::kWarn);
  EXPECT_EQ(back.mercy, Mercy::kRollback);
  EXPECT_EQ(back.mercy_detail, "web-5d8c9");
  ASSERT_EQ(back.findings.size(), 1u);
  EXPECT_EQ(back.findings[0].action, Action::kWarn);
  EXPECT_EQ(back.findings[0].let_through, LetThrough::kRollback);
  EXPECT_EQ(back.findings[0].upcoming, std::nullopt);
  EXPECT_EQ(
      back.findings[0].reason,
      "Warn: a rollback to web-5d8c9, which was admitted before (otherwise Deny since 2027-02-01)");

  const Verdict broken = Judge(Mercy::kBreakGlass, kDeny, {&test::NeedsOwner()});
  EXPECT_EQ(broken.decision, Decision::kWarn);
  EXPECT_EQ(broken.mercy, Mercy::kBreakGlass);
  EXPECT_EQ(broken.findings[0].let_through, LetThrough::kBreakGlass);
  EXPECT_EQ(broken.findings[0].reason,
            "Warn: the glass was broken for INC-1 by ana (otherwise Deny since 2027-02-01)");
}

TEST(MercyTest, WhereNothingDeniesItMakesNoDifference) {
  const Verdict with = Judge(Mercy::kBreakGlass, kWarn, {&test::NeedsOwner()});
  const Verdict without = Judge(Mercy::kNone, kWarn, {&test::NeedsOwner()});
  EXPECT_EQ(with.mercy, Mercy::kNone);
  EXPECT_EQ(with.mercy_detail, "");
  EXPECT_EQ(with.findings, without.findings);
  EXPECT_EQ(with.findings[0].let_through, LetThrough::kNone);
}

TEST(MercyTest, WithoutMercyADenialSaysNothingOfIt) {
  const Verdict verdict = Judge(Mercy::kNone, kDeny, {&test::NeedsOwner()});
  EXPECT_EQ(verdict.decision, Decision::kDeny);
  EXPECT_EQ(verdict.mercy, Mercy::kNone);
  EXPECT_EQ(verdict.findings[0].let_through, LetThrough::kNone);
}

TEST(MercyTest, FindingsThatThereIsNoRoomForAreForgivenToo) {
  const DeploymentSpec many = {.metadata = R"("annotations":{"faults":"700"})"};
  const Verdict verdict = Judge(Mercy::kRollback, kDeny, {&test::CountsFaults()}, many);
  EXPECT_EQ(verdict.decision, Decision::kWarn);
  EXPECT_EQ(verdict.mercy, Mercy::kRollback);
  EXPECT_EQ(verdict.findings_dropped, 200u);
}

TEST(MercyTest, AnUnknownTierIsForgivenLikeAnyOther) {
  ReadinessPolicy policy = test::Policy("p", kDeny, {&test::AlwaysPasses()});
  policy.tiers.values = {"critical", "standard"};
  policy.tiers.default_tier = "standard";
  const PolicySnapshot snapshot = Snapshot(std::move(policy));
  const ParsedWorkload workload = Deployment({.metadata = R"("labels":{"plimsoll.dev/tier":"x"})"});
  EvaluationContext context;
  context.now = At("2027-03-01");
  EXPECT_EQ(Evaluator().Evaluate(snapshot, *workload, context).decision, Decision::kDeny);
  context.mercy = Mercy::kBreakGlass;
  EXPECT_EQ(Evaluator().Evaluate(snapshot, *workload, context).decision, Decision::kWarn);
}

// What the ratchet lets through is told apart from what would not have denied anyhow.
TEST(MercyTest, TheRatchetSaysWhatItLetThrough) {
  const DeploymentSpec plain = {};
  const DeploymentSpec new_image = {.containers = R"([{"name":"web","image":"b"}])"};
  const DeploymentSpec labelled = {.metadata = R"("labels":{"a":"b"})"};
  struct Case {
    const char* name;
    const std::vector<Stage>& stages;
    ExistingViolations existing;
    DeploymentSpec after;
    LetThrough let_through;
  };
  const ExistingViolations warn{Action::kWarn, std::nullopt};
  const ExistingViolations over{Action::kWarn, At("2027-01-01")};
  for (const Case& c : std::initializer_list<Case>{
           {"existing", kDeny, warn, new_image, LetThrough::kExisting},
           {"over, new template", kDeny, over, new_image, LetThrough::kNone},
           {"over, same template", kDeny, over, labelled, LetThrough::kUntouchedTemplate},
           {"warns anyhow", kWarn, warn, new_image, LetThrough::kNone},
           {"warns, audited",
            kWarn,
            {Action::kAudit, std::nullopt},
            new_image,
            LetThrough::kNone}}) {
    SCOPED_TRACE(c.name);
    ReadinessPolicy policy = test::Policy("p", c.stages, {&test::NeedsOwner()});
    policy.existing_violations = c.existing;
    const PolicySnapshot snapshot = Snapshot(std::move(policy));
    const ParsedWorkload before = Deployment(plain);
    const ParsedWorkload after = Deployment(c.after);
    EvaluationContext context;
    context.now = At("2027-03-01");
    context.old_workload = &*before;
    const Verdict verdict = Evaluator().Evaluate(snapshot, *after, context);
    ASSERT_EQ(verdict.findings.size(), 1u);
    EXPECT_EQ(verdict.findings[0].let_through, c.let_through);
    EXPECT_EQ(verdict.mercy, Mercy::kNone);
  }
}

}  // namespace
}  // namespace plimsoll

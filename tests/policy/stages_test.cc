#include <gtest/gtest.h>

#include "tests/policy/support.h"

namespace plimsoll {
namespace {

using test::At;

const std::vector<Stage> kTimetable = {{Action::kAudit, std::nullopt},
                                       {Action::kWarn, test::At("2026-12-01T00:00:00Z")},
                                       {Action::kDeny, test::At("2027-02-01T00:00:00Z")}};

TEST(Stages, BeginAtTheirSecond) {
  struct Case {
    std::string_view now;
    Action current;
    std::optional<Action> next;
  };
  for (const Case& c : std::vector<Case>{
           {"1970-01-01T00:00:00Z", Action::kAudit, Action::kWarn},
           {"2026-11-30T23:59:59Z", Action::kAudit, Action::kWarn},
           {"2026-12-01T00:00:00Z", Action::kWarn, Action::kDeny},
           {"2026-12-01T00:00:01Z", Action::kWarn, Action::kDeny},
           {"2027-01-31T23:59:59Z", Action::kWarn, Action::kDeny},
           {"2027-02-01T00:00:00Z", Action::kDeny, std::nullopt},
           {"9999-12-31T23:59:59Z", Action::kDeny, std::nullopt},
       }) {
    EXPECT_EQ(StageAt(kTimetable, At(c.now)).action, c.current) << c.now;
    const std::optional<Stage> next = NextStage(kTimetable, At(c.now));
    EXPECT_EQ(next ? std::optional(next->action) : std::nullopt, c.next) << c.now;
  }
}

TEST(Stages, BeforeTheFirstDateIsAudit) {
  const std::vector<Stage> stages = {{Action::kDeny, At("2027-02-01T00:00:00Z")}};
  EXPECT_EQ(StageAt(stages, At("2027-01-31T23:59:59Z")), Stage{});
  EXPECT_EQ(NextStage(stages, At("2027-01-31T23:59:59Z")), stages[0]);
  EXPECT_EQ(StageAt(stages, At("2027-02-01T00:00:00Z")), stages[0]);
  EXPECT_EQ(StageAt({}, At("2027-02-01T00:00:00Z")), Stage{});
  EXPECT_EQ(NextStage({}, At("2027-02-01T00:00:00Z")), std::nullopt);
}

// Whether a rollout is one under enforcement does not depend on what it violates.
TEST(Stages, AVerdictSaysWhetherSomeRuleDenies) {
  const std::vector<Stage> warn = {{Action::kWarn, {}}};
  const std::vector<Stage> deny = {{Action::kDeny, At("2027-02-01T00:00:00Z")}};
  struct Case {
    std::string_view name;
    std::vector<Stage> policy;
    std::vector<Stage> rule;
    std::vector<std::pair<std::string, TierCap>> by_tier;
    std::string_view now;
    bool enforced;
  };
  for (const Case& c : std::vector<Case>{
           {"policy warns", warn, {}, {}, "2027-03-01", false},
           {"policy denies later", deny, {}, {}, "2027-01-31T23:59:59Z", false},
           {"policy denies", deny, {}, {}, "2027-02-01", true},
           {"its only rule has stages of its own", deny, warn, {}, "2027-03-01", false},
           {"the rule alone denies", warn, deny, {}, "2027-03-01", true},
           {"capped for the tier", deny, {}, {{"standard", Action::kWarn}}, "2027-03-01", false},
           {"not asked of the tier", deny, {}, {{"standard", std::nullopt}}, "2027-03-01", false},
           {"capped for another tier", deny, {}, {{"trial", Action::kWarn}}, "2027-03-01", true},
       }) {
    ReadinessPolicy policy = test::Policy("p", c.policy, {&test::NeedsOwner()});
    policy.tiers.values = {"standard", "trial"};
    policy.tiers.default_tier = "standard";
    policy.rules[0].stages = c.rule;
    policy.rules[0].by_tier = c.by_tier;
    std::vector<ReadinessPolicy> policies;
    policies.push_back(std::move(policy));
    const PolicySnapshot snapshot(std::move(policies));
    const test::ParsedWorkload workload = test::Deployment();
    EvaluationContext context;
    context.now = At(c.now);
    context.namespace_name = "shop";
    EXPECT_EQ(Evaluator().Evaluate(snapshot, *workload, context).enforced, c.enforced) << c.name;
  }
}

TEST(Snapshot, IsSortedAndOfTwoWithOneNameTheFirstStays) {
  std::vector<ReadinessPolicy> policies;
  policies.push_back(test::Policy("b", {}, {}));
  policies.push_back(test::Policy("a", {}, {}));
  policies.push_back(test::Policy("b", {{Action::kDeny, {}}}, {}));
  const PolicySnapshot snapshot(std::move(policies));
  ASSERT_EQ(snapshot.policies().size(), 2u);
  EXPECT_EQ(snapshot.policies()[0].name, "a");
  EXPECT_EQ(snapshot.policies()[1].name, "b");
  EXPECT_TRUE(snapshot.policies()[1].stages.empty());
  EXPECT_EQ(snapshot.Find("b"), &snapshot.policies()[1]);
  EXPECT_EQ(snapshot.Find("c"), nullptr);
  EXPECT_EQ(snapshot.Find(""), nullptr);
}

// What the installation lets a policy do at most: nothing of its stages is lost, it is only not done.
TEST(Stages, AnInstallationHoldsThemBack) {
  const std::vector<Stage> warns_then_denies = {{Action::kWarn, {}},
                                                {Action::kDeny, At("2027-02-01T00:00:00Z")}};
  const Upcoming denies{Action::kDeny, At("2027-02-01T00:00:00Z")};
  struct Case {
    std::string_view name;
    std::vector<Stage> stages;
    Action strongest;
    std::string_view now;
    Action action;
    std::string_view reason;
    std::optional<Upcoming> withheld;
  };
  for (const Case& c : std::vector<Case>{
           {"enforce", warns_then_denies, Action::kDeny, "2027-02-01", Action::kDeny,
            "Deny since 2027-02-01", std::nullopt},
           {"audit, of what denies", warns_then_denies, Action::kAudit, "2027-02-01",
            Action::kAudit, "Audit, the most in Plimsoll's mode here (Deny since 2027-02-01)",
            denies},
           {"warn, of what denies", warns_then_denies, Action::kWarn, "2027-02-01", Action::kWarn,
            "Warn, the most in Plimsoll's mode here (Deny since 2027-02-01)", denies},
           {"warn, of what warns and will deny: nothing is announced", warns_then_denies,
            Action::kWarn, "2027-01-01", Action::kWarn, "Warn", denies},
           {"audit, of what warns and stays so",
            {{Action::kWarn, {}}},
            Action::kAudit,
            "2027-01-01",
            Action::kAudit,
            "Audit, the most in Plimsoll's mode here (Warn)",
            std::nullopt},
           {"audit, of what has always denied",
            {{Action::kDeny, {}}},
            Action::kAudit,
            "2027-01-01",
            Action::kAudit,
            "Audit, the most in Plimsoll's mode here (Deny)",
            Upcoming{Action::kDeny, Timestamp{}}},
       }) {
    ReadinessPolicy policy = test::Policy("p", c.stages, {&test::NeedsOwner()});
    policy.failure_policy = FailurePolicy::kFail;
    std::vector<ReadinessPolicy> policies;
    policies.push_back(HeldBack(std::move(policy), c.strongest));
    const bool enforces = c.strongest == Action::kDeny;
    EXPECT_EQ(policies[0].failure_policy, enforces ? FailurePolicy::kFail : FailurePolicy::kIgnore);
    const PolicySnapshot snapshot(std::move(policies));
    const test::ParsedWorkload workload = test::Deployment();
    EvaluationContext context;
    context.now = At(c.now);
    context.namespace_name = "shop";
    const Verdict verdict = Evaluator().Evaluate(snapshot, *workload, context);
    ASSERT_EQ(verdict.findings.size(), 1U) << c.name;
    EXPECT_EQ(verdict.findings[0].action, c.action) << c.name;
    EXPECT_EQ(verdict.findings[0].reason, c.reason) << c.name;
    EXPECT_EQ(verdict.findings[0].upcoming, std::nullopt) << c.name;
    EXPECT_EQ(verdict.findings[0].withheld, c.withheld) << c.name;
    EXPECT_EQ(verdict.enforced, enforces) << c.name;
  }
}

}  // namespace
}  // namespace plimsoll

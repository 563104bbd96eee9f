#include "plimsoll/policy/evaluator.h"

#include <gtest/gtest.h>

#include "tests/policy/support.h"

namespace plimsoll {
namespace {

using test::At;
using test::Deployment;
using test::ParsedWorkload;
using test::Summary;

template <class... Policies>
PolicySnapshot Snapshot(Policies... policies) {
  std::vector<ReadinessPolicy> list;
  (list.push_back(std::move(policies)), ...);
  return PolicySnapshot(std::move(list));
}

const std::vector<Stage> kDeny = {{Action::kDeny, std::nullopt}};
const std::vector<Stage> kWarn = {{Action::kWarn, std::nullopt}};
const std::vector<Stage> kTimetable = {{Action::kAudit, std::nullopt},
                                       {Action::kWarn, At("2026-12-01")},
                                       {Action::kDeny, At("2027-02-01")}};

TEST(Evaluator, RuleByRuleWithCounts) {
  const PolicySnapshot snapshot = Snapshot(test::Policy(
      "p", kDeny,
      {&test::AlwaysPasses(), &test::NeedsOwner(), &test::NeedsProbe(), &test::NeedsReplicas()}));
  const ParsedWorkload workload = Deployment({.replicas = "3"});
  const Verdict verdict = Evaluator().Evaluate(snapshot, *workload, {});
  EXPECT_EQ(verdict.decision, Decision::kDeny);
  EXPECT_EQ(verdict.exemption, Exemption::kNone);
  EXPECT_EQ(verdict.policies, std::vector<std::string_view>{"p"});
  EXPECT_EQ(verdict.passed, 2u);
  EXPECT_EQ(verdict.not_applicable, 0u);
  EXPECT_EQ(Summary(verdict),
            (std::vector<std::string>{
                "Deny p/test.owner metadata.annotations[owner]",
                "Deny p/test.probe spec.template.spec.containers[0].readinessProbe"}));
  const Finding expected = {.policy = "p",
                            .rule = "test.owner",
                            .result = RuleResult::kFail,
                            .action = Action::kDeny,
                            .reason = "Deny",
                            .path = "metadata.annotations[owner]",
                            .container = "",
                            .message = "nobody owns this",
                            .observed = "",
                            .required = "",
                            .fix = "metadata:\n  annotations:\n    owner: team\n",
                            .position = {1, 45},
                            .waiver = {},
                            .upcoming = {}};
  EXPECT_EQ(verdict.findings[0], expected);
}

TEST(Evaluator, ReportsPassesAndNotApplicablesWhereAsked) {
  ReadinessPolicy policy = test::Policy(
      "p", kWarn, {&test::AlwaysPasses(), &test::NeedsOwner(), &test::NeedsReplicas()});
  policy.tiers = {"tier", {"standard"}, "standard"};
  policy.rules[0].by_tier = {{"standard", std::nullopt}};
  const PolicySnapshot snapshot = Snapshot(std::move(policy));
  const ParsedWorkload workload(
      R"({"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"name":"d",
          "annotations":{"owner":"a"}},
          "spec":{"template":{"spec":{"containers":[{"name":"a","image":"b"}]}}}})");
  EvaluationContext context;
  const Verdict quiet = Evaluator().Evaluate(snapshot, *workload, context);
  EXPECT_TRUE(quiet.findings.empty());
  EXPECT_EQ(quiet.passed, 1u);
  EXPECT_EQ(quiet.not_applicable, 2u);
  context.report_all = true;
  const Verdict all = Evaluator().Evaluate(snapshot, *workload, context);
  EXPECT_EQ(Summary(all),
            (std::vector<std::string>{"notApplicable p/test.passes ",
                                      "notApplicable p/test.replicas ", "pass p/test.owner "}));
  EXPECT_EQ(all.findings[0].reason, "not asked of tier standard");
  EXPECT_EQ(all.findings[1].reason, "no replicas asked for");
  EXPECT_EQ(all.findings[2].message, "A rule of the tests");
  EXPECT_EQ(all.decision, Decision::kAllow);
}

TEST(Evaluator, ExemptAndUnmatchedObjectsAreAllowed) {
  const PolicySnapshot snapshot = Snapshot(test::Policy("p", kDeny, {&test::NeedsOwner()}));
  const ParsedWorkload scaled = Deployment({.replicas = "0"});
  const Verdict exempt = Evaluator().Evaluate(snapshot, *scaled, {});
  EXPECT_EQ(exempt.decision, Decision::kAllow);
  EXPECT_EQ(exempt.exemption, Exemption::kScaledToZero);
  EXPECT_TRUE(exempt.findings.empty());
  const ParsedWorkload workload = Deployment({});
  const PolicySnapshot none{std::vector<ReadinessPolicy>()};
  EXPECT_EQ(Evaluator().Evaluate(none, *workload, {}).exemption, Exemption::kNoPolicyMatches);
}

TEST(Evaluator, StageOfTheRuleBeforeThatOfThePolicy) {
  ReadinessPolicy policy =
      test::Policy("p", kTimetable, {&test::NeedsOwner(), &test::NeedsProbe()});
  policy.rules[1].stages = {{Action::kWarn, At("2027-01-01")}};
  const PolicySnapshot snapshot = Snapshot(std::move(policy));
  const ParsedWorkload workload = Deployment({});
  struct Case {
    std::string_view now;
    Action owner;
    std::string owner_reason;
    Action probe;
    std::string probe_reason;
    Decision decision;
  };
  for (const Case& c : std::vector<Case>{
           {"2026-11-30T23:59:59Z", Action::kAudit, "Audit; Warn from 2026-12-01", Action::kAudit,
            "Audit; Warn from 2027-01-01", Decision::kAllow},
           {"2026-12-01T00:00:00Z", Action::kWarn, "Warn since 2026-12-01; Deny from 2027-02-01",
            Action::kAudit, "Audit; Warn from 2027-01-01", Decision::kWarn},
           {"2027-01-01T00:00:00Z", Action::kWarn, "Warn since 2026-12-01; Deny from 2027-02-01",
            Action::kWarn, "Warn since 2027-01-01", Decision::kWarn},
           {"2027-02-01T00:00:00Z", Action::kDeny, "Deny since 2027-02-01", Action::kWarn,
            "Warn since 2027-01-01", Decision::kDeny},
       }) {
    EvaluationContext context;
    context.now = At(c.now);
    const Verdict verdict = Evaluator().Evaluate(snapshot, *workload, context);
    ASSERT_EQ(verdict.findings.size(), 2u) << c.now;
    const bool owner_first = verdict.findings[0].rule == "test.owner";
    const Finding& owner = verdict.findings[owner_first ? 0 : 1];
    const Finding& probe = verdict.findings[owner_first ? 1 : 0];
    EXPECT_EQ(owner.action, c.owner) << c.now;
    EXPECT_EQ(owner.reason, c.owner_reason) << c.now;
    EXPECT_EQ(probe.action, c.probe) << c.now;
    EXPECT_EQ(probe.reason, c.probe_reason) << c.now;
    EXPECT_EQ(verdict.decision, c.decision) << c.now;
  }
}

TEST(Evaluator, TierCapsTheStage) {
  ReadinessPolicy policy = test::Policy("p", kTimetable, {&test::NeedsOwner()});
  policy.tiers = {"tier", {"critical", "standard", "experimental", "toy"}, "standard"};
  policy.rules[0].by_tier = {
      {"standard", Action::kWarn}, {"experimental", Action::kAudit}, {"toy", std::nullopt}};
  const PolicySnapshot snapshot = Snapshot(std::move(policy));
  struct Case {
    std::string tier;
    std::string_view now;
    std::vector<std::string> findings;
    std::string reason;
  };
  const std::string owner = "p/test.owner metadata.annotations[owner]";
  for (const Case& c : std::vector<Case>{
           {"critical", "2027-03-01", {"Deny " + owner}, "Deny since 2027-02-01"},
           {"standard", "2026-11-01", {"Audit " + owner}, "Audit; Warn from 2026-12-01"},
           {"standard", "2027-01-01", {"Warn " + owner}, "Warn since 2026-12-01"},
           {"standard",
            "2027-03-01",
            {"Warn " + owner},
            "Warn, the most for tier standard (Deny since 2027-02-01)"},
           {"experimental",
            "2027-03-01",
            {"Audit " + owner},
            "Audit, the most for tier experimental (Deny since 2027-02-01)"},
           {"toy", "2027-03-01", {}, ""},
       }) {
    const ParsedWorkload workload =
        Deployment({.metadata = R"("labels":{"tier":")" + c.tier + "\"}"});
    EvaluationContext context;
    context.now = At(c.now);
    const Verdict verdict = Evaluator().Evaluate(snapshot, *workload, context);
    EXPECT_EQ(Summary(verdict), c.findings) << c.tier << c.now;
    EXPECT_EQ(verdict.tier, c.tier);
    if (!verdict.findings.empty()) {
      EXPECT_EQ(verdict.findings[0].reason, c.reason) << c.tier << c.now;
    }
  }
}

TEST(Evaluator, UnknownTierIsAFindingOfItsOwn) {
  ReadinessPolicy policy = test::Policy("p", kTimetable, {&test::NeedsOwner()});
  policy.tiers = {"plimsoll.dev/tier", {"critical", "standard", "experimental"}, "standard"};
  policy.rules[0].by_tier = {{"standard", Action::kAudit}};
  const PolicySnapshot snapshot = Snapshot(std::move(policy));
  const ParsedWorkload workload =
      Deployment({.metadata = R"("labels":{"plimsoll.dev/tier":"experimantal"})"});
  EvaluationContext context;
  context.now = At("2027-02-01");
  const Verdict verdict = Evaluator().Evaluate(snapshot, *workload, context);
  EXPECT_EQ(Summary(verdict),
            (std::vector<std::string>{"Deny p/policy.tier metadata.labels[plimsoll.dev/tier]",
                                      "Audit p/test.owner metadata.annotations[owner]"}));
  EXPECT_EQ(verdict.tier, "standard");
  EXPECT_EQ(verdict.findings[0].message,
            "tier \"experimantal\" is none of critical, standard or experimental; judged as "
            "standard; did you mean \"experimental\"?");
  EXPECT_EQ(verdict.findings[0].fix,
            "metadata:\n  labels:\n    plimsoll.dev/tier: \"experimental\"  # replace with the "
            "workload's tier: critical, standard or experimental\n");
  // An update that leaves it as it was is let through like any other finding that is not new.
  context.old_workload = &*workload;
  EXPECT_EQ(Evaluator().Evaluate(snapshot, *workload, context).decision, Decision::kWarn);
  const ParsedWorkload other = Deployment({.metadata = R"("labels":{"plimsoll.dev/tier":"gold"})"});
  EXPECT_EQ(Evaluator().Evaluate(snapshot, *other, context).decision, Decision::kDeny);
}

TEST(Evaluator, PoliciesSideBySideWorstFirst) {
  const PolicySnapshot snapshot =
      Snapshot(test::Policy("b", kWarn, {&test::NeedsProbe(), &test::NeedsOwner()}),
               test::Policy("a", kWarn, {&test::NeedsOwner()}),
               test::Policy("c", kDeny, {&test::NeedsOwner()}),
               test::Policy("d", kDeny, {&test::AlwaysPasses()}));
  const ParsedWorkload workload =
      Deployment({.containers = R"([{"name":"x","image":"a"},{"name":"y","image":"a"}])"});
  const Verdict verdict = Evaluator().Evaluate(snapshot, *workload, {});
  EXPECT_EQ(Summary(verdict),
            (std::vector<std::string>{
                "Deny c/test.owner metadata.annotations[owner]",
                "Warn a/test.owner metadata.annotations[owner]",
                "Warn b/test.owner metadata.annotations[owner]",
                "Warn b/test.probe spec.template.spec.containers[0].readinessProbe",
                "Warn b/test.probe spec.template.spec.containers[1].readinessProbe"}));
  EXPECT_EQ(verdict.policies, (std::vector<std::string_view>{"a", "b", "c", "d"}));
}

TEST(Evaluator, IdenticalFindingsAreOne) {
  const PolicySnapshot snapshot =
      Snapshot(test::Policy("p", kWarn, {&test::NeedsOwner(), &test::NeedsOwner()}));
  const ParsedWorkload workload = Deployment({});
  EXPECT_EQ(Evaluator().Evaluate(snapshot, *workload, {}).findings.size(), 1u);
}

TEST(Evaluator, BoundedButRight) {
  struct Case {
    std::string name;
    int faults;
    size_t findings;
    uint32_t dropped;
  };
  for (const Case& c : std::vector<Case>{
           {"few", 3, 4, 0},
           {"just as many", 499, 500, 0},
           {"one more", 500, 500, 1},
           {"beyond what a rule tells", 501, 500, 2},
           {"far beyond", 100'000, 500, 99'501},
       }) {
    // The denial sorts first, so it stays; the warnings are what is dropped.
    ReadinessPolicy warns = test::Policy("a", kWarn, {&test::CountsFaults()});
    ReadinessPolicy denies = test::Policy("z", kDeny, {&test::NeedsOwner()});
    const PolicySnapshot snapshot = Snapshot(std::move(warns), std::move(denies));
    const ParsedWorkload workload =
        Deployment({.metadata = R"("annotations":{"faults":")" + std::to_string(c.faults) + "\"}"});
    const Verdict verdict = Evaluator().Evaluate(snapshot, *workload, {});
    EXPECT_EQ(verdict.findings.size(), c.findings) << c.name;
    EXPECT_EQ(verdict.findings_dropped, c.dropped) << c.name;
    EXPECT_EQ(verdict.findings.front().action, Action::kDeny) << c.name;
    EXPECT_EQ(verdict.decision, Decision::kDeny) << c.name;
  }
}

TEST(Evaluator, WhatIsNotToldStillDecides) {
  const PolicySnapshot snapshot = Snapshot(test::Policy("p", kDeny, {&test::CountsFaults()}));
  const ParsedWorkload few = Deployment({.metadata = R"("annotations":{"faults":"500"})"});
  const ParsedWorkload many = Deployment({.metadata = R"("annotations":{"faults":"600"})"});
  EvaluationContext context;
  context.old_workload = &*few;
  const Verdict worse = Evaluator().Evaluate(snapshot, *many, context);
  EXPECT_EQ(worse.findings.front().action, Action::kWarn);
  EXPECT_EQ(worse.findings_dropped, 100u);
  EXPECT_EQ(worse.decision, Decision::kDeny);
  context.old_workload = &*many;
  EXPECT_EQ(Evaluator().Evaluate(snapshot, *many, context).decision, Decision::kWarn);
}

TEST(Evaluator, OwnerIsTheFirstKeyThatIsSet) {
  struct Case {
    test::DeploymentSpec spec;
    std::string owner;
  };
  for (const Case& c : std::vector<Case>{
           {{}, ""},
           {{.metadata = R"("annotations":{"team":"b"})"}, "b"},
           {{.metadata = R"("labels":{"team":"b"},"annotations":{"owner":"a"})"}, "a"},
           {{.metadata = R"("labels":{"owner":"c"},"annotations":{"owner":"a"})"}, "c"},
           {{.metadata = R"("labels":{"owner":""},"annotations":{"owner":"a"})"}, "a"},
           {{.template_metadata = R"("labels":{"owner":"t"})"}, "t"},
           {{.template_metadata = R"("annotations":{"team":"t"})"}, "t"},
       }) {
    ReadinessPolicy policy = test::Policy("p", kDeny, {&test::AlwaysPasses()});
    policy.owner_keys = {"owner", "team"};
    const PolicySnapshot snapshot = Snapshot(std::move(policy));
    const ParsedWorkload workload = Deployment(c.spec);
    EXPECT_EQ(Evaluator().Evaluate(snapshot, *workload, {}).owner, c.owner);
  }
}

TEST(Evaluator, PositionsOnlyWhereAsked) {
  const PolicySnapshot snapshot = Snapshot(test::Policy("p", kDeny, {&test::NeedsOwner()}));
  const ParsedWorkload workload = Deployment({});
  EvaluationContext context;
  EXPECT_TRUE(Evaluator().Evaluate(snapshot, *workload, context).findings[0].position.known());
  context.locate = false;
  EXPECT_FALSE(Evaluator().Evaluate(snapshot, *workload, context).findings[0].position.known());
}

}  // namespace
}  // namespace plimsoll

// Waivers: what becomes of each, and what the evaluator makes of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plimsoll/policy/waiver_set.h"
#include "tests/policy/support.h"
#include "tests/policy/yaml.h"

namespace plimsoll {
namespace {

using test::At;
using test::Deployment;
using test::ParsedWorkload;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kDay = "2027-03-01T12:00:00Z";

std::vector<Stage> Timetable() {
  return {{Action::kAudit, std::nullopt},
          {Action::kWarn, At("2027-01-01")},
          {Action::kDeny, At("2027-02-01")}};
}

ReadinessPolicy Production() {
  return test::Policy("production", Timetable(), {&test::NeedsOwner(), &test::NeedsProbe()});
}

ReadinessWaiver Waiver(const std::function<void(ReadinessWaiver&)>& change = {}) {
  ReadinessWaiver waiver;
  waiver.namespace_name = "shop";
  waiver.name = "web-owner";
  waiver.workloads = {{WorkloadKind::kDeployment, "web"}};
  waiver.policy = "production";
  waiver.rules = {"test.owner"};
  waiver.reason = "OPS-1234";
  waiver.requested_by = "ana";
  waiver.approved_by = "lee";
  waiver.created = At("2027-02-15");
  waiver.expires = At("2027-04-01");
  if (change) change(waiver);
  return waiver;
}

WaiverSet::Pointer Shared(ReadinessWaiver waiver) {
  return std::make_shared<const ReadinessWaiver>(std::move(waiver));
}

struct Judged {
  Verdict verdict;
  const Finding* Of(std::string_view rule) const {
    for (const Finding& finding : verdict.findings) {
      if (finding.rule == rule) return &finding;
    }
    return nullptr;
  }
};

struct Situation {
  ReadinessPolicy policy = Production();
  std::vector<ReadinessWaiver> waivers = {Waiver()};
  std::string_view now = kDay;
  const ParsedWorkload* workload = nullptr;
  const ParsedWorkload* old = nullptr;
  std::string_view namespace_name = "shop";
};

Judged Judge(const Situation& situation) {
  const ParsedWorkload plain = Deployment();
  std::vector<WaiverSet::Pointer> shared;
  for (const ReadinessWaiver& waiver : situation.waivers) shared.push_back(Shared(waiver));
  const WaiverSet waivers(std::move(shared));
  const PolicySnapshot policies({situation.policy});
  EvaluationContext context;
  context.now = At(situation.now);
  context.namespace_name = situation.namespace_name;
  context.waivers = &waivers;
  if (situation.old != nullptr) {
    context.operation = Operation::kUpdate;
    context.old_workload = &**situation.old;
  }
  return {Evaluator().Evaluate(
      policies, situation.workload != nullptr ? **situation.workload : *plain, context)};
}

// ---- what becomes of one ----

TEST(WaiverState, ByTheTermsOfItsPolicy) {
  struct Case {
    std::string name;
    std::function<void(ReadinessWaiver&)> change;
    std::function<void(ReadinessPolicy&)> terms;
    std::string_view now;
    WaiverState state;
    std::string_view reason;
  };
  const auto none = [](auto&) {};
  const auto no_approval = [](ReadinessPolicy& policy) {
    policy.waivers.approval_required = false;
  };
  const auto pending = [](ReadinessWaiver& waiver) { waiver.approved_by.clear(); };
  using S = WaiverState;
  const Case cases[] = {
      {"approved", none, none, kDay, S::kActive, "Approved"},
      {"the second before it ends", none, none, "2027-03-31T23:59:59Z", S::kActive, "Approved"},
      {"the second that it ends", none, none, "2027-04-01T00:00:00Z", S::kExpired, "Expired"},
      {"not approved", pending, none, kDay, S::kPending, "NotApproved"},
      {"not approved, and over", pending, none, "2027-04-01", S::kExpired, "Expired"},
      {"not approved, need not be", pending, no_approval, kDay, S::kActive, "ApprovalNotRequired"},
      {"approved by who asked", [](ReadinessWaiver& waiver) { waiver.approved_by = "ana"; }, none,
       kDay, S::kInvalid, "SelfApproved"},
      {"the same, where nobody need approve",
       [](ReadinessWaiver& waiver) { waiver.approved_by = "ANA "; }, no_approval, kDay, S::kInvalid,
       "SelfApproved"},
      {"another policy's", [](ReadinessWaiver& waiver) { waiver.policy = "staging"; }, none, kDay,
       S::kInvalid, "UnknownPolicy"},
      {"no rule of the policy's", [](ReadinessWaiver& waiver) { waiver.rules = {"test.replicas"}; },
       none, kDay, S::kInvalid, "UnknownRule"},
      {"one rule of the policy's is enough",
       [](ReadinessWaiver& waiver) { waiver.rules = {"test.replicas", "test.owner"}; }, none, kDay,
       S::kActive, "Approved"},
      {"the tier, of a policy without tiers",
       [](ReadinessWaiver& waiver) { waiver.rules = {"policy.tier"}; }, none, kDay, S::kInvalid,
       "UnknownRule"},
      {"exactly as long as may be",
       [](ReadinessWaiver& waiver) { waiver.created = waiver.expires - std::chrono::hours(2160); },
       none, kDay, S::kActive, "Approved"},
      {"a second longer than may be",
       [](ReadinessWaiver& waiver) {
         waiver.created = waiver.expires - std::chrono::hours(2160) - std::chrono::seconds(1);
       },
       none, kDay, S::kInvalid, "TooLong"},
      {"in a file it begins today", [](ReadinessWaiver& waiver) { waiver.created.reset(); }, none,
       kDay, S::kActive, "Approved"},
      {"terms that are shorter now", none,
       [](ReadinessPolicy& policy) { policy.waivers.max_duration = std::chrono::hours(24); }, kDay,
       S::kInvalid, "TooLong"},
  };
  for (const Case& c : cases) {
    ReadinessPolicy policy = Production();
    c.terms(policy);
    const PolicySnapshot policies({policy});
    const ReadinessWaiver waiver = Waiver(c.change);
    EXPECT_EQ(StateOf(waiver, policies.Find(waiver.policy), At(c.now)), c.state) << c.name;
    const WaiverStanding standing = ExplainState(waiver, policies, At(c.now));
    EXPECT_EQ(standing.state, c.state) << c.name;
    EXPECT_EQ(standing.reason, c.reason) << c.name;
    EXPECT_TRUE(standing.message.ends_with('.')) << c.name << ": " << standing.message;
  }
}

TEST(WaiverState, OnePersonUnderTwoSpellings) {
  for (const std::string_view other : {"ana", "ANA", " ana", "ana\n", "a na", "an\u200ba",
                                       "\ufeffana", "ana\u00a0", "a\u00adna", "ana\U000E0061"}) {
    EXPECT_TRUE(MayBeSamePerson("ana", other)) << other;
    EXPECT_TRUE(MayBeSamePerson(other, "Ana")) << other;
  }
  for (const std::string_view other :
       {"", "an", "anna", "ana@corp", "\u0430na", "an\u00e4", "lee", "\xe4na", "ana\xff"}) {
    EXPECT_FALSE(MayBeSamePerson("ana", other)) << other;
  }
  EXPECT_TRUE(MayBeSamePerson("j\u00fcrgen", "J\u00fcrgen"));
  EXPECT_FALSE(MayBeSamePerson("j\u00fcrgen", "j\u00f6rgen"));
}

TEST(WaiverTerms, SayWhatCanNeverComeTrue) {
  const PolicySnapshot policies({Production()});
  const auto check = [&](const std::function<void(ReadinessWaiver&)>& change) {
    return test::Lines(CheckTerms(Waiver(change), policies, At("2027-03-01"), At(kDay)));
  };
  EXPECT_THAT(check({}), IsEmpty());
  EXPECT_THAT(check([](ReadinessWaiver& w) { w.policy = "prodution"; }),
              ElementsAre(HasSubstr(
                  "spec.policy: there is no policy \"prodution\"; did you mean \"production\"?")));
  EXPECT_THAT(check([](ReadinessWaiver& w) { w.rules = {"test.owner", "test.ownr"}; }),
              ElementsAre(HasSubstr("spec.rules[1]: the policy \"production\" has no rule "
                                    "\"test.ownr\"; did you mean \"test.owner\"?")));
  EXPECT_THAT(
      check([](ReadinessWaiver& w) { w.workloads = {{WorkloadKind::kJob, "web"}}; }),
      ElementsAre(HasSubstr("spec.workloads[0].kind: the policy \"production\" is not about a Job; "
                            "expected Deployment")));
  EXPECT_THAT(check([](ReadinessWaiver& w) { w.expires = At(kDay); }),
              ElementsAre(HasSubstr("spec.expires: 2027-03-01T12:00:00Z is past")));
  EXPECT_THAT(check([](ReadinessWaiver& w) { w.expires = At("2027-05-30"); }), IsEmpty());
  EXPECT_THAT(check([](ReadinessWaiver& w) { w.expires = At("2027-05-30T00:00:01Z"); }),
              ElementsAre(HasSubstr("lets a waiver last 90d from its creation, here until "
                                    "2027-05-30T00:00:00Z")));
}

// ---- what the evaluator makes of it ----

TEST(Waivers, AnActiveOneExcuses) {
  const Judged judged = Judge({});
  EXPECT_EQ(judged.verdict.decision, Decision::kDeny);  // the probe is nobody's
  EXPECT_EQ(judged.verdict.waived, 1u);
  const Finding* owner = judged.Of("test.owner");
  ASSERT_NE(owner, nullptr);
  EXPECT_EQ(owner->action, Action::kAudit);
  EXPECT_EQ(owner->waiver, "web-owner");
  EXPECT_EQ(owner->reason,
            "Audit: waived by web-owner, approved by lee, until 2027-04-01 (otherwise Deny since "
            "2027-02-01)");
  EXPECT_EQ(owner->upcoming, (Upcoming{Action::kDeny, At("2027-04-01")}));
  const Finding* probe = judged.Of("test.probe");
  EXPECT_EQ(probe->action, Action::kDeny);
  EXPECT_EQ(probe->waiver, "");
  EXPECT_EQ(probe->reason, "Deny since 2027-02-01");
}

TEST(Waivers, ToTheSecond) {
  EXPECT_EQ(Judge({.now = "2027-03-31T23:59:59Z"}).Of("test.owner")->action, Action::kAudit);
  const Judged over = Judge({.now = "2027-04-01T00:00:00Z"});
  EXPECT_EQ(over.verdict.waived, 0u);
  EXPECT_EQ(over.Of("test.owner")->action, Action::kDeny);
  EXPECT_EQ(over.Of("test.owner")->reason,
            "Deny since 2027-02-01; waiver web-owner expired on 2027-04-01");
}

TEST(Waivers, WhatIsNotInForceExcusesNothingAndSaysWhy) {
  struct Case {
    std::function<void(ReadinessWaiver&)> change;
    std::string_view reason;
  };
  const Case cases[] = {
      {[](ReadinessWaiver& w) { w.approved_by.clear(); },
       "Deny since 2027-02-01; waiver web-owner is not approved yet"},
      {[](ReadinessWaiver& w) { w.approved_by = w.requested_by; },
       "Deny since 2027-02-01; waiver web-owner is not valid"},
      // About something else.
      {[](ReadinessWaiver& w) { w.namespace_name = "other"; }, "Deny since 2027-02-01"},
      {[](ReadinessWaiver& w) { w.policy = "staging"; }, "Deny since 2027-02-01"},
      {[](ReadinessWaiver& w) { w.rules = {"test.probe"}; }, "Deny since 2027-02-01"},
      {[](ReadinessWaiver& w) { w.workloads[0].name = "web-2"; }, "Deny since 2027-02-01"},
      {[](ReadinessWaiver& w) { w.workloads[0].name = "Web"; }, "Deny since 2027-02-01"},
      {[](ReadinessWaiver& w) { w.workloads[0].name = ""; }, "Deny since 2027-02-01"},
      {[](ReadinessWaiver& w) { w.workloads[0].kind = WorkloadKind::kStatefulSet; },
       "Deny since 2027-02-01"},
  };
  for (const Case& c : cases) {
    const Judged judged = Judge({.waivers = {Waiver(c.change)}});
    const Finding* owner = judged.Of("test.owner");
    EXPECT_EQ(owner->action, Action::kDeny) << c.reason;
    EXPECT_EQ(owner->reason, c.reason);
    EXPECT_EQ(owner->waiver, "");
  }
}

TEST(Waivers, OfTwoTheLongerOneIsNamed) {
  const auto longer = [](ReadinessWaiver& w) {
    w.name = "b";
    w.expires = At("2027-05-01");
  };
  const auto pending = [](ReadinessWaiver& w) {
    w.name = "c";
    w.approved_by.clear();
    w.expires = At("2027-05-02");
  };
  const Judged judged = Judge({.waivers = {Waiver(), Waiver(longer), Waiver(pending)}});
  EXPECT_EQ(judged.Of("test.owner")->waiver, "b");
  EXPECT_EQ(judged.Of("test.owner")->upcoming, (Upcoming{Action::kDeny, At("2027-05-01")}));
}

TEST(Waivers, WhatIsToComeIsWhatHoldsThen) {
  const auto until = [](std::string_view date) {
    return Waiver([&](ReadinessWaiver& w) {
      w.created = At("2026-11-15");
      w.expires = At(date);
    });
  };
  const auto upcoming = [&](std::string_view date) {
    return Judge({.waivers = {until(date)}, .now = "2026-12-01"}).Of("test.owner")->upcoming;
  };
  // Ends while the rule still audits: then the timetable is what is to come.
  EXPECT_EQ(upcoming("2026-12-15"), (Upcoming{Action::kWarn, At("2027-01-01")}));
  EXPECT_EQ(upcoming("2027-01-01"), (Upcoming{Action::kWarn, At("2027-01-01")}));
  EXPECT_EQ(upcoming("2027-01-15"), (Upcoming{Action::kWarn, At("2027-01-15")}));
  EXPECT_EQ(upcoming("2027-02-10"), (Upcoming{Action::kDeny, At("2027-02-10")}));
}

TEST(Waivers, ARatchetedFindingStaysWhatIsWeaker) {
  const ParsedWorkload before = Deployment();
  const ParsedWorkload after = Deployment({.containers = R"([{"name":"web","image":"b"}])"});
  const Judged judged = Judge({.workload = &after, .old = &before});
  EXPECT_EQ(judged.Of("test.owner")->action, Action::kAudit);
  EXPECT_EQ(judged.Of("test.owner")->reason,
            "Audit: waived by web-owner, approved by lee, until 2027-04-01 (otherwise Warn, as the "
            "object already had this finding)");
  EXPECT_EQ(judged.Of("test.probe")->action, Action::kWarn);
}

TEST(Waivers, AFindingThatDeservesAWarningIsWaivedToo) {
  ReadinessPolicy policy = test::Policy("production", Timetable(), {&test::GradedLink()});
  const auto link = [](ReadinessWaiver& w) { w.rules = {"test.link"}; };
  const ParsedWorkload root = Deployment({.metadata = R"("annotations":{"link":"root"})"});
  const Judged judged = Judge({.policy = policy, .waivers = {Waiver(link)}, .workload = &root});
  EXPECT_EQ(judged.verdict.decision, Decision::kAllow);
  EXPECT_EQ(judged.Of("test.link")->upcoming, (Upcoming{Action::kWarn, At("2027-04-01")}));
  EXPECT_THAT(judged.Of("test.link")->reason,
              HasSubstr("(otherwise Warn, the most for this finding"));
}

TEST(Waivers, AnUnknownTierIsWaivedByItsId) {
  ReadinessPolicy policy = Production();
  policy.tiers = {"plimsoll.dev/tier", {"critical", "standard"}, "standard"};
  const auto tier = [](ReadinessWaiver& w) { w.rules = {"policy.tier"}; };
  const ParsedWorkload workload =
      Deployment({.metadata = R"("labels":{"plimsoll.dev/tier":"gold"})"});
  const Judged judged = Judge({.policy = policy, .waivers = {Waiver(tier)}, .workload = &workload});
  EXPECT_EQ(judged.Of("policy.tier")->waiver, "web-owner");
  EXPECT_EQ(judged.Of("policy.tier")->action, Action::kAudit);
}

TEST(Waivers, FindingsBeyondTheLimitAreCountedAsWaived) {
  ReadinessPolicy policy = test::Policy("production", Timetable(), {&test::CountsFaults()});
  const auto faults = [](ReadinessWaiver& w) { w.rules = {"test.faults"}; };
  const ParsedWorkload many = Deployment({.metadata = R"("annotations":{"faults":"1700"})"});
  const Judged judged = Judge({.policy = policy, .waivers = {Waiver(faults)}, .workload = &many});
  EXPECT_EQ(judged.verdict.decision, Decision::kAllow);
  EXPECT_EQ(judged.verdict.findings.size(), kMaxFindingsPerVerdict);
  EXPECT_EQ(judged.verdict.waived, 1700u);
  EXPECT_EQ(judged.verdict.findings_dropped, 1200u);
}

TEST(Waivers, NamesOfUsersAreOneLine) {
  const auto strange = [](ReadinessWaiver& w) {
    w.approved_by = "lee\n* forged: yes" + std::string(600, 'x');
  };
  const std::string reason = Judge({.waivers = {Waiver(strange)}}).Of("test.owner")->reason;
  EXPECT_EQ(reason.find('\n'), std::string::npos);
  EXPECT_LT(reason.size(), 300u);
}

// ---- all of them ----

TEST(WaiverSet, FindsWhatItHolds) {
  const auto named = [](std::string ns, std::string name, std::string workload) {
    return Shared(Waiver([&](ReadinessWaiver& w) {
      w.namespace_name = ns;
      w.name = name;
      w.workloads = {{WorkloadKind::kDeployment, workload}, {WorkloadKind::kJob, workload}};
    }));
  };
  const WaiverSet set({named("b", "x", "web"), named("a", "y", "web"), nullptr,
                       named("b", "w", "web"), named("b", "x", "other")});
  ASSERT_EQ(set.all().size(), 3u);
  EXPECT_EQ(set.all()[0]->name, "y");
  EXPECT_EQ(set.CountIn("b"), 2u);
  EXPECT_EQ(set.CountIn("c"), 0u);
  EXPECT_EQ(set.Find("b", "x")->workloads[0].name, "web");  // the first of two
  EXPECT_EQ(set.Find("b", "y"), nullptr);
  EXPECT_EQ(set.For(WorkloadKind::kDeployment, "b", "web").size(), 2u);
  EXPECT_EQ(set.For(WorkloadKind::kDeployment, "b", "web")[0]->name, "w");
  EXPECT_EQ(set.For(WorkloadKind::kJob, "a", "web").size(), 1u);
  EXPECT_THAT(set.For(WorkloadKind::kDeployment, "a", "other"), IsEmpty());
  EXPECT_THAT(set.For(WorkloadKind::kPod, "a", "web"), IsEmpty());
  size_t workloads = 0;
  set.ForEachWorkload([&](WorkloadKind, std::string_view, std::string_view) { ++workloads; });
  EXPECT_EQ(workloads, 4u);
}

TEST(WaiverParser, SaysWhatIsWrongAndWhere) {
  const test::Yaml yaml(
      "apiVersion: plimsoll.dev/v1alpha1\n"
      "kind: ReadinessWaiver\n"
      "metadata: {name: a}\n"
      "spec:\n"
      "  workload: [{kind: Deployment, name: web}]\n"
      "  policy: production\n"
      "  rules: [runbook.ur]\n"
      "  reason: x\n"
      "  requestedBy: ana\n"
      "  approval: {approvedBy: ANA}\n"
      "  expires: tomorrow\n");
  const ParsedWaiver parsed = ParseReadinessWaiver(yaml.view(), "shop");
  EXPECT_FALSE(parsed.waiver);
  EXPECT_THAT(
      test::Lines(parsed.problems),
      ElementsAre("5:3: spec.workload: unknown field; did you mean \"workloads\"?",
                  "5:3: spec.workloads: required, but not set",
                  "7:11: spec.rules[0]: \"runbook.ur\" is no rule; did you mean \"runbook.url\"?",
                  "10:26: spec.approval.approvedBy: \"ANA\" requested this waiver; somebody else "
                  "must approve it",
                  HasSubstr("11:12: spec.expires: \"tomorrow\" is not a date and time")));
}

TEST(WaiverParser, ReadsWhatIsThere) {
  const test::Yaml yaml(
      "apiVersion: plimsoll.dev/v1alpha1\n"
      "kind: ReadinessWaiver\n"
      "metadata: {name: a, creationTimestamp: \"2027-01-01T00:00:00Z\"}\n"
      "spec:\n"
      "  workloads: [{kind: Deployment, name: web}, {kind: Job, name: web}]\n"
      "  policy: production\n"
      "  rules: [runbook.url]\n"
      "  reason: x\n"
      "  requestedBy: ana\n"
      "  approval: {approvedBy: lee}\n"
      "  expires: \"2027-02-01T01:00:00+01:00\"\n");
  const ParsedWaiver parsed = ParseReadinessWaiver(yaml.view(), "shop");
  ASSERT_TRUE(parsed.waiver) << testing::PrintToString(test::Lines(parsed.problems));
  ReadinessWaiver expected = Waiver([](ReadinessWaiver& w) {
    w.name = "a";
    w.workloads = {{WorkloadKind::kDeployment, "web"}, {WorkloadKind::kJob, "web"}};
    w.rules = {"runbook.url"};
    w.reason = "x";
    w.created = At("2027-01-01");
    w.expires = At("2027-02-01");
  });
  EXPECT_EQ(*parsed.waiver, expected);
  EXPECT_TRUE(IsMeantAsWaiver(yaml.view()));
}

}  // namespace
}  // namespace plimsoll

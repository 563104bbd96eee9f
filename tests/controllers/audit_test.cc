// What the audit judges, and when.
#include "plimsoll/controllers/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/controllers/audit_world.h"

namespace plimsoll::controllers {
namespace {

using test::At;
using test::From;
using test::TestPolicy;
using test::WorkloadJson;
using test::World;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const WorkloadKey kWeb{WorkloadKind::kDeployment, "shop", "web"};
constexpr std::string_view kMonday = "2026-11-23T09:00:00Z";
constexpr std::string_view kTuesday = "2026-11-24T09:00:00Z";
const std::string kProbe = R"(,"readinessProbe":{})";

// A policy "base", a namespace "shop".
class AuditTest : public testing::Test {
 protected:
  AuditTest() {
    world_.SetPolicies({TestPolicy("base")});
    world_.SetNamespace("shop");
  }
  World world_;
};

TEST_F(AuditTest, ANewWorkloadGetsItsRecord) {
  world_.Set({.annotations = R"("owner":"payments")", .labels = R"("tier":"critical")"});
  EXPECT_THAT(world_.RunAt(kMonday), ElementsAre("shop/deployment-web NotReady 1"));
  WorkloadRecord expected;
  expected.workload = kWeb;
  expected.api_version = "apps/v1";
  expected.uid = "uid-web";
  expected.owner = "payments";
  expected.tier = "critical";
  expected.service = "Deployment/web in shop";
  expected.state = ReadinessState::kNotReady;
  expected.policies = {"base"};
  expected.failing = 1;
  expected.passed = 1;
  expected.first_seen = At(kMonday);
  RecordedFinding& finding = expected.findings.emplace_back();
  finding.policy = "base";
  finding.rule = "test.probe";
  finding.path = "spec.template.spec.containers[0].readinessProbe";
  finding.container = "main";
  finding.message = "no readiness probe";
  finding.first_observed = At(kMonday);
  EXPECT_EQ(world_.record("deployment-web"), expected);
}

TEST_F(AuditTest, NothingIsJudgedBeforeThereArePoliciesAndNamespaces) {
  World world;
  world.Set({});
  EXPECT_EQ(world.Waiting(kMonday), 1U);
  EXPECT_EQ(world.audit().Judge(At(kMonday), 10), 1U);
  EXPECT_EQ(world.audit().NextDate(), std::nullopt);
  world.SetPolicies({TestPolicy("base")});
  EXPECT_THAT(world.RunAt(kMonday), IsEmpty());
  world.SetNamespace("shop");
  EXPECT_EQ(world.Waiting(kMonday), 1U);
  EXPECT_THAT(world.RunAt(kMonday), ElementsAre("shop/deployment-web NotReady 2"));
}

TEST_F(AuditTest, WhatNoRuleAsksForMakesNoWork) {
  world_.Set({.metadata = R"(,"resourceVersion":"1","generation":1)"});
  world_.RunAt(kMonday);
  world_.Set({.annotations = R"("kubectl.kubernetes.io/last-applied-configuration":"{}")",
              .metadata = R"(,"resourceVersion":"2","generation":2,"managedFields":[{"a":"b"}])"});
  EXPECT_EQ(world_.Waiting(kMonday), 0U);
  world_.Set({.annotations = R"("a":"b")"});
  EXPECT_EQ(world_.Waiting(kMonday), 1U);
  EXPECT_THAT(world_.RunAt(kTuesday), IsEmpty());  // judged, and found as before
}

// Lists of the API server do not say of each object what it is.
TEST_F(AuditTest, ObjectsFromAListAreJudgedToo) {
  const plimsoll::test::Json object(
      R"({"metadata":{"name":"web","namespace":"shop","uid":"uid-web"},
          "spec":{"template":{"spec":{"containers":[{"name":"main","image":"a"}]}}}})");
  world_.audit().SetWorkload(kWeb, object.view());
  EXPECT_THAT(world_.RunAt(kMonday), ElementsAre("shop/deployment-web NotReady 2"));
  EXPECT_EQ(world_.record("deployment-web").api_version, "apps/v1");
}

TEST_F(AuditTest, ANamespaceWakesItsOwnWorkloads) {
  world_.SetNamespace("bank");
  world_.Set({});
  world_.Set({.key = {WorkloadKind::kDaemonSet, "shop", "log"}});
  world_.Set({.key = {WorkloadKind::kDeployment, "bank", "web"}});
  world_.RunAt(kMonday);
  world_.SetNamespace("shop");
  EXPECT_EQ(world_.Waiting(kMonday), 0U);
  world_.SetNamespace("shop", R"("tier":"critical")");
  EXPECT_EQ(world_.Waiting(kMonday), 2U);
  EXPECT_THAT(world_.RunAt(kMonday), UnorderedElementsAre("shop/deployment-web NotReady 2",
                                                          "shop/daemonset-log NotReady 2"));
  EXPECT_EQ(world_.record("daemonset-log").tier, "critical");
}

TEST_F(AuditTest, APolicyWakesThoseItIsOrWasAbout) {
  world_.SetNamespace("bank", R"("env":"production")");
  world_.Set({});
  world_.Set({.key = {WorkloadKind::kDeployment, "bank", "web"}});
  world_.Set({.key = {WorkloadKind::kJob, "bank", "once"}});
  world_.RunAt(kMonday);

  ReadinessPolicy production = TestPolicy("production");
  production.match.namespace_selector.requirements = {
      {"env", LabelSelector::Operator::kIn, {"production"}}};
  world_.SetPolicies({TestPolicy("base"), production});
  EXPECT_EQ(world_.Waiting(kMonday), 1U);
  EXPECT_THAT(world_.RunAt(kMonday), ElementsAre("bank/deployment-web NotReady 4"));

  production.description = "Words for people change nothing.";
  production.existing_violations.action = Action::kAudit;
  world_.SetPolicies({TestPolicy("base"), production});
  EXPECT_EQ(world_.Waiting(kMonday), 0U);

  world_.SetPolicies({TestPolicy("base")});
  EXPECT_EQ(world_.Waiting(kMonday), 1U);
  EXPECT_THAT(world_.RunAt(kMonday), ElementsAre("bank/deployment-web NotReady 2"));

  world_.SetPolicies({});
  EXPECT_EQ(world_.Waiting(kMonday), 2U);
  EXPECT_THAT(world_.RunAt(kMonday), IsEmpty());
  EXPECT_THAT(world_.RunAt(At(kMonday) + kPolicyGrace),
              UnorderedElementsAre("shop/deployment-web deleted", "bank/deployment-web deleted"));
  EXPECT_THAT(world_.records(), IsEmpty());
}

TEST_F(AuditTest, AStageIsInForceFromItsSecondAndWakesOnlyItsOwn) {
  ReadinessPolicy dated = TestPolicy("dated", {Stage{}, From(Action::kWarn, "2026-12-01T09:00:00Z"),
                                               From(Action::kDeny, "2027-02-01T00:00:00Z")});
  dated.match.kinds = {WorkloadKind::kDaemonSet};
  world_.SetPolicies({TestPolicy("base"), dated});
  world_.Set({});
  world_.Set({.key = {WorkloadKind::kDaemonSet, "shop", "log"}, .annotations = R"("owner":"a")"});
  world_.RunAt(kMonday);
  const Upcoming warn{Action::kWarn, At("2026-12-01T09:00:00Z")};
  EXPECT_EQ(world_.record("daemonset-log").upcoming, warn);
  EXPECT_EQ(world_.audit().NextDate(), warn.from);
  EXPECT_EQ(world_.Waiting("2026-12-01T08:59:59Z"), 0U);
  EXPECT_EQ(world_.Waiting("2026-12-01T09:00:00Z"), 1U);
  EXPECT_EQ(world_.audit().NextDate(), At("2027-02-01"));
  world_.RunAt("2026-12-01T09:00:00Z");
  EXPECT_EQ(world_.record("daemonset-log").findings.front().action, Action::kWarn);
  EXPECT_THAT(world_.RunAt("2027-02-01"), ElementsAre("shop/daemonset-log Blocked 2"));
  EXPECT_EQ(world_.audit().NextDate(), std::nullopt);
  EXPECT_EQ(world_.record("daemonset-log").upcoming, std::nullopt);
  // A clock that is put right takes the stage back.
  EXPECT_THAT(world_.RunAt("2027-01-31"), ElementsAre("shop/daemonset-log NotReady 2"));
  EXPECT_EQ(world_.audit().NextDate(), At("2027-02-01"));
}

TEST_F(AuditTest, ScaledToZeroKeepsTheRecordAndCountsNowhere) {
  world_.Set({});
  world_.RunAt(kMonday);
  const WorkloadRecord before = world_.record("deployment-web");
  world_.Set({.replicas = "0"});
  world_.Set({.key = {WorkloadKind::kDeployment, "shop", "new"}, .replicas = "0"});
  EXPECT_THAT(world_.RunAt(kTuesday), IsEmpty());
  EXPECT_EQ(world_.record("deployment-web"), before);
  EXPECT_THAT(world_.audit().Figures().workloads, IsEmpty());
  EXPECT_EQ(world_.audit().Figures().policies.at("base"), PolicyFigures());
  // Brought back, it is the same workload with the same findings.
  world_.Set({});
  EXPECT_THAT(world_.RunAt(kTuesday), IsEmpty());
  EXPECT_EQ(world_.audit().Figures().policies.at("base").matched, 1U);
  // A policy that is gone takes the record of a sleeping workload along.
  world_.Set({.replicas = "0"});
  world_.SetPolicies({});
  EXPECT_THAT(world_.RunAt(kTuesday), IsEmpty());
  EXPECT_THAT(world_.RunAt(At(kTuesday) + kPolicyGrace),
              ElementsAre("shop/deployment-web deleted"));
}

TEST_F(AuditTest, BeingDeletedKeepsTheRecordUntilItIsGone) {
  world_.Set({});
  world_.RunAt(kMonday);
  world_.Set({.metadata = R"(,"deletionTimestamp":"2026-11-24T00:00:00Z")"});
  EXPECT_THAT(world_.RunAt(kTuesday), IsEmpty());
  world_.Remove(kWeb);
  EXPECT_THAT(world_.Write(), ElementsAre("shop/deployment-web deleted"));
}

TEST_F(AuditTest, AKindThatIsNoLongerWatchedIsGone) {
  world_.Set({});
  world_.Set({.key = {WorkloadKind::kDaemonSet, "shop", "log"}});
  world_.RunAt(kMonday);
  world_.audit().RemoveKind(WorkloadKind::kDaemonSet);
  EXPECT_THAT(world_.Write(), IsEmpty());
  EXPECT_THAT(world_.RunAt(At(kMonday) + kPolicyGrace), ElementsAre("shop/daemonset-log deleted"));
  EXPECT_EQ(world_.audit().Figures().policies.at("base").matched, 1U);
}

TEST_F(AuditTest, JudgesInTurnAndSaysHowManyWait) {
  for (const char* name : {"a", "b", "c"}) {
    world_.Set({.key = {WorkloadKind::kDeployment, "shop", name}});
  }
  EXPECT_EQ(world_.audit().Judge(At(kMonday), 2), 1U);
  EXPECT_EQ(world_.audit().Figures().waiting, 1U);
  EXPECT_EQ(world_.audit().Figures().last_success, Timestamp());
  world_.Set({.key = {WorkloadKind::kDeployment, "shop", "a"}, .annotations = R"("owner":"x")"});
  EXPECT_EQ(world_.audit().changes(), 1U);  // "a" must be judged again first
  EXPECT_EQ(world_.audit().Judge(At(kMonday), 1), 1U);
  EXPECT_THAT(world_.Write(),
              ElementsAre("shop/deployment-b NotReady 2", "shop/deployment-c NotReady 2"));
  EXPECT_EQ(world_.audit().Judge(At(kTuesday), 1), 0U);
  EXPECT_EQ(world_.audit().Figures().last_success, At(kTuesday));
  EXPECT_THAT(world_.Write(), ElementsAre("shop/deployment-a NotReady 1"));
}

TEST(AuditDurationTest, IsThatOfTheLastAuditOfEverything) {
  std::chrono::nanoseconds reading{0};
  Audit audit([&] { return reading += std::chrono::milliseconds(40); });
  audit.SetPolicies(
      std::make_shared<const PolicySnapshot>(std::vector<ReadinessPolicy>{TestPolicy("base")}));
  const plimsoll::test::Json shop(R"({"name":"shop"})");
  audit.SetNamespace("shop", shop.view());
  const auto set = [&](const WorkloadJson& workload) {
    const plimsoll::test::Json object(test::ToText(workload));
    audit.SetWorkload(workload.key, object.view());
  };
  set({});
  set({.key = {WorkloadKind::kDaemonSet, "shop", "log"}});
  audit.Judge(At(kMonday), 1);
  EXPECT_EQ(audit.Figures().last_duration.count(), 0);
  audit.Judge(At(kMonday), 1);
  EXPECT_EQ(audit.Figures().last_duration, std::chrono::milliseconds(40));
  set({.annotations = R"("owner":"x")"});  // one of two: no audit of everything
  audit.Judge(At(kMonday), 5);
  EXPECT_EQ(audit.Figures().last_duration, std::chrono::milliseconds(40));
}

}  // namespace
}  // namespace plimsoll::controllers

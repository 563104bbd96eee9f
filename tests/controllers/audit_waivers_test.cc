// What waivers change in the audit, and when.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plimsoll/controllers/audit.h"
#include "tests/controllers/audit_world.h"

namespace plimsoll::controllers {
namespace {

using test::At;
using test::From;
using test::TestPolicy;
using test::World;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kMonday = "2027-03-01T09:00:00Z";
constexpr std::string_view kEnd = "2027-03-03T12:34:56Z";
constexpr std::string_view kBeforeEnd = "2027-03-03T12:34:55Z";

ReadinessWaiver Waiver(const std::function<void(ReadinessWaiver&)>& change = {}) {
  ReadinessWaiver waiver;
  waiver.namespace_name = "shop";
  waiver.name = "web";
  waiver.workloads = {{WorkloadKind::kDeployment, "web"}};
  waiver.policy = "base";
  waiver.rules = {"test.owner", "test.probe"};
  waiver.requested_by = "ana";
  waiver.approved_by = "lee";
  waiver.created = At("2027-02-28");
  waiver.expires = At(kEnd);
  if (change) change(waiver);
  return waiver;
}

// A policy "base" that denies, a namespace "shop", Deployments "web" and "other" without owner and probe.
class AuditWaiversTest : public testing::Test {
 protected:
  AuditWaiversTest() {
    world_.SetPolicies({TestPolicy("base", {From(Action::kDeny, "2027-01-01")})});
    world_.SetNamespace("shop");
    world_.Set({});
    world_.Set({.key = {WorkloadKind::kDeployment, "shop", "other"}});
  }
  std::vector<std::string> States() {
    std::vector<std::string> out;
    for (const auto& [key, waiver] : world_.audit().Figures().waivers) {
      out.push_back(key.name + " " + std::string(WaiverStateName(waiver.state)) + " " +
                    std::to_string(waiver.workloads) + "/" + std::to_string(waiver.findings) + " " +
                    waiver.owner);
    }
    return out;
  }
  World world_;
};

TEST_F(AuditWaiversTest, OneThatComesRejudgesOnlyWhatItNames) {
  EXPECT_THAT(world_.RunAt(kMonday),
              ElementsAre("shop/deployment-web Blocked 2", "shop/deployment-other Blocked 2"));
  world_.SetWaivers({Waiver()});
  EXPECT_EQ(world_.Waiting(kMonday), 1U);
  EXPECT_THAT(world_.RunAt(kMonday), ElementsAre("shop/deployment-web Waived 0"));
  const WorkloadRecord& record = world_.record("deployment-web");
  EXPECT_EQ(record.waived, 2U);
  EXPECT_EQ(record.upcoming, (Upcoming{Action::kDeny, At(kEnd)}));
  ASSERT_EQ(record.findings.size(), 2U);
  EXPECT_EQ(record.findings[0].waiver, "web");
  EXPECT_EQ(record.findings[0].action, Action::kAudit);

  // The same again, as another set: nothing to do.
  world_.SetWaivers({Waiver()});
  EXPECT_EQ(world_.Waiting(kMonday), 0U);
  // A change, and its end.
  world_.SetWaivers({Waiver([](ReadinessWaiver& w) { w.rules = {"test.owner"}; })});
  EXPECT_EQ(world_.Waiting(kMonday), 1U);
  EXPECT_THAT(world_.RunAt(kMonday), ElementsAre("shop/deployment-web Blocked 1"));
  EXPECT_EQ(world_.record("deployment-web").waived, 1U);
  world_.SetWaivers({});
  EXPECT_THAT(world_.RunAt(kMonday), ElementsAre("shop/deployment-web Blocked 2"));
}

TEST_F(AuditWaiversTest, EndsAtItsSecond) {
  world_.SetWaivers({Waiver()});
  world_.RunAt(kMonday);
  EXPECT_EQ(world_.audit().NextDate(), At(kEnd));
  EXPECT_EQ(world_.Waiting(kBeforeEnd), 0U);
  EXPECT_THAT(world_.RunAt(kBeforeEnd), IsEmpty());
  EXPECT_EQ(world_.audit().NextDate(), At(kEnd));
  EXPECT_EQ(world_.Waiting(kEnd), 1U);
  EXPECT_THAT(world_.RunAt(kEnd), ElementsAre("shop/deployment-web Blocked 2"));
  EXPECT_EQ(world_.audit().NextDate(), std::nullopt);
  EXPECT_THAT(States(), ElementsAre("web Expired 0/0 "));
}

TEST_F(AuditWaiversTest, FiguresOfWhatIsWaived) {
  world_.Set({.annotations = R"("owner":"payments")"});
  world_.SetWaivers({Waiver(), Waiver([](ReadinessWaiver& w) {
                       w.name = "pending";
                       w.workloads = {{WorkloadKind::kDeployment, "other"}};
                       w.approved_by.clear();
                     }),
                     Waiver([](ReadinessWaiver& w) {
                       w.name = "elsewhere";
                       w.namespace_name = "bank";
                     })});
  world_.RunAt(kMonday);
  EXPECT_THAT(States(), ElementsAre("elsewhere Active 0/0 ", "pending Pending 0/0 ",
                                    "web Active 1/1 payments"));
  const AuditFigures figures = world_.audit().Figures();
  PolicyFigures expected;
  expected.matched = 2;
  expected.failing = 1;
  expected.waived = 1;
  expected.would_block = 1;
  EXPECT_EQ(figures.policies.at("base"), expected);
  EXPECT_EQ(figures.workloads.at({ReadinessState::kWaived, "standard", "payments"}), 1U);
  // What it waives is put right.
  world_.Set({.annotations = R"("owner":"payments")", .container = R"(,"readinessProbe":{})"});
  EXPECT_THAT(world_.RunAt(kMonday), ElementsAre("shop/deployment-web Ready 0"));
  EXPECT_EQ(world_.audit().Figures().waivers.at({"shop", "web"}).findings, 0U);
  EXPECT_EQ(world_.audit().Figures().policies.at("base").waived, 0U);
}

TEST_F(AuditWaiversTest, WhatIsWaivedWouldNotBlock) {
  // Denies from after the waiver's end on; the next date of the policy is that.
  world_.SetPolicies({TestPolicy("base", {From(Action::kDeny, "2027-03-10")})});
  world_.SetWaivers({Waiver()});
  world_.RunAt(kMonday);
  EXPECT_EQ(world_.audit().Figures().policies.at("base").would_block, 1U);  // the other one
  EXPECT_EQ(world_.record("deployment-web").upcoming, (Upcoming{Action::kDeny, At("2027-03-10")}));
}

TEST_F(AuditWaiversTest, ThePolicysTermsHoldForThoseThatExist) {
  world_.SetWaivers({Waiver([](ReadinessWaiver& w) { w.approved_by.clear(); })});
  world_.RunAt(kMonday);
  EXPECT_EQ(world_.record("deployment-web").state, ReadinessState::kBlocked);
  ReadinessPolicy policy = TestPolicy("base", {From(Action::kDeny, "2027-01-01")});
  policy.waivers.approval_required = false;
  world_.SetPolicies({policy});
  EXPECT_THAT(world_.RunAt(kMonday), ElementsAre("shop/deployment-web Waived 0"));
  policy.waivers.max_duration = std::chrono::hours(1);
  world_.SetPolicies({policy});
  EXPECT_THAT(world_.RunAt(kMonday), ElementsAre("shop/deployment-web Blocked 2"));
}

TEST_F(AuditWaiversTest, AreKnownAfterARestart) {
  world_.SetWaivers({Waiver()});
  world_.RunAt(kMonday);
  world_.Restart();
  EXPECT_THAT(world_.RunAt(kMonday), IsEmpty());
  EXPECT_THAT(States(), ElementsAre("web Active 1/2 "));
}

}  // namespace
}  // namespace plimsoll::controllers

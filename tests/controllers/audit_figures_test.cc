// What the audit counts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/controllers/audit_world.h"

namespace plimsoll::controllers {
namespace {

using test::At;
using test::From;
using test::TestPolicy;
using test::World;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr std::string_view kNow = "2026-11-23T09:00:00Z";
const std::string kProbe = R"(,"readinessProbe":{})";

class AuditFiguresTest : public testing::Test {
 protected:
  AuditFiguresTest() { world_.SetNamespace("shop"); }

  // One that passes, one of team "a" without a probe, one of nobody without anything.
  void SetThree() {
    world_.Set({.key = {WorkloadKind::kDeployment, "shop", "good"},
                .annotations = R"("owner":"a")",
                .container = kProbe});
    world_.Set({.key = {WorkloadKind::kDeployment, "shop", "poor"},
                .annotations = R"("owner":"a")",
                .labels = R"("tier":"critical")"});
    world_.Set({.key = {WorkloadKind::kDeployment, "shop", "bad"}});
  }

  World world_;
};

TEST_F(AuditFiguresTest, CountsWorkloadsAndFindings) {
  world_.SetPolicies({TestPolicy("base", {From(Action::kWarn, "2026-01-01")})});
  SetThree();
  world_.RunAt(kNow);
  const AuditFigures figures = world_.audit().Figures();
  using Class = AuditFigures::WorkloadClass;
  EXPECT_THAT(figures.workloads,
              UnorderedElementsAre(Pair(Class{ReadinessState::kReady, "standard", "a"}, 1),
                                   Pair(Class{ReadinessState::kNotReady, "critical", "a"}, 1),
                                   Pair(Class{ReadinessState::kNotReady, "standard", ""}, 1)));
  using Findings = AuditFigures::FindingClass;
  EXPECT_THAT(figures.findings,
              UnorderedElementsAre(Pair(Findings{"base", "test.probe", Action::kWarn, "a"}, 1),
                                   Pair(Findings{"base", "test.probe", Action::kWarn, ""}, 1),
                                   Pair(Findings{"base", "test.owner", Action::kWarn, ""}, 1)));
  EXPECT_EQ(figures.policies.at("base"),
            (PolicyFigures{.matched = 3, .ready = 1, .failing = 2, .waived = 0, .would_block = 0}));
  EXPECT_THAT(figures.would_block, IsEmpty());
  EXPECT_EQ(figures.last_success, At(kNow));
}

TEST_F(AuditFiguresTest, APolicyWithoutWorkloadsHasFiguresAndOneThatIsGoneHasNone) {
  world_.SetPolicies({TestPolicy("base"), TestPolicy("gone")});
  EXPECT_EQ(world_.audit().Figures().policies.size(), 2U);
  SetThree();
  world_.RunAt(kNow);
  world_.SetPolicies({TestPolicy("base"), TestPolicy("new")});
  EXPECT_THAT(world_.audit().Figures().policies,
              UnorderedElementsAre(Pair("base", testing::_), Pair("new", PolicyFigures())));
  world_.RunAt(kNow);
  EXPECT_EQ(world_.audit().Figures().policies.at("new").matched, 3U);
  for (const auto& [finding, count] : world_.audit().Figures().findings) {
    EXPECT_NE(finding.policy, "gone");
  }
}

struct Timetable {
  std::string name;
  std::vector<Stage> stages;
  std::vector<Stage> probe_stages;  // of the rule test.probe
  uint32_t would_block;
};

TEST_F(AuditFiguresTest, WouldBlockIsAboutTheNextDateOfAnyTimetable) {
  const Stage warn = From(Action::kWarn, "2026-12-01");
  const Stage deny = From(Action::kDeny, "2027-02-01");
  const Stage denies = From(Action::kDeny, "2026-01-01");
  for (const Timetable& t : {
           Timetable{"audits for good", {Stage{}}, {}, 0},
           Timetable{"warns next", {Stage{}, warn, deny}, {}, 0},
           Timetable{"denies next", {Stage{}, deny}, {}, 2},
           Timetable{"denies already", {denies}, {}, 2},
           Timetable{"a rule warns before", {Stage{}, deny}, {Stage{}, warn, deny}, 0},
           Timetable{
               "a rule denies before", {Stage{}, deny}, {From(Action::kDeny, "2026-12-01")}, 2},
           Timetable{"one rule alone denies", {denies}, {Stage{}}, 1},
           Timetable{"a rule denies later", {Stage{}, warn}, {Stage{}, deny}, 0},
       }) {
    World world;
    ReadinessPolicy policy = TestPolicy("base", t.stages);
    policy.rules.back().stages = t.probe_stages;
    world.SetPolicies({policy});
    world.SetNamespace("shop");
    world.Set(
        {.key = {WorkloadKind::kDeployment, "shop", "poor"}, .annotations = R"("owner":"a")"});
    world.Set({.key = {WorkloadKind::kDeployment, "shop", "bad"}});
    world.RunAt(kNow);
    EXPECT_EQ(world.audit().Figures().policies.at("base").would_block, t.would_block) << t.name;
    uint32_t by_owner = 0;
    for (const auto& [owner, count] : world.audit().Figures().would_block) by_owner += count;
    EXPECT_EQ(by_owner, t.would_block) << t.name;
  }
}

// A tier that is let off is not blocked.
TEST_F(AuditFiguresTest, WouldBlockMindsTheTier) {
  ReadinessPolicy policy = TestPolicy("base", {Stage{}, From(Action::kDeny, "2027-02-01")});
  for (PolicyRule& rule : policy.rules) rule.by_tier = {{"standard", Action::kWarn}};
  world_.SetPolicies({policy});
  SetThree();
  world_.RunAt(kNow);
  using Owner = AuditFigures::PolicyOwner;
  EXPECT_THAT(world_.audit().Figures().would_block,
              UnorderedElementsAre(Pair(Owner{"base", "a"}, 1)));
  EXPECT_THAT(world_.audit().Figures().blocked, IsEmpty()) << "not yet";
}

TEST_F(AuditFiguresTest, WhatIsGoneIsNotCounted) {
  world_.SetPolicies({TestPolicy("base", {From(Action::kDeny, "2026-01-01")})});
  SetThree();
  world_.RunAt(kNow);
  EXPECT_EQ(world_.audit().Figures().blocked, world_.audit().Figures().would_block);
  EXPECT_THAT(world_.audit().Figures().blocked, SizeIs(2));
  for (const char* name : {"good", "poor", "bad"}) {
    world_.Remove({WorkloadKind::kDeployment, "shop", name});
  }
  const AuditFigures figures = world_.audit().Figures();
  EXPECT_THAT(figures.workloads, IsEmpty());
  EXPECT_THAT(figures.findings, IsEmpty());
  EXPECT_THAT(figures.would_block, IsEmpty());
  EXPECT_THAT(figures.blocked, IsEmpty());
  EXPECT_EQ(figures.policies.at("base"), PolicyFigures());
}

}  // namespace
}  // namespace plimsoll::controllers

// What comes and goes beside workloads, and what is pending beside new ones.
#include <gtest/gtest.h>

#include "tests/controllers/audit_world.h"

namespace plimsoll::controllers::test {
namespace {

using plimsoll::test::Json;

using Lines = std::vector<std::string>;

class AuditRelatedTest : public ::testing::Test {
 protected:
  AuditRelatedTest() {
    ReadinessPolicy policy = TestPolicy("p");
    std::vector<Diagnostic> problems;
    const Rule* const rule = FindRule("resilience.pdb");
    policy.rules = {{rule, CompileParameters(*rule, {}, "", problems), {}, {}}};
    world_.SetPolicies({std::move(policy)});
    world_.SetNamespace("shop");
    world_.SetNamespace("other");
    for (size_t i = 0; i < kRelatedKindCount; ++i) {
      index_.SetKnowledge(static_cast<RelatedKind>(i), Knowledge::kKnown);
    }
    Tell({});
  }

  void Tell(const RelatedChange& change) {
    world_.audit().SetRelated(index_.Snapshot(), change, std::chrono::minutes(5));
  }
  void SetBudget(const std::string& namespace_name, const std::string& selector) {
    const Json budget(R"({"spec":{"maxUnavailable":1,"selector":{"matchLabels":{)" + selector +
                      "}}}}");
    Tell(index_.Set(RelatedKind::kPodDisruptionBudget, {namespace_name, "web"}, budget.view()));
  }
  void SetWeb(const std::string& created, const std::string& namespace_name = "shop") {
    WorkloadJson web;
    web.key.namespace_name = namespace_name;
    web.metadata = R"(,"creationTimestamp":")" + created + "\"";
    world_.Set(web);
  }

  World world_;
  RelatedIndex index_;
};

TEST_F(AuditRelatedTest, ABudgetThatComesOrGoesJudgesItsNamespaceAnew) {
  SetWeb("2026-01-01T00:00:00Z");
  SetWeb("2026-01-01T00:00:00Z", "other");
  EXPECT_EQ(world_.RunAt("2026-11-01"),
            (Lines{"shop/deployment-web NotReady 1", "other/deployment-web NotReady 1"}));
  SetBudget("shop", R"("app":"web")");
  EXPECT_EQ(world_.Waiting("2026-11-01T00:00:01Z"), 1u);  // not the other namespace's
  EXPECT_EQ(world_.RunAt("2026-11-01T00:00:01Z"), Lines{"shop/deployment-web Ready 0"});
  SetBudget("shop", R"("app":"web")");
  EXPECT_EQ(world_.Waiting("2026-11-01T00:00:02Z"), 0u);  // it says what it said
  Tell(index_.Remove(RelatedKind::kPodDisruptionBudget, {"shop", "web"}));
  EXPECT_EQ(world_.RunAt("2026-11-01T00:00:03Z"), Lines{"shop/deployment-web NotReady 1"});
}

TEST_F(AuditRelatedTest, WhatANewWorkloadLacksIsAFindingWhenItsGraceEnds) {
  SetWeb("2026-11-01T00:00:00Z");
  EXPECT_EQ(world_.RunAt("2026-11-01T00:00:10Z"), Lines{"shop/deployment-web Ready 0"});
  EXPECT_EQ(world_.audit().NextDate(), At("2026-11-01T00:05:00Z"));
  EXPECT_EQ(world_.RunAt("2026-11-01T00:04:59Z"), Lines{});
  EXPECT_EQ(world_.RunAt("2026-11-01T00:05:00Z"), Lines{"shop/deployment-web NotReady 1"});
  EXPECT_EQ(world_.audit().NextDate(), std::nullopt);
}

TEST_F(AuditRelatedTest, WhatComesInTimeWasNeverAFinding) {
  SetWeb("2026-11-01T00:00:00Z");
  world_.RunAt("2026-11-01T00:00:10Z");
  SetBudget("shop", R"("app":"web")");
  EXPECT_EQ(world_.RunAt("2026-11-01T00:00:20Z"), Lines{"shop/deployment-web Ready 0"});
  EXPECT_EQ(world_.audit().NextDate(), std::nullopt);
  EXPECT_EQ(world_.RunAt("2026-11-01T00:06:00Z"), Lines{});
}

TEST_F(AuditRelatedTest, AWorkloadThatGoesWhileItSettlesIsForgotten) {
  SetWeb("2026-11-01T00:00:00Z");
  world_.RunAt("2026-11-01T00:00:10Z");
  world_.Remove({WorkloadKind::kDeployment, "shop", "web"});
  EXPECT_EQ(world_.RunAt("2026-11-01T00:00:20Z"), Lines{"shop/deployment-web deleted"});
  EXPECT_EQ(world_.audit().NextDate(), std::nullopt);
  EXPECT_EQ(world_.RunAt("2026-11-01T00:06:00Z"), Lines{});
}

}  // namespace
}  // namespace plimsoll::controllers::test

// Workloads that others control.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/controllers/audit_world.h"

namespace plimsoll::controllers {
namespace {

using test::At;
using test::TestPolicy;
using test::World;
using testing::ElementsAre;
using testing::IsEmpty;

const WorkloadKey kDeployment{WorkloadKind::kDeployment, "shop", "web"};
const WorkloadKey kReplicaSet{WorkloadKind::kReplicaSet, "shop", "web-1"};
const WorkloadKey kPod{WorkloadKind::kPod, "shop", "web-1-x"};
constexpr std::string_view kStart = "2026-11-23T09:00:00Z";
constexpr std::string_view kBeforeGrace = "2026-11-23T09:00:29Z";
constexpr std::string_view kAfterGrace = "2026-11-23T09:00:30Z";

// Policies are about Deployments and about Pods, so ReplicaSets are watched for what they control.
class AuditOwnerTest : public testing::Test {
 protected:
  AuditOwnerTest() {
    ReadinessPolicy pods = TestPolicy("pods");
    pods.match.kinds = {WorkloadKind::kPod};
    world_.SetPolicies({TestPolicy("base"), pods});
    world_.SetNamespace("shop");
    world_.SetNamespace("bank");
  }

  void SetDeployment() { world_.Set({.key = kDeployment}); }
  void SetReplicaSet() { world_.Set({.key = kReplicaSet, .controller = "Deployment web uid-web"}); }
  void SetPod() { world_.Set({.key = kPod, .controller = "ReplicaSet web-1 uid-web-1"}); }

  World world_;
};

TEST_F(AuditOwnerTest, APodOfADeploymentIsLeftToIt) {
  SetPod();
  SetReplicaSet();
  SetDeployment();
  EXPECT_THAT(world_.RunAt(kStart), ElementsAre("shop/deployment-web NotReady 2"));
  EXPECT_EQ(world_.audit().Figures().policies.at("pods").matched, 0U);
  EXPECT_EQ(world_.audit().NextDate(), std::nullopt);
}

// kubectl delete deployment --cascade=orphan: the ReplicaSet stays, and nobody judges its Pods in their place any more.
TEST_F(AuditOwnerTest, ThePodsOfAnOrphanedReplicaSetAreJudged) {
  SetPod();
  SetReplicaSet();
  SetDeployment();
  world_.RunAt(kStart);
  world_.Set({.key = kReplicaSet});
  EXPECT_THAT(world_.RunAt(kStart), ElementsAre("shop/pod-web-1-x NotReady 2"));
  SetReplicaSet();
  EXPECT_THAT(world_.RunAt(kStart), ElementsAre("shop/pod-web-1-x deleted"));
}

TEST_F(AuditOwnerTest, APodWithoutAnOwnerIsJudged) {
  world_.Set({.key = kPod});
  EXPECT_THAT(world_.RunAt(kStart), ElementsAre("shop/pod-web-1-x NotReady 2"));
}

// Events of three kinds come by three watches.
TEST_F(AuditOwnerTest, AnOwnerMayComeLate) {
  SetPod();
  EXPECT_THAT(world_.RunAt(kStart), IsEmpty());
  EXPECT_EQ(world_.audit().NextDate(), At(kAfterGrace));
  SetReplicaSet();
  EXPECT_THAT(world_.RunAt(kBeforeGrace), IsEmpty());
  SetDeployment();
  EXPECT_THAT(world_.RunAt(kBeforeGrace), ElementsAre("shop/deployment-web NotReady 2"));
  EXPECT_EQ(world_.audit().NextDate(), std::nullopt);
}

TEST_F(AuditOwnerTest, AnOwnerThatDoesNotExistProtectsForHalfAMinute) {
  SetPod();
  EXPECT_THAT(world_.RunAt(kStart), IsEmpty());
  EXPECT_THAT(world_.RunAt(kBeforeGrace), IsEmpty());
  // Another claim is no new grace.
  world_.Set({.key = kPod, .controller = "ReplicaSet web-1 uid-of-nobody"});
  EXPECT_THAT(world_.RunAt(kBeforeGrace), IsEmpty());
  SetPod();
  EXPECT_THAT(world_.RunAt(kBeforeGrace), IsEmpty());
  EXPECT_THAT(world_.RunAt(kAfterGrace), ElementsAre("shop/pod-web-1-x NotReady 2"));
  // It comes at last.
  SetReplicaSet();
  SetDeployment();
  EXPECT_THAT(
      world_.RunAt(kAfterGrace),
      testing::UnorderedElementsAre("shop/deployment-web NotReady 2", "shop/pod-web-1-x deleted"));
}

struct Claim {
  std::string name;
  std::string controller;
};

TEST_F(AuditOwnerTest, AClaimProvesNothing) {
  SetDeployment();
  SetReplicaSet();
  world_.Set({.key = {WorkloadKind::kReplicaSet, "bank", "other"}, .uid = "uid-bank"});
  world_.RunAt(kStart);
  for (const Claim& claim :
       {Claim{"uid", "ReplicaSet web-1 uid-of-nobody"}, Claim{"name", "ReplicaSet web-9 uid-web-1"},
        Claim{"namespace", "ReplicaSet other uid-bank"},
        Claim{"kind", "StatefulSet web-1 uid-web-1"}, Claim{"made up", "Deployment web uid-web"},
        Claim{"custom", "Database web uid-web"}}) {
    world_.Set({.key = kPod, .controller = claim.controller});
    world_.RunAt(kStart);
    world_.RunAt(kAfterGrace);
    EXPECT_TRUE(world_.records().contains({"shop", "pod-web-1-x"})) << claim.name;
    world_.Remove(kPod);
    EXPECT_THAT(world_.RunAt(kStart), ElementsAre("shop/pod-web-1-x deleted")) << claim.name;
  }
}

// Two Deployments that call each other their controller have both made it up.
TEST_F(AuditOwnerTest, CirclesAreNoWayOut) {
  world_.Set({.key = kDeployment, .controller = "Deployment other uid-other"});
  world_.Set({.key = {WorkloadKind::kDeployment, "shop", "other"},
              .controller = "Deployment web uid-web"});
  EXPECT_THAT(world_.RunAt(kStart),
              ElementsAre("shop/deployment-web NotReady 2", "shop/deployment-other NotReady 2"));
}

TEST_F(AuditOwnerTest, PodsOutliveTheirOwnersForAMoment) {
  SetDeployment();
  SetReplicaSet();
  SetPod();
  world_.RunAt(kStart);
  world_.Remove(kDeployment);
  world_.Remove(kReplicaSet);
  EXPECT_THAT(world_.RunAt(kStart), ElementsAre("shop/deployment-web deleted"));
  world_.Remove(kPod);
  EXPECT_THAT(world_.RunAt(kAfterGrace), IsEmpty());
  EXPECT_EQ(world_.audit().NextDate(), std::nullopt);
}

TEST_F(AuditOwnerTest, AnOwnerMadeAnewIsAnotherOwner) {
  SetDeployment();
  SetReplicaSet();
  SetPod();
  world_.RunAt(kStart);
  world_.Set({.key = kReplicaSet, .uid = "uid-new", .controller = "Deployment web uid-web"});
  world_.RunAt(kStart);
  EXPECT_THAT(world_.RunAt(kAfterGrace), ElementsAre("shop/pod-web-1-x NotReady 2"));
}

TEST_F(AuditOwnerTest, OwnersCountOnlyWherePoliciesAreAboutTheirKind) {
  SetDeployment();
  SetReplicaSet();
  SetPod();
  ReadinessPolicy pods = TestPolicy("pods");
  pods.match.kinds = {WorkloadKind::kPod};
  world_.SetPolicies({pods});
  EXPECT_THAT(world_.RunAt(kStart), ElementsAre("shop/pod-web-1-x NotReady 2"));
  world_.SetPolicies({TestPolicy("base"), pods});
  EXPECT_THAT(world_.RunAt(kStart), testing::UnorderedElementsAre("shop/deployment-web NotReady 2",
                                                                  "shop/pod-web-1-x deleted"));
}

// Its owner has a record in its place, so nothing is held for a policy that may come back.
TEST_F(AuditOwnerTest, AHeldRecordGoesWhenTheOwnerIsJudged) {
  ReadinessPolicy pods = TestPolicy("pods");
  pods.match.kinds = {WorkloadKind::kPod};
  world_.SetPolicies({pods});
  SetDeployment();
  SetReplicaSet();
  SetPod();
  world_.RunAt(kStart);
  world_.SetPolicies({});
  EXPECT_THAT(world_.RunAt(kStart), testing::IsEmpty());
  world_.SetPolicies({TestPolicy("base"), pods});
  EXPECT_THAT(world_.RunAt(kStart), testing::UnorderedElementsAre("shop/deployment-web NotReady 2",
                                                                  "shop/pod-web-1-x deleted"));
}

// An old revision's ReplicaSet is scaled to zero: it has no record to keep.
TEST_F(AuditOwnerTest, AControlledWorkloadHasNoRecordWhateverItsReplicas) {
  ReadinessPolicy sets = TestPolicy("sets");
  sets.match.kinds = {WorkloadKind::kReplicaSet};
  world_.SetPolicies({sets});
  SetReplicaSet();
  EXPECT_THAT(world_.RunAt(kStart), ElementsAre("shop/replicaset-web-1 NotReady 2"));
  SetDeployment();
  world_.SetPolicies({sets, TestPolicy("base")});
  world_.Set({.key = kReplicaSet, .replicas = "0", .controller = "Deployment web uid-web"});
  EXPECT_THAT(world_.RunAt(kStart), testing::UnorderedElementsAre("shop/deployment-web NotReady 2",
                                                                  "shop/replicaset-web-1 deleted"));
}

}  // namespace
}  // namespace plimsoll::controllers

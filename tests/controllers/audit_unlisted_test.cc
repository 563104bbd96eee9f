// Kinds that may not be listed: what is not known of them is not taken for gone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/controllers/audit_world.h"

namespace plimsoll::controllers {
namespace {

using plimsoll::test::Json;
using test::At;
using test::TestPolicy;
using test::World;
using testing::ElementsAre;
using testing::IsEmpty;

const WorkloadKey kDeployment{WorkloadKind::kDeployment, "shop", "web"};
const WorkloadKey kStatefulSet{WorkloadKind::kStatefulSet, "shop", "db"};
const WorkloadKey kPod{WorkloadKind::kPod, "shop", "web-1-x"};
constexpr std::string_view kStart = "2026-11-23T09:00:00Z";
constexpr std::string_view kLater = "2026-11-23T10:00:00Z";

WorkloadKindSet Only(WorkloadKind kind) { return WorkloadKindSet().set(static_cast<size_t>(kind)); }

std::vector<std::string> Changes(Audit& audit) {
  std::vector<std::string> names;
  for (const RecordChange& change : audit.TakeChanges(100)) {
    names.push_back((change.record ? "" : "not ") + change.key.name);
  }
  return names;
}

// A leader that takes over two workloads with records, and may list one of their kinds.
class AuditUnlistedTest : public testing::Test {
 protected:
  AuditUnlistedTest() {
    world_.SetPolicies({TestPolicy("base")});
    world_.SetNamespace("shop");
    world_.Set({.key = kDeployment});
    world_.Set({.key = kStatefulSet});
    world_.RunAt(kStart);
    for (const auto& [key, record] : world_.records()) audit_.SetRecord(key, record);
    audit_.SetPolicies(world_.policies());
    audit_.SetNamespace("shop", Json(world_.namespaces().at("shop")).view());
    audit_.SetWorkload(kDeployment, Json(world_.workloads().at(kDeployment)).view());
    audit_.SetUnlisted(Only(WorkloadKind::kStatefulSet));
  }
  size_t Judge(std::string_view now) { return audit_.Judge(At(now), 100); }

  World world_;
  Audit audit_;
};

TEST_F(AuditUnlistedTest, RecordsStayAndTheOthersAreJudged) {
  ASSERT_EQ(world_.records().size(), 2U);
  EXPECT_EQ(Judge(kStart), 0U);
  EXPECT_THAT(Changes(audit_), IsEmpty());
  EXPECT_EQ(Judge(kLater), 0U);
  EXPECT_THAT(Changes(audit_), IsEmpty());
  const AuditFigures figures = audit_.Figures();
  EXPECT_EQ(figures.policies.at("base").matched, 1U);
  EXPECT_THAT(figures.unlisted, ElementsAre(WorkloadKind::kStatefulSet));
  EXPECT_EQ(figures.last_success, At(kLater));
}

TEST_F(AuditUnlistedTest, OnceItIsListedItIsJudgedAsEver) {
  Judge(kStart);
  audit_.SetWorkload(kStatefulSet, Json(world_.workloads().at(kStatefulSet)).view());
  audit_.SetUnlisted({});
  EXPECT_EQ(Judge(kLater), 0U);
  EXPECT_THAT(Changes(audit_), IsEmpty()) << "its record says what it should, and since when";
  EXPECT_EQ(audit_.Figures().policies.at("base").matched, 2U);
  EXPECT_THAT(audit_.Figures().unlisted, IsEmpty());
}

TEST_F(AuditUnlistedTest, OnceItIsListedWhatIsGoneLosesItsRecord) {
  Judge(kStart);
  audit_.SetUnlisted({});
  EXPECT_THAT(Changes(audit_), ElementsAre("not statefulset-db"));
}

TEST_F(AuditUnlistedTest, ARecordThatSomebodyDeletesIsForgotten) {
  Judge(kStart);
  audit_.RemoveRecord({"shop", "statefulset-db"});
  audit_.SetUnlisted({});
  EXPECT_THAT(Changes(audit_), IsEmpty());
}

TEST_F(AuditUnlistedTest, ARecordThatNoPolicyIsAboutAnyMoreGoesAfterItsGrace) {
  Judge(kStart);
  ReadinessPolicy narrow = TestPolicy("base");
  narrow.match.kinds = {WorkloadKind::kDeployment};
  audit_.SetPolicies(std::make_shared<const PolicySnapshot>(std::vector<ReadinessPolicy>{narrow}));
  audit_.RemoveKind(WorkloadKind::kStatefulSet);
  audit_.SetUnlisted({});
  Judge(kStart);
  EXPECT_THAT(Changes(audit_), IsEmpty());
  Judge(kLater);
  EXPECT_THAT(Changes(audit_), ElementsAre("not statefulset-db"));
}

// Whether its owner exists, and is left to another, nobody can say.
TEST(AuditUnlistedOwner, WhatItControlsWaitsForAsLongAsItTakes) {
  World world;
  ReadinessPolicy pods = TestPolicy("pods");
  pods.match.kinds = {WorkloadKind::kPod};
  world.SetPolicies({TestPolicy("base"), pods});
  world.SetNamespace("shop");
  world.audit().SetUnlisted(Only(WorkloadKind::kReplicaSet));
  world.Set({.key = kPod, .controller = "ReplicaSet web-1 uid-web-1"});
  world.Set({.key = {WorkloadKind::kPod, "shop", "bare"}});
  EXPECT_THAT(world.RunAt(kStart), ElementsAre("shop/pod-bare NotReady 2"));
  EXPECT_EQ(world.audit().NextDate(), std::nullopt);
  EXPECT_THAT(world.RunAt(kLater), IsEmpty());
  // None of that name is there: from now on half a minute, as for any other.
  world.audit().SetUnlisted({});
  EXPECT_THAT(world.RunAt(kLater), IsEmpty());
  EXPECT_THAT(world.RunAt("2026-11-23T10:00:30Z"), ElementsAre("shop/pod-web-1-x NotReady 2"));
}

}  // namespace
}  // namespace plimsoll::controllers

// What the audit has written, and what it does about what it finds in the cluster.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/controllers/audit_world.h"

namespace plimsoll::controllers {
namespace {

using test::At;
using test::From;
using test::TestPolicy;
using test::World;
using testing::ElementsAre;
using testing::IsEmpty;

const WorkloadKey kWeb{WorkloadKind::kDeployment, "shop", "web"};
constexpr std::string_view kMonday = "2026-11-23T09:00:00Z";
constexpr std::string_view kTuesday = "2026-11-24T09:00:00Z";
constexpr std::string_view kWednesday = "2026-11-25T09:00:00Z";

class AuditRecordsTest : public testing::Test {
 protected:
  AuditRecordsTest() {
    world_.SetPolicies({TestPolicy("base")});
    world_.SetNamespace("shop");
  }
  World world_;
};

TEST_F(AuditRecordsTest, ARestartWritesNothingAndKeepsTheDates) {
  world_.Set({});
  world_.RunAt(kMonday);
  world_.Restart();
  EXPECT_THAT(world_.RunAt(kTuesday), IsEmpty());
  world_.Set({.annotations = R"("owner":"a")"});
  EXPECT_THAT(world_.RunAt(kTuesday), ElementsAre("shop/deployment-web NotReady 1"));
  EXPECT_EQ(world_.record("deployment-web").first_seen, At(kMonday));
  EXPECT_EQ(world_.record("deployment-web").findings.front().first_observed, At(kMonday));
}

TEST_F(AuditRecordsTest, AFindingThatWasAwayIsObservedAnew) {
  world_.Set({});
  world_.RunAt(kMonday);
  world_.Set({.annotations = R"("owner":"a")"});
  world_.RunAt(kTuesday);
  world_.Set({});
  world_.RunAt(kWednesday);
  const WorkloadRecord& record = world_.record("deployment-web");
  EXPECT_EQ(record.first_seen, At(kMonday));
  ASSERT_EQ(record.findings.size(), 2U);
  EXPECT_EQ(record.findings[0].rule, "test.owner");
  EXPECT_EQ(record.findings[0].first_observed, At(kWednesday));
  EXPECT_EQ(record.findings[1].first_observed, At(kMonday));
}

// A sidecar that is injected before a container makes no new findings about the container.
TEST_F(AuditRecordsTest, AContainersPlaceInTheListDoesNotCount) {
  world_.Set({});
  world_.RunAt(kMonday);
  world_.Set({.container = R"(,"readinessProbe":{}},{"name":"second","image":"b")"});
  world_.RunAt(kMonday);
  world_.Set({.container = R"(},{"name":"second","image":"b")"});
  world_.RunAt(kTuesday);
  for (const RecordedFinding& finding : world_.record("deployment-web").findings) {
    if (finding.rule != "test.probe") continue;
    EXPECT_EQ(finding.first_observed, At(finding.container == "second" ? kMonday : kTuesday));
  }
}

TEST_F(AuditRecordsTest, ADifferentUidIsADifferentWorkload) {
  world_.Set({});
  world_.RunAt(kMonday);
  world_.Set({.uid = "uid-2"});
  EXPECT_THAT(world_.RunAt(kTuesday), ElementsAre("shop/deployment-web NotReady 2"));
  EXPECT_EQ(world_.record("deployment-web").uid, "uid-2");
  EXPECT_EQ(world_.record("deployment-web").first_seen, At(kTuesday));
  // The same while nobody watched.
  world_.Set({.uid = "uid-3"});
  world_.Restart();
  world_.RunAt(kWednesday);
  EXPECT_EQ(world_.record("deployment-web").first_seen, At(kWednesday));
  EXPECT_EQ(world_.record("deployment-web").findings.front().first_observed, At(kWednesday));
}

TEST_F(AuditRecordsTest, WhatNobodyJudgedIsNotRemembered) {
  world_.Set({});
  world_.RunAt(kMonday);
  world_.SetPolicies({});
  EXPECT_THAT(world_.RunAt(kMonday), IsEmpty());
  EXPECT_EQ(world_.audit().NextDate(), At(kMonday) + kPolicyGrace);
  EXPECT_THAT(world_.RunAt(At(kMonday) + kPolicyGrace - std::chrono::seconds(1)), IsEmpty());
  EXPECT_THAT(world_.RunAt(At(kMonday) + kPolicyGrace), ElementsAre("shop/deployment-web deleted"));
  EXPECT_EQ(world_.audit().NextDate(), std::nullopt);
  world_.SetPolicies({TestPolicy("base")});
  world_.RunAt(kTuesday);
  EXPECT_EQ(world_.record("deployment-web").first_seen, At(kTuesday));
}

// A reinstall, `kubectl replace --force`, a selector that is mistyped for a moment.
TEST_F(AuditRecordsTest, APolicyThatComesBackFindsItsRecordsAsTheyWere) {
  world_.Set({});
  world_.RunAt(kMonday);
  const WorkloadRecord before = world_.record("deployment-web");
  const Timestamp later = At(kTuesday);
  const auto without = [&](std::vector<ReadinessPolicy> policies, bool unwatched, bool restart) {
    world_.SetPolicies(std::move(policies));
    // As whoever watches does: where no policy is about a kind, it is no longer watched.
    if (unwatched) world_.audit().RemoveKind(WorkloadKind::kDeployment);
    if (restart) world_.Restart();
    if (restart && unwatched) world_.audit().RemoveKind(WorkloadKind::kDeployment);
    EXPECT_THAT(world_.RunAt(later), IsEmpty());
    EXPECT_EQ(world_.audit().Figures().workloads, AuditFigures().workloads);
    world_.SetPolicies({TestPolicy("base")});
    if (unwatched) world_.Set({});
    EXPECT_THAT(world_.RunAt(later + std::chrono::minutes(1)), IsEmpty());
    EXPECT_EQ(world_.record("deployment-web"), before);
    EXPECT_THAT(world_.RunAt(later + 2 * kPolicyGrace), IsEmpty()) << "and it stays";
  };
  ReadinessPolicy mistyped = TestPolicy("base");
  mistyped.match.object_selector.requirements = {{"env", LabelSelector::Operator::kExists, {}}};
  for (const bool restart : {false, true}) {
    without({}, false, restart);
    without({}, true, restart);
    without({mistyped}, false, restart);
  }
  // What has changed meanwhile is written, and nothing else about it.
  world_.SetPolicies({});
  world_.RunAt(later);
  world_.SetPolicies({TestPolicy("base")});
  world_.Set({.annotations = R"("owner":"a")"});
  EXPECT_THAT(world_.RunAt(later), ElementsAre("shop/deployment-web NotReady 1"));
  EXPECT_EQ(world_.record("deployment-web").first_seen, At(kMonday));
  EXPECT_EQ(world_.record("deployment-web").findings.front().first_observed, At(kMonday));
}

// The grace is for policies: what the workload does itself is followed at once, also while its record is held.
TEST_F(AuditRecordsTest, AWorkloadThatIsDeletedOrNoLongerSelectedLosesItsRecordAtOnce) {
  ReadinessPolicy policy = TestPolicy("base");
  policy.match.object_selector.requirements = {{"off", LabelSelector::Operator::kDoesNotExist, {}}};
  world_.SetPolicies({policy});
  world_.Set({});
  world_.RunAt(kMonday);
  world_.Set({.labels = R"("off":"")"});
  EXPECT_THAT(world_.RunAt(kMonday), ElementsAre("shop/deployment-web deleted"));
  world_.Set({});
  world_.RunAt(kMonday);
  world_.SetPolicies({});
  EXPECT_THAT(world_.RunAt(kMonday), IsEmpty());
  world_.Remove(kWeb);
  EXPECT_THAT(world_.RunAt(kMonday), ElementsAre("shop/deployment-web deleted"));
  EXPECT_EQ(world_.audit().NextDate(), std::nullopt);
}

TEST_F(AuditRecordsTest, AnotherWorkloadHasNothingOfTheHeldRecordOfTheOneBefore) {
  world_.Set({});
  world_.RunAt(kMonday);
  world_.SetPolicies({});
  world_.audit().RemoveKind(WorkloadKind::kDeployment);
  world_.RunAt(kTuesday);
  world_.SetPolicies({TestPolicy("base")});
  world_.Set({.uid = "uid-2"});
  EXPECT_THAT(world_.RunAt(kTuesday), ElementsAre("shop/deployment-web NotReady 2"));
  EXPECT_EQ(world_.record("deployment-web").first_seen, At(kTuesday));
  EXPECT_EQ(world_.record("deployment-web").findings.front().first_observed, At(kTuesday));
}

// Deleted by somebody else meanwhile: nothing is left to hold.
TEST_F(AuditRecordsTest, ARecordThatIsGoneIsHeldNoLonger) {
  world_.Set({});
  world_.RunAt(kMonday);
  world_.SetPolicies({});
  world_.audit().RemoveKind(WorkloadKind::kDeployment);
  world_.RunAt(kMonday);
  EXPECT_NE(world_.audit().NextDate(), std::nullopt);
  world_.records().clear();
  world_.audit().RemoveRecord({"shop", "deployment-web"});
  EXPECT_EQ(world_.audit().NextDate(), std::nullopt);
  EXPECT_THAT(world_.RunAt(kTuesday), IsEmpty());
}

TEST_F(AuditRecordsTest, RecordsOfNothingAreDeleted) {
  world_.Set({});
  world_.Set({.key = {WorkloadKind::kDaemonSet, "shop", "log"}});
  world_.RunAt(kMonday);
  world_.Remove({WorkloadKind::kDaemonSet, "shop", "log"});  // while nobody watched
  world_.records()[{"shop", "by-hand"}] = WorkloadRecord();
  world_.Restart();
  EXPECT_THAT(world_.RunAt(kTuesday),
              testing::UnorderedElementsAre("shop/daemonset-log deleted", "shop/by-hand deleted"));
}

TEST_F(AuditRecordsTest, WhatIsChangedOrDeletedByHandIsPutRight) {
  world_.Set({});
  world_.RunAt(kMonday);
  const WorkloadRecord right = world_.record("deployment-web");
  const ObjectKey key{"shop", "deployment-web"};
  WorkloadRecord wrong = right;
  wrong.state = ReadinessState::kReady;
  wrong.first_seen = At("2020-01-01");
  world_.audit().SetRecord(key, wrong);
  EXPECT_THAT(world_.Write(), ElementsAre("shop/deployment-web NotReady 2"));
  EXPECT_EQ(world_.record("deployment-web"), right);
  wrong.workload.name = "other";  // a record that says it is another's
  world_.audit().SetRecord(key, wrong);
  EXPECT_THAT(world_.Write(), ElementsAre("shop/deployment-web NotReady 2"));
  world_.audit().RemoveRecord(key);
  EXPECT_THAT(world_.Write(), ElementsAre("shop/deployment-web NotReady 2"));
  EXPECT_EQ(world_.record("deployment-web"), right);
  EXPECT_THAT(world_.RunAt(kTuesday), IsEmpty());
}

TEST_F(AuditRecordsTest, AStrayUnderTheNameOfANewWorkloadIsReplaced) {
  world_.audit().SetRecord({"shop", "deployment-web"}, WorkloadRecord());
  EXPECT_EQ(world_.audit().changes(), 1U);
  world_.Set({});
  EXPECT_THAT(world_.RunAt(kMonday), ElementsAre("shop/deployment-web NotReady 2"));
}

TEST_F(AuditRecordsTest, ChangesOfOneWorkloadAreOneWrite) {
  world_.Set({});
  world_.audit().Judge(At(kMonday), 10);
  world_.Set({.annotations = R"("owner":"a")"});
  world_.audit().Judge(At(kMonday), 10);
  EXPECT_THAT(world_.Write(), ElementsAre("shop/deployment-web NotReady 1"));
  // There and back again is none.
  world_.Set({});
  world_.audit().Judge(At(kMonday), 10);
  EXPECT_EQ(world_.audit().changes(), 1U);
  world_.Set({.annotations = R"("owner":"a")"});
  EXPECT_THAT(world_.RunAt(kMonday), IsEmpty());
}

// A workload that changes all the time keeps its turn.
TEST_F(AuditRecordsTest, TheOldestChangeIsWrittenFirst) {
  for (const char* name : {"a", "b", "c"}) {
    world_.Set({.key = {WorkloadKind::kDeployment, "shop", name}});
  }
  world_.audit().Judge(At(kMonday), 10);
  world_.Set({.key = {WorkloadKind::kDeployment, "shop", "a"}, .annotations = R"("owner":"x")"});
  world_.audit().Judge(At(kMonday), 10);
  EXPECT_THAT(world_.Write(1), ElementsAre("shop/deployment-a NotReady 1"));
  EXPECT_THAT(world_.Write(),
              ElementsAre("shop/deployment-b NotReady 2", "shop/deployment-c NotReady 2"));
}

TEST_F(AuditRecordsTest, WhatCouldNotBeWrittenComesAgain) {
  world_.Set({});
  world_.Set({.key = {WorkloadKind::kDaemonSet, "shop", "log"}});
  world_.audit().Judge(At(kMonday), 10);
  const std::vector<RecordChange> taken = world_.audit().TakeChanges(1);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(world_.audit().changes(), 1U);
  world_.audit().PutBack(taken.front());
  EXPECT_THAT(world_.Write(),
              ElementsAre("shop/daemonset-log NotReady 2", "shop/deployment-web NotReady 2"));
  world_.Remove(kWeb);
  const std::vector<RecordChange> deletion = world_.audit().TakeChanges(10);
  ASSERT_EQ(deletion.size(), 1U);
  EXPECT_EQ(world_.audit().changes(), 0U);
  world_.audit().PutBack(deletion.front());
  EXPECT_EQ(world_.audit().changes(), 1U);
  EXPECT_THAT(world_.Write(), ElementsAre("shop/deployment-web deleted"));
  // It was not written, the workload is gone, and nothing is left to do.
  world_.audit().PutBack(taken.front());
  EXPECT_EQ(world_.audit().changes(), 0U);
}

TEST_F(AuditRecordsTest, LongNamesAreFoundAgain) {
  const std::string name(252, 'a');
  const WorkloadKey key{WorkloadKind::kStatefulSet, "shop", name};
  world_.Set({.key = key});
  world_.RunAt(kMonday);
  const ObjectKey record{"shop", RecordName(key)};
  ASSERT_TRUE(world_.records().contains(record));
  world_.audit().RemoveRecord(record);
  EXPECT_EQ(world_.audit().changes(), 1U);
}

TEST_F(AuditRecordsTest, TheWorstAreListedAndAllAreCounted) {
  ReadinessPolicy policy = TestPolicy("base", {From(Action::kDeny, "2026-01-01")});
  policy.rules.front().stages = {Stage{}};
  policy.rules.emplace_back().rule = &plimsoll::test::CountsFaults();
  world_.SetPolicies({policy});
  world_.Set({.annotations = R"("faults":"700")"});
  EXPECT_THAT(world_.RunAt(kMonday), ElementsAre("shop/deployment-web Blocked 702"));
  const WorkloadRecord& record = world_.record("deployment-web");
  EXPECT_EQ(record.findings.size(), kMaxRecordedFindings);
  EXPECT_TRUE(std::all_of(record.findings.begin(), record.findings.end(),
                          [](const auto& finding) { return finding.action == Action::kDeny; }));
}

// Everything that may be long is: names of policies, of containers, of the owner.
TEST_F(AuditRecordsTest, ARecordStaysWithinItsBytes) {
  std::vector<ReadinessPolicy> policies;
  for (int i = 0; i < 120; ++i) {
    policies.push_back(TestPolicy(std::to_string(i) + std::string(240, 'p')));
  }
  world_.SetPolicies(policies);
  world_.Set({.annotations = R"("owner":")" + std::string(5000, 'o') + R"(\n")",
              .container = R"(},{"image":"b","name":")" + std::string(3000, 'c') + R"(")"});
  world_.RunAt(kMonday);
  const WorkloadRecord& record = world_.record("deployment-web");
  EXPECT_EQ(record.policies.size(), kMaxRecordedPolicies);
  EXPECT_EQ(record.failing, 240U);
  EXPECT_LE(record.owner.size(), kMaxRecordedNameBytes);
  size_t bytes = 0;
  for (const std::string& policy : record.policies) bytes += policy.size();
  for (const RecordedFinding& finding : record.findings) {
    EXPECT_LE(finding.container.size(), kMaxRecordedNameBytes);
    EXPECT_LE(finding.path.size(), kMaxRecordedPathBytes);
    bytes += finding.policy.size() + finding.container.size() + finding.path.size() +
             finding.message.size();
  }
  EXPECT_LT(bytes, kMaxRecordBytes);
  EXPECT_GT(record.findings.size(), 10U);
}

TEST_F(AuditRecordsTest, UpcomingIsTheNextDateOnWhichAFindingGetsStronger) {
  ReadinessPolicy policy =
      TestPolicy("base", {From(Action::kWarn, "2026-01-01"), From(Action::kDeny, "2027-02-01")});
  policy.rules.back().stages = {Stage{}, From(Action::kWarn, "2026-12-01"),
                                From(Action::kDeny, "2027-02-01")};
  world_.SetPolicies({policy});
  world_.Set({});
  world_.RunAt(kMonday);
  EXPECT_EQ(world_.record("deployment-web").upcoming, (Upcoming{Action::kWarn, At("2026-12-01")}));
  world_.RunAt("2026-12-01");
  EXPECT_EQ(world_.record("deployment-web").upcoming, (Upcoming{Action::kDeny, At("2027-02-01")}));
  policy.rules.back().stages.back().from = At("2027-03-01");
  world_.SetPolicies({policy});
  world_.RunAt("2027-02-01");
  // One finding is still to get stronger, but the workload is refused already.
  EXPECT_EQ(world_.record("deployment-web").upcoming, std::nullopt);
}

}  // namespace
}  // namespace plimsoll::controllers

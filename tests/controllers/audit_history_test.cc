// What the audit tells the histories, and what becomes of records of workloads that were never admitted.
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

constexpr std::string_view kMonday = "2026-11-23T09:00:00Z";
constexpr std::string_view kTuesday = "2026-11-24T09:00:00Z";

class AuditHistoryTest : public testing::Test {
 protected:
  AuditHistoryTest() {
    world_.SetPolicies({TestPolicy("base")});
    world_.SetNamespace("shop");
  }

  // "web: test.owner test.probe(web)", with "!" where the question has changed and not the workload.
  std::vector<std::string> Observations() {
    std::vector<std::string> lines;
    for (const Happening& happening : world_.audit().TakeObservations()) {
      const auto& observation = std::get<Observation>(happening.what);
      std::string line = happening.workload.name + (observation.asked_differently ? "!:" : ":");
      for (const Observation::Found& found : observation.findings) {
        line += " " + found.rule;
        if (!found.container.empty()) line += "(" + found.container + ")";
      }
      lines.push_back(std::move(line));
    }
    return lines;
  }

  World world_;
};

TEST_F(AuditHistoryTest, TellsWhatItFindsOnceAndWhenItChanges) {
  world_.Set({});
  world_.RunAt(kMonday);
  EXPECT_THAT(Observations(), ElementsAre("web: test.owner test.probe(main)"));
  world_.RunAt(kTuesday);
  EXPECT_THAT(Observations(), IsEmpty());
  world_.Set({.annotations = R"("owner":"a")"});
  world_.RunAt(kTuesday);
  EXPECT_THAT(Observations(), ElementsAre("web: test.probe(main)"));
}

TEST_F(AuditHistoryTest, SaysWhenItWasThePolicyThatChanged) {
  world_.Set({});
  world_.RunAt(kMonday);
  Observations();
  ReadinessPolicy policy = TestPolicy("base");
  policy.rules.pop_back();
  world_.SetPolicies({std::move(policy)});
  world_.RunAt(kTuesday);
  EXPECT_THAT(Observations(), ElementsAre("web!: test.owner"));
}

TEST_F(AuditHistoryTest, AKickoffIsTheFirstSighting) {
  world_.Set({.annotations = R"("plimsoll.dev/kickoff":"2026-10-01")"});
  world_.RunAt(kMonday);
  EXPECT_EQ(world_.record("deployment-web").first_seen, At("2026-10-01"));
  EXPECT_EQ(world_.record("deployment-web").first_seen_by, Sighting::kKickoff);
  world_.Restart();
  EXPECT_THAT(world_.RunAt(kTuesday), IsEmpty());
}

TEST_F(AuditHistoryTest, ACheckIsASightingToo) {
  world_.Set({.annotations = R"("plimsoll.dev/checked":"2026-11-01T00:00:00Z test.owner")"});
  world_.RunAt(kMonday);
  EXPECT_EQ(world_.record("deployment-web").first_seen_by, Sighting::kChecked);
}

WorkloadRecord NeverAdmitted() {
  WorkloadRecord record;
  record.workload = {WorkloadKind::kDeployment, "shop", "ghost"};
  record.api_version = "apps/v1";
  record.state = ReadinessState::kBlocked;
  record.first_seen = At(kMonday);
  record.first_seen_by = Sighting::kDenial;
  return record;
}

TEST_F(AuditHistoryTest, RecordsOfWhatWasNeverAdmittedExpire) {
  const ObjectKey key{"shop", "deployment-ghost"};
  world_.audit().SetRecord(key, NeverAdmitted(), At(kMonday));
  EXPECT_THAT(world_.RunAt(kTuesday), IsEmpty());
  EXPECT_EQ(world_.audit().NextDate(), At(kMonday) + kNeverAdmittedTtl);
  // Something has happened again.
  world_.audit().SetRecord(key, NeverAdmitted(), At(kTuesday));
  EXPECT_THAT(world_.RunAt(At(kMonday) + kNeverAdmittedTtl), IsEmpty());
  EXPECT_THAT(world_.RunAt(At(kTuesday) + kNeverAdmittedTtl - std::chrono::seconds(1)), IsEmpty());
  EXPECT_THAT(world_.RunAt(At(kTuesday) + kNeverAdmittedTtl),
              ElementsAre("shop/deployment-ghost deleted"));
}

// The record comes first, and its history a moment later.
TEST_F(AuditHistoryTest, ARecordWithoutAHistoryYetStays) {
  WorkloadRecord record = NeverAdmitted();
  record.first_seen = At("2026-01-05");  // a kickoff
  RecordedFinding finding;
  finding.first_observed = At(kMonday);
  record.findings.push_back(finding);
  world_.audit().SetRecord({"shop", "deployment-ghost"}, record);
  EXPECT_THAT(world_.RunAt(kMonday), IsEmpty());
  EXPECT_THAT(world_.RunAt(At(kMonday) + kNeverAdmittedTtl),
              ElementsAre("shop/deployment-ghost deleted"));
}

TEST_F(AuditHistoryTest, WhatIsAdmittedAtLastKeepsItsFirstSighting) {
  world_.audit().SetRecord({"shop", "deployment-ghost"}, NeverAdmitted(), At(kMonday));
  world_.RunAt(kMonday);
  world_.Set({.key = {WorkloadKind::kDeployment, "shop", "ghost"}});
  EXPECT_THAT(world_.RunAt(kTuesday), ElementsAre("shop/deployment-ghost NotReady 2"));
  EXPECT_EQ(world_.record("deployment-ghost").first_seen, At(kMonday));
  EXPECT_EQ(world_.record("deployment-ghost").first_seen_by, Sighting::kDenial);
  EXPECT_EQ(world_.record("deployment-ghost").uid, "uid-ghost");
  EXPECT_EQ(world_.audit().NextDate(), std::nullopt);
}

TEST_F(AuditHistoryTest, ARecordOfAWorkloadThatWasThereDoesNotStay) {
  WorkloadRecord record = NeverAdmitted();
  record.uid = "uid-ghost";
  world_.audit().SetRecord({"shop", "deployment-ghost"}, record, At(kMonday));
  EXPECT_THAT(world_.RunAt(kTuesday), ElementsAre("shop/deployment-ghost deleted"));
}

}  // namespace
}  // namespace plimsoll::controllers

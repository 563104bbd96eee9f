#include "plimsoll/record/history_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace plimsoll {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Timestamp kDay = *ParseTimestamp("2026-11-02T09:00:00Z");
const ObjectKey kDev{"dev", "deployment-checkout"};
const ObjectKey kProduction{"production", "deployment-checkout"};

Happening Told(const ObjectKey& key, Timestamp at, Action action, std::string rule,
               std::string release = "r1", std::string service = "checkout (payments)") {
  Happening happening;
  happening.workload = {WorkloadKind::kDeployment, key.namespace_name, "checkout"};
  happening.service = std::move(service);
  happening.owner = "payments";
  Attempt attempt;
  attempt.at = at;
  attempt.denied = action == Action::kDeny;
  attempt.release = std::move(release);
  attempt.findings = {{"policy", std::move(rule), "", "", "", action}};
  happening.what = std::move(attempt);
  return happening;
}

// Writes what waits, as one replica would that is alone.
std::vector<HistoryEffects> Write(HistoryKeeper& keeper, const ObjectKey& key,
                                  WorkloadHistory& stored) {
  std::vector<HistoryEffects> effects;
  const size_t waiting = keeper.PendingOf(key).size();
  const HistoryKeeper::Merged merged = keeper.Merge(key, stored);
  for (const auto& [happening, effect] : merged.effects) effects.push_back(effect);
  stored = merged.history;
  keeper.Done(key, waiting, stored);
  return effects;
}

TEST(HistoryKeeperTest, AWarningInDevelopmentMakesTheRefusalInProductionExpected) {
  HistoryKeeper keeper;
  EXPECT_TRUE(keeper.Add(kDev, Told(kDev, kDay, Action::kWarn, "runbook.url")));
  EXPECT_TRUE(
      keeper.Add(kProduction, Told(kProduction, kDay + hours(1), Action::kDeny, "runbook.url")));
  WorkloadHistory stored;
  const auto effects = Write(keeper, kProduction, stored);
  ASSERT_EQ(effects.size(), 1U);
  ASSERT_TRUE(effects[0].blocked);
  EXPECT_FALSE(effects[0].blocked->surprise);
  EXPECT_EQ(stored.service, "checkout (payments)");
}

TEST(HistoryKeeperTest, AnotherServiceIsNotWarned) {
  HistoryKeeper keeper;
  keeper.Add(kDev, Told(kDev, kDay, Action::kWarn, "runbook.url", "r1", "cart (payments)"));
  keeper.Add(kProduction, Told(kProduction, kDay, Action::kDeny, "runbook.url"));
  WorkloadHistory stored;
  EXPECT_TRUE(Write(keeper, kProduction, stored)[0].blocked->surprise);
}

TEST(HistoryKeeperTest, KnowsAcrossRestartsWhatRecordsKnow) {
  HistoryKeeper before;
  before.Add(kDev, Told(kDev, kDay, Action::kWarn, "runbook.url"));
  WorkloadHistory dev;
  Write(before, kDev, dev);

  HistoryKeeper after;
  after.SetRecord(kDev, dev, kDay);
  after.Add(kProduction, Told(kProduction, kDay + hours(1), Action::kDeny, "runbook.url"));
  WorkloadHistory stored;
  EXPECT_FALSE(Write(after, kProduction, stored)[0].blocked->surprise);
  EXPECT_EQ(after.LeadTime("checkout (payments)", kDay + hours(2)), hours(2));
}

TEST(HistoryKeeperTest, ADevelopmentNamespaceThatIsGoneHasWarnedAllTheSame) {
  HistoryKeeper keeper;
  keeper.Add(kDev, Told(kDev, kDay, Action::kWarn, "runbook.url"));
  WorkloadHistory dev;
  Write(keeper, kDev, dev);
  keeper.SetRecord(kDev, dev, kDay);
  const auto ended = keeper.RemoveRecord(kDev).ended;
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].outcome, FindingOutcome::kRemoved);
  EXPECT_TRUE(keeper.RemoveRecord(kDev).ended.empty()) << "counted once";
  keeper.Add(kProduction, Told(kProduction, kDay + hours(1), Action::kDeny, "runbook.url"));
  WorkloadHistory stored;
  EXPECT_FALSE(Write(keeper, kProduction, stored)[0].blocked->surprise);
}

TEST(HistoryKeeperTest, AWorkloadMadeAnewIsToldAnewAndNotSurprised) {
  HistoryKeeper keeper;
  keeper.Add(kDev, Told(kDev, kDay, Action::kWarn, "runbook.url"));
  WorkloadHistory gone;
  Write(keeper, kDev, gone);
  keeper.SetRecord(kDev, gone, kDay);
  keeper.RemoveRecord(kDev);
  keeper.SetRecord(kDev, {}, kDay + hours(1));
  EXPECT_TRUE(keeper.Add(kDev, Told(kDev, kDay + hours(2), Action::kDeny, "runbook.url", "r2")));
  WorkloadHistory stored;
  const auto effects = Write(keeper, kDev, stored);
  EXPECT_FALSE(effects[0].blocked->surprise);
  EXPECT_NE(stored.Find("runbook.url", ""), nullptr) << "its own record tells it";
}

TEST(HistoryKeeperTest, WhatIsNoNewsWaitsForNothing) {
  HistoryKeeper keeper;
  EXPECT_TRUE(keeper.Add(kDev, Told(kDev, kDay, Action::kDeny, "runbook.url")));
  for (int i = 0; i < 50; ++i) {
    EXPECT_FALSE(keeper.Add(kDev, Told(kDev, kDay + minutes(i), Action::kDeny, "runbook.url")));
  }
  EXPECT_EQ(keeper.PendingOf(kDev).size(), 1U);
  WorkloadHistory stored;
  Write(keeper, kDev, stored);
  EXPECT_EQ(keeper.pending(), 0U);
  EXPECT_FALSE(keeper.Add(kDev, Told(kDev, kDay + hours(9), Action::kDeny, "runbook.url")));
}

TEST(HistoryKeeperTest, TwoReplicasThatSawTheSameReleaseBlockItOnce) {
  HistoryKeeper one;
  HistoryKeeper other;
  one.Add(kDev, Told(kDev, kDay, Action::kDeny, "runbook.url"));
  other.Add(kDev, Told(kDev, kDay, Action::kDeny, "runbook.url"));
  WorkloadHistory stored;
  EXPECT_EQ(Write(one, kDev, stored).size(), 1U);
  EXPECT_TRUE(Write(other, kDev, stored).empty()) << "merged with what is stored: nothing new";
  EXPECT_EQ(stored.blocked_releases, 1U);
}

TEST(HistoryKeeperTest, WhatCameWhileItWasWrittenStillWaits) {
  HistoryKeeper keeper;
  keeper.Add(kDev, Told(kDev, kDay, Action::kWarn, "runbook.url"));
  const size_t waiting = keeper.PendingOf(kDev).size();
  const WorkloadHistory written = keeper.Merge(kDev, {}).history;
  keeper.Add(kDev, Told(kDev, kDay, Action::kWarn, "image.pinned"));
  keeper.Done(kDev, waiting, written);
  EXPECT_EQ(keeper.PendingOf(kDev).size(), 1U);
  EXPECT_EQ(keeper.Next(kDay), kDev);
}

TEST(HistoryKeeperTest, WhatIsHeldBackLetsOthersGoFirst) {
  HistoryKeeper keeper;
  keeper.Add(kDev, Told(kDev, kDay, Action::kWarn, "runbook.url"));
  keeper.Add(kProduction, Told(kProduction, kDay, Action::kWarn, "runbook.url"));
  keeper.Delay(kDev, kDay + minutes(1));
  EXPECT_EQ(keeper.Next(kDay), kProduction);
  keeper.Done(kProduction, 1, {});
  EXPECT_EQ(keeper.Next(kDay), std::nullopt);
  EXPECT_EQ(keeper.Next(kDay + minutes(1)), kDev);
}

TEST(HistoryKeeperTest, WhatAwaitsItsRecordGoesOnceThatIsThere) {
  HistoryKeeper keeper;
  keeper.Add(kDev, Told(kDev, kDay, Action::kWarn, "runbook.url"));
  keeper.AwaitRecord(kDev, kDay + minutes(1));
  EXPECT_FALSE(keeper.HasRecord(kDev));
  EXPECT_EQ(keeper.Next(kDay), std::nullopt);
  keeper.SetRecord(kDev, {}, kDay);
  EXPECT_TRUE(keeper.HasRecord(kDev));
  EXPECT_EQ(keeper.Next(kDay), kDev);
  // What is held back for another reason stays so.
  keeper.Delay(kDev, kDay + minutes(1));
  keeper.SetRecord(kDev, {}, kDay);
  EXPECT_EQ(keeper.Next(kDay), std::nullopt);
  EXPECT_EQ(keeper.Next(kDay + minutes(1)), kDev);
  keeper.RemoveRecord(kDev);
  EXPECT_FALSE(keeper.HasRecord(kDev));
}

TEST(HistoryKeeperTest, IsBoundedWhereAllAreHeldBack) {
  HistoryKeeper keeper;
  const auto key = [](size_t i) { return ObjectKey{"dev", "deployment-" + std::to_string(i)}; };
  for (size_t i = 0; i < kMaxPendingHistories + 2; ++i) {
    keeper.Add(key(i), Told(key(i), kDay, Action::kWarn, "runbook.url", "r", std::to_string(i)));
    keeper.Delay(key(i), kDay + minutes(1));
  }
  EXPECT_EQ(keeper.pending(), kMaxPendingHistories);
  EXPECT_TRUE(keeper.PendingOf(key(1)).empty());
  EXPECT_EQ(keeper.PendingOf(key(kMaxPendingHistories + 1)).size(), 1U);
  EXPECT_EQ(keeper.Next(kDay + minutes(1)), key(2));
}

TEST(HistoryKeeperTest, IsBounded) {
  HistoryKeeper keeper;
  for (size_t i = 0; i < kMaxPendingHistories + 10; ++i) {
    const ObjectKey key{"dev", "deployment-" + std::to_string(i)};
    keeper.Add(key, Told(key, kDay, Action::kWarn, "runbook.url", "r", std::to_string(i)));
  }
  EXPECT_EQ(keeper.pending(), kMaxPendingHistories);
  EXPECT_EQ(keeper.dropped(), 10U);
}

}  // namespace
}  // namespace plimsoll

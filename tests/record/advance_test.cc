#include "plimsoll/record/advance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace plimsoll {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const Timestamp kDay = *ParseTimestamp("2026-11-02T09:00:00Z");

AnsweredFinding Finding(std::string rule, Action action, std::string container = "",
                        std::string policy = "production") {
  return {std::move(policy), std::move(rule), std::move(container), "", "", action};
}

Attempt Warned(Timestamp at, std::vector<std::string> rules, std::string release = "r1") {
  Attempt attempt;
  attempt.at = at;
  attempt.release = std::move(release);
  for (std::string& rule : rules) {
    attempt.findings.push_back(Finding(std::move(rule), Action::kWarn));
  }
  return attempt;
}

Attempt Denied(Timestamp at, std::vector<std::string> rules, std::string release = "r1") {
  Attempt attempt = Warned(at, std::move(rules), std::move(release));
  attempt.denied = true;
  attempt.enforced = true;
  for (AnsweredFinding& finding : attempt.findings) finding.action = Action::kDeny;
  return attempt;
}

Observation Seen(Timestamp at, std::vector<std::string> rules, bool waived = false) {
  Observation observation;
  observation.at = at;
  for (std::string& rule : rules) observation.findings.push_back({std::move(rule), "", waived});
  return observation;
}

std::vector<std::string> Events(const WorkloadHistory& history) {
  std::vector<std::string> lines;
  for (const HistoryEvent& event : history.events) {
    lines.push_back(std::string(HistoryEventName(event.type)) + ": " + event.note);
  }
  return lines;
}

std::vector<std::string> Ended(const HistoryEffects& effects) {
  std::vector<std::string> lines;
  for (const auto& ended : effects.ended) {
    lines.push_back(ended.rule + " " + std::string(FindingOutcomeName(ended.outcome)) +
                    (ended.shown_by == Sighting::kDenial ? ", told at the gate" : ""));
  }
  return lines;
}

TEST(AdvanceTest, ARefusalOutOfTheBlueIsASurprise) {
  WorkloadHistory history;
  const HistoryEffects effects = Advance(history, Denied(kDay, {"runbook.url", "image.pinned"}));
  ASSERT_TRUE(effects.blocked);
  EXPECT_TRUE(effects.blocked->surprise);
  EXPECT_THAT(effects.blocked->policies, ElementsAre("production"));
  EXPECT_THAT(effects.blocked->rules, ElementsAre("image.pinned", "runbook.url"));
  EXPECT_EQ(history.blocked_releases, 1U);
  EXPECT_EQ(history.surprises, 1U);
  EXPECT_EQ(history.first_enforced, kDay);
  EXPECT_EQ(effects.first_enforced, kDay);
  EXPECT_THAT(Events(history), ElementsAre("Denied: runbook.url, image.pinned"));
  ASSERT_NE(history.Find("runbook.url", ""), nullptr);
  EXPECT_EQ(history.Find("runbook.url", "")->shown_by, Sighting::kDenial);
}

TEST(AdvanceTest, ARefusalAfterAWarningIsNone) {
  WorkloadHistory history;
  EXPECT_TRUE(Advance(history, Warned(kDay, {"runbook.url"})).changed);
  const HistoryEffects effects =
      Advance(history, Denied(kDay + hours(1), {"runbook.url", "image.pinned"}, "r2"));
  ASSERT_TRUE(effects.blocked);
  EXPECT_FALSE(effects.blocked->surprise) << "one of its findings had been told";
  EXPECT_EQ(history.surprises, 0U);
  EXPECT_EQ(history.Find("runbook.url", "")->first_shown, kDay);
  EXPECT_EQ(history.Find("runbook.url", "")->first_denied, kDay + hours(1));
}

TEST(AdvanceTest, AnotherContainerIsAnotherFinding) {
  WorkloadHistory history;
  Attempt warned = Warned(kDay, {});
  warned.findings = {Finding("health.readiness-probe", Action::kWarn, "web")};
  Advance(history, warned);
  Attempt denied = Denied(kDay, {}, "r2");
  denied.findings = {Finding("health.readiness-probe", Action::kDeny, "proxy")};
  EXPECT_TRUE(Advance(history, denied).blocked->surprise);
}

TEST(AdvanceTest, WhatOnlyAccompaniesARefusalDoesNotMakeItExpected) {
  WorkloadHistory history;
  Advance(history, Warned(kDay, {"image.digest"}));
  Attempt denied = Denied(kDay, {"runbook.url"}, "r2");
  denied.findings.push_back(Finding("image.digest", Action::kWarn));
  EXPECT_TRUE(Advance(history, denied).blocked->surprise);
}

TEST(AdvanceTest, RetriesOfOneReleaseAreOneBlockedRelease) {
  WorkloadHistory history;
  Advance(history, Denied(kDay, {"runbook.url"}));
  const WorkloadHistory once = history;
  for (int i = 1; i < 100; ++i) {
    EXPECT_FALSE(Advance(history, Denied(kDay + minutes(i), {"runbook.url"})).changed);
  }
  EXPECT_EQ(history, once);
  const HistoryEffects next = Advance(history, Denied(kDay + hours(3), {"runbook.url"}, "r2"));
  ASSERT_TRUE(next.blocked);
  EXPECT_FALSE(next.blocked->surprise);
  EXPECT_EQ(history.blocked_releases, 2U);
}

TEST(AdvanceTest, WhatWasToldElsewhereIsNoSurprise) {
  WorkloadHistory history;
  Attempt attempt = Denied(kDay, {"runbook.url"});
  attempt.told_elsewhere = true;
  EXPECT_FALSE(Advance(history, attempt).blocked->surprise);
}

TEST(AdvanceTest, WhatACheckStampedIsNoSurprise) {
  WorkloadHistory history;
  Attempt attempt = Denied(kDay, {"runbook.url"});
  attempt.stamps.checked = kDay - hours(48);
  attempt.stamps.findings = {{"runbook.url", ""}};
  EXPECT_FALSE(Advance(history, attempt).blocked->surprise);
  const ToldFinding* finding = history.Find("runbook.url", "");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->shown_by, Sighting::kChecked);
  EXPECT_EQ(finding->first_shown, kDay - hours(48));
  EXPECT_THAT(Events(history), ElementsAre("Shown: runbook.url", "Denied: runbook.url"));
}

TEST(AdvanceTest, EndsOfFindings) {
  WorkloadHistory history;
  Advance(history, Warned(kDay, {"a.warned", "b.asked", "c.waived"}));
  Advance(history, Denied(kDay + hours(1), {"d.denied"}, "r2"));
  EXPECT_THAT(Ended(Advance(history, Seen(kDay + hours(2), {"b.asked", "c.waived", "d.denied"}))),
              ElementsAre("a.warned fixed_before_enforcement"));
  EXPECT_THAT(Ended(Advance(history, Seen(kDay + hours(3), {"b.asked", "c.waived"}))),
              ElementsAre("d.denied fixed_after_block, told at the gate"));
  Observation waived = Seen(kDay + hours(4), {"b.asked"});
  waived.findings.push_back({"c.waived", "", true});
  EXPECT_THAT(Ended(Advance(history, waived)), ElementsAre("c.waived waived"));
  EXPECT_FALSE(Advance(history, waived).changed) << "once is enough";
  Observation differently = Seen(kDay + hours(5), {});
  differently.findings.push_back({"c.waived", "", true});
  differently.asked_differently = true;
  EXPECT_THAT(Ended(Advance(history, differently)), ElementsAre("b.asked removed"));
  EXPECT_THAT(Events(history), ElementsAre("Shown: a.warned, b.asked, c.waived", "Denied: d.denied",
                                           "Fixed: a.warned", "Fixed: d.denied", "Waived: c.waived",
                                           "Removed: b.asked"));
}

TEST(AdvanceTest, WhatComesBackHasRegressed) {
  WorkloadHistory history;
  Advance(history, Warned(kDay, {"runbook.url"}));
  Advance(history, Seen(kDay + hours(1), {}));
  Advance(history, Seen(kDay + hours(2), {"runbook.url"}));
  EXPECT_EQ(history.Find("runbook.url", "")->outcome, FindingOutcome::kOpen);
  EXPECT_EQ(Events(history).back(), "Regressed: runbook.url");
  EXPECT_THAT(Ended(Advance(history, Seen(kDay + hours(3), {}))),
              ElementsAre("runbook.url fixed_before_enforcement"));
}

TEST(AdvanceTest, AnObservationOfEarlierEndsNothing) {
  WorkloadHistory history;
  Advance(history, Warned(kDay, {"runbook.url"}));
  EXPECT_FALSE(Advance(history, Seen(kDay - minutes(1), {})).changed);
}

TEST(AdvanceTest, AuditsTellNobody) {
  WorkloadHistory history;
  EXPECT_FALSE(Advance(history, Seen(kDay, {"runbook.url"})).changed);
  EXPECT_THAT(history.findings, IsEmpty());
}

TEST(AdvanceTest, ARolloutUnderEnforcementIsRememberedOnce) {
  WorkloadHistory history;
  Attempt passes;
  passes.at = kDay;
  passes.enforced = true;
  EXPECT_FALSE(Advance(history, passes).changed) << "no rollout: the template is as it was";
  passes.release = "r1";
  EXPECT_EQ(Advance(history, passes).first_enforced, kDay);
  passes.at += hours(1);
  EXPECT_FALSE(Advance(history, passes).changed);
  EXPECT_EQ(history.first_enforced, kDay);
}

TEST(AdvanceTest, MerciesAreTold) {
  WorkloadHistory history;
  Attempt attempt = Warned(kDay, {"runbook.url"});
  attempt.mercy = Mercy::kBreakGlass;
  attempt.mercy_detail = "INC-7, by ana";
  Advance(history, attempt);
  attempt.at += minutes(1);
  EXPECT_FALSE(Advance(history, attempt).changed);
  attempt.at += hours(2);
  EXPECT_TRUE(Advance(history, attempt).changed);
  EXPECT_THAT(Events(history), ElementsAre("Shown: runbook.url", "BreakGlass: INC-7, by ana",
                                           "BreakGlass: INC-7, by ana"));
}

TEST(AdvanceTest, IsBounded) {
  WorkloadHistory history;
  std::vector<std::string> rules;
  for (int i = 0; i < 200; ++i) rules.push_back("rule." + std::to_string(1000 + i));
  for (int i = 0; i < 100; ++i) {
    Advance(history, Denied(kDay + minutes(i), rules, "r" + std::to_string(i)));
  }
  EXPECT_THAT(history.findings, SizeIs(kMaxToldFindings));
  EXPECT_THAT(history.events, SizeIs(kMaxHistoryEvents));
  EXPECT_THAT(history.blocked, SizeIs(kMaxBlockedReleases));
  EXPECT_EQ(history.blocked_releases, 100U);
  for (const HistoryEvent& event : history.events) {
    EXPECT_LE(event.note.size(), kMaxEventNoteBytes);
  }
  const WorkloadHistory full = history;
  EXPECT_FALSE(Advance(history, Warned(kDay + hours(9), rules)).changed)
      << "what has no room must not be news for ever";
  EXPECT_EQ(history, full);
  Advance(history, Seen(kDay + hours(10), {}));
  Advance(history, Warned(kDay + hours(11), {"another"}));
  EXPECT_NE(history.Find("another", ""), nullptr) << "what has ended makes room";
}

}  // namespace
}  // namespace plimsoll

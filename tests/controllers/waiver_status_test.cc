#include "plimsoll/controllers/waiver_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/policy/support.h"

namespace plimsoll::controllers {
namespace {

using plimsoll::test::At;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kNow = "2027-03-01T09:00:00Z";
const Timestamp kThen = At(kNow);

ParsedWaiver Waiver(const std::function<void(ReadinessWaiver&)>& change = {}) {
  ReadinessWaiver waiver;
  waiver.namespace_name = "shop";
  waiver.name = "web";
  waiver.workloads = {{WorkloadKind::kDeployment, "web"}};
  waiver.policy = "base";
  waiver.rules = {"test.owner"};
  waiver.requested_by = "ana";
  waiver.approved_by = "lee";
  waiver.created = At("2027-02-28");
  waiver.expires = At("2027-03-03");
  if (change) change(waiver);
  return {waiver, {}};
}

ParsedWaiver Pending() {
  return Waiver([](ReadinessWaiver& waiver) { waiver.approved_by.clear(); });
}

WaiverStatus StatusOf(const ParsedWaiver& parsed, std::optional<WaiverStatus::Use> use,
                      const WaiverStatus* previous = nullptr, Timestamp now = kThen) {
  const PolicySnapshot policies(
      {plimsoll::test::Policy("base", {Stage{}}, {&plimsoll::test::NeedsOwner()})});
  return MakeWaiverStatus(parsed, 3, policies, use, previous, now);
}

std::vector<std::string> News(const WaiverStatus* before, const WaiverStatus& now) {
  std::vector<std::string> out;
  for (const WaiverNews& news : NewsOf(before, now)) {
    EXPECT_FALSE(news.note.empty());
    out.push_back((news.warning ? "! " : "") + std::string(news.reason));
  }
  return out;
}

TEST(WaiverStatusTest, OfOneThatIsUsed) {
  WaiverStatus expected;
  expected.observed_generation = 3;
  expected.state = WaiverState::kActive;
  expected.message = "Requested by ana, approved by lee; it ends on 2027-03-03.";
  expected.days_left = 2;
  expected.used_by = WaiverStatus::Use{1, 2};
  expected.conditions = {
      {"Ready", true, 3, "Approved", expected.message, kThen},
      {"Used", true, 3, "Excuses", "It excuses 2 findings.", kThen},
  };
  EXPECT_EQ(StatusOf(Waiver(), WaiverStatus::Use{1, 2}), expected);
  // Nothing changes for as long as nothing does.
  EXPECT_EQ(StatusOf(Waiver(), WaiverStatus::Use{1, 2}, &expected, kThen + std::chrono::hours(10)),
            expected);
  // Before the audit knows, what was known is kept.
  EXPECT_EQ(StatusOf(Waiver(), std::nullopt, &expected, kThen), expected);
  EXPECT_EQ(StatusOf(Waiver(), std::nullopt).conditions.size(), 1U);
}

TEST(WaiverStatusTest, DaysLeftAreThoseBegun) {
  const auto left = [](std::string_view now) {
    return StatusOf(Waiver(), std::nullopt, nullptr, At(now)).days_left;
  };
  EXPECT_EQ(left("2027-02-28T00:00:00Z"), 3);
  EXPECT_EQ(left("2027-02-28T00:00:01Z"), 3);
  EXPECT_EQ(left("2027-03-02T00:00:00Z"), 1);
  EXPECT_EQ(left("2027-03-02T23:59:59Z"), 1);
  EXPECT_EQ(left("2027-03-03T00:00:00Z"), std::nullopt);
}

TEST(WaiverStatusTest, OneThatNothingNeeds) {
  const WaiverStatus first = StatusOf(Waiver(), WaiverStatus::Use{});
  EXPECT_EQ(first.unused_since, kThen);
  EXPECT_EQ(first.conditions.back().reason, "NotUsedYet");
  EXPECT_THAT(News(nullptr, first), ElementsAre("WaiverApproved"));
  // Its end is the day after tomorrow; nobody needs it for a day.
  const WaiverStatus later = StatusOf(Waiver(), WaiverStatus::Use{}, &first, kThen + kUnusedGrace);
  EXPECT_EQ(later.unused_since, kThen);
  EXPECT_EQ(later.conditions.back().reason, "Unused");
  EXPECT_EQ(later.conditions.back().last_transition, kThen);
  EXPECT_THAT(News(&first, later), ElementsAre("! WaiverUnused"));
  EXPECT_THAT(News(&later, later), IsEmpty());
  EXPECT_EQ(StatusOf(Waiver(), WaiverStatus::Use{}, &first,
                     kThen + kUnusedGrace - std::chrono::seconds(1))
                .conditions.back()
                .reason,
            "NotUsedYet");
  // Used again: that is forgotten.
  const WaiverStatus used =
      StatusOf(Waiver(), WaiverStatus::Use{1, 1}, &later, kThen + kUnusedGrace);
  EXPECT_EQ(used.unused_since, std::nullopt);
  EXPECT_TRUE(used.conditions.back().status);
}

TEST(WaiverStatusTest, FromRequestToEnd) {
  const WaiverStatus pending = StatusOf(Pending(), std::nullopt);
  EXPECT_EQ(pending.state, WaiverState::kPending);
  EXPECT_EQ(pending.days_left, 2);
  EXPECT_EQ(pending.conditions.size(), 1U);
  EXPECT_THAT(News(nullptr, pending), IsEmpty());
  const WaiverStatus active = StatusOf(Waiver(), WaiverStatus::Use{1, 1}, &pending);
  EXPECT_THAT(News(&pending, active), ElementsAre("WaiverApproved"));
  const WaiverStatus expired =
      StatusOf(Waiver(), WaiverStatus::Use{}, &active, At("2027-03-03T00:00:00Z"));
  EXPECT_EQ(expired.state, WaiverState::kExpired);
  EXPECT_EQ(expired.days_left, std::nullopt);
  EXPECT_EQ(expired.used_by, std::nullopt);
  EXPECT_EQ(expired.message, "It ended on 2027-03-03 and excuses nothing.");
  EXPECT_THAT(News(&active, expired), ElementsAre("! WaiverExpired"));
  EXPECT_THAT(News(&expired, expired), IsEmpty());
}

// Stalled: nothing but another waiver excuses. See kstatus.
TEST(WaiverStatusTest, StalledWhereWaitingIsOfNoUse) {
  const auto types = [](const WaiverStatus& status) {
    std::vector<std::string> out;
    for (const PolicyCondition& condition : status.conditions) {
      out.push_back(condition.type + (condition.status ? "=True " : "=False ") + condition.reason);
    }
    return out;
  };
  const WaiverStatus expired =
      StatusOf(Waiver(), std::nullopt, nullptr, At("2027-03-03T00:00:00Z"));
  EXPECT_THAT(types(expired), ElementsAre("Ready=False Expired", "Stalled=True Expired"));
  EXPECT_EQ(expired.conditions[1].message, expired.message);
  EXPECT_EQ(StatusOf(Waiver(), std::nullopt, &expired, At("2027-03-04T00:00:00Z")), expired);
  const auto with = [&](const std::function<void(ReadinessWaiver&)>& change) {
    return types(StatusOf(Waiver(change), std::nullopt));
  };
  EXPECT_THAT(with([](ReadinessWaiver& w) { w.approved_by = "ana"; }),
              ElementsAre("Ready=False SelfApproved", "Stalled=True SelfApproved"));
  EXPECT_THAT(with([](ReadinessWaiver& w) { w.expires = At("2030-01-01"); }),
              ElementsAre("Ready=False TooLong", "Stalled=True TooLong"));
  EXPECT_THAT(with([](ReadinessWaiver& w) { w.rules = {"test.other"}; }),
              ElementsAre("Ready=False UnknownRule", "Stalled=True UnknownRule"));
  // What may come yet.
  EXPECT_THAT(with([](ReadinessWaiver& w) { w.policy = "other"; }),
              ElementsAre("Ready=False UnknownPolicy"));
  EXPECT_THAT(types(StatusOf(Pending(), std::nullopt)), ElementsAre("Ready=False NotApproved"));
}

TEST(WaiverStatusTest, WhatCannotBeReadSaysWhy) {
  const ParsedWaiver unreadable{std::nullopt,
                                {{{}, {}, "spec.rules[0]", "\"a.b\" is no rule"},
                                 {{}, {}, "spec.expires", "is not a date and time"}}};
  const WaiverStatus status = StatusOf(unreadable, std::nullopt);
  EXPECT_EQ(status.state, WaiverState::kInvalid);
  EXPECT_EQ(
      status.message,
      "It excuses nothing:\n- spec.rules[0]: \"a.b\" is no rule\n- spec.expires: is not a date "
      "and time");
  EXPECT_EQ(status.conditions.front().reason, "Unreadable");
  EXPECT_THAT(News(nullptr, status), ElementsAre("! WaiverInvalid"));
}

}  // namespace
}  // namespace plimsoll::controllers

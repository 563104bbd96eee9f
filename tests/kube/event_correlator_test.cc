#include "kube/event_correlator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "plimsoll/kube/event_recorder.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fakes/scripted_api.h"

namespace plimsoll::kube {
namespace {

using controllers::ClusterEvent;
using nlohmann::json;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::ManualClock;
using testing::ScriptedApi;

ClusterEvent About(const std::string& name, const std::string& note = "why") {
  ClusterEvent event;
  event.reason = "PolicyNotReady";
  event.action = "Validating";
  event.note = note;
  event.api_version = "plimsoll.dev/v1alpha1";
  event.kind = "ReadinessPolicy";
  event.regarding = {"", name};
  event.uid = "uid";
  return event;
}

class EventCorrelatorTest : public ::testing::Test {
 protected:
  void Take(const ClusterEvent& event) {
    correlator_.Take(event, clock_.Monotonic(), clock_.Now());
  }
  // Writes what is due; what was written, in words.
  std::vector<std::string> Write() {
    std::vector<std::string> done;
    while (const auto write = correlator_.Next(clock_.Monotonic())) {
      const bool post = write->request.method == ApiMethod::kPost;
      const json body = json::parse(write->request.body);
      std::string words = post ? "POST" : "PATCH";
      if (post) words += " " + body["regarding"]["name"].get<std::string>();
      if (body.contains("series")) words += " ×" + body["series"]["count"].dump();
      done.push_back(words);
      const auto given_up =
          correlator_.Wrote(write->series, api_.Call(write->request), clock_.Monotonic());
      if (given_up) done.push_back("given up: " + given_up->message);
    }
    return done;
  }
  void Break(ErrorCode code, size_t times = 1, bool applied = false) {
    api_.Fail({Error{code, "broken", {}}, applied, {}, "", times});
  }
  std::vector<json> Events() const {
    std::vector<json> events;
    for (const std::string& path : api_.paths()) events.push_back(*api_.Find(path));
    return events;
  }

  ManualClock clock_;
  ScriptedApi api_;
  EventCorrelator correlator_{{"plimsoll.dev/plimsoll-controller", "pod-1"}, 5};
};

TEST_F(EventCorrelatorTest, OneEventIsWrittenOnceAndForgotten) {
  EXPECT_EQ(correlator_.due(), std::nullopt);
  Take(About("a"));
  EXPECT_EQ(correlator_.due(), clock_.Monotonic());
  EXPECT_THAT(Write(), ElementsAre("POST a"));
  EXPECT_EQ(correlator_.due(), clock_.Monotonic() + minutes(6));
  clock_.Advance(minutes(6));
  EXPECT_THAT(Write(), IsEmpty());
  EXPECT_EQ(correlator_.due(), std::nullopt);
  Take(About("a"));
  EXPECT_THAT(Write(), ElementsAre("POST a")) << "a new event, not a series";
  EXPECT_EQ(correlator_.dropped(), 0u);
}

TEST_F(EventCorrelatorTest, TheFirstRepetitionIsNewsTheOthersAreCounted) {
  Take(About("a"));
  EXPECT_THAT(Write(), ElementsAre("POST a"));
  clock_.Advance(seconds(60));
  Take(About("a"));
  EXPECT_THAT(Write(), ElementsAre("PATCH ×2"));
  for (int i = 0; i < 100; ++i) {
    clock_.Advance(seconds(1));
    Take(About("a"));
    EXPECT_THAT(Write(), IsEmpty());
  }
  clock_.Advance(minutes(6) - seconds(1));
  EXPECT_THAT(Write(), IsEmpty());
  clock_.Advance(seconds(1));
  EXPECT_THAT(Write(), ElementsAre("PATCH ×102"));
  EXPECT_EQ(correlator_.due(), std::nullopt) << "the series has ended";
  ASSERT_EQ(Events().size(), 1u);
  EXPECT_EQ(Events()[0]["series"],
            json({{"count", 102}, {"lastObservedTime", "2026-11-24T10:02:40.000000Z"}}));
  EXPECT_EQ(Events()[0]["eventTime"], "2026-11-24T10:00:00.000000Z");
}

TEST_F(EventCorrelatorTest, ALongSeriesIsRefreshedEveryHalfHour) {
  for (int minute = 0; minute <= 95; ++minute) {
    Take(About("a"));
    const std::vector<std::string> written = Write();
    switch (minute) {
      case 0:
        EXPECT_THAT(written, ElementsAre("POST a"));
        break;
      case 1:
        EXPECT_THAT(written, ElementsAre("PATCH ×2"));
        break;
      case 31:
        EXPECT_THAT(written, ElementsAre("PATCH ×32"));
        break;
      case 61:
        EXPECT_THAT(written, ElementsAre("PATCH ×62"));
        break;
      case 91:
        EXPECT_THAT(written, ElementsAre("PATCH ×92"));
        break;
      default:
        EXPECT_THAT(written, IsEmpty()) << minute;
    }
    clock_.Advance(minutes(1));
  }
}

TEST_F(EventCorrelatorTest, RepeatedBeforeItIsWritten) {
  Take(About("a"));
  Take(About("a"));
  Take(About("b"));
  Take(About("a"));
  EXPECT_THAT(Write(), ElementsAre("POST a ×3", "POST b"));
}

TEST_F(EventCorrelatorTest, WhatMakesAnEventTheSame) {
  Take(About("a"));
  const std::vector<std::function<void(ClusterEvent&)>> changes = {
      [](ClusterEvent& e) { e.type = ClusterEvent::Type::kWarning; },
      [](ClusterEvent& e) { e.reason = "x"; },
      [](ClusterEvent& e) { e.action = "x"; },
      [](ClusterEvent& e) { e.note = "x"; },
      [](ClusterEvent& e) { e.api_version = "x"; },
      [](ClusterEvent& e) { e.kind = "x"; },
      [](ClusterEvent& e) { e.regarding.namespace_name = "x"; },
      [](ClusterEvent& e) { e.regarding.name = "x"; },
      [](ClusterEvent& e) { e.uid = "x"; }};
  for (const auto& change : changes) {
    ClusterEvent event = About("a");
    change(event);
    Take(event);
  }
  EXPECT_EQ(Write().size(), 1 + changes.size());
  EXPECT_EQ(Events().size(), 1 + changes.size());
}

TEST_F(EventCorrelatorTest, ASubjectHasABurstAndThenOneInFiveMinutes) {
  for (int i = 0; i < 30; ++i) Take(About("a", std::to_string(i)));
  Take(About("b"));
  EXPECT_EQ(Write().size(), 26u) << "25 of a, and b is another";
  EXPECT_EQ(correlator_.dropped(), 5u);
  Take(About("a", "7"));
  EXPECT_THAT(Write(), ElementsAre("PATCH ×2")) << "repetitions make no new events";
  clock_.Advance(seconds(299));
  Take(About("a", "too soon"));
  EXPECT_EQ(correlator_.dropped(), 6u);
  clock_.Advance(seconds(1));
  Take(About("a", "in time"));
  EXPECT_THAT(Write(), ElementsAre("POST a"));
}

TEST_F(EventCorrelatorTest, FailuresAreTriedTwelveTimes) {
  Break(ErrorCode::kUnavailable, 100);
  Take(About("a"));
  Take(About("a"));
  for (int attempt = 1; attempt < 12; ++attempt) {
    EXPECT_THAT(Write(), ElementsAre("POST a ×2")) << attempt;
    EXPECT_EQ(correlator_.due(), clock_.Monotonic() + seconds(10)) << attempt;
    clock_.Advance(seconds(10));
  }
  EXPECT_THAT(Write(), ElementsAre("POST a ×2", "given up: broken"));
  EXPECT_EQ(correlator_.due(), std::nullopt);
  EXPECT_EQ(correlator_.dropped(), 2u);
}

TEST_F(EventCorrelatorTest, RepetitionsDoNotHurryAFailedOne) {
  Break(ErrorCode::kUnavailable);
  Take(About("a"));
  EXPECT_THAT(Write(), ElementsAre("POST a"));
  clock_.Advance(seconds(5));
  Take(About("a"));
  EXPECT_THAT(Write(), IsEmpty());
  clock_.Advance(seconds(5));
  EXPECT_THAT(Write(), ElementsAre("POST a ×2"));
}

TEST_F(EventCorrelatorTest, WhatIsRefusedIsNotTriedAgain) {
  for (const ErrorCode code :
       {ErrorCode::kForbidden, ErrorCode::kInvalidArgument, ErrorCode::kNotFound}) {
    Break(code);
    Take(About("a"));
    EXPECT_THAT(Write(), ElementsAre("POST a", "given up: broken"));
  }
  EXPECT_EQ(correlator_.dropped(), 3u);
}

TEST_F(EventCorrelatorTest, ALostAnswerMakesNoSecondEvent) {
  Break(ErrorCode::kUnavailable, 1, /*applied=*/true);
  Take(About("a"));
  EXPECT_THAT(Write(), ElementsAre("POST a"));
  Take(About("a"));
  clock_.Advance(seconds(10));
  EXPECT_THAT(Write(), ElementsAre("POST a ×2", "PATCH ×2")) << "it exists already";
  ASSERT_EQ(Events().size(), 1u);
  EXPECT_EQ(Events()[0]["series"]["count"], 2);
}

TEST_F(EventCorrelatorTest, ASeriesOutlivesItsEvent) {
  Take(About("a"));
  Take(About("a"));
  Write();
  const std::string path = api_.paths().front();
  api_.Remove(path);
  Take(About("a"));
  clock_.Advance(minutes(6));
  EXPECT_THAT(Write(), ElementsAre("PATCH ×3", "POST a ×3"));
  EXPECT_NE(api_.paths().front(), path);
  EXPECT_EQ(correlator_.dropped(), 0u);
}

TEST_F(EventCorrelatorTest, MoreSubjectsThanAreRemembered) {
  for (size_t i = 0; i < kMaxEventSeries + 10; ++i) Take(About(std::to_string(i)));
  EXPECT_EQ(correlator_.dropped(), 10u) << "nothing that waits is forgotten for what is new";
  EXPECT_EQ(Write().size(), kMaxEventSeries);
  for (size_t i = 0; i < 10; ++i) Take(About("new-" + std::to_string(i)));
  EXPECT_EQ(Write().size(), 10u) << "what is written makes room";
  EXPECT_EQ(correlator_.dropped(), 10u);
}

TEST_F(EventCorrelatorTest, TheEndWritesWhatIsCountedAndTriesNothingTwice) {
  Take(About("series"));
  Write();
  Take(About("series"));
  Write();
  Take(About("series"));
  Take(About("single"));
  Write();
  Break(ErrorCode::kUnavailable);
  Take(About("failed"));
  EXPECT_THAT(Write(), ElementsAre("POST failed"));
  correlator_.Finish();
  Break(ErrorCode::kUnavailable);
  EXPECT_THAT(Write(), ElementsAre("PATCH ×3", "given up: broken", "POST failed"));
  Take(About("late"));
  correlator_.Abandon();
  EXPECT_EQ(correlator_.dropped(), 2u);
  EXPECT_EQ(correlator_.due(), std::nullopt);
}

}  // namespace
}  // namespace plimsoll::kube

#include "links/link_schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace plimsoll::links {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

const Timestamp kNow = ParseTimestamp("2026-10-15T08:00:00Z").value();
const std::string kUrl = "https://wiki.corp.internal/rb/checkout";
const std::string kPage = "<title>Checkout</title><p>What to do when checkout does nothing.</p>";

PageAnswer Answer(int status, std::string body = "", std::string location = "") {
  PageAnswer answer;
  answer.kind = PageAnswer::Kind::kAnswered;
  answer.status = status;
  answer.body = std::move(body);
  answer.location = std::move(location);
  answer.content_type = "text/html";
  return answer;
}

PageAnswer Down() {
  PageAnswer answer;
  answer.why = "cannot be reached: timed out";
  return answer;
}

LinkTerms Terms(std::vector<std::string> hosts = {}) {
  LinkTerms terms;
  terms.hosts = std::move(hosts);
  terms.interval = hours(24);
  return terms;
}

std::string AddressOf(const LinkStep& step) {
  return (step.asked.tls ? "https://" : "http://") + step.asked.Authority() + step.asked.target;
}

class LinkScheduleTest : public testing::Test {
 protected:
  LinkScheduleTest() : schedule_({.seed = 7, .first_spread = seconds(0), .host_gap = seconds(1)}) {}

  void Want(const std::string& url = kUrl, LinkTerms terms = Terms()) {
    schedule_.SetWanted({{url, std::move(terms)}}, now_);
  }
  // The request that is due; time goes on until there is one.
  LinkStep Take() {
    std::optional<LinkStep> step = schedule_.Take(now_);
    while (!step && schedule_.NextDue()) {
      now_ = std::max(now_ + seconds(1), *schedule_.NextDue());
      step = schedule_.Take(now_);
    }
    EXPECT_TRUE(step.has_value());
    return step.value_or(LinkStep());
  }
  bool Reply(const PageAnswer& answer) { return schedule_.Done(Take(), answer, now_); }
  // A whole look at a page that is there.
  void LookAtPage() {
    for (const uint64_t before = schedule_.Counts().alive; schedule_.Counts().alive == before;) {
      const LinkStep step = Take();
      const bool probe = step.asked.target.find("plimsoll-") != std::string::npos;
      schedule_.Done(step, probe ? Answer(404) : Answer(200, kPage), now_);
    }
  }
  LinkResult Result(const std::string& url = kUrl) {
    const LinkResults results = schedule_.Results();
    const LinkResult* found = results.Find(url);
    return found == nullptr ? LinkResult() : *found;
  }

  LinkSchedule schedule_;
  Timestamp now_ = kNow;
};

TEST_F(LinkScheduleTest, APageThatIsThereIsComparedWithOneThatCannotBe) {
  Want();
  EXPECT_EQ(Result().state, LinkState::kPending);
  LinkStep step = Take();
  EXPECT_EQ(AddressOf(step), kUrl);
  EXPECT_FALSE(schedule_.Done(step, Answer(200, kPage), now_));
  step = Take();
  EXPECT_THAT(AddressOf(step), testing::StartsWith("https://wiki.corp.internal/rb/plimsoll-"));
  EXPECT_TRUE(schedule_.Done(step, Answer(404), now_));
  EXPECT_EQ(Result().state, LinkState::kAlive);
  EXPECT_EQ(Result().since, now_);
  // The next look finds it known what the host answers for nothing.
  Want("https://wiki.corp.internal/rb/ledger");
  EXPECT_TRUE(Reply(Answer(200, kPage)));
  EXPECT_EQ(Result("https://wiki.corp.internal/rb/ledger").state, LinkState::kAlive);
}

TEST_F(LinkScheduleTest, APageThatEveryAddressHasIsNone) {
  Want();
  Reply(Answer(200, "<title>Wiki</title><p>There is no page /rb/checkout here, sorry.</p>"));
  const LinkStep probe = Take();
  EXPECT_TRUE(schedule_.Done(probe,
                             Answer(200, "<title>Wiki</title><p>There is no page " +
                                             probe.asked.target + " here, sorry.</p>"),
                             now_));
  EXPECT_EQ(Result().state, LinkState::kDead);
  EXPECT_EQ(Result().problem, "is the same as for an address that does not exist");
}

TEST_F(LinkScheduleTest, AHomePageThatEverythingIsSentToIsNoRunbook) {
  Want();
  Reply(Answer(302, "", "/"));
  EXPECT_FALSE(Reply(Answer(200, kPage)));
  // The probe is made where the page was found.
  const LinkStep probe = Take();
  EXPECT_THAT(AddressOf(probe), testing::StartsWith("https://wiki.corp.internal/plimsoll-"));
  EXPECT_TRUE(schedule_.Done(probe, Answer(302, "", "/"), now_));
  EXPECT_EQ(Result().state, LinkState::kDead);
}

TEST_F(LinkScheduleTest, RedirectsAreFollowedAHopAtATimeAndNotForEver) {
  Want();
  for (int i = 0; i < kMaxRedirects; ++i) {
    EXPECT_FALSE(Reply(Answer(302, "", "/hop/" + std::to_string(i))));
  }
  const LinkStep last = Take();
  EXPECT_EQ(AddressOf(last), "https://wiki.corp.internal/hop/4");
  EXPECT_TRUE(schedule_.Done(last, Answer(302, "", "/hop/5"), now_));
  EXPECT_EQ(Result().state, LinkState::kDead);
  EXPECT_EQ(Result().problem, "is moved on more than 5 times");
}

TEST_F(LinkScheduleTest, EachHopIsHeldToTheListOfHosts) {
  Want(kUrl, Terms({"*.corp.internal"}));
  EXPECT_FALSE(Reply(Answer(302, "", "https://docs.corp.internal/rb")));
  const LinkStep step = Take();
  EXPECT_EQ(AddressOf(step), "https://docs.corp.internal/rb");
  EXPECT_TRUE(schedule_.Done(step, Answer(302, "", "https://corp.internal.evil.io/"), now_));
  EXPECT_EQ(Result().state, LinkState::kRefused);
}

TEST_F(LinkScheduleTest, TroubleIsTriedAgainSoonAndIsDeathTheThirdTime) {
  Want();
  const Timestamp first = now_;
  EXPECT_FALSE(Reply(Down()));
  EXPECT_EQ(Result().state, LinkState::kPending);
  EXPECT_FALSE(Reply(Answer(503)));
  EXPECT_GE(now_ - first, seconds(kFirstRetry) * 9 / 10);
  EXPECT_LE(now_ - first, seconds(kFirstRetry) * 11 / 10 + seconds(1));
  const Timestamp second = now_;
  EXPECT_TRUE(Reply(Down()));
  EXPECT_GE(now_ - second, seconds(kFirstRetry) * 27 / 10);
  EXPECT_EQ(Result().state, LinkState::kDead);
  EXPECT_EQ(Result().problem, "cannot be reached: timed out");
  EXPECT_EQ(schedule_.Counts().trouble, 2U);
  EXPECT_EQ(schedule_.Counts().dead, 1U);
  // Since when is not forgotten while it stays so, nor what was wrong first.
  const Timestamp since = Result().since;
  EXPECT_FALSE(Reply(Answer(404)));
  EXPECT_EQ(Result().since, since);
  EXPECT_FALSE(Reply(Answer(200, kPage)));
  EXPECT_TRUE(Reply(Answer(404)));
  EXPECT_EQ(Result().state, LinkState::kAlive);
  EXPECT_EQ(Result().since, now_);
}

TEST_F(LinkScheduleTest, ADeadHourOfALivingPageIsNoDeath) {
  Want();
  LookAtPage();
  ASSERT_EQ(Result().state, LinkState::kAlive);
  Reply(Down());
  Reply(Down());
  EXPECT_EQ(Result().state, LinkState::kAlive);
  LookAtPage();
  Reply(Down());
  Reply(Down());
  EXPECT_EQ(Result().state, LinkState::kAlive) << "three in a row, not three in all";
}

TEST_F(LinkScheduleTest, ALookIsMadeAgainAfterAboutTheInterval) {
  Want();
  for (int day = 0; day < 5; ++day) {
    const Timestamp before = now_;
    Reply(Answer(404));
    if (day == 0) continue;
    EXPECT_GE(now_ - before, hours(24) * 9 / 10);
    EXPECT_LE(now_ - before, hours(24) * 11 / 10);
  }
}

TEST_F(LinkScheduleTest, WhatIsUnchangedIsNotReadAgain) {
  Want();
  LinkStep step = Take();
  EXPECT_EQ(step.etag, "");
  PageAnswer answer = Answer(200, kPage);
  answer.etag = "\"v1\"";
  answer.last_modified = "Thu, 01 Oct 2026 08:00:00 GMT";
  schedule_.Done(step, answer, now_);
  step = Take();
  EXPECT_EQ(step.etag, "") << "the probe is of another address";
  schedule_.Done(step, Answer(404), now_);
  EXPECT_EQ(Result().last_modified, ParseTimestamp("2026-10-01T08:00:00Z"));
  step = Take();
  EXPECT_EQ(step.etag, "\"v1\"");
  EXPECT_EQ(step.last_modified, "Thu, 01 Oct 2026 08:00:00 GMT");
  schedule_.Done(step, Answer(304), now_);
  EXPECT_EQ(Result().state, LinkState::kAlive);
  EXPECT_EQ(Result().last_modified, ParseTimestamp("2026-10-01T08:00:00Z"));
  // Dead once, it has to be read.
  schedule_.Done(Take(), Answer(404), now_);
  step = Take();
  EXPECT_EQ(step.etag, "");
  EXPECT_EQ(step.last_modified, "");
}

TEST_F(LinkScheduleTest, AValidatorCannotWriteHeaders) {
  Want();
  PageAnswer answer = Answer(200, kPage);
  answer.etag = "\"x\"\r\nAuthorization: Bearer y";
  answer.last_modified = std::string(300, 'x');
  schedule_.Done(Take(), answer, now_);
  Reply(Answer(404));
  const LinkStep step = Take();
  EXPECT_EQ(step.etag, "");
  EXPECT_EQ(step.last_modified, "");
}

TEST_F(LinkScheduleTest, AFirstAnswerCannotBeUnchanged) {
  Want();
  Reply(Answer(304));
  EXPECT_EQ(Result().state, LinkState::kPending);
}

TEST_F(LinkScheduleTest, AHostIsAskedOneThingAtATimeAndNotTooFast) {
  WantedLinks wanted;
  for (const char* name : {"a", "b", "c"}) {
    wanted["https://wiki.corp.internal/" + std::string(name)] = Terms();
  }
  wanted["https://docs.corp.internal/d"] = Terms();
  schedule_.SetWanted(wanted, kNow);
  const std::optional<LinkStep> one = schedule_.Take(kNow);
  const std::optional<LinkStep> other = schedule_.Take(kNow);
  ASSERT_TRUE(one && other);
  EXPECT_NE(one->asked.host, other->asked.host);
  EXPECT_FALSE(schedule_.Take(kNow)) << "both hosts are busy";
  EXPECT_EQ(schedule_.NextDue(), std::nullopt);
  schedule_.Done(*one, Answer(404), kNow);
  schedule_.Done(*other, Answer(404), kNow);
  EXPECT_FALSE(schedule_.Take(kNow)) << "a second has not passed";
  EXPECT_EQ(schedule_.NextDue(), kNow + seconds(1));
  EXPECT_TRUE(schedule_.Take(kNow + seconds(1)));
}

TEST_F(LinkScheduleTest, AHostThatAsksForTimeGetsIt) {
  schedule_.SetWanted({{kUrl, Terms()}, {"https://wiki.corp.internal/other", Terms()}}, kNow);
  const std::optional<LinkStep> step = schedule_.Take(kNow);
  ASSERT_TRUE(step);
  PageAnswer answer = Answer(429);
  answer.retry_after = "3600";
  schedule_.Done(*step, answer, kNow);
  EXPECT_EQ(schedule_.NextDue(), kNow + hours(1)) << "also for its other pages";
}

TEST_F(LinkScheduleTest, FirstLooksAreSpread) {
  LinkSchedule schedule({.seed = 1, .first_spread = seconds(60), .host_gap = seconds(0)});
  WantedLinks wanted;
  for (int i = 0; i < 200; ++i) {
    wanted["https://h" + std::to_string(i) + ".corp.internal/"] = Terms();
  }
  schedule.SetWanted(wanted, kNow);
  std::set<Timestamp> times;
  size_t taken = 0;
  for (Timestamp at = kNow; at <= kNow + seconds(60); at += seconds(1)) {
    while (schedule.Take(at)) {
      ++taken;
      times.insert(at);
    }
  }
  EXPECT_EQ(taken, 200U);
  EXPECT_GT(times.size(), 40U);
}

TEST_F(LinkScheduleTest, WhatIsKnownSurvivesAPolicyThatIsGoneForAWhile) {
  Want();
  Reply(Answer(404));
  schedule_.SetWanted({}, now_);
  EXPECT_THAT(schedule_.Results().all(), IsEmpty());
  EXPECT_EQ(schedule_.NextDue(), std::nullopt);
  const Timestamp since = now_;
  now_ += hours(2);
  Want();
  EXPECT_EQ(Result().state, LinkState::kDead);
  EXPECT_EQ(Result().since, since);
  EXPECT_GT(*schedule_.NextDue(), now_);
  schedule_.SetWanted({}, now_);
  now_ += kUnwantedKept;
  schedule_.SetWanted({}, now_);
  Want();
  EXPECT_EQ(Result().state, LinkState::kPending) << "a day later nothing is known";
}

TEST_F(LinkScheduleTest, OtherTermsAreTriedAtOnceWhereNothingIsKnown) {
  Want(kUrl, Terms());
  PageAnswer refused;
  refused.kind = PageAnswer::Kind::kRefused;
  refused.why = "its host is at 10.20.0.1, which is a private address";
  EXPECT_TRUE(Reply(refused));
  EXPECT_EQ(Result().state, LinkState::kRefused);
  LinkTerms open = Terms();
  open.networks = {ParseIpNetwork("10.20.0.0/16").value()};
  Want(kUrl, open);
  now_ += seconds(1);
  const std::optional<LinkStep> step = schedule_.Take(now_);
  ASSERT_TRUE(step);
  EXPECT_THAT(step->networks, ElementsAre(open.networks.front()));
}

TEST_F(LinkScheduleTest, ALinkThatIsTakenAwayWhileItIsLookedAtIsLeftAlone) {
  Want();
  const LinkStep step = Take();
  schedule_.SetWanted({}, now_);
  EXPECT_FALSE(schedule_.Done(step, Answer(404), now_));
  EXPECT_EQ(schedule_.NextDue(), std::nullopt);
  Want();
  EXPECT_EQ(AddressOf(Take()), kUrl);
}

TEST_F(LinkScheduleTest, WhatWasStoppedIsDueAtOnce) {
  Want();
  PageAnswer stopped;
  stopped.kind = PageAnswer::Kind::kStopped;
  EXPECT_FALSE(Reply(stopped));
  EXPECT_EQ(schedule_.NextDue(), now_ + seconds(1));
  EXPECT_EQ(schedule_.Counts().trouble, 0U);
}

TEST_F(LinkScheduleTest, IsBounded) {
  WantedLinks wanted;
  for (size_t i = 0; i < kMaxLinks + 10; ++i) {
    wanted["https://wiki.corp.internal/" + std::to_string(i)] = Terms();
  }
  schedule_.SetWanted(wanted, kNow);
  EXPECT_EQ(schedule_.Results().all().size(), kMaxLinks);
  // Those that nobody wants any more make room.
  Want();
  EXPECT_EQ(Result().state, LinkState::kPending);
  EXPECT_EQ(schedule_.Results().all().size(), 1U);
  EXPECT_EQ(schedule_.Counts().pending_now, 1U);
}

}  // namespace
}  // namespace plimsoll::links

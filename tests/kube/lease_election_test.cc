#include "kube/lease_election.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "plimsoll/kube/resources.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fakes/scripted_api.h"

namespace plimsoll::kube {
namespace {

using nlohmann::json;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::ManualClock;
using testing::ScriptedApi;
using Act = LeaseElection::Act;

const ObjectKey kLease{"plimsoll", "leader"};
const std::string kPath = ObjectPath(kLeases, kLease);

LeaseElectionSettings Settings(const std::string& identity) {
  return {kLease, identity, seconds(15), seconds(10), seconds(2)};
}

json Lease(const std::string& holder, int duration = 15) {
  return {{"metadata", {{"name", kLease.name}, {"labels", {{"kept", "yes"}}}}},
          {"spec",
           {{"holderIdentity", holder},
            {"leaseDurationSeconds", duration},
            {"leaseTransitions", 4},
            {"acquireTime", "2026-01-01T00:00:00.123456Z"},
            {"renewTime", "2026-01-01T00:00:00.123456Z"}}}};
}

class LeaseElectionTest : public ::testing::Test {
 protected:
  // Takes steps until it is to wait; what it did, in words.
  std::vector<std::string> Turn() {
    std::vector<std::string> done;
    for (int steps = 0; steps < 20; ++steps) {
      const LeaseElection::Step step = election_.Next(clock_.Monotonic(), clock_.Now());
      switch (step.act) {
        case Act::kCall:
          done.emplace_back(Name(step.request.method));
          timeout_ = step.request.timeout;
          Answer(step);
          break;
        case Act::kStart:
          EXPECT_TRUE(leading());
          done.emplace_back("start");
          break;
        case Act::kStop:
          EXPECT_FALSE(leading()) << "work would go on";
          done.emplace_back("stop");
          break;
        case Act::kWait:
          wait_ = step.wait;
          return done;
        case Act::kEnd:
          done.emplace_back("end");
          return done;
      }
    }
    ADD_FAILURE() << "runs hot";
    return done;
  }
  void Answer(const LeaseElection::Step& step) {
    const Result<ApiResponse> answer = api_.Call(step.request);
    const std::optional<Error> trouble = election_.Answered(answer, clock_.Monotonic());
    if (trouble) troubles_.push_back(trouble->message);
  }
  static const char* Name(ApiMethod method) {
    return method == ApiMethod::kGet ? "GET" : method == ApiMethod::kPost ? "POST" : "PUT";
  }
  bool leading() const { return clock_.Monotonic() < election_.leading_until(); }
  json Spec() const { return api_.Find(kPath).value_or(json())["spec"]; }
  void ChangeLease(const std::function<void(json&)>& change) {
    json lease = api_.Find(kPath).value();
    change(lease);
    api_.Put(kPath, lease);
  }
  void Break(ErrorCode code, size_t times, bool applied = false) {
    api_.Fail({Error{code, "broken", {}}, applied, {}, "", times});
  }

  ManualClock clock_;
  ScriptedApi api_;
  LeaseElection election_{Settings("me"), 7};
  milliseconds wait_{0};
  milliseconds timeout_{0};
  std::vector<std::string> troubles_;
};

TEST_F(LeaseElectionTest, MakesTheLeaseWhereThereIsNone) {
  EXPECT_THAT(Turn(), ElementsAre("GET", "POST", "start"));
  EXPECT_EQ(wait_, seconds(2));
  EXPECT_TRUE(leading());
  EXPECT_EQ(Spec(), json::parse(R"({"holderIdentity": "me", "leaseDurationSeconds": 15,
      "leaseTransitions": 0, "acquireTime": "2026-11-24T10:00:00.000000Z",
      "renewTime": "2026-11-24T10:00:00.000000Z"})"));
  const json lease = *api_.Find(kPath);
  EXPECT_EQ(lease["apiVersion"], "coordination.k8s.io/v1");
  EXPECT_EQ(lease["kind"], "Lease");
  EXPECT_EQ(lease["metadata"]["namespace"], "plimsoll");
  EXPECT_THAT(troubles_, IsEmpty());
}

TEST_F(LeaseElectionTest, RenewsAndKeepsWhatIsNotItsOwn) {
  Turn();
  ChangeLease([](json& lease) { lease["metadata"]["labels"]["added"] = "by hand"; });
  clock_.Advance(seconds(2));
  EXPECT_THAT(Turn(), ElementsAre("PUT", "GET", "PUT")) << "a conflict is read and renewed at once";
  clock_.Advance(seconds(2));
  EXPECT_THAT(Turn(), ElementsAre("PUT"));
  EXPECT_EQ(wait_, seconds(2));
  EXPECT_EQ(Spec()["renewTime"], "2026-11-24T10:00:04.000000Z");
  EXPECT_EQ(Spec()["acquireTime"], "2026-11-24T10:00:00.000000Z");
  EXPECT_EQ(Spec()["leaseTransitions"], 0);
  EXPECT_EQ((*api_.Find(kPath))["metadata"]["labels"]["added"], "by hand");
  EXPECT_THAT(troubles_, IsEmpty());
}

TEST_F(LeaseElectionTest, TakesOverWhatHasNotChangedForItsDuration) {
  api_.Put(kPath, Lease("other"));
  EXPECT_THAT(Turn(), ElementsAre("GET"));
  EXPECT_EQ(election_.leader().identity, "other");
  clock_.Advance(milliseconds(14'999));
  EXPECT_THAT(Turn(), ElementsAre("GET"));
  clock_.Advance(milliseconds(1));
  EXPECT_THAT(Turn(), ElementsAre("GET", "PUT", "start"));
  EXPECT_EQ(Spec(), json::parse(R"({"holderIdentity": "me", "leaseDurationSeconds": 15,
      "leaseTransitions": 5, "acquireTime": "2026-11-24T10:00:15.000000Z",
      "renewTime": "2026-11-24T10:00:15.000000Z"})"));
  EXPECT_EQ((*api_.Find(kPath))["metadata"]["labels"]["kept"], "yes");
}

TEST_F(LeaseElectionTest, EveryChangeIsARenewal) {
  api_.Put(kPath, Lease("other"));
  Turn();
  for (int i = 0; i < 10; ++i) {
    clock_.Advance(seconds(14));
    ChangeLease([&](json& lease) { lease["spec"]["renewTime"] = std::to_string(i); });
    EXPECT_THAT(Turn(), ElementsAre("GET"));
  }
}

TEST_F(LeaseElectionTest, NobodyCaresWhatTimeItIs) {
  for (const char* renewed : {"1999-01-01T00:00:00.000000Z", "2199-01-01T00:00:00.000000Z", "?"}) {
    ManualClock clock;
    ScriptedApi api;
    LeaseElection election(Settings("me"), 1);
    json lease = Lease("other");
    lease["spec"]["renewTime"] = renewed;
    api.Put(kPath, lease);
    // The wall clock jumps about; 14 s of monotonic time pass, then one more.
    for (const auto& [jump, expected] :
         {std::pair(hours(0), Act::kWait), std::pair(hours(1), Act::kWait),
          std::pair(hours(-2), Act::kCall)}) {
      LeaseElection::Step step = election.Next(clock.Monotonic(), clock.Now());
      while (step.act == Act::kWait) step = election.Next(clock.Monotonic(), clock.Now());
      EXPECT_FALSE(election.Answered(api.Call(step.request), clock.Monotonic()));
      EXPECT_EQ(election.Next(clock.Monotonic(), clock.Now()).act, expected) << renewed;
      clock.JumpDate(jump);
      clock.Advance(milliseconds(7'500));
    }
  }
}

TEST_F(LeaseElectionTest, LeadsOnThroughJumpsOfTheWallClock) {
  Turn();
  for (const hours jump : {hours(1), hours(-1), hours(-1), hours(1)}) {
    clock_.JumpDate(jump);
    clock_.Advance(seconds(2));
    EXPECT_THAT(Turn(), ElementsAre("PUT"));
    EXPECT_TRUE(leading());
  }
}

TEST_F(LeaseElectionTest, AReleasedLeaseIsTakenAtOnce) {
  json lease = Lease("");
  api_.Put(kPath, lease);
  EXPECT_THAT(Turn(), ElementsAre("GET", "PUT", "start"));
  EXPECT_EQ(Spec()["leaseTransitions"], 5);
}

TEST_F(LeaseElectionTest, ALeaseWithoutASpecIsTakenAtOnce) {
  api_.Put(kPath, {{"metadata", {{"name", kLease.name}}}});
  EXPECT_THAT(Turn(), ElementsAre("GET", "PUT", "start"));
  EXPECT_EQ(Spec()["leaseTransitions"], 1);
}

TEST_F(LeaseElectionTest, TransitionsDoNotOverflow) {
  json lease = Lease("");
  lease["spec"]["leaseTransitions"] = 2'147'483'647;
  api_.Put(kPath, lease);
  Turn();
  EXPECT_EQ(Spec()["leaseTransitions"], 2'147'483'647);
}

TEST_F(LeaseElectionTest, ALongerLeaseIsRespectedUpToALimit) {
  struct Case {
    int duration;
    seconds expiry;
  };
  for (const Case& c : {Case{60, seconds(60)}, Case{1, seconds(15)}, Case{0, seconds(15)},
                        Case{-5, seconds(15)}, Case{2'000'000'000, seconds(3600)}}) {
    ManualClock clock;
    LeaseElection election(Settings("me"), 1);
    ScriptedApi api;
    api.Put(kPath, Lease("other", c.duration));
    const LeaseElection::Step step = election.Next(clock.Monotonic(), clock.Now());
    EXPECT_FALSE(election.Answered(api.Call(step.request), clock.Monotonic()));
    EXPECT_EQ(election.leader().until, clock.Monotonic() + c.expiry) << c.duration;
  }
}

TEST_F(LeaseElectionTest, WhoLosesTheRaceFollows) {
  api_.Put(kPath, Lease("other"));
  Turn();
  clock_.Advance(seconds(15));
  api_.OnCall([this](const ApiRequest& request) {
    if (request.method == ApiMethod::kPut) api_.Put(kPath, Lease("faster"));
  });
  EXPECT_THAT(Turn(), ElementsAre("GET", "PUT"));
  api_.OnCall({});
  EXPECT_FALSE(leading());
  EXPECT_THAT(troubles_, IsEmpty()) << "losing is no trouble";
  EXPECT_THAT(Turn(), ElementsAre("GET"));
  EXPECT_EQ(election_.leader().identity, "faster");
}

TEST_F(LeaseElectionTest, WhoIsSecondToCreateFollows) {
  api_.OnCall([this](const ApiRequest& request) {
    if (request.method == ApiMethod::kPost) api_.Put(kPath, Lease("faster"));
  });
  EXPECT_THAT(Turn(), ElementsAre("GET", "POST"));
  EXPECT_THAT(Turn(), ElementsAre("GET"));
  EXPECT_EQ(election_.leader().identity, "faster");
}

TEST_F(LeaseElectionTest, CandidatesSpread) {
  api_.Put(kPath, Lease("other"));
  milliseconds least = hours(1);
  milliseconds most{0};
  for (int i = 0; i < 1'000; ++i) {
    ChangeLease([&](json& lease) { lease["spec"]["renewTime"] = std::to_string(i); });
    Turn();
    least = std::min(least, wait_);
    most = std::max(most, wait_);
  }
  EXPECT_GE(least, milliseconds(2'000));
  EXPECT_LE(least, milliseconds(2'050));
  EXPECT_GE(most, milliseconds(4'350));
  EXPECT_LE(most, milliseconds(4'400));
}

TEST_F(LeaseElectionTest, LeadingEndsAtTheDeadlineAndBeginsAgain) {
  Turn();
  Break(ErrorCode::kUnavailable, 100);
  for (int i = 1; i <= 4; ++i) {
    clock_.Advance(seconds(2));
    EXPECT_THAT(Turn(), ElementsAre("PUT")) << i;
    EXPECT_TRUE(leading());
    EXPECT_EQ(wait_, seconds(2)) << i;
  }
  clock_.Advance(milliseconds(1'999));
  EXPECT_TRUE(leading());
  clock_.Advance(milliseconds(1));
  EXPECT_FALSE(leading());
  EXPECT_THAT(Turn(), ElementsAre("stop", "PUT"));
  EXPECT_EQ(troubles_.size(), 5u);
  api_.NoMoreTrouble();
  EXPECT_THAT(Turn(), ElementsAre("PUT", "start")) << "nobody else has taken it";
  EXPECT_EQ(Spec()["leaseTransitions"], 0);
}

TEST_F(LeaseElectionTest, TheWaitEndsAtTheDeadline) {
  Turn();
  clock_.Advance(milliseconds(9'500));
  Break(ErrorCode::kUnavailable, 1);
  EXPECT_THAT(Turn(), ElementsAre("PUT"));
  EXPECT_EQ(timeout_, milliseconds(500)) << "no call outlives the deadline";
  EXPECT_EQ(wait_, milliseconds(500));
}

TEST_F(LeaseElectionTest, CallsAreShorterThanTheDeadline) {
  Turn();
  EXPECT_EQ(timeout_, seconds(5));
}

TEST_F(LeaseElectionTest, LeadingCountsFromWhenTheRenewalWasSent) {
  Turn();
  clock_.Advance(seconds(2));
  api_.OnCall([this](const ApiRequest&) { clock_.Advance(seconds(4)); });
  EXPECT_THAT(Turn(), ElementsAre("PUT"));
  EXPECT_EQ(election_.leading_until(), clock_.Monotonic() + seconds(6));
}

TEST_F(LeaseElectionTest, AProcessThatWasPausedDoesNotLead) {
  Turn();
  clock_.Advance(seconds(20));
  EXPECT_FALSE(leading());
  // In the middle of a call: the answer says yes, and comes too late.
  EXPECT_THAT(Turn(), ElementsAre("stop", "PUT", "start"));
  api_.OnCall([this](const ApiRequest&) { clock_.Advance(seconds(20)); });
  clock_.Advance(seconds(2));
  const LeaseElection::Step step = election_.Next(clock_.Monotonic(), clock_.Now());
  ASSERT_EQ(step.act, Act::kCall);
  Answer(step);
  EXPECT_FALSE(leading());
  api_.OnCall({});
  EXPECT_THAT(Turn(), ElementsAre("stop", "PUT", "start"));
}

TEST_F(LeaseElectionTest, AnotherNameInTheLeaseEndsLeadingAtOnce) {
  Turn();
  clock_.Advance(seconds(2));
  api_.Put(kPath, Lease("usurper"));
  EXPECT_THAT(Turn(), ElementsAre("PUT", "GET", "stop"));
  EXPECT_EQ(election_.leader().identity, "usurper");
}

TEST_F(LeaseElectionTest, ALeaseThatIsGoneIsMadeAgainByItsLeader) {
  Turn();
  clock_.Advance(seconds(2));
  api_.Remove(kPath);
  EXPECT_THAT(Turn(), ElementsAre("PUT", "GET", "POST"));
  EXPECT_TRUE(leading());
}

TEST_F(LeaseElectionTest, AndNotByACandidateWhoKnowsOfALeader) {
  api_.Put(kPath, Lease("other"));
  Turn();
  api_.Remove(kPath);
  clock_.Advance(milliseconds(14'999));
  EXPECT_THAT(Turn(), ElementsAre("GET"));
  clock_.Advance(milliseconds(1));
  EXPECT_THAT(Turn(), ElementsAre("GET", "POST", "start"));
}

TEST_F(LeaseElectionTest, ALostAnswerIsFoundOut) {
  Break(ErrorCode::kNotFound, 1);  // GET
  Break(ErrorCode::kUnavailable, 1, /*applied=*/true);
  EXPECT_THAT(Turn(), ElementsAre("GET", "POST"));
  EXPECT_FALSE(leading()) << "as far as we know nothing was written";
  EXPECT_THAT(Turn(), ElementsAre("GET", "PUT", "start"));
}

TEST_F(LeaseElectionTest, AConflictWithOurselvesIsNoConflict) {
  Turn();
  clock_.Advance(seconds(2));
  Break(ErrorCode::kUnavailable, 1, /*applied=*/true);
  EXPECT_THAT(Turn(), ElementsAre("PUT"));
  clock_.Advance(seconds(2));
  EXPECT_THAT(Turn(), ElementsAre("PUT", "GET", "PUT"));
  EXPECT_TRUE(leading());
}

TEST_F(LeaseElectionTest, NamesWhatIsWrongAndGoesOn) {
  for (const ErrorCode code :
       {ErrorCode::kForbidden, ErrorCode::kInvalidArgument, ErrorCode::kInternal}) {
    Break(code, 1);
    EXPECT_THAT(Turn(), ElementsAre("GET"));
  }
  EXPECT_THAT(troubles_, ElementsAre("broken", "broken", "broken"));
  api_.Fail({Error{ErrorCode::kNotFound, "no such namespace", {}}, false, ApiMethod::kPost, "", 1});
  EXPECT_THAT(Turn(), ElementsAre("GET", "POST"));
  EXPECT_EQ(troubles_.back(), "no such namespace");
}

TEST_F(LeaseElectionTest, AnswersThatAreNoLease) {
  for (const char* body : {"", "[]", "{}", R"({"metadata":{"resourceVersion":5}})",
                           R"({"metadata":{"resourceVersion":"5"},"x":1e999})"}) {
    troubles_.clear();
    api_.AnswerBy(
        [body](const ApiRequest&) { return Result<ApiResponse>(ApiResponse{200, body}); });
    EXPECT_THAT(Turn(), ElementsAre("GET")) << body;
    EXPECT_THAT(troubles_, ElementsAre(HasSubstr("the API server's answer"))) << body;
  }
  // To a renewal, too: whether it counts is read, and until then it does not.
  api_.AnswerBy({});
  Turn();
  const LeaseElection::Time until = election_.leading_until();
  clock_.Advance(seconds(2));
  api_.AnswerBy([](const ApiRequest&) { return Result<ApiResponse>(ApiResponse{200, "<html>"}); });
  EXPECT_THAT(Turn(), ElementsAre("PUT"));
  EXPECT_EQ(election_.leading_until(), until);
  api_.AnswerBy({});
  EXPECT_THAT(Turn(), ElementsAre("GET", "PUT"));
}

// ---- release ----

TEST_F(LeaseElectionTest, ReleasesAfterWorkHasStopped) {
  Turn();
  clock_.Advance(seconds(1));
  election_.Release();
  EXPECT_THAT(Turn(), ElementsAre("stop", "PUT", "end"));
  EXPECT_EQ(Spec(), json::parse(R"({"holderIdentity": "", "leaseDurationSeconds": 1,
      "leaseTransitions": 0, "acquireTime": "2026-11-24T10:00:01.000000Z",
      "renewTime": "2026-11-24T10:00:01.000000Z"})"));
  EXPECT_EQ(election_.leader().identity, "");
  EXPECT_THAT(Turn(), ElementsAre("end")) << "and that is all";
}

TEST_F(LeaseElectionTest, ReleasesNothingThatIsAnothers) {
  api_.Put(kPath, Lease("other"));
  Turn();
  election_.Release();
  EXPECT_THAT(Turn(), ElementsAre("end"));

  LeaseElection fresh(Settings("fresh"), 1);
  fresh.Release();
  EXPECT_EQ(fresh.Next(clock_.Monotonic(), clock_.Now()).act, Act::kEnd);
}

TEST_F(LeaseElectionTest, AReleaseThatMeetsAConflictLooksWhoseItIs) {
  Turn();
  ChangeLease([](json& lease) { lease["metadata"]["labels"]["added"] = "by hand"; });
  election_.Release();
  EXPECT_THAT(Turn(), ElementsAre("stop", "PUT", "GET", "PUT", "end"));
  EXPECT_EQ(Spec()["holderIdentity"], "");
}

TEST_F(LeaseElectionTest, AReleaseDoesNotTouchTheNextLeader) {
  Turn();
  clock_.Advance(seconds(30));
  api_.Put(kPath, Lease("next"));
  election_.Release();
  EXPECT_THAT(Turn(), ElementsAre("stop", "PUT", "GET", "end"));
  EXPECT_EQ(Spec()["holderIdentity"], "next");
}

TEST_F(LeaseElectionTest, ALeaseThatMayBeOursIsLookedAtBeforeTheEnd) {
  api_.Put(kPath, Lease(""));
  api_.Fail({Error{ErrorCode::kUnavailable, "cut", {}}, true, ApiMethod::kPut, "", 1});
  EXPECT_THAT(Turn(), ElementsAre("GET", "PUT"));
  election_.Release();
  EXPECT_THAT(Turn(), ElementsAre("GET", "PUT", "end"));
  EXPECT_EQ(Spec()["holderIdentity"], "");
}

TEST_F(LeaseElectionTest, AReleaseThatCannotBeWrittenIsLeftToTime) {
  Turn();
  Break(ErrorCode::kUnavailable, 100);
  election_.Release();
  EXPECT_THAT(Turn(), ElementsAre("stop", "PUT", "end"));
  EXPECT_THAT(troubles_, ElementsAre("broken"));
}

TEST_F(LeaseElectionTest, ACallUnderWayIsHeardOutBeforeTheEnd) {
  api_.Put(kPath, Lease(""));
  const LeaseElection::Step read = election_.Next(clock_.Monotonic(), clock_.Now());
  Answer(read);
  const LeaseElection::Step update = election_.Next(clock_.Monotonic(), clock_.Now());
  ASSERT_EQ(update.request.method, ApiMethod::kPut);
  election_.Release();
  Answer(update);
  EXPECT_FALSE(leading()) << "it would lead without having begun";
  EXPECT_THAT(Turn(), ElementsAre("PUT", "end"));
  EXPECT_EQ(Spec()["holderIdentity"], "");
}

}  // namespace
}  // namespace plimsoll::kube

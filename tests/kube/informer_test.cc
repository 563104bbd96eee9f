// Informer: what its handler is told and what it asks the server, for every way a list or a watch can go.
#include "plimsoll/kube/informer.h"

#include <gmock/gmock.h>

#include "tests/fakes/scripted_caller.h"
#include "tests/fakes/watch_text.h"

namespace plimsoll::kube {
namespace {

using std::chrono::milliseconds;
using testing::Bookmark;
using ::testing::ElementsAre;
using testing::ErrorFrame;
using testing::Failing;
using testing::Frame;
using testing::Frames;
using testing::FramesThenHang;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ObjectText;
using testing::Page;
using testing::RecordingHandler;
using testing::RecordingInformerObserver;
using testing::ScriptedCaller;
using testing::StreamScript;
using testing::UidOf;

const std::string kA1 = Frame("ADDED", ObjectText("n/a", 1, 1));
const std::string kB2 = Frame("ADDED", ObjectText("n/b", 2, 2));
const std::string kListed = kA1 + kB2 + Bookmark(5, true);

struct Told {
  std::vector<std::string> told;
  std::vector<ApiRequest> requests;
  std::vector<RecordingInformerObserver::Failure> failures;
  int relisted = 0;
  std::vector<std::string> life;
  int absent = 0;
  bool synced = false;
  size_t objects = 0;

  std::string path(size_t i) const { return i < requests.size() ? requests[i].path : "none"; }
};

InformerOptions Quick() {
  InformerOptions options;
  options.type = kPods;
  options.backoff_first = milliseconds(0);
  options.absent_retry = std::chrono::seconds(0);
  return options;
}

// Runs the script to its end: until the request after the last script has been made.
Told Play(std::deque<StreamScript> scripts, InformerOptions options = Quick()) {
  const size_t count = scripts.size();
  ScriptedCaller caller(std::move(scripts));
  RecordingHandler handler;
  RecordingInformerObserver observer;
  options.observer = &observer;
  Told told;
  {
    const Informer informer(caller, handler, options);
    EXPECT_TRUE(caller.WaitForRequests(count + 1));
    told.synced = informer.synced();
    told.objects = informer.objects();
  }
  told.told = handler.told();
  told.requests = caller.requests();
  told.failures = observer.failures();
  told.relisted = observer.relisted();
  told.life = observer.life();
  told.absent = observer.absent();
  return told;
}

// ---- streamed lists ----

TEST(Informer, StreamsAListAndGoesOnWatching) {
  const Told told = Play({Frames({kListed, Frame("MODIFIED", ObjectText("n/a", 6, 1)), Bookmark(9),
                                  Frame("DELETED", ObjectText("n/b", 10, 2))})});
  EXPECT_THAT(told.told,
              ElementsAre("+n/a@1", "+n/b@2", "synced", "+n/a@6", "-n/b(" + UidOf(2) + ")"));
  EXPECT_THAT(told.path(0),
              ::testing::MatchesRegex("/api/v1/pods\\?watch=1&allowWatchBookmarks=true&"
                                      "timeoutSeconds=[0-9]+&sendInitialEvents=true&"
                                      "resourceVersionMatch=NotOlderThan"));
  // A clean end is no trouble: on from the last event's version.
  EXPECT_THAT(told.path(1), HasSubstr("&resourceVersion=10"));
  EXPECT_THAT(told.path(1), Not(HasSubstr("sendInitialEvents")));
  EXPECT_TRUE(told.failures.empty());
  EXPECT_TRUE(told.synced);
  EXPECT_EQ(told.objects, 1U);
}

TEST(Informer, AsksForWhatItsOptionsSay) {
  InformerOptions options = Quick();
  options.type = ResourceOf(WorkloadKind::kDeployment);
  options.namespace_name = "shop";
  options.field_selector = "metadata.name=a";
  options.label_selector = "x in (1,2)";
  options.metadata_only = true;
  options.watch_timeout = std::chrono::seconds(100);
  options.silence_grace = milliseconds(7);
  ScriptedCaller caller({Frames({Bookmark(5, true)})});
  RecordingHandler handler;
  {
    const Informer informer(caller, handler, options);
    EXPECT_TRUE(caller.WaitForRequests(2));
  }
  const ApiRequest request = caller.requests().at(0);
  EXPECT_THAT(request.path, HasSubstr("/apis/apps/v1/namespaces/shop/deployments?watch=1"));
  EXPECT_THAT(request.path, HasSubstr("&fieldSelector=metadata.name%3Da&"));
  EXPECT_THAT(request.path, HasSubstr("&labelSelector=x%20in%20%281%2C2%29"));
  EXPECT_EQ(request.accept,
            "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json");
  // The watch lasts once to twice its time, and is waited for a little longer than that.
  const size_t at = request.path.find("timeoutSeconds=") + 15;
  const int seconds = std::stoi(request.path.substr(at));
  EXPECT_GE(seconds, 100);
  EXPECT_LE(seconds, 200);
  EXPECT_EQ(caller.limits().at(0).silence, milliseconds(seconds * 1000 + 7));
  EXPECT_EQ(caller.limits().at(0).total, milliseconds(seconds * 1000 + 7));
}

TEST(Informer, TellsNothingTwiceAndFindsWhatWasDeletedMeanwhile) {
  // 410, and a new list: a is as it was, b has gone, c has come, d is another object of the same name.
  const Told told = Play({Frames({kA1, kB2, Frame("ADDED", ObjectText("n/d", 3, 3)),
                                  Bookmark(5, true), ErrorFrame(410, "Expired")}),
                          Frames({kA1, Frame("ADDED", ObjectText("n/c", 7, 7)),
                                  Frame("ADDED", ObjectText("n/d", 8, 8)), Bookmark(9, true)})});
  EXPECT_THAT(told.told,
              ElementsAre("+n/a@1", "+n/b@2", "+n/d@3", "synced", "+n/c@7",
                          "-n/d(" + UidOf(3) + ")", "+n/d@8", "-n/b(" + UidOf(2) + ")", "synced"));
  EXPECT_EQ(told.relisted, 1);
  EXPECT_EQ(told.objects, 3U);
  EXPECT_THAT(told.path(1), HasSubstr("sendInitialEvents=true"));
  EXPECT_THAT(told.path(2), HasSubstr("&resourceVersion=9"));
}

TEST(Informer, IsNotSyncedBeforeTheListIsComplete) {
  ScriptedCaller caller({FramesThenHang({kA1, Bookmark(5)})});
  RecordingHandler handler;
  const Informer informer(caller, handler, Quick());
  EXPECT_TRUE(handler.WaitFor(1));
  EXPECT_FALSE(informer.synced());
  EXPECT_THAT(handler.told(), ElementsAre("+n/a@1"));
}

TEST(Informer, BeginsAStreamedListAnewThatWasCut) {
  const Told told = Play({Frames({kA1, kB2}), Frames({kListed})});
  EXPECT_THAT(told.told, ElementsAre("+n/a@1", "+n/b@2", "synced"));
  ASSERT_EQ(told.failures.size(), 1U);
  EXPECT_EQ(told.failures[0].error.message, "pods: the streamed list ended before it was complete");
}

// ---- frames ----

TEST(Informer, PutsFramesTogetherWhereverTheyAreCut) {
  const std::string text = kListed + "\r\n" + Frame("MODIFIED", ObjectText("n/a", 6, 1));
  for (size_t size : {1U, 2U, 3U, 7U, 50U, 1000U}) {
    std::vector<std::string> pieces;
    for (size_t at = 0; at < text.size(); at += size) pieces.push_back(text.substr(at, size));
    const Told told = Play({Frames(pieces)});
    EXPECT_THAT(told.told, ElementsAre("+n/a@1", "+n/b@2", "synced", "+n/a@6")) << size;
    EXPECT_TRUE(told.failures.empty());
  }
}

std::string Padding(size_t bytes) {
  return R"(,"annotations":{"x":")" + std::string(bytes, 'x') + R"("})";
}

TEST(Informer, TakesFramesOfSeveralMegabytes) {
  const std::string large = Frame("ADDED", ObjectText("n/l", 6, 6, Padding(7U << 20U)));
  std::vector<std::string> pieces{kListed};
  for (size_t at = 0; at < large.size(); at += 16384) pieces.push_back(large.substr(at, 16384));
  EXPECT_THAT(Play({Frames(pieces)}).told, ElementsAre("+n/a@1", "+n/b@2", "synced", "+n/l@6"));
}

struct BrokenCase {
  std::string name;
  std::string frame;
  std::string expected;
};

class BrokenFrameTest : public ::testing::TestWithParam<BrokenCase> {};

// What it said is lost, so everything is listed anew.
TEST_P(BrokenFrameTest, LeadsToANewList) {
  const Told told = Play({Frames({kListed, GetParam().frame}), Frames({kA1 + Bookmark(9, true)})});
  EXPECT_THAT(told.told,
              ElementsAre("+n/a@1", "+n/b@2", "synced", "-n/b(" + UidOf(2) + ")", "synced"));
  ASSERT_EQ(told.failures.size(), 1U);
  EXPECT_THAT(told.failures[0].error.message, HasSubstr(GetParam().expected));
  EXPECT_THAT(told.path(1), HasSubstr("sendInitialEvents=true"));
}

INSTANTIATE_TEST_SUITE_P(
    All, BrokenFrameTest,
    ::testing::Values(
        BrokenCase{"too_long", Frame("ADDED", ObjectText("n/l", 6, 6, Padding(8U << 20U))),
                   "longer than 8 MiB"},
        BrokenCase{"endless", std::string(9U << 20U, 'x'), "longer than 8 MiB"},
        BrokenCase{"no_json", "{\"type\":\n", "is no JSON"},
        BrokenCase{"no_object", "7\n", "expected a frame with a type"},
        BrokenCase{"no_type", "{\"object\":{}}\n", "expected a frame with a type"},
        BrokenCase{"unknown_type", Frame("RENAMED", ObjectText("n/a", 6)),
                   "expected a frame with a type"},
        BrokenCase{"no_identity", Frame("ADDED", R"({"metadata":{"name":"a"}})"),
                   "expected an object with metadata.name, uid and resourceVersion"},
        BrokenCase{"bookmark_without_version", Frame("BOOKMARK", "{}"), "expected a bookmark"},
        BrokenCase{"too_deep", std::string(300, '[') + "\n", "is no JSON"}),
    [](const auto& test) { return test.param.name; });

TEST(Informer, GoesOnWhereAFrameWasCutOff) {
  const std::string frame = Frame("MODIFIED", ObjectText("n/a", 6, 1));
  const Told told = Play({Frames({kListed, frame.substr(0, frame.size() / 2)}), Frames({frame})});
  EXPECT_THAT(told.told, ElementsAre("+n/a@1", "+n/b@2", "synced", "+n/a@6"));
  EXPECT_THAT(told.path(1), HasSubstr("&resourceVersion=5"));
  ASSERT_EQ(told.failures.size(), 1U);
  EXPECT_EQ(told.failures[0].error.message, "pods: the watch ended inside a frame");
}

// ---- errors ----

struct ErrorCase {
  std::string name;
  StreamScript script;  // after the list
  bool listed_anew;
  int relisted;
};

class WatchErrorTest : public ::testing::TestWithParam<ErrorCase> {};

TEST_P(WatchErrorTest, IsFollowedByTheRightRequest) {
  const Told told = Play({Frames({kListed}), GetParam().script, Frames({kListed})});
  EXPECT_EQ(told.path(2).find("sendInitialEvents") != std::string::npos, GetParam().listed_anew)
      << told.path(2);
  if (!GetParam().listed_anew) {
    EXPECT_THAT(told.path(2), HasSubstr("&resourceVersion=5"));
  }
  EXPECT_EQ(told.relisted, GetParam().relisted);
  EXPECT_GE(told.failures.size(), 1U);
  EXPECT_TRUE(told.synced) << "what was known stays known";
}

INSTANTIATE_TEST_SUITE_P(
    All, WatchErrorTest,
    ::testing::Values(
        ErrorCase{"frame_410", Frames({ErrorFrame(410, "Expired")}), true, 1},
        ErrorCase{"frame_gone", Frames({ErrorFrame(0, "Gone")}), true, 1},
        ErrorCase{"answer_410", Failing(ErrorCode::kConflict, "410 Expired"), true, 1},
        ErrorCase{"frame_429", Frames({ErrorFrame(429, "TooManyRequests")}), false, 0},
        ErrorCase{"frame_500", Frames({ErrorFrame(500, "InternalError")}), false, 0},
        ErrorCase{"frame_too_large",
                  Frames({ErrorFrame(504, "Timeout",
                                     R"({"causes":[{"reason":"ResourceVersionTooLarge"}]})")}),
                  false, 0},
        ErrorCase{"connection", Failing(ErrorCode::kUnavailable, "broke"), false, 0},
        ErrorCase{"silence", Failing(ErrorCode::kUnavailable, "the peer fell silent"), false, 0},
        ErrorCase{"forbidden", Failing(ErrorCode::kForbidden, "403"), false, 0},
        ErrorCase{"refused", Failing(ErrorCode::kInvalidArgument, "400"), true, 0},
        ErrorCase{"not_found", Failing(ErrorCode::kNotFound, "404"), true, 0},
        ErrorCase{"ended_at_once", Frames({}), false, 0}),
    [](const auto& test) { return test.param.name; });

TEST(Informer, ResumesAtTheLastBookmark) {
  const Told told = Play({Frames({kListed, Bookmark(77)}), Failing(ErrorCode::kUnavailable, "x")});
  EXPECT_THAT(told.path(1), HasSubstr("&resourceVersion=77"));
  EXPECT_THAT(told.path(2), HasSubstr("&resourceVersion=77"));
}

TEST(Informer, ListsAnewAfterManyFailuresInARow) {
  std::deque<StreamScript> scripts{Frames({kListed})};
  for (int i = 0; i < 10; ++i) scripts.push_back(Failing(ErrorCode::kUnavailable, "x"));
  const Told told = Play(scripts);
  EXPECT_THAT(told.path(10), Not(HasSubstr("sendInitialEvents")));
  EXPECT_THAT(told.path(11), HasSubstr("sendInitialEvents"));
}

TEST(Informer, WaitsLongerEachTimeAndAsLongAsTheServerAsks) {
  InformerOptions options = Quick();
  options.backoff_first = milliseconds(2);
  options.backoff_max = milliseconds(8);
  std::deque<StreamScript> scripts;
  for (int i = 0; i < 5; ++i) scripts.push_back(Failing(ErrorCode::kUnavailable, "x"));
  const Told told = Play(scripts, options);
  milliseconds low(2);
  ASSERT_EQ(told.failures.size(), 5U);
  for (const auto& failure : told.failures) {
    EXPECT_GE(failure.wait, low);
    EXPECT_LE(failure.wait, 2 * low);
    low = std::min(2 * low, milliseconds(8));
  }

  // A server that is back and has forgotten is asked again soon, unless that is all it ever says.
  scripts = {Frames({kListed})};
  for (int i = 0; i < 3; ++i) scripts.push_back(Failing(ErrorCode::kUnavailable, "x"));
  for (int i = 0; i < 2; ++i) scripts.push_back(Failing(ErrorCode::kConflict, "410 Expired"));
  const Told back = Play(scripts, options);
  ASSERT_EQ(back.failures.size(), 5U);
  EXPECT_GE(back.failures[2].wait, milliseconds(8));
  EXPECT_LE(back.failures[3].wait, milliseconds(4));
  EXPECT_GE(back.failures[4].wait, milliseconds(4));

  // Nobody waits for the end of these seven seconds: stopping ends the wait.
  ScriptedCaller caller(
      {Frames({kListed, ErrorFrame(429, "TooManyRequests", R"({"retryAfterSeconds":7})")})});
  RecordingHandler handler;
  RecordingInformerObserver observer;
  options.observer = &observer;
  const Informer informer(caller, handler, options);
  EXPECT_TRUE(observer.WaitFor(1));
  EXPECT_GE(observer.failures().at(0).wait, milliseconds(7000));
  EXPECT_LE(observer.failures().at(0).wait, milliseconds(8750));
}

// ---- a resource that the server does not know ----

StreamScript Unknown() { return Failing(ErrorCode::kNotFound, "404"); }

TEST(Informer, TakesAnUnknownResourceForAnEmptyOneUntilItComes) {
  const Told told = Play({Unknown(), Unknown(), Unknown(), Frames({kListed})});
  EXPECT_THAT(told.told, ElementsAre("synced", "+n/a@1", "+n/b@2", "synced"));
  EXPECT_EQ(told.absent, 1);
  EXPECT_TRUE(told.failures.empty()) << "it is no trouble, and is said once";
}

TEST(Informer, IsSyncedWhileTheResourceIsUnknown) {
  const Told told = Play({Unknown()});
  EXPECT_TRUE(told.synced);
  EXPECT_EQ(told.objects, 0U);
}

// Its watch is no watch that has gone silent: somebody is alerted to those.
TEST(Informer, HearsThatAResourceIsStillUnknown) {
  const Told told = Play({Unknown(), Unknown(), Unknown()});
  EXPECT_THAT(told.life, ElementsAre("began", "heard", "heard", "heard", "ended"));
}

TEST(Informer, LooksSeldomForAnUnknownResource) {
  InformerOptions options = Quick();
  options.absent_retry = std::chrono::hours(1);
  ScriptedCaller caller({Unknown()});
  RecordingHandler handler;
  const Informer informer(caller, handler, options);
  EXPECT_TRUE(handler.WaitFor(1));
  EXPECT_EQ(caller.requests().size(), 1U);
}

TEST(Informer, BelievesThatAResourceHasGoneWhenItIsSaidAgain) {
  // The watch, and two lists: not yet (after two lists that could not be streamed, a page is asked for). A third list: it
  // has gone with all that was in it.
  const std::string page = Page({ObjectText("n/a", 1, 1), ObjectText("n/b", 2, 2)}, 5);
  const Told kept = Play({Frames({kListed}), Unknown(), Unknown(), Unknown(), Frames({page})});
  EXPECT_THAT(kept.told, ElementsAre("+n/a@1", "+n/b@2", "synced", "synced"));
  EXPECT_EQ(kept.absent, 0);
  const Told gone =
      Play({Frames({kA1, Bookmark(5, true)}), Unknown(), Unknown(), Unknown(), Unknown()});
  EXPECT_THAT(gone.told, ElementsAre("+n/a@1", "synced", "-n/a(" + UidOf(1) + ")", "synced"));
  EXPECT_EQ(gone.absent, 1);
  EXPECT_EQ(gone.objects, 0U);
}

// ---- lists by pages ----

TEST(Informer, ListsByPagesWhereStreamingIsRefused) {
  const Told told =
      Play({Failing(ErrorCode::kInvalidArgument, "422 sendInitialEvents is forbidden"),
            Frames({Page({ObjectText("n/a", 1, 1)}, 9, "t=1")}),
            Frames({Page({ObjectText("n/b", 2, 2)}, 9)}), Frames({ErrorFrame(410, "Expired")}),
            Frames({Page({ObjectText("n/a", 1, 1)}, 12)})});
  EXPECT_THAT(told.told,
              ElementsAre("+n/a@1", "+n/b@2", "synced", "-n/b(" + UidOf(2) + ")", "synced"));
  EXPECT_EQ(told.path(1), "/api/v1/pods?limit=500");
  EXPECT_EQ(told.path(2), "/api/v1/pods?limit=500&continue=t%3D1");
  EXPECT_THAT(told.path(3), HasSubstr("&resourceVersion=9"));
  EXPECT_EQ(told.path(4), "/api/v1/pods?limit=500") << "it is not asked to stream again";
  EXPECT_THAT(told.path(5), HasSubstr("&resourceVersion=12"));
  EXPECT_EQ(told.failures.size(), 1U) << "a refusal to stream is no failure";
}

TEST(Informer, ListsByPagesOnceWhereStreamingKeepsFailing) {
  const Told told =
      Play({Frames({kA1}), Failing(ErrorCode::kUnavailable, "x"),
            Frames({Page({ObjectText("n/a", 1, 1)}, 9)}), Frames({ErrorFrame(410, "Expired")})});
  EXPECT_EQ(told.path(2), "/api/v1/pods?limit=500");
  EXPECT_THAT(told.path(4), HasSubstr("sendInitialEvents"));
}

InformerOptions ByPages() {
  InformerOptions options = Quick();
  options.streaming_list = false;
  options.page_size = 20;
  return options;
}

TEST(Informer, BeginsAListAnewWhosePagesExpire) {
  const Told told = Play(
      {Frames({Page({ObjectText("n/a", 1, 1)}, 9, "t")}),
       Failing(ErrorCode::kConflict, "410 Expired"), Frames({Page({ObjectText("n/b", 2, 2)}, 12)})},
      ByPages());
  EXPECT_THAT(told.told, ElementsAre("+n/a@1", "+n/b@2", "-n/a(" + UidOf(1) + ")", "synced"));
  EXPECT_EQ(told.path(2), "/api/v1/pods?limit=20");
  EXPECT_EQ(told.relisted, 1);
}

TEST(Informer, AsksForSmallerPagesWhereOneIsTooLarge) {
  const Told told = Play(
      {Failing(ErrorCode::kLimitExceeded, "large"), Failing(ErrorCode::kLimitExceeded, "large"),
       Frames({Page({ObjectText("n/a", 1, 1)}, 9)})},
      ByPages());
  EXPECT_EQ(told.path(1), "/api/v1/pods?limit=2");
  EXPECT_EQ(told.path(2), "/api/v1/pods?limit=1");
  EXPECT_THAT(told.told, ElementsAre("+n/a@1", "synced"));
}

TEST(Informer, TakesAnEmptyListForWhatItIs) {
  for (const char* page : {R"({"metadata":{"resourceVersion":"9"},"items":[]})",
                           R"({"metadata":{"resourceVersion":"9"},"items":null})",
                           R"({"metadata":{"resourceVersion":"9"}})"}) {
    EXPECT_THAT(Play({Frames({page})}, ByPages()).told, ElementsAre("synced")) << page;
  }
}

TEST(Informer, DoesNotTakeOtherThingsForLists) {
  for (const std::string& page :
       {std::string("<html>"), std::string("{}"), std::string(R"({"metadata":{},"items":[]})"),
        std::string(R"({"metadata":{"resourceVersion":"9"},"items":{}})"),
        std::string(R"({"metadata":{"resourceVersion":"9"},"items":[{}]})"), std::string()}) {
    const Told told = Play({Frames({page})}, ByPages());
    EXPECT_TRUE(told.told.empty()) << page;
    EXPECT_FALSE(told.synced);
    EXPECT_EQ(told.failures.size(), 1U) << page;
  }
}

TEST(Informer, DoesNotTurnPagesInACircle) {
  const std::string page = Page({ObjectText("n/a", 1, 1)}, 9, "t");
  const Told told = Play({Frames({page}), Frames({page})}, ByPages());
  ASSERT_EQ(told.failures.size(), 1U);
  EXPECT_THAT(told.failures[0].error.message, HasSubstr("the list has no end"));
}

// ---- the rest ----

TEST(Informer, SaysWhenItLastHeard) {
  const auto before = std::chrono::steady_clock::now();
  ScriptedCaller caller({FramesThenHang({kListed})});
  RecordingHandler handler;
  const Informer informer(caller, handler, Quick());
  EXPECT_EQ(informer.type(), kPods);
  EXPECT_TRUE(handler.WaitFor(3));
  EXPECT_GE(informer.last_heard(), before);
  EXPECT_LE(informer.last_heard(), std::chrono::steady_clock::now());
}

// Said once, taken back when it succeeds; both ways of listing are tried.
TEST(Informer, SaysThatItMayNotList) {
  const auto refused = [] { return Failing(ErrorCode::kForbidden, "403 Forbidden"); };
  ScriptedCaller caller({refused(), refused(), refused(), refused(), FramesThenHang({kListed})});
  RecordingHandler handler;
  const Informer informer(caller, handler, Quick());
  ASSERT_TRUE(handler.WaitFor(1));
  EXPECT_FALSE(informer.synced() && informer.refused());
  ASSERT_TRUE(handler.WaitFor(4));
  EXPECT_THAT(handler.told(), ElementsAre("refused", "+n/a@1", "+n/b@2", "synced"));
  EXPECT_FALSE(informer.refused());
  EXPECT_TRUE(informer.synced());
}

// What it knows is old then, and better than nothing.
TEST(Informer, AWatchThatIsRefusedLeavesWhatIsKnown) {
  ScriptedCaller caller({Frames({kListed}), Failing(ErrorCode::kForbidden, "403")});
  RecordingHandler handler;
  const Informer informer(caller, handler, Quick());
  EXPECT_TRUE(caller.WaitForRequests(3));
  EXPECT_TRUE(informer.synced());
  EXPECT_FALSE(informer.refused());
  EXPECT_EQ(informer.objects(), 2U);
}

TEST(Informer, TellsItsObserverOfItsLifeAndOfEachWord) {
  const Told told = Play({Frames({kA1 + Bookmark(5, true), Bookmark(9)})});
  EXPECT_THAT(told.life, ElementsAre("began", "heard", "heard", "heard", "heard", "ended"))
      << "an object, the end of the list (which is a bookmark and an end), a bookmark";
}

TEST(Informer, StopsWhereverItIs) {
  InformerOptions options = Quick();
  options.backoff_first = std::chrono::hours(1);
  for (const bool waiting : {false, true}) {
    ScriptedCaller caller({waiting ? Failing(ErrorCode::kUnavailable, "x") : FramesThenHang({})});
    RecordingHandler handler;
    RecordingInformerObserver observer;
    options.observer = &observer;
    const Informer informer(caller, handler, options);
    EXPECT_TRUE(waiting ? observer.WaitFor(1) : caller.WaitForRequests(1));
  }
}

}  // namespace
}  // namespace plimsoll::kube

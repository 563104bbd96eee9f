#include "plimsoll/kube/event_recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "tests/fakes/manual_clock.h"
#include "tests/fakes/scripted_api.h"

namespace plimsoll::kube {
namespace {

using controllers::ClusterEvent;
using nlohmann::json;
using testing::ManualClock;
using testing::ScriptedApi;

ClusterEvent About(const std::string& name) {
  ClusterEvent event;
  event.reason = "PolicyNotReady";
  event.action = "Validating";
  event.note = "why";
  event.api_version = "v1";
  event.kind = "Namespace";
  event.regarding = {"", name};
  return event;
}

class EventRecorderTest : public ::testing::Test {
 protected:
  EventRecorderOptions Options() {
    EventRecorderOptions options;
    options.reporting_instance = "pod-1";
    options.clock = &clock_;
    options.now = clock_.monotonic();
    return options;
  }

  ManualClock clock_;
  ScriptedApi api_;
};

TEST_F(EventRecorderTest, WritesWhatIsEmitted) {
  EventRecorder recorder(api_, Options());
  recorder.Emit(About("a"));
  ASSERT_TRUE(api_.WaitForCalls(1));
  const ApiRequest request = api_.calls().front();
  EXPECT_EQ(request.path, "/apis/events.k8s.io/v1/namespaces/default/events");
  const json event = json::parse(request.body);
  EXPECT_EQ(event["reportingController"], "plimsoll.dev/plimsoll-controller");
  EXPECT_EQ(event["reportingInstance"], "pod-1");
  EXPECT_EQ(event["eventTime"], "2026-11-24T10:00:00.000000Z");
  recorder.Emit(About("a"));
  ASSERT_TRUE(api_.WaitForCalls(2));
  EXPECT_EQ(api_.calls()[1].method, ApiMethod::kPatch);
  EXPECT_EQ(recorder.dropped(), 0u);
}

TEST_F(EventRecorderTest, EmitNeverWaits) {
  auto recorder = std::make_unique<EventRecorder>(api_, Options());
  api_.Hold();
  recorder->Emit(About("first"));
  ASSERT_TRUE(api_.WaitForCalls(1)) << "the recorder's thread hangs in this call";
  for (size_t i = 0; i < kMaxQueuedEvents + 7; ++i) recorder->Emit(About(std::to_string(i)));
  EXPECT_EQ(recorder->dropped(), 7u);
  api_.LetGo();
  ASSERT_TRUE(api_.WaitForCalls(1 + kMaxQueuedEvents));
  recorder.reset();
  EXPECT_EQ(api_.paths().size(), 1 + kMaxQueuedEvents);
}

TEST_F(EventRecorderTest, TheEndWritesWhatWaits) {
  {
    EventRecorder recorder(api_, Options());
    api_.Hold();
    recorder.Emit(About("a"));
    ASSERT_TRUE(api_.WaitForCalls(1));
    for (const char* name : {"b", "c", "b"}) recorder.Emit(About(name));
    api_.LetGo();
  }
  EXPECT_EQ(api_.paths().size(), 3u);
}

TEST_F(EventRecorderTest, WhatIsGivenUpIsTold) {
  std::vector<std::string> told;
  EventRecorderOptions options = Options();
  options.failed = [&](const Error& error) { told.push_back(error.message); };
  api_.Fail({Error{ErrorCode::kForbidden, "may not create events", {}}, false, {}, "", 1});
  {
    EventRecorder recorder(api_, options);
    recorder.Emit(About("a"));
    ASSERT_TRUE(api_.WaitForCalls(1));
  }
  EXPECT_THAT(told, ::testing::ElementsAre("may not create events"));
}

TEST_F(EventRecorderTest, NothingIsLostAmongThreads) {
  constexpr int kThreads = 4;
  constexpr int kEach = 50;
  {
    EventRecorder recorder(api_, Options());
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = 0; i < kEach; ++i) {
          recorder.Emit(About(std::to_string(thread) + "-" + std::to_string(i % 10)));
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(recorder.dropped(), 0u);
  }
  int64_t seen = 0;
  for (const std::string& path : api_.paths()) {
    const json event = *api_.Find(path);
    seen += event.contains("series") ? event["series"]["count"].get<int64_t>() : 1;
  }
  EXPECT_EQ(api_.paths().size(), kThreads * 10u);
  EXPECT_EQ(seen, kThreads * kEach);
}

}  // namespace
}  // namespace plimsoll::kube

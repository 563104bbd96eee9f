// FactResolver: one look-up at a time, none twice, none too many, none after Stop.
#include "fact_resolver.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>

namespace plimsoll::controller {
namespace {

// Keeps the resolver's thread busy until it is let go of.
class Busy {
 public:
  explicit Busy(FactResolver& resolver) {
    EXPECT_TRUE(resolver.Ask("busy", [this] {
      begun_.set_value();
      go_on_.get_future().wait();
    }));
    begun_.get_future().wait();
  }
  ~Busy() { LetGo(); }
  void LetGo() {
    if (!std::exchange(let_go_, true)) go_on_.set_value();
  }

 private:
  std::promise<void> begun_;
  std::promise<void> go_on_;
  bool let_go_ = false;
};

// Until everything that was asked before has been looked up.
void WaitForAll(FactResolver& resolver) {
  std::promise<void> done;
  ASSERT_TRUE(resolver.Ask("last", [&] { done.set_value(); }));
  done.get_future().wait();
}

TEST(FactResolver, LooksUpWhatIsAskedInItsOrder) {
  FactResolver resolver;
  std::string order;
  EXPECT_TRUE(resolver.Ask("a", [&] { order += "a"; }));
  EXPECT_TRUE(resolver.Ask("b", [&] { order += "b"; }));
  WaitForAll(resolver);
  EXPECT_EQ(order, "ab");
}

TEST(FactResolver, WhatIsBeingLookedUpOrWaitsIsNotAskedTwice) {
  FactResolver resolver;
  std::atomic<int> looked_up{0};
  Busy busy(resolver);
  EXPECT_TRUE(resolver.Ask("busy", [&] { ++looked_up; })) << "it is under way";
  EXPECT_TRUE(resolver.Ask("a", [&] { ++looked_up; }));
  EXPECT_TRUE(resolver.Ask("a", [&] { ++looked_up; }));
  busy.LetGo();
  WaitForAll(resolver);
  EXPECT_EQ(looked_up, 1);
  // Once it is over it may be asked again.
  EXPECT_TRUE(resolver.Ask("a", [&] { ++looked_up; }));
  std::promise<void> done;
  EXPECT_TRUE(resolver.Ask("end", [&] { done.set_value(); }));
  done.get_future().wait();
  EXPECT_EQ(looked_up, 2);
}

TEST(FactResolver, AFloodIsTurnedAwayAndHoldsNobodyUpLater) {
  FactResolver resolver;
  Busy busy(resolver);
  std::atomic<size_t> looked_up{0};
  for (size_t i = 0; i < kMaxUnresolvedFacts; ++i) {
    EXPECT_TRUE(resolver.Ask(std::to_string(i), [&] { ++looked_up; }));
  }
  EXPECT_FALSE(resolver.Ask("one too many", [&] { ++looked_up; }));
  EXPECT_TRUE(resolver.Ask("0", [&] { ++looked_up; })) << "it waits already";
  std::promise<void> all;
  busy.LetGo();
  while (!resolver.Ask("end", [&] { all.set_value(); })) std::this_thread::yield();
  all.get_future().wait();
  EXPECT_EQ(looked_up, kMaxUnresolvedFacts);
}

TEST(FactResolver, StopWaitsForWhatIsUnderWayAndDropsTheRest) {
  FactResolver resolver;
  Busy busy(resolver);
  bool dropped = true;
  EXPECT_TRUE(resolver.Ask("a", [&] { dropped = false; }));
  std::future<void> stopped = std::async(std::launch::async, [&] { resolver.Stop(); });
  EXPECT_EQ(stopped.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  busy.LetGo();
  stopped.wait();
  EXPECT_TRUE(dropped);
  EXPECT_FALSE(resolver.Ask("b", [&] { dropped = false; }));
  resolver.Stop();
  EXPECT_TRUE(dropped);
}

}  // namespace
}  // namespace plimsoll::controller

// Loop: passes when woken, and none after Stop.
#include "loop.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <semaphore>

namespace plimsoll::controller {
namespace {

constexpr std::chrono::milliseconds kNever = std::chrono::hours(1);

TEST(Loop, PassesAtOnceWhenWokenAndWhenTheLastPassSaid) {
  std::counting_semaphore<> passed(0);
  std::atomic<int> count{0};
  std::atomic<bool> woken{false};
  Loop loop([&](bool by_wake) {
    woken = by_wake;
    passed.release();
    return ++count == 1 ? kNever : count == 2 ? std::chrono::milliseconds(1) : kNever;
  });
  passed.acquire();
  EXPECT_FALSE(woken);
  loop.Wake();
  passed.acquire();  // by Wake
  passed.acquire();  // a millisecond later
  EXPECT_FALSE(woken);
  loop.Stop();
  EXPECT_EQ(count, 3);
}

TEST(Loop, StopWaitsForThePassThatIsBeingMadeAndNoneFollows) {
  std::promise<void> begun;
  std::promise<void> go_on;
  std::atomic<int> ended{0};
  Loop loop([&](bool) {
    begun.set_value();
    go_on.get_future().wait();
    ++ended;
    return std::chrono::milliseconds(0);
  });
  begun.get_future().wait();
  loop.Wake();
  std::future<void> stopped = std::async(std::launch::async, [&] { loop.Stop(); });
  EXPECT_EQ(stopped.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  go_on.set_value();
  stopped.wait();
  EXPECT_EQ(ended, 1);
  loop.Wake();
  loop.Stop();
  EXPECT_EQ(ended, 1);
}

}  // namespace
}  // namespace plimsoll::controller

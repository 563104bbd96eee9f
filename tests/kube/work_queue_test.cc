#include "plimsoll/kube/work_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include "tests/fakes/manual_clock.h"

namespace plimsoll::kube {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using testing::ManualClock;

constexpr milliseconds kAtOnce{0};
// As long as a broken queue makes a test take.
constexpr milliseconds kPatience = std::chrono::minutes(2);

WorkQueueOptions Options(const ManualClock& clock) {
  WorkQueueOptions options;
  options.now = clock.monotonic();
  return options;
}

std::vector<std::string> TakeAll(WorkQueue& queue) {
  std::vector<std::string> keys;
  while (std::optional<std::string> key = queue.Get(kAtOnce)) {
    keys.push_back(*key);
    queue.Done(*key);
  }
  return keys;
}

TEST(WorkQueueTest, FirstComeFirstServedAndOnce) {
  WorkQueue queue;
  for (const char* key : {"a", "b", "a", "c", "b"}) queue.Add(key);
  EXPECT_EQ(queue.size(), 3u);
  EXPECT_THAT(TakeAll(queue), ElementsAre("a", "b", "c"));
  EXPECT_EQ(queue.Get(kAtOnce), std::nullopt);
}

TEST(WorkQueueTest, WhatChangesWhileItIsWorkedOnWaitsAgainOnce) {
  WorkQueue queue;
  queue.Add("a");
  ASSERT_EQ(queue.Get(kAtOnce), "a");
  queue.Add("a");
  queue.Add("a");
  EXPECT_EQ(queue.Get(kAtOnce), std::nullopt) << "two workers would have the same key";
  queue.Done("a");
  EXPECT_THAT(TakeAll(queue), ElementsAre("a"));
}

TEST(WorkQueueTest, DoneWithoutGetIsNothing) {
  WorkQueue queue;
  queue.Add("a");
  queue.Done("a");
  queue.Done("b");
  EXPECT_THAT(TakeAll(queue), ElementsAre("a"));
}

TEST(WorkQueueTest, LaterMeansThenAndTheSoonestCounts) {
  ManualClock clock;
  WorkQueue queue(Options(clock));
  queue.AddAfter("late", seconds(10));
  queue.AddAfter("late", seconds(5));   // sooner: counts
  queue.AddAfter("late", seconds(20));  // later: does not
  queue.AddAfter("soon", seconds(3));
  queue.AddAfter("now", seconds(-1));
  EXPECT_THAT(TakeAll(queue), ElementsAre("now"));
  clock.Advance(milliseconds(4'999));
  EXPECT_THAT(TakeAll(queue), ElementsAre("soon"));
  clock.Advance(milliseconds(1));
  EXPECT_EQ(queue.size(), 1u);
  queue.Add("last");
  EXPECT_THAT(TakeAll(queue), ElementsAre("late", "last"));
  clock.Advance(seconds(60));
  EXPECT_THAT(TakeAll(queue), ElementsAre());
}

TEST(WorkQueueTest, AddedMeanwhileItWaitsOnce) {
  ManualClock clock;
  WorkQueue queue(Options(clock));
  queue.AddAfter("a", seconds(1));
  queue.Add("a");
  clock.Advance(seconds(1));
  EXPECT_THAT(TakeAll(queue), ElementsAre("a"));
}

TEST(WorkQueueTest, DelaysBeyondAllReasonAreNoOverflow) {
  ManualClock clock;
  WorkQueue queue(Options(clock));
  queue.AddAfter("a", milliseconds::max());
  clock.Advance(std::chrono::hours(24 * 364));
  EXPECT_EQ(queue.Get(kAtOnce), std::nullopt);
  clock.Advance(std::chrono::hours(24));
  EXPECT_EQ(queue.Get(milliseconds::max()), "a");
}

// How long after a failure the key is back, by looking every millisecond of the clock.
milliseconds Delay(WorkQueue& queue, ManualClock& clock, const std::string& key) {
  queue.AddRateLimited(key);
  for (milliseconds waited{0}; waited < seconds(5'000); ++waited) {
    if (std::optional<std::string> got = queue.Get(kAtOnce)) {
      EXPECT_EQ(*got, key);
      queue.Done(*got);
      return waited;
    }
    clock.Advance(milliseconds(1));
  }
  return milliseconds::max();
}

TEST(WorkQueueTest, EachFailureWaitsTwiceAsLongAsTheLast) {
  ManualClock clock;
  WorkQueue queue(Options(clock));
  int expected = 5;
  for (int failure = 0; failure < 12; ++failure, expected *= 2) {
    EXPECT_EQ(Delay(queue, clock, "a"), milliseconds(expected)) << failure;
  }
  EXPECT_EQ(Delay(queue, clock, "b"), milliseconds(5)) << "another key's failures are its own";
  queue.Forget("a");
  EXPECT_EQ(Delay(queue, clock, "a"), milliseconds(5));
}

TEST(WorkQueueTest, AKeyThatFailsForYearsIsStillTried) {
  ManualClock clock;
  WorkQueueOptions options = Options(clock);
  options.max_delay = milliseconds(37);
  WorkQueue queue(options);
  for (int failure = 0; failure < 200; ++failure) {
    const milliseconds delay = Delay(queue, clock, "a");
    if (failure > 3) {
      ASSERT_EQ(delay, milliseconds(37)) << failure;
    }
    clock.Advance(seconds(1));
  }
}

TEST(WorkQueueTest, ABurstOfRetriesThenSoManyASecond) {
  ManualClock clock;
  WorkQueueOptions options = Options(clock);
  options.per_second = 4;
  options.burst = 3;
  WorkQueue queue(options);
  for (int i = 0; i < 8; ++i) queue.AddRateLimited(std::to_string(i));
  clock.Advance(milliseconds(5));
  EXPECT_THAT(TakeAll(queue), ElementsAre("0", "1", "2"));
  clock.Advance(milliseconds(244));
  EXPECT_THAT(TakeAll(queue), ElementsAre());
  clock.Advance(milliseconds(1));
  EXPECT_THAT(TakeAll(queue), ElementsAre("3"));
  clock.Advance(seconds(1));
  EXPECT_THAT(TakeAll(queue), ElementsAre("4", "5", "6", "7"));
}

TEST(WorkQueueTest, ARateOfNoneIsForEver) {
  ManualClock clock;
  WorkQueueOptions options = Options(clock);
  options.per_second = 0;
  options.burst = 1;
  WorkQueue queue(options);
  queue.AddRateLimited("first");
  queue.AddRateLimited("never");
  clock.Advance(std::chrono::hours(24 * 300));
  EXPECT_THAT(TakeAll(queue), ElementsAre("first"));
}

TEST(WorkQueueTest, ShutDownEndsEverything) {
  ManualClock clock;
  WorkQueue queue(Options(clock));
  queue.Add("a");
  queue.Add("b");
  queue.AddAfter("c", seconds(1));
  ASSERT_EQ(queue.Get(kAtOnce), "a");
  queue.ShutDown();
  EXPECT_EQ(queue.Get(kPatience), std::nullopt);
  queue.Add("d");
  queue.AddAfter("e", seconds(1));
  queue.AddRateLimited("f");
  queue.Done("a");
  clock.Advance(seconds(10));
  EXPECT_EQ(queue.Get(kPatience), std::nullopt);
}

TEST(WorkQueueTest, ShutDownWakesThoseWhoWait) {
  WorkQueue queue;
  std::atomic<int> returned = 0;
  std::vector<std::thread> workers;
  for (int i = 0; i < 4; ++i) {
    workers.emplace_back([&] {
      if (!queue.Get(kPatience)) ++returned;
    });
  }
  queue.ShutDown();
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(returned, 4);
}

// One who waits must not sleep on while another, who was woken for a delayed key, has gone to work on something else.
TEST(WorkQueueTest, SomebodyAlwaysWatchesOverDelayedKeys) {
  for (int round = 0; round < 50; ++round) {
    WorkQueue queue;
    std::atomic<bool> release = false;
    std::vector<std::thread> workers;
    for (int i = 0; i < 2; ++i) {
      workers.emplace_back([&] {
        const std::optional<std::string> key = queue.Get(kPatience);
        // The one who has "busy" is busy until the other has had "delayed".
        while (key == "busy" && !release) std::this_thread::yield();
        if (key == "delayed") release = true;
      });
    }
    queue.AddAfter("delayed", milliseconds(2));
    queue.Add("busy");
    for (std::thread& worker : workers) worker.join();
    EXPECT_TRUE(release);
  }
}

// The queue against the plainest description of itself, over random histories.
class Model {
 public:
  void Add(const std::string& key) {
    if (std::find(waiting_.begin(), waiting_.end(), key) != waiting_.end()) return;
    if (working_.contains(key)) {
      working_[key] = true;
    } else {
      waiting_.push_back(key);
    }
  }
  void AddAt(const std::string& key, int64_t at) {
    for (auto& [due, name] : delayed_) {
      if (name != key) continue;
      if (at >= due) return;
      std::erase(delayed_, std::pair(due, name));
      break;
    }
    delayed_.emplace_back(at, key);
    std::stable_sort(delayed_.begin(), delayed_.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
  }
  void Turn(int64_t now) {
    while (!delayed_.empty() && delayed_.front().first <= now) {
      Add(delayed_.front().second);
      delayed_.erase(delayed_.begin());
    }
  }
  std::optional<std::string> Get() {
    if (waiting_.empty()) return std::nullopt;
    std::string key = waiting_.front();
    waiting_.erase(waiting_.begin());
    working_[key] = false;
    return key;
  }
  void Done(const std::string& key) {
    const auto found = working_.find(key);
    if (found == working_.end()) return;
    const bool again = found->second;
    working_.erase(found);
    if (again) waiting_.push_back(key);
  }
  size_t size() const { return waiting_.size(); }

 private:
  std::vector<std::string> waiting_;
  std::map<std::string, bool> working_;  // and whether it is to be worked on again
  std::vector<std::pair<int64_t, std::string>> delayed_;
};

TEST(WorkQueueTest, AgreesWithItsModel) {
  for (uint32_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto below = [&](int n) { return static_cast<int>(random() % static_cast<uint32_t>(n)); };
    ManualClock clock;
    WorkQueue queue(Options(clock));
    Model model;
    int64_t now = 0;
    for (int step = 0; step < 300; ++step) {
      const std::string key(1, static_cast<char>('a' + below(5)));
      switch (below(5)) {
        case 0:
          queue.Add(key);
          model.Add(key);
          break;
        case 1: {
          const int delay = 1 + below(20);
          queue.AddAfter(key, milliseconds(delay));
          model.AddAt(key, now + delay);
          break;
        }
        case 2:
          ASSERT_EQ(queue.Get(kAtOnce), model.Get()) << step;
          break;
        case 3:
          queue.Done(key);
          model.Done(key);
          break;
        default: {
          const int passed = below(10);
          clock.Advance(milliseconds(passed));
          now += passed;
          // Only looking adds what has fallen due.
          model.Turn(now);
          break;
        }
      }
      ASSERT_EQ(queue.size(), model.size()) << step;
    }
  }
}

// Several threads add and several work, some of it fails: nobody has a key that another has, and the last state of every
// key is worked on.
TEST(WorkQueueTest, NoChangeIsLostAmongThreads) {
  constexpr size_t kKeys = 7;
  constexpr int kChangesEach = 400;
  for (uint32_t seed = 0; seed < 5; ++seed) {
    SCOPED_TRACE(seed);
    WorkQueueOptions options;
    options.first_delay = milliseconds(1);
    options.max_delay = milliseconds(4);
    options.per_second = 1e6;
    WorkQueue queue(options);
    std::array<std::atomic<int>, kKeys> changed{};
    std::array<std::atomic<int>, kKeys> seen{};
    std::array<std::atomic<bool>, kKeys> held{};
    std::atomic<int> collisions = 0;

    std::vector<std::thread> workers;
    for (uint32_t worker = 0; worker < 3; ++worker) {
      workers.emplace_back([&, worker] {
        std::mt19937 random(seed * 10 + worker);
        while (const std::optional<std::string> key = queue.Get(kPatience)) {
          const auto index = static_cast<size_t>(std::stoi(*key));
          if (held[index].exchange(true)) ++collisions;
          const int state = changed[index];
          if (random() % 4 == 0) {
            queue.AddRateLimited(*key);
          } else {
            seen[index] = state;
            queue.Forget(*key);
          }
          held[index] = false;
          queue.Done(*key);
        }
      });
    }
    std::vector<std::thread> producers;
    for (uint32_t producer = 0; producer < 3; ++producer) {
      producers.emplace_back([&, producer] {
        std::mt19937 random(1'000 + seed * 10 + producer);
        for (int i = 0; i < kChangesEach; ++i) {
          const size_t index = random() % kKeys;
          ++changed[index];
          if (random() % 3 == 0) {
            queue.AddAfter(std::to_string(index), milliseconds(random() % 3));
          } else {
            queue.Add(std::to_string(index));
          }
        }
      });
    }
    for (std::thread& producer : producers) producer.join();
    for (size_t index = 0; index < kKeys; ++index) {
      while (seen[index] != changed[index]) std::this_thread::yield();
    }
    queue.ShutDown();
    for (std::thread& worker : workers) worker.join();
    EXPECT_EQ(collisions, 0);
  }
}

}  // namespace
}  // namespace plimsoll::kube

#include "telemetry/bounded_table.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace plimsoll {
namespace {

TEST(BoundedTable, FindsWhatItHasAndRefusesWhatIsBeyondItsLimit) {
  BoundedTable<int> table(3);
  int made = 0;
  const auto make = [&] { return ++made; };
  int* a = table.FindOrAdd("a", make);
  ASSERT_NE(a, nullptr);
  EXPECT_EQ(*a, 1);
  EXPECT_EQ(table.FindOrAdd("a", make), a);
  EXPECT_NE(table.FindOrAdd("", make), nullptr);
  EXPECT_NE(table.FindOrAdd("c", make), nullptr);
  EXPECT_EQ(table.FindOrAdd("d", make), nullptr);
  EXPECT_EQ(table.FindOrAdd("a", make), a);
  EXPECT_EQ(table.size(), 3u);
  EXPECT_EQ(made, 3);
}

TEST(BoundedTable, ThreadsAgreeOnOneValueForAKey) {
  constexpr size_t kKeys = 500;
  constexpr size_t kThreads = 4;
  BoundedTable<std::atomic<int>*> table(kKeys);
  std::vector<std::atomic<int>> counts(kKeys);
  {
    std::vector<std::jthread> threads;
    for (size_t thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (size_t i = 0; i < kKeys; ++i) {
          const size_t key = (i * 7 + thread * 131) % kKeys;
          auto** value = table.FindOrAdd(std::to_string(key), [&] { return &counts[key]; });
          ++**value;
        }
      });
    }
  }
  EXPECT_EQ(table.size(), kKeys);
  for (const std::atomic<int>& count : counts) EXPECT_EQ(count.load(), static_cast<int>(kThreads));
}

}  // namespace
}  // namespace plimsoll

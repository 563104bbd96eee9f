#include "short_memory.h"

#include <gtest/gtest.h>

namespace plimsoll::controller {
namespace {

using std::chrono::seconds;
using Memory = ShortMemory<int>;

constexpr Memory::Time kStart{};

TEST(ShortMemoryTest, KeepsUntilItsTimeIsOver) {
  Memory memory(10, 1000);
  memory.Keep("a", 1, kStart + seconds(10));
  ASSERT_NE(memory.Find("a", kStart + seconds(9)), nullptr);
  EXPECT_EQ(*memory.Find("a", kStart + seconds(9)), 1);
  EXPECT_EQ(memory.Find("a", kStart + seconds(10)), nullptr);
  EXPECT_EQ(memory.Find("b", kStart), nullptr);
}

TEST(ShortMemoryTest, ANewAnswerReplacesTheOldOne) {
  Memory memory(10, 1000);
  memory.Keep("a", 1, kStart + seconds(1));
  memory.Keep("a", 2, kStart + seconds(3));
  EXPECT_EQ(memory.size(), 1u);
  EXPECT_EQ(*memory.Find("a", kStart + seconds(2)), 2);
}

TEST(ShortMemoryTest, TheOldestGoesFirst) {
  Memory memory(2, 1000);
  memory.Keep("a", 1, kStart + seconds(1));
  memory.Keep("b", 2, kStart + seconds(1));
  memory.Keep("a", 3, kStart + seconds(1));  // now the newer one
  memory.Keep("c", 4, kStart + seconds(1));
  EXPECT_EQ(memory.size(), 2u);
  EXPECT_EQ(memory.Find("b", kStart), nullptr);
  EXPECT_EQ(*memory.Find("a", kStart), 3);
}

TEST(ShortMemoryTest, BytesAreBounded) {
  Memory memory(100, 10);
  memory.Keep(std::string(6, 'a'), 1, kStart + seconds(1));
  memory.Keep(std::string(4, 'b'), 2, kStart + seconds(1));
  EXPECT_EQ(memory.size(), 2u);
  memory.Keep("c", 3, kStart + seconds(1));
  EXPECT_EQ(memory.Find(std::string(6, 'a'), kStart), nullptr);
  EXPECT_EQ(memory.size(), 2u);
  memory.Keep(std::string(11, 'd'), 4,
              kStart + seconds(1));  // fits nowhere, and pushes nothing out
  EXPECT_EQ(memory.size(), 2u);
  EXPECT_EQ(memory.Find(std::string(11, 'd'), kStart), nullptr);
}

}  // namespace
}  // namespace plimsoll::controller

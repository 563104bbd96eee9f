#include "plimsoll/model/workload_record.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

TEST(ReadinessStateTest, NamesAreReadBack) {
  for (const ReadinessState state : {ReadinessState::kReady, ReadinessState::kNotReady,
                                     ReadinessState::kWaived, ReadinessState::kBlocked}) {
    EXPECT_EQ(ParseReadinessState(ReadinessStateName(state)), state);
  }
  EXPECT_EQ(ParseReadinessState("ready"), std::nullopt);
  EXPECT_EQ(ParseReadinessState(""), std::nullopt);
}

}  // namespace
}  // namespace plimsoll

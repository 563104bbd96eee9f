#include "plimsoll/model/action.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

TEST(ActionTest, NamesRoundTripAndOrder) {
  for (const Action action : {Action::kAudit, Action::kWarn, Action::kDeny}) {
    EXPECT_EQ(ParseAction(ActionName(action)), action);
    EXPECT_EQ(ParseAction(ActionLabel(action)), std::nullopt);
  }
  EXPECT_EQ(ParseAction("Block"), std::nullopt);
  EXPECT_LT(Action::kAudit, Action::kWarn);
  EXPECT_LT(Action::kWarn, Action::kDeny);
}

}  // namespace
}  // namespace plimsoll

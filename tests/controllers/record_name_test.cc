#include <gtest/gtest.h>

#include "plimsoll/controllers/audit.h"

namespace plimsoll::controllers {
namespace {

TEST(RecordNameTest, KindAndName) {
  EXPECT_EQ(RecordName({WorkloadKind::kDeployment, "shop", "checkout"}), "deployment-checkout");
  EXPECT_EQ(RecordName({WorkloadKind::kCronJob, "shop", "checkout"}), "cronjob-checkout");
}

TEST(RecordNameTest, LongNamesStayApartAndLegal) {
  const std::string stem(240, 'a');
  const std::string one = RecordName({WorkloadKind::kStatefulSet, "shop", stem + "1"});
  const std::string two = RecordName({WorkloadKind::kStatefulSet, "shop", stem + "2"});
  EXPECT_EQ(one.size(), 253U);
  EXPECT_NE(one, two);
  EXPECT_EQ(one, RecordName({WorkloadKind::kStatefulSet, "other", stem + "1"}));
}

}  // namespace
}  // namespace plimsoll::controllers

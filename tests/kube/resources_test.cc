#include "plimsoll/kube/resources.h"

#include <gtest/gtest.h>

namespace plimsoll::kube {
namespace {

TEST(ResourcesTest, EachKindHasItsResource) {
  EXPECT_EQ(CollectionPath(ResourceOf(WorkloadKind::kDeployment)), "/apis/apps/v1/deployments");
  EXPECT_EQ(CollectionPath(ResourceOf(WorkloadKind::kPod)), "/api/v1/pods");
  EXPECT_EQ(CollectionPath(ResourceOf(WorkloadKind::kCronJob)), "/apis/batch/v1/cronjobs");
  EXPECT_EQ(CollectionPath(ResourceOf(WorkloadKind::kRollout)),
            "/apis/argoproj.io/v1alpha1/rollouts");
  EXPECT_EQ(CollectionPath(ResourceOf(WorkloadKind::kReplicationController)),
            "/api/v1/replicationcontrollers");
}

TEST(ResourcesTest, PathsOfObjects) {
  EXPECT_EQ(ObjectPath(ResourceOf(WorkloadKind::kStatefulSet), {"shop", "db"}),
            "/apis/apps/v1/namespaces/shop/statefulsets/db");
  EXPECT_EQ(ObjectPath(kPolicies, {"", "production"}),
            "/apis/plimsoll.dev/v1alpha1/readinesspolicies/production");
  EXPECT_EQ(CollectionPath(kLeases, "plimsoll"),
            "/apis/coordination.k8s.io/v1/namespaces/plimsoll/leases");
}

// Names reach paths from objects and flags: nothing in them may become another path.
TEST(ResourcesTest, NamesCannotLeaveTheirPlace) {
  EXPECT_EQ(ObjectPath(kSecrets, {"a/../b", "x?watch=1#"}),
            "/api/v1/namespaces/a%2F..%2Fb/secrets/x%3Fwatch%3D1%23");
  EXPECT_EQ(PercentEncode("ä b~"), "%C3%A4%20b~");
}

}  // namespace
}  // namespace plimsoll::kube

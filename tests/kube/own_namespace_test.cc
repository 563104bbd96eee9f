#include "plimsoll/kube/own_namespace.h"

#include <gtest/gtest.h>

#include "plimsoll/kube/resources.h"
#include "tests/fakes/scripted_api.h"

namespace plimsoll::kube {
namespace {

using testing::ScriptedApi;

TEST(OwnNamespaceTest, IsAnOwnerByUid) {
  ScriptedApi api;
  api.Put(ObjectPath(kNamespaces, {"", "plimsoll-system"}),
          {{"metadata", {{"name", "plimsoll-system"}, {"uid", "u-1"}}}});
  const auto owner = OwnNamespace(api, "plimsoll-system").Read();
  ASSERT_TRUE(owner) << owner.error().message;
  EXPECT_EQ(owner->api_version, "v1");
  EXPECT_EQ(owner->kind, "Namespace");
  EXPECT_EQ(owner->name, "plimsoll-system");
  EXPECT_FALSE(owner->uid.empty());
}

TEST(OwnNamespaceTest, WithoutAUidThereIsNoOwner) {
  ScriptedApi api;
  EXPECT_EQ(OwnNamespace(api, "plimsoll-system").Read().error().code, ErrorCode::kNotFound);
  api.AnswerBy([](const ApiRequest&) { return Result<ApiResponse>(ApiResponse{200, "{}"}); });
  EXPECT_EQ(OwnNamespace(api, "plimsoll-system").Read().error().code, ErrorCode::kInternal);
}

}  // namespace
}  // namespace plimsoll::kube

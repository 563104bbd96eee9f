#include "plimsoll/kube/secret_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "plimsoll/kube/resources.h"
#include "tests/fakes/scripted_api.h"

namespace plimsoll::kube {
namespace {

using controllers::SecretData;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using testing::ScriptedApi;

const ObjectKey kKey{"plimsoll", "plimsoll-ca"};
const std::string kPath = ObjectPath(kSecrets, kKey);

class SecretStoreTest : public ::testing::Test {
 protected:
  ScriptedApi api_;
  NamedSecretStore store_{api_, kKey};
};

TEST_F(SecretStoreTest, WhatIsWrittenIsRead) {
  const std::string bytes("\0\xff\n", 3);
  const Result<SecretData> created =
      store_.Create({"", {{"tls.key", bytes}, {"ca.crt", "PEM"}}, {}});
  ASSERT_TRUE(created);
  EXPECT_FALSE(created->resource_version.empty());
  EXPECT_THAT(created->entries, ElementsAre(Pair("ca.crt", "PEM"), Pair("tls.key", bytes)));

  const json object = *api_.Find(kPath);
  EXPECT_EQ(object["type"], "Opaque");
  EXPECT_EQ(object["data"]["ca.crt"], "UEVN");
  EXPECT_EQ(object["metadata"]["labels"]["app.kubernetes.io/managed-by"], "plimsoll-controller");

  const Result<SecretData> read = store_.Read();
  ASSERT_TRUE(read);
  EXPECT_EQ(read->resource_version, created->resource_version);
  EXPECT_EQ(read->entries, created->entries);
}

TEST_F(SecretStoreTest, NoSecretAndOneThatIsThereAlready) {
  EXPECT_EQ(store_.Read().error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(store_.Create({"", {{"a", "1"}}, {}}));
  EXPECT_EQ(store_.Create({"", {{"a", "2"}}, {}}).error().code, ErrorCode::kAlreadyExists);
  EXPECT_THAT(store_.Read()->entries, ElementsAre(Pair("a", "1")));
}

TEST_F(SecretStoreTest, AnUpdateReplacesTheDataAndNothingElse) {
  api_.Put(kPath, {{"metadata", {{"name", kKey.name}, {"annotations", {{"kept", "yes"}}}}},
                   {"type", "Opaque"},
                   {"data", {{"old", "b2xk"}, {"both", "Yg=="}}}});
  SecretData secret = *store_.Read();
  const std::string read_at = secret.resource_version;
  secret.entries = {{"both", "changed"}, {"new", ""}};
  const Result<SecretData> updated = store_.Update(secret);
  ASSERT_TRUE(updated);
  EXPECT_NE(updated->resource_version, read_at);
  EXPECT_EQ(updated->entries, secret.entries);
  EXPECT_EQ((*api_.Find(kPath))["metadata"]["annotations"]["kept"], "yes");

  EXPECT_EQ(store_.Update(secret).error().code, ErrorCode::kConflict) << "read before the update";
  EXPECT_TRUE(store_.Update(*updated));
}

TEST_F(SecretStoreTest, ASecretWithoutDataTakesSome) {
  api_.Put(kPath, {{"metadata", {{"name", kKey.name}}}});
  SecretData secret = *store_.Read();
  EXPECT_TRUE(secret.entries.empty());
  secret.entries = {{"a", "1"}};
  EXPECT_TRUE(store_.Update(secret));
}

TEST_F(SecretStoreTest, UpdatesNeedAResourceVersionAndASecret) {
  EXPECT_EQ(store_.Update({"", {}, {}}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(api_.calls().empty());
  EXPECT_EQ(store_.Update({"7", {}, {}}).error().code, ErrorCode::kNotFound);
}

TEST_F(SecretStoreTest, AnswersThatAreNoSecret) {
  for (const char* body : {"", "[]", R"({"data":{}})", R"({"metadata":{"resourceVersion":7}})",
                           R"({"metadata":{"resourceVersion":"7"},"data":{"a":"c2VjcmV0!"}})",
                           R"({"metadata":{"resourceVersion":"7"},"data":{"a":"c2VjcmV0x"}})"}) {
    api_.AnswerBy(
        [body](const ApiRequest&) { return Result<ApiResponse>(ApiResponse{200, body}); });
    const Result<SecretData> read = store_.Read();
    ASSERT_FALSE(read) << body;
    EXPECT_EQ(read.error().code, ErrorCode::kInternal);
    EXPECT_THAT(read.error().message, HasSubstr(kPath));
    EXPECT_THAT(read.error().message, Not(HasSubstr("c2Vj"))) << "values are secret";
  }
}

}  // namespace
}  // namespace plimsoll::kube

#include "kube/object_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/fakes/scripted_api.h"

namespace plimsoll::kube {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using ::testing::HasSubstr;
using testing::ScriptedApi;

const ObjectKey kKey{"", "plimsoll"};
const std::string kPath = ObjectPath(kValidatingWebhookConfigurations, kKey);

TEST(ObjectJsonTest, MicroTimeHasSixDigits) {
  EXPECT_EQ(FormatMicroTime(*ParseTimestamp("2026-11-24T10:00:07Z")),
            "2026-11-24T10:00:07.000000Z");
}

TEST(ObjectJsonTest, ReadsObjectsAndNothingElse) {
  const Result<json> object = ParseObject(R"({"a":{"b":[1,"ü"]}})");
  ASSERT_TRUE(object);
  EXPECT_EQ(WriteJson(*object), R"({"a":{"b":[1,"ü"]}})");
  const std::string deep = R"({"a":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  for (const std::string& text : {std::string(), std::string("[]"), std::string("null"),
                                  std::string("{\"a\":"), std::string("{\"a\":\"\xff\"}"), deep}) {
    const Result<json> refused = ParseObject(text);
    ASSERT_FALSE(refused) << text.substr(0, 20);
    EXPECT_EQ(refused.error().code, ErrorCode::kInternal);
    EXPECT_THAT(refused.error().message, HasSubstr("cannot read the API server's answer"));
  }
}

TEST(ObjectJsonTest, WritesWhateverItIsGiven) {
  EXPECT_EQ(WriteJson({{"a", "x\xff\ny"}}), "{\"a\":\"x\uFFFD\\ny\"}");
}

TEST(ObjectJsonTest, ApplySaysWhoAndForces) {
  ScriptedApi api;
  const json object = {{"metadata", {{"name", "plimsoll"}}}, {"webhooks", json::array()}};
  ASSERT_TRUE(Apply(api, kValidatingWebhookConfigurations, kKey, object, "plimsoll controller"));
  ASSERT_EQ(api.calls().size(), 1u);
  const ApiRequest request = api.calls().front();
  EXPECT_EQ(request.method, ApiMethod::kPatch);
  EXPECT_EQ(request.path, kPath + "?fieldManager=plimsoll%20controller&force=true");
  EXPECT_EQ(request.content_type, "application/apply-patch+yaml");
  EXPECT_EQ(json::parse(request.body), object);
  EXPECT_TRUE(api.Find(kPath));
}

TEST(ObjectJsonTest, AFieldManagerHasAName) {
  ScriptedApi api;
  for (const std::string& manager : {std::string(), std::string(129, 'x')}) {
    const Result<ApiResponse> refused =
        Apply(api, kValidatingWebhookConfigurations, kKey, json::object(), manager);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_TRUE(api.calls().empty());
  EXPECT_TRUE(
      Apply(api, kValidatingWebhookConfigurations, kKey, json::object(), std::string(128, 'x')));
}

TEST(ObjectJsonTest, AStatusIsPatchedAndNothingElse) {
  ScriptedApi api;
  const ObjectKey key{"", "production"};
  const std::string path = ObjectPath(kPolicies, key);
  api.Put(path, {{"metadata", {{"name", "production"}}},
                 {"spec", {{"a", 1}}},
                 {"status", {{"stage", "Audit"}, {"next", "Warn"}}}});
  const std::string version = (*api.Find(path))["metadata"]["resourceVersion"];

  ASSERT_TRUE(PatchStatus(api, kPolicies, key, {{"stage", "Warn"}, {"next", nullptr}}, version));
  EXPECT_EQ((*api.Find(path))["status"], json({{"stage", "Warn"}}));
  EXPECT_EQ((*api.Find(path))["spec"], json({{"a", 1}}));

  const Result<ApiResponse> stale = PatchStatus(api, kPolicies, key, {{"stage", "Deny"}}, version);
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().code, ErrorCode::kConflict);
  EXPECT_TRUE(PatchStatus(api, kPolicies, key, {{"stage", "Deny"}}));

  const Result<ApiResponse> missing = PatchStatus(api, kPolicies, {"", "gone"}, json::object());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
}

struct Attempts {
  std::vector<Status> results;
  size_t made = 0;
  std::vector<milliseconds> slept;

  Status Run() {
    return RetryOnConflict([this] { return results.at(made++); },
                           [this](milliseconds time) { slept.push_back(time); });
  }
};

Status Conflict() { return plimsoll::Fail(ErrorCode::kConflict, "modified"); }

TEST(RetryOnConflictTest, UntilItIsDoneOrAnotherError) {
  Attempts done{{Conflict(), Conflict(), Status()}, 0, {}};
  EXPECT_TRUE(done.Run());
  EXPECT_EQ(done.made, 3u);
  EXPECT_EQ(done.slept.size(), 2u);

  Attempts gone{{Conflict(), plimsoll::Fail(ErrorCode::kNotFound, "gone"), Status()}, 0, {}};
  EXPECT_EQ(gone.Run().error().code, ErrorCode::kNotFound);
  EXPECT_EQ(gone.made, 2u);
}

TEST(RetryOnConflictTest, FiveTimesAndEachWaitsLonger) {
  Attempts attempts{std::vector<Status>(10, Conflict()), 0, {}};
  EXPECT_EQ(attempts.Run().error().code, ErrorCode::kConflict);
  EXPECT_EQ(attempts.made, 5u);
  ASSERT_EQ(attempts.slept.size(), 4u);
  milliseconds least{10};
  for (const milliseconds slept : attempts.slept) {
    EXPECT_GE(slept, least);
    EXPECT_LE(slept, 2 * least);
    least *= 2;
  }
}

}  // namespace
}  // namespace plimsoll::kube

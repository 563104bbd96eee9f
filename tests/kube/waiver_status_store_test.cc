// What is written about waivers is what the CRD says, and is read back as it was.
#include "plimsoll/kube/waiver_status_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "plimsoll/base/text.h"
#include "tests/kube/scripted_caller.h"
#include "tests/policy/schema_checker.h"
#include "tests/policy/support.h"
#include "tests/policy/yaml.h"

namespace plimsoll::kube {
namespace {

using controllers::WaiverStatus;
using plimsoll::test::At;
using plimsoll::test::Json;
using ::testing::IsEmpty;

WaiverStatus FullStatus() {
  WaiverStatus status;
  status.observed_generation = 7;
  status.state = WaiverState::kActive;
  status.message = "Requested by \"ana\", approved by lee; it ends on 2027-03-03.";
  status.days_left = 2;
  status.used_by = WaiverStatus::Use{1, 3};
  status.unused_since = At("2027-02-01T00:00:01Z");
  status.conditions = {
      {"Ready", true, 7, "Approved", "a \"b\"", At("2027-02-01T00:00:02Z")},
      {"Used", false, 7, "NotUsedYet", "c", At("2027-02-01T00:00:03Z")},
  };
  return status;
}

class WaiverStatusCodecTest : public ::testing::Test {
 protected:
  JsonView version() const { return crd_.view()["spec"]["versions"].At(0); }
  JsonView schema() const { return version()["schema"]["openAPIV3Schema"]["properties"]["status"]; }

 private:
  plimsoll::test::Yaml crd_{plimsoll::test::ReadFile(std::filesystem::path(PLIMSOLL_SOURCE_DIR) /
                                                     "crds/plimsoll.dev_readinesswaivers.yaml")};
};

TEST_F(WaiverStatusCodecTest, IsReadBackAsItWas) {
  for (const WaiverStatus& status : {FullStatus(), WaiverStatus()}) {
    const Json json(WriteWaiverStatus(status));
    EXPECT_EQ(ReadWaiverStatus(json.view()), status);
  }
  EXPECT_EQ(ReadWaiverStatus(Json("{}").view()), std::nullopt);
  EXPECT_EQ(ReadWaiverStatus(Json(R"({"status":{}})").view()), std::nullopt);
  // What the CRD fills in until somebody writes one.
  EXPECT_EQ(ReadWaiverStatus(Json(R"({"status":{"observedGeneration":-1}})").view()), std::nullopt);
  const Json odd(
      R"({"status":{"state":7,"usedBy":{"findings":-1},"conditions":{},"daysLeft":"x"}})");
  EXPECT_EQ(ReadWaiverStatus(odd.view())->state, WaiverState::kInvalid);
}

TEST_F(WaiverStatusCodecTest, IsWhatTheCrdDescribesAndAllOfIt) {
  const Json json(WriteWaiverStatus(FullStatus()));
  EXPECT_THAT(plimsoll::test::CheckAgainstSchema(json["status"], schema()), IsEmpty());
  for (const JsonMember field : schema()["properties"].members()) {
    EXPECT_TRUE(json["status"][field.key].exists()) << field.key << " is never written";
  }
}

TEST_F(WaiverStatusCodecTest, ColumnsAndSelectorsHaveValues) {
  const Json spec(
      R"({"metadata":{"creationTimestamp":"2027-01-01T00:00:00Z"},"spec":{"policy":"a",)"
      R"("requestedBy":"ana","approval":{"approvedBy":"lee"},"expires":"2027-01-01T00:00:00Z"}})");
  const Json status(WriteWaiverStatus(FullStatus()));
  size_t paths = 0;
  for (const char* list : {"additionalPrinterColumns", "selectableFields"}) {
    for (const JsonView entry : version()[list].elements()) {
      const std::string path(entry["jsonPath"].text());
      JsonView value = path.starts_with(".status") ? status.view() : spec.view();
      for (const std::string_view part : Split(std::string_view(path).substr(1), '.')) {
        value = value[part];
      }
      EXPECT_TRUE(value.present()) << path;
      ++paths;
    }
  }
  EXPECT_EQ(paths, 11U);
}

// A merge patch leaves alone what it does not name.
TEST_F(WaiverStatusCodecTest, WhatIsNotSetIsTakenAway) {
  EXPECT_EQ(WriteWaiverStatus(WaiverStatus()),
            R"({"status":{"observedGeneration":0,"state":"Invalid","message":"","daysLeft":null,)"
            R"("usedBy":null,"unusedSince":null,"conditions":[]}})");
}

TEST(WaiverStatusStoreTest, AStatusIsOnePatchOfTheSubresource) {
  test::ScriptedCaller api;
  WaiverStatusStore store(api);
  EXPECT_TRUE(store.Write({"shop", "web"}, FullStatus()));
  ASSERT_EQ(api.requests.size(), 1U);
  const ApiRequest& request = api.requests.front();
  EXPECT_EQ(request.method, ApiMethod::kPatch);
  EXPECT_EQ(request.path,
            "/apis/plimsoll.dev/v1alpha1/namespaces/shop/readinesswaivers/web/status"
            "?fieldManager=plimsoll-waiver-status");
  EXPECT_EQ(request.content_type, "application/merge-patch+json");
  EXPECT_EQ(request.body, WriteWaiverStatus(FullStatus()));
  api.answers.emplace_back(Fail(ErrorCode::kNotFound, "gone"));
  EXPECT_TRUE(store.Write({"shop", "web"}, FullStatus()));
  api.answers.emplace_back(Fail(ErrorCode::kForbidden, "no"));
  EXPECT_FALSE(store.Write({"shop", "web"}, FullStatus()));
}

}  // namespace
}  // namespace plimsoll::kube

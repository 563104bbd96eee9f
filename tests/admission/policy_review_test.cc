#include "plimsoll/admission/policy_review.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "plimsoll/admission/handler.h"
#include "plimsoll/admission/kubectl.h"
#include "plimsoll/codec/json_parser.h"
#include "tests/support/golden.h"

namespace plimsoll {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kNow = "2026-12-15";

std::string Policy(std::string_view spec, std::string_view metadata = R"("name":"production")") {
  return R"({"apiVersion":"plimsoll.dev/v1alpha1","kind":"ReadinessPolicy","metadata":{)" +
         std::string(metadata) + R"(},"spec":)" + std::string(spec) + "}";
}

std::string Denying(std::string_view from) {
  return R"({"stages":[{"action":"Audit"},{"action":"Deny","from":")" + std::string(from) +
         R"("}],"rules":[{"rule":"runbook.url"}]})";
}

// One rule that does not exist and one parameter that does not.
constexpr std::string_view kTwoProblems =
    R"({"rules":[{"rule":"health.readines-probe"},{"rule":"runbook.url","parameters":{"host":["a"]}}]})";
constexpr std::string_view kGood = R"({"rules":[{"rule":"runbook.url"}]})";

class PolicyReviewTest : public ::testing::Test {
 protected:
  AdmissionResponse Review(const std::string& object, const std::string& old_object = "") {
    object_ = object;
    old_object_ = old_object;
    AdmissionRequest request;
    request.uid = "u-1";
    request.group = "plimsoll.dev";
    request.version = "v1alpha1";
    request.kind = "ReadinessPolicy";
    request.name = "production";
    request.object = *parser_.Parse(object_);
    if (!old_object.empty()) {
      request.operation = Operation::kUpdate;
      request.old_object = *old_parser_.Parse(old_object_);
    }
    return *ReviewPolicy(request, *ParseTimestamp(kNow));
  }

 private:
  std::string object_;
  std::string old_object_;
  JsonParser parser_;
  JsonParser old_parser_;
};

TEST_F(PolicyReviewTest, AGoodPolicyIsLetThrough) {
  const AdmissionResponse response = Review(Policy(kGood));
  EXPECT_TRUE(response.allowed);
  EXPECT_EQ(response.uid, "u-1");
  EXPECT_THAT(response.warnings, IsEmpty());
}

TEST_F(PolicyReviewTest, EveryProblemIsToldAtOnceGolden) {
  const AdmissionResponse response = Review(Policy(kTwoProblems));
  EXPECT_FALSE(response.allowed);
  EXPECT_EQ(response.code, 422);
  EXPECT_EQ(response.causes.size(), 2u);
  plimsoll::testing::ExpectGolden("tests/admission/golden/policy_denied.txt",
                                  RenderAsKubectl(response));
}

TEST_F(PolicyReviewTest, WhatComesOffABadPolicyIsNotHeldUp) {
  EXPECT_TRUE(Review(Policy(kTwoProblems, R"("name":"production","labels":{"a":"b"})"),
                     Policy(kTwoProblems))
                  .allowed);
  EXPECT_TRUE(Review(Policy(kTwoProblems,
                            R"("name":"production","deletionTimestamp":"2026-12-14T00:00:00Z")"),
                     Policy(kGood))
                  .allowed);
}

TEST_F(PolicyReviewTest, AnUpdateMayHaveTheProblemsItHadAndNoMore) {
  const std::string contact = R"({"contact":"#sre",)" + std::string(kTwoProblems.substr(1));
  const AdmissionResponse same = Review(Policy(contact), Policy(kTwoProblems));
  EXPECT_TRUE(same.allowed);
  EXPECT_EQ(same.warnings.size(), 2u);
  EXPECT_THAT(same.warnings[0], HasSubstr("still not in force as written: spec.rules[0].rule"));
  EXPECT_FALSE(Review(Policy(kTwoProblems), Policy(kGood)).allowed);
}

TEST_F(PolicyReviewTest, ADenyThatSurprisesIsWarnedOf) {
  EXPECT_THAT(Review(Policy(Denying("2026-12-01T00:00:00Z"))).warnings,
              ElementsAre("runbook.url denies at once: nobody has been told before (Audit and Warn "
                          "first)"));
  EXPECT_THAT(Review(Policy(Denying("2027-01-01T00:00:00Z"))).warnings, IsEmpty());
  EXPECT_THAT(
      Review(Policy(Denying("2027-01-01T00:00:00Z")), Policy(Denying("2027-02-01T00:00:00Z")))
          .warnings,
      ElementsAre("runbook.url now denies from 2027-01-01, published was 2027-02-01"));
  // Later than published, or denying already: nobody is surprised.
  EXPECT_THAT(
      Review(Policy(Denying("2027-03-01T00:00:00Z")), Policy(Denying("2027-02-01T00:00:00Z")))
          .warnings,
      IsEmpty());
  EXPECT_THAT(
      Review(Policy(Denying("2026-11-01T00:00:00Z")), Policy(Denying("2026-12-01T00:00:00Z")))
          .warnings,
      IsEmpty());
}

TEST_F(PolicyReviewTest, AHundredProblemsFitIntoOneAnswer) {
  std::string rules;
  for (int i = 0; i < 60; ++i) {
    rules +=
        std::string(i == 0 ? "" : ",") + R"({"rule":"no.such-rule-)" + std::to_string(i) + R"("})";
  }
  const AdmissionResponse response = Review(Policy(R"({"rules":[)" + rules + "]}"));
  EXPECT_FALSE(response.allowed);
  EXPECT_LT(response.message.size(), kMaxMessageBytes);
  EXPECT_THAT(response.message, HasSubstr("more problems"));
  EXPECT_THAT(response.causes.back().message, HasSubstr("more problems"));
}

TEST_F(PolicyReviewTest, HostileObjectsAreProblems) {
  for (const std::string_view spec : {"null", "[]", "{}", R"({"rules":{}})", R"("x")"}) {
    EXPECT_FALSE(Review(Policy(spec)).allowed) << spec;
  }
}

}  // namespace
}  // namespace plimsoll

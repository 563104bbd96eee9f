#include "self_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/fakes/scripted_api.h"

namespace plimsoll::controller {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using testing::ScriptedApi;

constexpr const char* kDenied = "admission webhook \"validate.plimsoll.dev\" denied the request: x";
constexpr const char* kRefused =
    "admission webhook \"validate-policies.plimsoll.dev\" denied the request: x";

class SteppedClock final : public Clock {
 public:
  Timestamp Now() const override { return now; }
  Timestamp now{std::chrono::seconds(1'900'000'000)};
};

// An API server that has one policy, and answers the two creations as a test says.
class SelfTestTest : public ::testing::Test {
 protected:
  void SetUp() override {
    api_.AnswerBy([this](const kube::ApiRequest& request) { return Answer(request); });
  }

  std::optional<Result<kube::ApiResponse>> Answer(const kube::ApiRequest& request) {
    using Response = Result<kube::ApiResponse>;
    if (request.method == kube::ApiMethod::kPost) {
      EXPECT_THAT(request.path, HasSubstr("?dryRun=All"));
      const bool policy = request.path.find("readinesspolicies") != std::string::npos;
      const std::string& refusal = policy ? policy_refusal_ : deployment_refusal_;
      if (refusal.empty()) return Response(kube::ApiResponse{201, "{}"});
      return Response(tl::unexpected(Error{code_, refusal, {}}));
    }
    if (request.path.find("/namespaces/") != std::string::npos) {
      return Response(kube::ApiResponse{
          200, R"({"metadata":{"name":"default","labels":{"env":"production"}}})"});
    }
    const json policy = {{"apiVersion", "plimsoll.dev/v1alpha1"},
                         {"kind", "ReadinessPolicy"},
                         {"metadata", {{"name", "p"}}},
                         {"spec",
                          {{"match", {{"namespaceSelector", {{"matchLabels", {{"env", env_}}}}}}},
                           {"stages", json::array({{{"action", "Deny"}}})},
                           {"rules", json::array({{{"rule", "ownership.owner"}}})}}}};
    const json list = {{"kind", "ReadinessPolicyList"},
                       {"metadata", json::object()},
                       {"items", json::array({policy})}};
    return Response(kube::ApiResponse{200, list.dump()});
  }

  Status Run() { return SelfTest(api_, options_, clock_.Now(), said_); }

  SelfTestOptions options_{"default", Action::kDeny, {"kube-system"}};
  std::string policy_refusal_ = kRefused;
  std::string deployment_refusal_ = kDenied;
  ErrorCode code_ = ErrorCode::kInvalidArgument;
  std::string env_ = "production";
  std::ostringstream said_;
  SteppedClock clock_;
  ScriptedApi api_;
};

TEST_F(SelfTestTest, HoldsWhereTheAnswersAreWhatPoliciesAndModeSay) {
  EXPECT_TRUE(Run());
  EXPECT_THAT(said_.str(), HasSubstr("was denied, as policies and mode say (at most Deny)"));
}

TEST_F(SelfTestTest, TheAnswerHasToBeTheOneOfPoliciesAndMode) {
  struct Case {
    std::string_view name;
    std::string refusal;
    Action strongest;
    std::string env;
    bool holds;
  };
  for (const Case& c : std::vector<Case>{
           {"denied as it should", kDenied, Action::kDeny, "production", true},
           {"let through, and should not", "", Action::kDeny, "production", false},
           {"let through in mode audit", "", Action::kAudit, "production", true},
           {"denied in mode audit", kDenied, Action::kAudit, "production", false},
           {"denied in mode warn", kDenied, Action::kWarn, "production", false},
           {"no policy is about the namespace", "", Action::kDeny, "test", true},
           {"denied, and no policy is about it", kDenied, Action::kDeny, "test", false},
           {"refused by somebody else", "admission webhook \"other.io\" denied the request: no",
            Action::kDeny, "production", false},
       }) {
    deployment_refusal_ = c.refusal;
    options_.strongest = c.strongest;
    env_ = c.env;
    EXPECT_EQ(static_cast<bool>(Run()), c.holds) << c.name;
  }
}

TEST_F(SelfTestTest, AWrongPolicyThatIsAcceptedIsSaid) {
  policy_refusal_ = "";
  const Status held = Run();
  ASSERT_FALSE(held);
  EXPECT_THAT(held.error().message, HasSubstr("does not ask Plimsoll"));
  EXPECT_EQ(said_.str(), "");
}

TEST_F(SelfTestTest, ANamespaceThatIsNeverJudgedIsNoPlaceForATest) {
  options_.namespace_name = "kube-system";
  const Status held = Run();
  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(api_.calls().size(), 0U);
}

TEST_F(SelfTestTest, ItIsAskedAgainUntilItHolds) {
  policy_refusal_ = "";
  int pauses = 0;
  const auto pause = [&](std::chrono::milliseconds time) {
    clock_.now += std::chrono::ceil<std::chrono::seconds>(time);
    if (++pauses == 3) policy_refusal_ = kRefused;
  };
  EXPECT_TRUE(SelfTestUntil(api_, options_, clock_, pause, said_));
  EXPECT_EQ(pauses, 3);
}

TEST_F(SelfTestTest, ItGivesUpInTheEndWithWhatDidNotHold) {
  deployment_refusal_ = "connection refused";
  code_ = ErrorCode::kUnavailable;
  const auto pause = [&](std::chrono::milliseconds time) {
    clock_.now += std::chrono::ceil<std::chrono::seconds>(time);
  };
  const Timestamp began = clock_.now;
  const Status held = SelfTestUntil(api_, options_, clock_, pause, said_);
  ASSERT_FALSE(held);
  EXPECT_THAT(held.error().message, HasSubstr("connection refused"));
  EXPECT_GE(clock_.now, began + kSelfTestTimeout);
}

}  // namespace
}  // namespace plimsoll::controller

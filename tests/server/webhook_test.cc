// POST /validate over TLS: real parser, real policies, and stub judges for what must not happen.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "plimsoll/codec/admission_review.h"
#include "plimsoll/codec/json_parser.h"
#include "plimsoll/server/webhook_endpoint.h"
#include "tests/server/client.h"
#include "tests/server/fixture.h"

namespace plimsoll {
namespace {

using testing::Client;
using testing::Post;
using testing::Response;
using testing::Running;

class FixedClock : public Clock {
 public:
  Timestamp Now() const override {
    return std::chrono::sys_days(std::chrono::year(2026) / 11 / 23);
  }
};

class RecordingVerdicts : public VerdictObserver {
 public:
  void Observe(const ObservedReview& review) override {
    const std::lock_guard lock(mutex_);
    seen_.push_back(std::string(review.request.uid) +
                    (review.response.allowed ? " allowed" : " denied"));
    longest_ = std::max(longest_, review.duration);
  }
  void ObserveUndecided(std::string_view uid, std::string_view reason, std::string_view detail,
                        std::chrono::nanoseconds /*duration*/) override {
    const std::lock_guard lock(mutex_);
    seen_.push_back(std::string(uid) + " " + std::string(reason) + ": " + std::string(detail));
  }
  std::vector<std::string> seen() {
    const std::lock_guard lock(mutex_);
    return seen_;
  }
  std::chrono::nanoseconds longest() {
    const std::lock_guard lock(mutex_);
    return longest_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> seen_;
  std::chrono::nanoseconds longest_{0};
};

std::shared_ptr<const PolicySnapshot> Policies() {
  std::string text =
      R"({"apiVersion":"plimsoll.dev/v1alpha1","kind":"ReadinessPolicy",)"
      R"("metadata":{"name":"production"},)"
      R"("spec":{"stages":[{"action":"Deny"}],"rules":[{"rule":"health.readiness-probe"}]}})";
  JsonParser parser;
  ParsedPolicy parsed = ParseReadinessPolicy(parser.Parse(text).value());
  std::vector<ReadinessPolicy> policies;
  policies.push_back(std::move(parsed.policy.value()));
  return std::make_shared<const PolicySnapshot>(std::move(policies));
}

std::string Review(const std::string& uid, const std::string& container) {
  return R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":")" +
         uid +
         R"(","kind":{"group":"apps","version":"v1","kind":"Deployment"},)"
         R"("resource":{"group":"apps","version":"v1","resource":"deployments"},)"
         R"("name":"web","namespace":"shop","operation":"CREATE","userInfo":{"username":"ana"},)"
         R"("object":{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web",)"
         R"("namespace":"shop"},"spec":{"replicas":2,"selector":{"matchLabels":{"app":"web"}},)"
         R"("template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[)" +
         container + R"(]}}}},"dryRun":false}})";
}

constexpr const char* kReady = R"({"name":"web","image":"web:1","ports":[{"containerPort":80}],)"
                               R"("readinessProbe":{"httpGet":{"path":"/ready","port":80}}})";
constexpr const char* kNotReady =
    R"({"name":"web","image":"web:1","ports":[{"containerPort":80}]})";

class EverybodyMay : public AccessSource {
 public:
  Answer MayDo(const AdmissionRequest&, const AccessQuestion&) const override {
    return Answer::kAllowed;
  }
};

std::shared_ptr<const WaiverSet> OneWaiver() {
  ReadinessWaiver waiver;
  waiver.namespace_name = "shop";
  waiver.name = "web-probe";
  waiver.workloads = {{WorkloadKind::kDeployment, "web"}};
  waiver.policy = "production";
  waiver.rules = {"health.readiness-probe"};
  waiver.requested_by = "ana";
  waiver.approved_by = "lee";
  waiver.expires = std::chrono::sys_days(std::chrono::year(2026) / 12 / 1);
  return std::make_shared<const WaiverSet>(
      std::vector<WaiverSet::Pointer>{std::make_shared<const ReadinessWaiver>(waiver)});
}

std::string WaiverReview(const std::string& user, const std::string& old_approval,
                         const std::string& approval) {
  const auto waiver = [](const std::string& of) {
    return R"({"apiVersion":"plimsoll.dev/v1alpha1","kind":"ReadinessWaiver","metadata":)"
           R"({"name":"a","namespace":"shop"},"spec":{"workloads":[{"kind":"Deployment",)"
           R"("name":"web"}],"policy":"production","rules":["health.readiness-probe"],)"
           R"("reason":"x","requestedBy":"ana","expires":"2026-12-01T00:00:00Z")" +
           of + "}}";
  };
  const bool create = old_approval == "create";
  return R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u-w",)"
         R"("kind":{"group":"plimsoll.dev","version":"v1alpha1","kind":"ReadinessWaiver"},)"
         R"("resource":{"group":"plimsoll.dev","version":"v1alpha1","resource":)"
         R"("readinesswaivers"},"name":"a","namespace":"shop","operation":")" +
         std::string(create ? "CREATE" : "UPDATE") + R"(","userInfo":{"username":")" + user +
         R"("},"object":)" + waiver(approval) + R"(,"oldObject":)" +
         (create ? "null" : waiver(old_approval)) + "}}";
}

class WebhookTest : public ::testing::Test {
 protected:
  void Start(std::shared_ptr<const PolicySnapshot> policies, WebhookPorts::Judge judge = {}) {
    WebhookPorts ports;
    ports.policies = [policies] { return policies; };
    ports.clock = &clock_;
    ports.observer = &verdicts_;
    if (judge) ports.make_judge = [judge] { return judge; };
    if (waivers_) ports.waivers = waivers_;
    ports.mercy.access = &access_;
    ServerTimeouts timeouts = testing::FineTimeouts();
    timeouts.wait = wait_;
    running_ = testing::StartServer(testing::Tls::kOn, timeouts, {},
                                    {WebhookRoute(ports), WaiverWebhookRoute(ports)});
  }
  Response Ask(const std::string& body, const std::string& path = "/validate") {
    Client client = Client::Tls(running_->port());
    client.Send(Post(path + "?timeout=10s", body));
    return client.Read().value_or(Response{});
  }

  FixedClock clock_;
  RecordingVerdicts verdicts_;
  std::function<std::shared_ptr<const WaiverSet>()> waivers_;
  EverybodyMay access_;
  std::chrono::milliseconds wait_{0};
  std::unique_ptr<Running> running_;
};

TEST_F(WebhookTest, AllowsAndDeniesOnOneConnection) {
  Start(Policies());
  Client client = Client::Tls(running_->port());
  for (int i = 0; i < 3; ++i) {
    client.Send(Post("/validate?timeout=10s", Review("u-ready", kReady)));
    const auto allowed = client.Read();
    ASSERT_TRUE(allowed);
    EXPECT_EQ(allowed->status, 200);
    EXPECT_EQ(allowed->Header("content-type"), "application/json");
    EXPECT_NE(allowed->body.find(R"("uid":"u-ready")"), std::string::npos) << allowed->body;
    EXPECT_NE(allowed->body.find(R"("allowed":true)"), std::string::npos) << allowed->body;

    client.Send(Post("/validate?timeout=10s", Review("u-bare", kNotReady)));
    const auto denied = client.Read();
    ASSERT_TRUE(denied);
    EXPECT_EQ(denied->status, 200);
    EXPECT_NE(denied->body.find(R"("uid":"u-bare")"), std::string::npos) << denied->body;
    EXPECT_NE(denied->body.find(R"("allowed":false)"), std::string::npos) << denied->body;
    EXPECT_NE(denied->body.find(R"("code":422)"), std::string::npos) << denied->body;
  }
  EXPECT_EQ(verdicts_.seen(),
            (std::vector<std::string>{"u-ready allowed", "u-bare denied", "u-ready allowed",
                                      "u-bare denied", "u-ready allowed", "u-bare denied"}));
}

TEST_F(WebhookTest, AWaiverExcuses) {
  waivers_ = OneWaiver;
  Start(Policies());
  const Response excused = Ask(Review("u-bare", kNotReady));
  EXPECT_NE(excused.body.find(R"("allowed":true)"), std::string::npos) << excused.body;
  EXPECT_NE(excused.body.find(R"(waiver\":\"web-probe)"), std::string::npos) << excused.body;
}

TEST_F(WebhookTest, WithoutWaiversThereIsNoVerdict) {
  waivers_ = [] { return std::shared_ptr<const WaiverSet>(); };
  Start(Policies());
  EXPECT_EQ(Ask(Review("u-bare", kNotReady)).status, 503);
  EXPECT_EQ(Ask(WaiverReview("ana", "create", ""), "/validate-waivers").status, 503);
}

TEST_F(WebhookTest, WaiversAreReviewedOnAPathOfTheirOwn) {
  Start(Policies());
  const std::string approved = R"(,"approval":{"approvedBy":"lee"})";
  const auto allowed = [&](const std::string& review) {
    const Response response = Ask(review, "/validate-waivers");
    EXPECT_EQ(response.status, 200);
    return response.body.find(R"("allowed":true)") != std::string::npos;
  };
  EXPECT_TRUE(allowed(WaiverReview("ana", "create", "")));
  EXPECT_FALSE(allowed(WaiverReview("lee", "create", "")));
  EXPECT_TRUE(allowed(WaiverReview("lee", "", approved)));
  EXPECT_FALSE(allowed(WaiverReview("ana", "", approved)));
}

TEST_F(WebhookTest, BadReviewsAre400AndSayWhatAndWhere) {
  Start(Policies());
  const struct {
    const char* name;
    std::string body;
    const char* text;  // a part of the answer
  } cases[] = {
      {"empty", "", "plimsoll: "},
      {"truncated", Review("u", kReady).substr(0, 100), "plimsoll: line 1, column "},
      {"not UTF-8", Review("u\xff", kReady), "plimsoll: line 1, column "},
      {"deep", std::string(10000, '['), "200"},
      {"duplicate key", R"({"kind":"AdmissionReview","kind":"AdmissionReview"})", "kind"},
      {"no request", R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"})", "request"},
      {"another kind", R"({"apiVersion":"v1","kind":"Pod"})",
       "apiVersion: expected \"admission.k8s.io/v1\""},
      {"wrong types",
       R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u-1","kind":3}})",
       "plimsoll: review u-1: "},
  };
  for (const auto& test : cases) {
    const Response response = Ask(test.body);
    EXPECT_EQ(response.status, 400) << test.name << ": " << response.body;
    EXPECT_EQ(response.Header("content-type"), "text/plain; charset=utf-8") << test.name;
    EXPECT_EQ(response.Header("retry-after"), "") << test.name;
    EXPECT_NE(response.body.find(test.text), std::string::npos)
        << test.name << ": " << response.body;
  }
  EXPECT_EQ(verdicts_.seen().size(), std::size(cases));
}

TEST_F(WebhookTest, WithoutPoliciesTheApiServerShallTryAgain) {
  Start(nullptr);
  const Response response = Ask(Review("u-2", kReady));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.Header("retry-after"), "1");
  EXPECT_EQ(response.body, "plimsoll: review u-2: no policies are loaded yet\n");
  EXPECT_EQ(verdicts_.seen(),
            std::vector<std::string>{"u-2 unavailable: no policies are loaded yet"});
}

TEST_F(WebhookTest, WhatCannotBeDecidedIsNoVerdict) {
  const struct {
    ErrorCode code;
    int status;
    const char* retry_after;
    const char* reason;
  } cases[] = {{ErrorCode::kUnavailable, 503, "1", "unavailable"},
               {ErrorCode::kInternal, 503, "1", "unavailable"},
               {ErrorCode::kNotFound, 503, "1", "unavailable"},
               {ErrorCode::kInvalidArgument, 400, "", "bad_request"},
               {ErrorCode::kLimitExceeded, 400, "", "limit_exceeded"}};
  for (const auto& test : cases) {
    Start(Policies(), [&test](const auto&...) -> Result<ReviewOutcome> {
      return Fail(test.code, "the\nreason");
    });
    const Response response = Ask(Review("u-3", kReady));
    EXPECT_EQ(response.status, test.status);
    EXPECT_EQ(response.Header("retry-after"), test.retry_after);
    EXPECT_EQ(response.body, "plimsoll: review u-3: the reason\n");
    EXPECT_EQ(verdicts_.seen().back(), std::string("u-3 ") + test.reason + ": the\nreason");
  }
}

TEST_F(WebhookTest, WhatIsBeingAskedForIsWaitedForAndObservedOnce) {
  wait_ = std::chrono::seconds(60);  // ends before, or the test fails
  std::atomic<int> calls{0};
  Start(Policies(), [&calls](const AdmissionRequest& request, const auto&...) {
    // Judged from the bytes anew each time: nothing of the last time is left.
    EXPECT_EQ(request.uid, "u-6");
    EXPECT_EQ(request.object["metadata"]["name"].StringOrEmpty(), "web");
    if (++calls < 4) return Result<ReviewOutcome>(Fail(ErrorCode::kUnavailable, "asking"));
    ReviewOutcome outcome;
    outcome.response.uid = std::string(request.uid);
    return Result<ReviewOutcome>(std::move(outcome));
  });
  const auto began = std::chrono::steady_clock::now();
  const Response response = Ask(Review("u-6", kReady));
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_NE(response.body.find(R"("uid":"u-6")"), std::string::npos) << response.body;
  EXPECT_EQ(calls, 4);
  EXPECT_EQ(verdicts_.seen(), std::vector<std::string>{"u-6 allowed"});
  // 10, 20 and 40 ms.
  EXPECT_GE(verdicts_.longest(), std::chrono::milliseconds(70));
  EXPECT_LE(verdicts_.longest(), std::chrono::steady_clock::now() - began);
}

TEST_F(WebhookTest, WhatNobodyAnswersIsA503InTheEnd) {
  wait_ = std::chrono::milliseconds(30);
  std::atomic<int> calls{0};
  Start(Policies(), [&calls](const auto&...) -> Result<ReviewOutcome> {
    ++calls;
    return Fail(ErrorCode::kUnavailable, "asking");
  });
  const Response response = Ask(Review("u-7", kReady));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.Header("retry-after"), "1");
  EXPECT_EQ(response.body, "plimsoll: review u-7: asking\n");
  EXPECT_GT(calls, 1);
  EXPECT_EQ(verdicts_.seen(), std::vector<std::string>{"u-7 unavailable: asking"});
}

TEST_F(WebhookTest, OnlyWhatIsBeingAskedForIsWorthWaiting) {
  wait_ = std::chrono::hours(1);
  for (const ErrorCode code : {ErrorCode::kInternal, ErrorCode::kInvalidArgument}) {
    Start(Policies(),
          [code](const auto&...) -> Result<ReviewOutcome> { return Fail(code, "reason"); });
    EXPECT_GE(Ask(Review("u-8", kReady)).status, 400);
  }
}

TEST_F(WebhookTest, AnExceptionIsA500WithTheUidAndNothingOfItsText) {
  Start(Policies(),
        [](const auto&...) -> Result<ReviewOutcome> { throw std::runtime_error("secret"); });
  const Response response = Ask(Review("u-4", kReady));
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.Header("retry-after"), "");
  EXPECT_EQ(response.body, "plimsoll: review u-4: internal error\n");
  EXPECT_EQ(verdicts_.seen(), std::vector<std::string>{"u-4 internal: secret"});
  EXPECT_EQ(Ask("x").status, 400);  // and the thread serves on
}

TEST_F(WebhookTest, AReviewOfSevenMebibytesIsJudged) {
  Start(Policies());
  std::string review = Review("u-5", kReady);
  const std::string padding = R"(,"options":{"pad":")";
  review.pop_back();
  review.pop_back();
  review +=
      padding + std::string(kMaxReviewBytes - review.size() - padding.size() - 4, 'x') + R"("}}})";
  ASSERT_EQ(review.size(), kMaxReviewBytes);
  const Response response = Ask(review);
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(Ask(review + " ").status, 413);
}

}  // namespace
}  // namespace plimsoll

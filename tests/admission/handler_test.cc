#include "plimsoll/admission/handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "plimsoll/admission/kubectl.h"
#include "plimsoll/codec/admission_review.h"
#include "plimsoll/codec/json_parser.h"
#include "tests/support/golden.h"

namespace plimsoll {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kPolicy = R"({
  "apiVersion": "plimsoll.dev/v1alpha1", "kind": "ReadinessPolicy",
  "metadata": {"name": "production"},
  "spec": {
    "contact": "#sre-readiness",
    "documentation": "https://wiki.corp.internal/readiness",
    "match": {"namespaceSelector": {"matchLabels": {"env": "production"}}},
    "stages": [{"action": "Audit"}, {"action": "Warn", "from": "2026-12-01T00:00:00Z"},
               {"action": "Deny", "from": "2027-02-01T00:00:00Z"}],
    "existingViolations": {"action": "Warn", "until": "2027-06-01T00:00:00Z"},
    "rules": [{"rule": "health.readiness-probe"}, {"rule": "health.liveness-probe"}]
  }})";

constexpr std::string_view kProbes =
    R"("readinessProbe":{"httpGet":{"path":"/ready","port":8080}},)"
    R"("livenessProbe":{"httpGet":{"path":"/live","port":8080},"failureThreshold":10},)";

std::string Deployment(std::string_view probes, std::string_view metadata = R"("name":"web")",
                       std::string_view image = "web:1") {
  std::string text = R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{)";
  text += metadata;
  text +=
      R"(,"namespace":"payments"},"spec":{"replicas":2,"selector":{"matchLabels":{"app":"web"}},)"
      R"("template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"web",)";
  text += probes;
  text += R"("image":")";
  text += image;
  text += R"(","ports":[{"containerPort":8080}]}]}}}})";
  return text;
}

struct ReviewText {
  std::string operation = "CREATE";
  std::string kind = R"({"group":"apps","version":"v1","kind":"Deployment"})";
  std::string resource = R"({"group":"apps","version":"v1","resource":"deployments"})";
  std::string name = "web";
  std::string sub_resource = "";
  std::string object = "null";
  std::string old_object = "null";
  bool dry_run = false;

  std::string Json() const {
    return R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u-1",)"
           R"("kind":)" +
           kind + R"(,"resource":)" + resource + R"(,"subResource":")" + sub_resource +
           R"(","name":")" + name + R"(","namespace":"payments","operation":")" + operation +
           R"(","userInfo":{"username":"ana"},"object":)" + object + R"(,"oldObject":)" +
           old_object + R"(,"dryRun":)" + (dry_run ? "true" : "false") + "}}";
  }
};

class FakeNamespaces final : public NamespaceSource {
 public:
  explicit FakeNamespaces(std::string labels) : text_(std::move(labels)) {
    labels_ = *parser_.Parse(text_);
  }
  Facts Find(std::string_view name) const override {
    return name == "payments" ? Facts{labels_, {}, nullptr} : Facts{};
  }

 private:
  std::string text_;
  JsonParser parser_;
  JsonView labels_;
};

class Handler : public ::testing::Test {
 protected:
  static PolicySnapshot Policies() {
    std::string text(kPolicy);
    JsonParser parser;
    ParsedPolicy parsed = ParseReadinessPolicy(*parser.Parse(text));
    EXPECT_TRUE(parsed.problems.empty()) << FormatDiagnostic(parsed.problems.front());
    std::vector<ReadinessPolicy> policies;
    policies.push_back(std::move(*parsed.policy));
    return PolicySnapshot(std::move(policies));
  }

  Result<ReviewOutcome> Handle(const ReviewText& review, std::string_view now = "2027-03-01") {
    std::string text = review.Json();
    JsonParser parser;
    Result<JsonView> root = parser.Parse(text);
    EXPECT_TRUE(root) << root.error().message << "\n" << text;
    Result<AdmissionRequest> request = ReadAdmissionReview(*root);
    EXPECT_TRUE(request) << request.error().message;
    return handler_.Handle(*request, policies_, &namespaces_, *ParseTimestamp(now));
  }

  ReviewOutcome Outcome(const ReviewText& review, std::string_view now = "2027-03-01") {
    Result<ReviewOutcome> outcome = Handle(review, now);
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome ? std::move(*outcome) : ReviewOutcome{};
  }

  static std::string Reason(const ReviewOutcome& outcome) {
    for (const auto& [key, value] : outcome.response.audit_annotations) {
      if (key == "reason") return value;
    }
    return "(none)";
  }

  AdmissionHandler handler_;
  PolicySnapshot policies_ = Policies();
  FakeNamespaces namespaces_{R"({"env":"production"})"};
};

TEST_F(Handler, AReadyDeploymentIsAllowed) {
  const ReviewOutcome outcome = Outcome({.object = Deployment(kProbes)});
  EXPECT_TRUE(outcome.response.allowed);
  EXPECT_EQ(outcome.response.uid, "u-1");
  EXPECT_TRUE(outcome.response.warnings.empty());
  EXPECT_EQ(outcome.verdict.passed, 2u);
}

TEST_F(Handler, AnUnreadyDeploymentIsDeniedGolden) {
  const ReviewOutcome outcome = Outcome({.object = Deployment("")});
  EXPECT_FALSE(outcome.response.allowed);
  EXPECT_EQ(outcome.response.code, 422);
  EXPECT_EQ(outcome.response.reason, "Invalid");
  EXPECT_EQ(outcome.response.details_group, "apps");
  plimsoll::testing::ExpectGolden("tests/admission/golden/handler_denied.txt",
                                  RenderAsKubectl(outcome.response));
}

TEST_F(Handler, BeforeTheDateItIsAWarningGolden) {
  const ReviewOutcome outcome = Outcome({.object = Deployment("")}, "2026-12-24");
  EXPECT_TRUE(outcome.response.allowed);
  plimsoll::testing::ExpectGolden("tests/admission/golden/handler_warned.txt",
                                  RenderAsKubectl(outcome.response));
}

TEST_F(Handler, AnUpdateThatMakesNothingWorseIsLetThroughWithWarningsGolden) {
  const ReviewOutcome outcome = Outcome({.operation = "UPDATE",
                                         .object = Deployment("", R"("name":"web")", "web:2"),
                                         .old_object = Deployment("")});
  EXPECT_TRUE(outcome.response.allowed);
  EXPECT_EQ(outcome.verdict.decision, Decision::kWarn);
  plimsoll::testing::ExpectGolden("tests/admission/golden/handler_ratchet.txt",
                                  RenderAsKubectl(outcome.response, {.done = "configured"}));
}

TEST_F(Handler, AnUpdateThatMakesItWorseIsDenied) {
  EXPECT_FALSE(
      Outcome({.operation = "UPDATE", .object = Deployment(""), .old_object = Deployment(kProbes)})
          .response.allowed);
}

TEST_F(Handler, ADryRunGetsTheSameAnswer) {
  EXPECT_EQ(Outcome({.object = Deployment(""), .dry_run = true}).response,
            Outcome({.object = Deployment("")}).response);
}

TEST_F(Handler, GenerateNameIsShownWithAStar) {
  const ReviewOutcome outcome =
      Outcome({.name = "", .object = Deployment("", R"("generateName":"web-")")});
  EXPECT_EQ(outcome.response.details_name, "web-*");
  EXPECT_THAT(outcome.response.message, HasSubstr("Deployment payments/web-* is not ready"));
}

TEST_F(Handler, ObjectsBeingDeletedPass) {
  const ReviewOutcome outcome = Outcome(
      {.operation = "UPDATE",
       .object = Deployment("", R"("name":"web","deletionTimestamp":"2027-01-01T00:00:00Z")"),
       .old_object = Deployment(kProbes)});
  EXPECT_TRUE(outcome.response.allowed);
  EXPECT_EQ(Reason(outcome), "being deleted");
}

TEST_F(Handler, ADirectOwnerReferenceProvesNothing) {
  constexpr std::string_view kOwned =
      R"("name":"web","ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet",)"
      R"("name":"x","uid":"y","controller":true}])";
  EXPECT_FALSE(Outcome({.object = Deployment("", kOwned)}).response.allowed);
}

class FakeOwners final : public OwnerSource {
 public:
  explicit FakeOwners(Answer answer) : answer_(answer) {}
  Answer Confirm(std::string_view namespace_name, WorkloadKind owned, JsonView reference,
                 const PolicySnapshot&) const override {
    EXPECT_EQ(namespace_name, "payments");
    EXPECT_EQ(owned, WorkloadKind::kDeployment);
    EXPECT_EQ(reference["uid"].StringOrEmpty(), "the-controller");
    return answer_;
  }

 private:
  Answer answer_;
};

TEST_F(Handler, AnOwnerIsBelievedWhereItIsKnown) {
  constexpr std::string_view kOwned =
      R"("name":"web","ownerReferences":[{"kind":"Node","name":"n","uid":"another"},)"
      R"({"apiVersion":"apps/v1","kind":"Rollout","name":"x","uid":"the-controller","controller":true}])";
  std::string text = ReviewText{.object = Deployment("", kOwned)}.Json();
  JsonParser parser;
  const AdmissionRequest request = *ReadAdmissionReview(*parser.Parse(text));
  const Timestamp now = *ParseTimestamp("2027-03-01");
  const auto judge = [&](OwnerSource::Answer answer) {
    const FakeOwners owners(answer);
    return handler_.Handle(request, policies_, &namespaces_, now, &owners);
  };
  EXPECT_TRUE(judge(OwnerSource::Answer::kConfirmed)->response.allowed);
  EXPECT_EQ(Reason(*judge(OwnerSource::Answer::kConfirmed)),
            ExemptionReason(Exemption::kControlledByOwner));
  EXPECT_FALSE(judge(OwnerSource::Answer::kNotConfirmed)->response.allowed);
  const Result<ReviewOutcome> pending = judge(OwnerSource::Answer::kPending);
  ASSERT_FALSE(pending);
  EXPECT_EQ(pending.error(), (Error{ErrorCode::kUnavailable,
                                    "the object's owner x is not known yet and is being asked for",
                                    {}}));
}

TEST_F(Handler, ANamespaceThatIsBeingAskedForGetsNoVerdictYet) {
  class Pending final : public NamespaceSource {
    Facts Find(std::string_view) const override { return {{}, {}, nullptr, true}; }
  };
  std::string text = ReviewText{.object = Deployment("")}.Json();
  JsonParser parser;
  const AdmissionRequest request = *ReadAdmissionReview(*parser.Parse(text));
  const Pending pending;
  const Result<ReviewOutcome> outcome =
      handler_.Handle(request, policies_, &pending, *ParseTimestamp("2027-03-01"));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(outcome.error().message, "namespace payments is not known yet and is being asked for");
}

TEST_F(Handler, UnknownNamespacesHaveOnlyTheirName) {
  FakeNamespaces staging(R"({"env":"staging"})");
  std::string text = ReviewText{.object = Deployment("")}.Json();
  JsonParser parser;
  const AdmissionRequest request = *ReadAdmissionReview(*parser.Parse(text));
  const Timestamp now = *ParseTimestamp("2027-03-01");
  for (const NamespaceSource* source : {static_cast<const NamespaceSource*>(nullptr),
                                        static_cast<const NamespaceSource*>(&staging)}) {
    const Result<ReviewOutcome> outcome = handler_.Handle(request, policies_, source, now);
    ASSERT_TRUE(outcome);
    EXPECT_TRUE(outcome->response.allowed);
    EXPECT_EQ(Reason(*outcome), "no policy matches");
  }
}

TEST_F(Handler, WhatIsNotJudgedIsAllowedAndSaysWhy) {
  const std::map<std::string, ReviewText> cases = {
      {"not judged: operation DELETE", {.operation = "DELETE", .old_object = Deployment("")}},
      {"not judged: operation CONNECT",
       {.operation = "CONNECT",
        .kind = R"({"group":"","version":"v1","kind":"PodExecOptions"})",
        .resource = R"({"group":"","version":"v1","resource":"pods"})",
        .sub_resource = "exec",
        .object = R"({"apiVersion":"v1","kind":"PodExecOptions"})"}},
      {"not judged: subresource scale",
       {.operation = "UPDATE",
        .kind = R"({"group":"autoscaling","version":"v1","kind":"Scale"})",
        .sub_resource = "scale",
        .object = R"({"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"web"}})",
        .old_object =
            R"({"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"web"}})"}},
      {"not judged: v1 ConfigMap is no workload kind Plimsoll knows",
       {.kind = R"({"group":"","version":"v1","kind":"ConfigMap"})",
        .resource = R"({"group":"","version":"v1","resource":"configmaps"})",
        .object = R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}})"}},
      {"not judged: example.org/v1 Deployment is no workload kind Plimsoll knows",
       {.kind = R"({"group":"example.org","version":"v1","kind":"Deployment"})",
        .resource = R"({"group":"example.org","version":"v1","resource":"deployments"})",
        .object = R"({"apiVersion":"example.org/v1","kind":"Deployment"})"}},
  };
  for (const auto& [reason, review] : cases) {
    SCOPED_TRACE(reason);
    const ReviewOutcome outcome = Outcome(review);
    EXPECT_TRUE(outcome.response.allowed);
    EXPECT_EQ(outcome.response.uid, "u-1");
    EXPECT_EQ(Reason(outcome), reason);
  }
}

TEST_F(Handler, AnObjectOfAnotherKindThanTheRequestSaysIsNotDecided) {
  for (const ReviewText& review :
       {ReviewText{.object = R"({"apiVersion":"v1","kind":"ConfigMap"})"},
        ReviewText{.object = R"({"kind":["Deployment"]})"},
        ReviewText{.operation = "UPDATE",
                   .object = Deployment(kProbes),
                   .old_object = R"({"apiVersion":"apps/v1","kind":"StatefulSet"})"}}) {
    const Result<ReviewOutcome> outcome = Handle(review);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(outcome.error().message,
                HasSubstr("expected apps/v1 Deployment as in request.kind, got "));
  }
}

}  // namespace
}  // namespace plimsoll

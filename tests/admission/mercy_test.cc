// What a request that would be denied is let through for: a rollback, broken glass.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plimsoll/admission/break_glass.h"
#include "plimsoll/admission/handler.h"
#include "plimsoll/admission/kubectl.h"
#include "plimsoll/codec/admission_review.h"
#include "plimsoll/codec/json_parser.h"
#include "tests/support/golden.h"

namespace plimsoll {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

std::string Policy(const std::string& name, const std::string& more = "") {
  return R"({"apiVersion":"plimsoll.dev/v1alpha1","kind":"ReadinessPolicy","metadata":{"name":")" +
         name + R"("},"spec":{)" + more +
         R"("stages":[{"action":"Deny","from":"2027-02-01T00:00:00Z"}],"rules":[{"rule":"health.readiness-probe"}]}})";
}

constexpr std::string_view kProbe =
    R"("readinessProbe":{"httpGet":{"path":"/ready","port":8080}},)";

struct DeploymentText {
  std::string image = "web:1";
  std::string_view probe = "";
  std::string annotations = "";
  std::string labels = "";

  std::string Json() const {
    return R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"payments","uid":"u-1",)"
           R"("annotations":{)" +
           annotations + R"(},"labels":{)" + labels +
           R"(}},"spec":{"replicas":2,"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":)"
           R"({"app":"web"}},"spec":{"containers":[{"name":"web",)" +
           std::string(probe) + R"("image":")" + image +
           R"(","ports":[{"containerPort":8080}]}]}}}})";
  }
};

std::string Glass(const std::string& incident) {
  return R"("plimsoll.dev/break-glass":")" + incident + R"(")";
}

class FakeRevisions final : public RevisionSource {
 public:
  Answer Find(const Workload& workload, JsonView pod_template) const override {
    EXPECT_EQ(workload.metadata()["uid"].StringOrEmpty(), "u-1");
    asked.emplace_back(pod_template["spec"]["containers"].At(0)["image"].StringOrEmpty());
    return answer;
  }
  Answer answer;
  mutable std::vector<std::string> asked;
};

class FakeAccess final : public AccessSource {
 public:
  Answer MayDo(const AdmissionRequest& request, const AccessQuestion& question) const override {
    asked.push_back(std::string(request.username) + " " + std::string(question.verb) + " " +
                    std::string(question.resource) + "/" + std::string(question.name));
    EXPECT_EQ(question.namespace_name, "");
    const auto found = answers.find(question.name);
    return found == answers.end() ? Answer::kDenied : found->second;
  }
  std::map<std::string, Answer, std::less<>> answers;
  mutable std::vector<std::string> asked;
};

class MercyTest : public ::testing::Test {
 protected:
  void Policies(const std::vector<std::string>& texts) {
    std::vector<ReadinessPolicy> policies;
    for (std::string text : texts) {
      JsonParser parser;
      ParsedPolicy parsed = ParseReadinessPolicy(*parser.Parse(text));
      EXPECT_TRUE(parsed.problems.empty());
      policies.push_back(std::move(*parsed.policy));
    }
    policies_.emplace(std::move(policies));
  }

  // `before` missing: CREATE.
  Result<ReviewOutcome> Handle(const DeploymentText& after,
                               const std::optional<DeploymentText>& before = std::nullopt) {
    std::string text =
        R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"r-1",)"
        R"("kind":{"group":"apps","version":"v1","kind":"Deployment"},)"
        R"("resource":{"group":"apps","version":"v1","resource":"deployments"},"subResource":"",)"
        R"("name":"web","namespace":"payments","userInfo":{"username":"ana"},"dryRun":false,"operation":")" +
        std::string(before ? "UPDATE" : "CREATE") + R"(","object":)" + after.Json() +
        R"(,"oldObject":)" + (before ? before->Json() : "null") + "}}";
    JsonParser parser;
    const AdmissionRequest request = *ReadAdmissionReview(*parser.Parse(text));
    return handler_.Handle(request, *policies_, nullptr, *ParseTimestamp("2027-03-01"), nullptr,
                           sources_);
  }
  ReviewOutcome Outcome(const DeploymentText& after,
                        const std::optional<DeploymentText>& before = std::nullopt) {
    Result<ReviewOutcome> outcome = Handle(after, before);
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome ? std::move(*outcome) : ReviewOutcome{};
  }

  void SetUp() override { Policies({Policy("production", R"("contact":"#sre",)")}); }

  AdmissionHandler handler_;
  std::optional<PolicySnapshot> policies_;
  FakeRevisions revisions_;
  FakeAccess access_;
  MercySources sources_{&revisions_, &access_};
};

const DeploymentText kFixed{.image = "web:2", .probe = kProbe};
const DeploymentText kBare{.image = "web:1"};

// ---- rollback ----

TEST_F(MercyTest, ARollbackIsLetThroughWithWarningsGolden) {
  revisions_.answer = {RevisionSource::State::kFound, "web-5d8c9f7b6d"};
  const ReviewOutcome outcome = Outcome(kBare, kFixed);
  EXPECT_TRUE(outcome.response.allowed);
  EXPECT_EQ(outcome.verdict.decision, Decision::kWarn);
  EXPECT_EQ(outcome.verdict.mercy, Mercy::kRollback);
  EXPECT_THAT(revisions_.asked, ElementsAre("web:1"));
  EXPECT_THAT(outcome.response.audit_annotations, Contains(Pair("rollback", "web-5d8c9f7b6d")));
  EXPECT_THAT(outcome.response.audit_annotations, Contains(Pair("verdict", "warn")));
  testing::ExpectGolden("tests/admission/golden/rollback.txt",
                        RenderAsKubectl(outcome.response, {.done = "configured"}));
}

TEST_F(MercyTest, WhatIsNoRevisionIsDenied) {
  const ReviewOutcome outcome = Outcome(kBare, kFixed);
  EXPECT_FALSE(outcome.response.allowed);
  EXPECT_EQ(outcome.verdict.mercy, Mercy::kNone);
  EXPECT_THAT(outcome.response.message, Not(HasSubstr("rollback")));
}

TEST_F(MercyTest, NoVerdictWhileItIsBeingAskedFor) {
  revisions_.answer.state = RevisionSource::State::kPending;
  const Result<ReviewOutcome> outcome = Handle(kBare, kFixed);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::kUnavailable);
}

TEST_F(MercyTest, WhatCannotBeFoundOutIsDeniedAndSaysSo) {
  revisions_.answer.state = RevisionSource::State::kUnknown;
  const ReviewOutcome outcome = Outcome(kBare, kFixed);
  EXPECT_FALSE(outcome.response.allowed);
  EXPECT_THAT(
      outcome.response.message,
      HasSubstr("\nrollback: whether this is an earlier revision could not be found out\n"));
}

TEST_F(MercyTest, OnlyWhatWouldBeDeniedIsAskedAbout) {
  revisions_.answer.state = RevisionSource::State::kPending;
  EXPECT_TRUE(Outcome(kFixed, kBare).response.allowed);
  // The ratchet lets it through already.
  EXPECT_TRUE(Outcome({.image = "web:3"}, kBare).response.allowed);
  EXPECT_FALSE(Outcome(kBare).response.allowed);  // CREATE: nothing to go back to
  EXPECT_THAT(revisions_.asked, IsEmpty());
  EXPECT_THAT(access_.asked, IsEmpty());
}

TEST_F(MercyTest, AnUpdateThatKeepsItsTemplateIsNoRollback) {
  Policies(
      {R"({"apiVersion":"plimsoll.dev/v1alpha1","kind":"ReadinessPolicy","metadata":{"name":"production"},)"
       R"("spec":{"stages":[{"action":"Deny"}],"rules":[{"rule":"ownership.owner"}]}})"});
  revisions_.answer = {RevisionSource::State::kFound, "web-5d8c9f7b6d"};
  // Taking the owner away; the template is that of the revision which runs.
  const DeploymentText owned{.annotations = R"("plimsoll.dev/owner":"team-a")"};
  EXPECT_FALSE(Outcome({}, owned).response.allowed);
  EXPECT_THAT(revisions_.asked, IsEmpty());
}

// ---- break-glass ----

TEST_F(MercyTest, BrokenGlassLetsAnythingThroughGolden) {
  access_.answers["production"] = AccessSource::Answer::kAllowed;
  const ReviewOutcome outcome = Outcome({.annotations = Glass("INC-123")});
  EXPECT_TRUE(outcome.response.allowed);
  EXPECT_EQ(outcome.verdict.mercy, Mercy::kBreakGlass);
  EXPECT_EQ(outcome.verdict.mercy_detail, "INC-123 by ana");
  EXPECT_THAT(access_.asked, ElementsAre("ana breakglass readinesspolicies/production"));
  EXPECT_THAT(outcome.response.audit_annotations, Contains(Pair("break-glass", "INC-123 by ana")));
  testing::ExpectGolden("tests/admission/golden/break_glass.txt",
                        RenderAsKubectl(outcome.response));
}

TEST_F(MercyTest, WhoMayNotIsToldWhyAndWhomToAskGolden) {
  access_.answers["production"] = AccessSource::Answer::kDenied;
  const ReviewOutcome outcome = Outcome({.annotations = Glass("INC-123")});
  EXPECT_FALSE(outcome.response.allowed);
  EXPECT_THAT(outcome.response.message,
              HasSubstr("break-glass: not broken for INC-123: it takes the right to `breakglass` "
                        "readinesspolicies/production (ana); ask #sre\n"));
  testing::ExpectGolden("tests/admission/golden/break_glass_refused.txt",
                        RenderAsKubectl(outcome.response));
}

TEST_F(MercyTest, EveryPolicyThatDeniesHasToBeOpenToTheUser) {
  Policies({Policy("payments"), Policy("production")});
  access_.answers["production"] = AccessSource::Answer::kAllowed;
  const ReviewOutcome refused = Outcome({.annotations = Glass("INC-123")});
  EXPECT_FALSE(refused.response.allowed);
  EXPECT_THAT(refused.response.message,
              HasSubstr("readinesspolicies/payments (ana); ask whoever grants roles"));
  access_.answers["payments"] = AccessSource::Answer::kAllowed;
  EXPECT_TRUE(Outcome({.annotations = Glass("INC-123")}).response.allowed);
}

TEST_F(MercyTest, AllPoliciesAreAskedAboutAtOnce) {
  Policies({Policy("payments"), Policy("production")});
  access_.answers["payments"] = AccessSource::Answer::kPending;
  access_.answers["production"] = AccessSource::Answer::kPending;
  revisions_.answer.state = RevisionSource::State::kPending;
  const Result<ReviewOutcome> outcome =
      Handle({.annotations = Glass("INC-123")}, DeploymentText{.probe = kProbe});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(access_.asked.size(), 2u);
  EXPECT_EQ(revisions_.asked.size(), 1u);
}

TEST_F(MercyTest, PendingThenNoVerdictAndRefusedIsEnough) {
  Policies({Policy("payments"), Policy("production")});
  access_.answers["payments"] = AccessSource::Answer::kPending;
  access_.answers["production"] = AccessSource::Answer::kAllowed;
  EXPECT_FALSE(Handle({.annotations = Glass("INC-123")}));
  access_.answers["production"] = AccessSource::Answer::kDenied;
  EXPECT_FALSE(Outcome({.annotations = Glass("INC-123")}).response.allowed);
}

TEST_F(MercyTest, NoAnswerIsNoPermissionAndSaysSo) {
  access_.answers["production"] = AccessSource::Answer::kUnknown;
  const ReviewOutcome outcome = Outcome({.annotations = Glass("INC-123")});
  EXPECT_FALSE(outcome.response.allowed);
  EXPECT_THAT(outcome.response.message, HasSubstr("the API server did not say who may"));
}

TEST_F(MercyTest, WhatNamesNoIncidentBreaksNothing) {
  access_.answers["production"] = AccessSource::Answer::kAllowed;
  for (const char* incident :
       {"", "  ", "TODO", "changeme", "<incident>", "{{ .incident }}", "n/a"}) {
    const ReviewOutcome outcome = Outcome({.annotations = Glass(incident)});
    EXPECT_FALSE(outcome.response.allowed) << incident;
    EXPECT_THAT(
        outcome.response.message,
        HasSubstr(
            "break-glass: not broken: the annotation plimsoll.dev/break-glass names no incident"))
        << incident;
  }
  EXPECT_THAT(access_.asked, IsEmpty());
}

TEST_F(MercyTest, WithoutAClusterNobodyMay) {
  sources_ = {};
  const ReviewOutcome outcome = Outcome({.annotations = Glass("INC-123")});
  EXPECT_FALSE(outcome.response.allowed);
  EXPECT_THAT(outcome.response.message, HasSubstr("without a cluster nobody can say who may"));
}

TEST_F(MercyTest, AnIncidentOnTheTemplateOrAsALabelIsNone) {
  access_.answers["production"] = AccessSource::Answer::kAllowed;
  EXPECT_FALSE(Outcome({.labels = R"("plimsoll.dev/break-glass":"INC-123")"}).response.allowed);
  EXPECT_THAT(access_.asked, IsEmpty());
}

TEST_F(MercyTest, ARollbackNeedsNoGlass) {
  revisions_.answer = {RevisionSource::State::kFound, "web-5d8c9f7b6d"};
  const ReviewOutcome outcome =
      Outcome({.annotations = Glass("INC-123")}, DeploymentText{.probe = kProbe});
  EXPECT_EQ(outcome.verdict.mercy, Mercy::kRollback);
  EXPECT_THAT(access_.asked, IsEmpty());
}

TEST_F(MercyTest, WhatIsWrittenThereCannotFillAnswersOrLogs) {
  access_.answers["production"] = AccessSource::Answer::kAllowed;
  const ReviewOutcome outcome =
      Outcome({.annotations = Glass("INC-1\\n\\u001b[31m" + std::string(5000, 'x'))});
  EXPECT_TRUE(outcome.response.allowed);
  EXPECT_LT(outcome.verdict.mercy_detail.size(), 2 * kMaxIncidentBytes);
  EXPECT_EQ(outcome.verdict.mercy_detail.find('\n'), std::string::npos);
  for (const std::string& warning : outcome.response.warnings) {
    EXPECT_LE(warning.size(), kMaxWarningBytes);
    EXPECT_EQ(warning.find('\x1b'), std::string::npos);
  }
  access_.answers["production"] = AccessSource::Answer::kDenied;
  const ReviewOutcome denied = Outcome({.annotations = Glass(std::string(5000, 'x'))});
  size_t bytes = denied.response.message.size();
  for (const StatusCause& cause : denied.response.causes) {
    bytes += cause.field.size() + cause.message.size();
  }
  EXPECT_LE(bytes, kMaxMessageBytes);
  EXPECT_THAT(denied.response.message, HasSubstr("health.readiness-probe"));
}

TEST(IncidentTest, IsOneCleanLine) {
  struct Case {
    const char* metadata;
    const char* incident;
  };
  for (const Case& c : std::initializer_list<Case>{
           {R"({"annotations":{"plimsoll.dev/break-glass":" INC-1 "}})", "INC-1"},
           {R"({"annotations":{"plimsoll.dev/break-glass":"https://inc.corp.internal/1"}})",
            "https://inc.corp.internal/1"},
           {R"({"annotations":{"plimsoll.dev/break-glass":"a\nb"}})", "a b"},
           {R"({"annotations":{"plimsoll.dev/break-glass":7}})", ""},
           {R"({"annotations":{"plimsoll.dev/break-glass":"tbd"}})", ""},
           {R"({"annotations":[]})", ""},
           {"null", ""}}) {
    std::string text = c.metadata;
    JsonParser parser;
    EXPECT_EQ(IncidentOf(*parser.Parse(text)), c.incident) << c.metadata;
  }
}

}  // namespace
}  // namespace plimsoll

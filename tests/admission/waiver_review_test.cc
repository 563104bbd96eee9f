// Who may do what to a waiver, and every way around it that could be thought of.
#include "plimsoll/admission/waiver_review.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "plimsoll/admission/kubectl.h"
#include "plimsoll/codec/admission_review.h"
#include "plimsoll/codec/json_parser.h"
#include "tests/support/golden.h"

namespace plimsoll {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kNow = "2026-12-15T12:00:00Z";
constexpr std::string_view kCreated = "2026-12-10T00:00:00Z";

constexpr std::string_view kPolicy = R"({
  "apiVersion": "plimsoll.dev/v1alpha1", "kind": "ReadinessPolicy",
  "metadata": {"name": "production"},
  "spec": {"waivers": {"approval": "Required", "maxDuration": "1440h"},
           "rules": [{"rule": "runbook.url"}, {"rule": "health.readiness-probe"}]}})";

// A waiver of Ana's, and what a case makes of it.
struct WaiverText {
  std::string workloads = R"([{"kind":"Deployment","name":"checkout"}])";
  std::string policy = "production";
  std::string rules = R"(["runbook.url"])";
  std::string requested_by = "ana";
  std::string expires = "2027-01-15T00:00:00Z";
  std::string approval;  // JSON; "" for none
  std::string more;      // members of metadata, each with a comma before it
  std::string reason = "OPS-1234";

  std::string Json() const {
    std::string text = R"({"apiVersion":"plimsoll.dev/v1alpha1","kind":"ReadinessWaiver",)";
    text += R"("metadata":{"name":"checkout-runbook","namespace":"payments","creationTimestamp":")";
    text += std::string(kCreated) + "\"" + more + R"(},"spec":{"workloads":)" + workloads;
    text += R"(,"policy":")" + policy + R"(","rules":)" + rules + R"(,"reason":")" + reason;
    text += R"(","requestedBy":")" + requested_by + R"(","expires":")" + expires + "\"";
    if (!approval.empty()) text += R"(,"approval":)" + approval;
    return text + "}}";
  }
};

std::string By(std::string_view user) { return R"({"approvedBy":")" + std::string(user) + R"("})"; }

class FakeAccess final : public AccessSource {
 public:
  Answer MayDo(const AdmissionRequest& request, const AccessQuestion& question) const override {
    asked.push_back(std::string(request.username) + " " + std::string(question.verb) + " " +
                    std::string(question.resource) + " " + std::string(question.namespace_name) +
                    "/" + std::string(question.name));
    return answer;
  }
  Answer answer = Answer::kAllowed;
  mutable std::vector<std::string> asked;
};

class WaiverReviewTest : public ::testing::Test {
 protected:
  // `object` "" for none. Through the bytes of a review, as the API server sends them.
  Result<AdmissionResponse> Send(std::string_view user, const std::string& old_object,
                                 const std::string& object, const AccessSource* access,
                                 std::string_view more = "") {
    const bool update = !old_object.empty();
    std::string text =
        R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u-1",)"
        R"("kind":{"group":"plimsoll.dev","version":"v1alpha1","kind":"ReadinessWaiver"},)"
        R"("resource":{"group":"plimsoll.dev","version":"v1alpha1","resource":"readinesswaivers"},)"
        R"("name":"checkout-runbook","namespace":"payments","operation":")" +
        std::string(update ? "UPDATE" : "CREATE") + R"(","userInfo":{"username":")" +
        std::string(user) + R"("},"object":)" + object + R"(,"oldObject":)" +
        (update ? old_object : "null") + std::string(more) + "}}";
    JsonParser parser;
    const Result<JsonView> root = parser.Parse(text);
    EXPECT_TRUE(root) << root.error().message << "\n" << text;
    const Result<AdmissionRequest> request = ReadAdmissionReview(*root);
    EXPECT_TRUE(request) << request.error().message;
    return ReviewWaiver(*request, {policies_, waivers_.get(), access, *ParseTimestamp(kNow)});
  }

  AdmissionResponse Create(std::string_view user, const WaiverText& waiver) {
    return *Send(user, "", waiver.Json(), &access_);
  }
  AdmissionResponse Update(std::string_view user, const WaiverText& before,
                           const WaiverText& after) {
    return *Send(user, before.Json(), after.Json(), &access_);
  }

  // "spec.requestedBy: must be ..." of each cause.
  static std::vector<std::string> Causes(const AdmissionResponse& response) {
    std::vector<std::string> out;
    for (const StatusCause& cause : response.causes) {
      out.push_back(cause.field + ": " + cause.message);
    }
    return out;
  }

  static PolicySnapshot Policies() {
    std::string text(kPolicy);
    JsonParser parser;
    ParsedPolicy parsed = ParseReadinessPolicy(*parser.Parse(text));
    std::vector<ReadinessPolicy> policies;
    policies.push_back(parsed.policy.value());
    return PolicySnapshot(std::move(policies));
  }

  PolicySnapshot policies_ = Policies();
  std::unique_ptr<WaiverSet> waivers_;
  FakeAccess access_;
};

TEST_F(WaiverReviewTest, OneRequestsAndAnotherApproves) {
  const WaiverText requested;
  EXPECT_TRUE(Create("ana", requested).allowed);
  EXPECT_THAT(access_.asked, IsEmpty());
  WaiverText approved;
  approved.approval = By("lee");
  const AdmissionResponse response = Update("lee", requested, approved);
  EXPECT_TRUE(response.allowed) << response.message;
  EXPECT_EQ(response.uid, "u-1");
  EXPECT_THAT(access_.asked, ElementsAre("lee approve readinesswaivers payments/checkout-runbook"));
  EXPECT_THAT(response.warnings,
              ElementsAre("approved for Deployment checkout until 2027-01-15: runbook.url"));
  EXPECT_THAT(response.audit_annotations, ElementsAre(std::pair<std::string, std::string>(
                                              "waiver", "approved by lee, requested by ana")));
}

TEST_F(WaiverReviewTest, WhatADenialSaysGolden) {
  WaiverText wrong;
  wrong.requested_by = "ben";
  wrong.policy = "prodution";
  wrong.rules = R"(["runbook.ur"])";
  wrong.approval = By("lee");
  const AdmissionResponse response = Create("ana", wrong);
  EXPECT_FALSE(response.allowed);
  EXPECT_EQ(response.code, 422);
  plimsoll::testing::ExpectGolden("tests/admission/golden/waiver_denied.txt",
                                  RenderAsKubectl(response));
}

TEST_F(WaiverReviewTest, WhoMayRequest) {
  struct Case {
    std::string user;
    std::string requested_by;
    bool allowed;
  };
  const Case cases[] = {
      {"ana", "ana", true},
      {"system:serviceaccount:argocd:argocd-application-controller",
       "system:serviceaccount:argocd:argocd-application-controller", true},
      // Impersonation (kubectl --as): the API server has checked it, and the user is who is impersonated.
      {"ana@corp.internal", "ana@corp.internal", true},
      {"ana", "ben", false},
      {"ana", "Ana", false},
      {"Ana", "ana", false},
      {"ana", " ana", false},
      {"ana", "ana ", false},
      {"ana", "an\u200ba", false},
      {"ana", "\u0430na", false},
      {"j\u00fcrgen", "ju\u0308rgen", false},  // composed and decomposed
      {"ana", "ana@corp.internal", false},
      {"ana", "oidc:ana", false},
      {"system:serviceaccount:a:b", "system:serviceaccount:a:c", false},
      {"system:serviceaccount:payments:deployer", "deployer", false},
  };
  for (const Case& c : cases) {
    WaiverText waiver;
    waiver.requested_by = c.requested_by;
    const AdmissionResponse response = Create(c.user, waiver);
    EXPECT_EQ(response.allowed, c.allowed) << c.user << " as " << c.requested_by;
    if (c.allowed) continue;
    EXPECT_THAT(Causes(response), ElementsAre(HasSubstr("spec.requestedBy: must be the user who "
                                                        "requests the waiver, \"")));
  }
}

TEST_F(WaiverReviewTest, NobodyApprovesAsTheyRequest) {
  for (const std::string_view approver : {"ana", "lee", "Ana", "an\u200ba"}) {
    WaiverText waiver;
    waiver.approval = By(approver);
    for (const std::string_view user : {"ana", "lee"}) {
      const AdmissionResponse response = Create(user, waiver);
      EXPECT_FALSE(response.allowed) << user << " approved by " << approver;
      EXPECT_THAT(Causes(response),
                  ::testing::Contains(HasSubstr("spec.approval: must not be set yet")));
    }
  }
}

TEST_F(WaiverReviewTest, WhoMayApprove) {
  struct Case {
    std::string requester;
    std::string user;
    std::string approved_by;
    std::string cause;  // "" where it is allowed
  };
  const Case cases[] = {
      {"ana", "lee", "lee", ""},
      {"ana", "anabel", "anabel", ""},
      {"system:serviceaccount:payments:deployer", "system:serviceaccount:payments:approver",
       "system:serviceaccount:payments:approver", ""},
      // As somebody else.
      {"ana", "lee", "kim", "must be the user who approves"},
      {"ana", "lee", "Lee", "must be the user who approves"},
      {"ana", "lee", "lee ", "must be the user who approves"},
      {"ana", "lee", "l\u0435e", "must be the user who approves"},
      {"ana", "ana", "lee", "must be the user who approves"},
      {"ana", "lee", "ana", "must be the user who approves"},
      // As themselves.
      {"ana", "ana", "ana", "somebody else must approve it"},
      {"ana", "Ana", "Ana", "somebody else must approve it"},
      {"ana", "ANA", "ANA", "somebody else must approve it"},
      {"ana", " ana", " ana", "somebody else must approve it"},
      {"ana", "ana\\t", "ana\\t", "somebody else must approve it"},
      {"ana", "ana\u00a0", "ana\u00a0", "somebody else must approve it"},
      {"ana", "an\u200ba", "an\u200ba", "somebody else must approve it"},
      {"ana", "\ufeffana", "\ufeffana", "somebody else must approve it"},
      {"system:serviceaccount:payments:deployer", "system:serviceaccount:payments:deployer",
       "system:serviceaccount:payments:deployer", "somebody else must approve it"},
  };
  for (const Case& c : cases) {
    WaiverText before;
    before.requested_by = c.requester;
    WaiverText after = before;
    after.approval = By(c.approved_by);
    const AdmissionResponse response = Update(c.user, before, after);
    EXPECT_EQ(response.allowed, c.cause.empty()) << c.user << " as " << c.approved_by;
    if (c.cause.empty()) continue;
    EXPECT_THAT(Causes(response), ::testing::Contains(HasSubstr(c.cause)));
    EXPECT_TRUE(response.message.starts_with("ReadinessWaiver checkout-runbook cannot be approved"))
        << response.message;
  }
}

TEST_F(WaiverReviewTest, ApprovingTakesTheVerb) {
  using Answer = AccessSource::Answer;
  const WaiverText before;
  WaiverText after;
  after.approval = By("lee");
  access_.answer = Answer::kDenied;
  EXPECT_THAT(
      Causes(Update("lee", before, after)),
      ElementsAre("spec.approval.approvedBy: \"lee\" may not approve readinesswaivers in the "
                  "namespace \"payments\"; it takes the verb approve on them (RBAC)"));
  access_.answer = Answer::kUnknown;
  EXPECT_THAT(Causes(Update("lee", before, after)),
              ElementsAre(HasSubstr("could not be found out; try again")));
  EXPECT_FALSE(Send("lee", before.Json(), after.Json(), nullptr)->allowed);
  access_.answer = Answer::kPending;
  const Result<AdmissionResponse> pending = Send("lee", before.Json(), after.Json(), &access_);
  ASSERT_FALSE(pending);
  EXPECT_EQ(pending.error().code, ErrorCode::kUnavailable);
  // Nobody is asked about who cannot approve whatever they may.
  access_.asked.clear();
  WaiverText own;
  own.approval = By("ana");
  EXPECT_FALSE(Update("ana", before, own).allowed);
  EXPECT_THAT(access_.asked, IsEmpty());
}

// What an update may change, by what the waiver was before.
TEST_F(WaiverReviewTest, WhatAnUpdateMayChange) {
  struct Change {
    std::string name;
    std::function<void(WaiverText&)> make;
  };
  const Change changes[] = {
      {"more workloads",
       [](WaiverText& w) {
         w.workloads =
             R"([{"kind":"Deployment","name":"checkout"},{"kind":"Deployment","name":"ledger"}])";
       }},
      {"another workload",
       [](WaiverText& w) { w.workloads = R"([{"kind":"Deployment","name":"ledger"}])"; }},
      {"more rules",
       [](WaiverText& w) { w.rules = R"(["runbook.url","health.readiness-probe"])"; }},
      {"longer", [](WaiverText& w) { w.expires = "2027-02-01T00:00:00Z"; }},
      {"shorter", [](WaiverText& w) { w.expires = "2027-01-01T00:00:00Z"; }},
      {"another reason", [](WaiverText& w) { w.reason = "OPS-9"; }},
  };
  for (const Change& change : changes) {
    const WaiverText before;
    WaiverText after;
    change.make(after);
    EXPECT_TRUE(Update("ana", before, after).allowed) << change.name;
    // Somebody who may approve could make it theirs, and approve it alone.
    EXPECT_THAT(
        Causes(Update("lee", before, after)),
        ElementsAre(HasSubstr("spec: only who requested the waiver, \"ana\", may change it")))
        << change.name;
    WaiverText with_approval = after;
    with_approval.approval = By("lee");
    EXPECT_THAT(Causes(Update("lee", before, with_approval)),
                ElementsAre("spec: the request that approves a waiver must change nothing else"))
        << change.name;
    WaiverText approved;
    approved.approval = By("lee");
    for (const std::string_view user : {"ana", "lee", "kim", "system:admin"}) {
      EXPECT_THAT(
          Causes(Update(user, approved, with_approval)),
          ElementsAre(HasSubstr("spec: the waiver is approved: nothing of it can be changed")))
          << change.name << " by " << user;
      EXPECT_FALSE(Update(user, approved, after).allowed)
          << change.name << " and the approval taken back by " << user;
    }
  }
}

TEST_F(WaiverReviewTest, TheRequesterStaysWhoTheyAre) {
  const WaiverText before;
  WaiverText other;
  other.requested_by = "ben";
  for (const std::string_view user : {"ana", "ben", "lee"}) {
    EXPECT_THAT(Causes(Update(user, before, other)),
                ::testing::Contains(
                    "spec.requestedBy: who requested the waiver, \"ana\", cannot be changed"))
        << user;
  }
  // Makes room for one's own approval.
  WaiverText approved = other;
  approved.approval = By("ana");
  EXPECT_THAT(Causes(Update("ana", before, approved)),
              ::testing::IsSupersetOf({HasSubstr("spec.requestedBy: who requested"),
                                       HasSubstr("\"ana\" requested the waiver")}));
  approved.requested_by = "";
  EXPECT_FALSE(Update("ana", before, approved).allowed);
}

TEST_F(WaiverReviewTest, AnApprovalIsNeitherChangedNorTakenBack) {
  WaiverText approved;
  approved.approval = By("lee");
  for (const std::string& approval :
       {std::string(), By("kim"), By("ana"), std::string("null"), std::string("{}"), By("Lee")}) {
    WaiverText after;
    after.approval = approval;
    for (const std::string_view user : {"ana", "lee", "kim"}) {
      EXPECT_FALSE(Update(user, approved, after).allowed) << approval << " by " << user;
    }
  }
}

TEST_F(WaiverReviewTest, WhatLeavesTheSpecAlonePasses) {
  WaiverText approved;
  approved.approval = By("lee");
  WaiverText never_valid;
  never_valid.policy = "gone";
  never_valid.approval = By("ana");  // by whatever way it came about
  for (const WaiverText& before : {WaiverText(), approved, never_valid}) {
    WaiverText after = before;
    after.more = R"(,"labels":{"a":"b"},"finalizers":["x/y"])";
    EXPECT_TRUE(Update("anybody", before, after).allowed);
    EXPECT_TRUE(Update("anybody", after, before).allowed);
    after.more = R"(,"deletionTimestamp":"2026-12-15T00:00:00Z")";
    EXPECT_TRUE(Update("system:serviceaccount:kube-system:generic-garbage-collector", before, after)
                    .allowed);
  }
  EXPECT_THAT(access_.asked, IsEmpty());
}

// A waiver that is kept from being deleted by a finalizer is no way around.
TEST_F(WaiverReviewTest, WhatIsBeingDeletedIsNotApprovedUnseen) {
  WaiverText before;
  before.more = R"(,"finalizers":["x/y"],"deletionTimestamp":"2026-12-15T00:00:00Z")";
  WaiverText after = before;
  after.approval = By("ana");
  EXPECT_FALSE(Update("ana", before, after).allowed);
}

TEST_F(WaiverReviewTest, ByTheTermsOfThePolicy) {
  struct Case {
    std::function<void(WaiverText&)> make;
    std::string cause;
  };
  const Case cases[] = {
      {[](WaiverText& w) { w.policy = "prodution"; },
       "spec.policy: there is no policy \"prodution\"; did you mean \"production\"?"},
      {[](WaiverText& w) { w.rules = R"(["health.liveness-probe"])"; },
       "spec.rules[0]: the policy \"production\" has no rule \"health.liveness-probe\"; did you mean "
       "\"health.readiness-probe\"?"},
      {[](WaiverText& w) { w.rules = R"(["runbook.ur"])"; },
       "spec.rules[0]: \"runbook.ur\" is no rule; did you mean \"runbook.url\"?"},
      {[](WaiverText& w) { w.workloads = R"([{"kind":"Job","name":"a"}])"; },
       "spec.workloads[0].kind: the policy \"production\" is not about a Job; expected Deployment, "
       "StatefulSet or DaemonSet"},
      {[](WaiverText& w) { w.workloads = R"([{"kind":"Deploymnt","name":"a"}])"; },
       "did you mean \"Deployment\"?"},
      {[](WaiverText& w) { w.expires = "2026-12-15T12:00:00Z"; }, "is past"},
      {[](WaiverText& w) { w.expires = "2027-02-08T00:00:01Z"; },
       "lets a waiver last 60d from its creation, here until 2027-02-08T00:00:00Z"},
  };
  for (const Case& c : cases) {
    WaiverText waiver;
    c.make(waiver);
    EXPECT_THAT(Causes(Create("ana", waiver)), ElementsAre(HasSubstr(c.cause)));
    EXPECT_THAT(Causes(Update("ana", WaiverText(), waiver)), ElementsAre(HasSubstr(c.cause)));
    // A policy may have changed since it was requested.
    WaiverText approved = waiver;
    approved.approval = By("lee");
    EXPECT_THAT(Causes(Update("lee", waiver, approved)), ElementsAre(HasSubstr(c.cause)));
  }
  WaiverText longest;
  longest.expires = "2027-02-08T00:00:00Z";
  EXPECT_TRUE(Create("ana", longest).allowed);
}

TEST_F(WaiverReviewTest, ANamespaceHasOnlySoMany) {
  std::vector<WaiverSet::Pointer> many;
  for (size_t i = 0; i < kMaxWaiversPerNamespace; ++i) {
    ReadinessWaiver waiver;
    waiver.namespace_name = i == 0 ? "other" : "payments";
    waiver.name = std::to_string(i);
    many.push_back(std::make_shared<const ReadinessWaiver>(waiver));
  }
  waivers_ = std::make_unique<WaiverSet>(many);
  EXPECT_TRUE(Create("ana", {}).allowed);
  ReadinessWaiver one_more;
  one_more.namespace_name = "payments";
  many.push_back(std::make_shared<const ReadinessWaiver>(one_more));
  waivers_ = std::make_unique<WaiverSet>(many);
  EXPECT_THAT(Causes(Create("ana", {})), ElementsAre(HasSubstr("there are 500 waivers")));
  WaiverText approved;
  approved.approval = By("lee");
  EXPECT_TRUE(Update("lee", {}, approved).allowed);
}

TEST_F(WaiverReviewTest, WhatIsNoWaiverOrNoReview) {
  const std::string waiver = WaiverText().Json();
  EXPECT_TRUE(Send("ana", "", waiver, nullptr, R"(,"subResource":"status")")->allowed);
  const Result<AdmissionResponse> no_spec =
      Send("ana", R"({"kind":"ReadinessWaiver"})", waiver, nullptr);
  ASSERT_FALSE(no_spec);
  EXPECT_EQ(no_spec.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(WaiverReviewTest, ARequestWithoutAUserIsNobodys) {
  WaiverText waiver;
  waiver.requested_by = "";
  EXPECT_FALSE(Create("", waiver).allowed);
}

// Nothing that a request carries besides decides: a dry run is answered as the real thing.
TEST_F(WaiverReviewTest, ADryRunIsAnsweredAlike) {
  WaiverText approved;
  approved.approval = By("ana");
  for (const std::string_view user : {"ana", "lee"}) {
    const auto dry =
        Send(user, WaiverText().Json(), approved.Json(), &access_, R"(,"dryRun":true)");
    EXPECT_EQ(*dry, Update(user, WaiverText(), approved));
  }
}

}  // namespace
}  // namespace plimsoll

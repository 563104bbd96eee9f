#include "admission/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "plimsoll/admission/handler.h"
#include "plimsoll/admission/kubectl.h"
#include "plimsoll/base/text.h"
#include "tests/support/golden.h"

namespace plimsoll {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Timestamp Day(std::string_view text) { return *ParseTimestamp(text); }

ReadinessPolicy Production() {
  ReadinessPolicy policy;
  policy.name = "production";
  policy.contact = "#sre-readiness";
  policy.documentation = "https://wiki.corp.internal/readiness";
  return policy;
}

PolicySnapshot Policies() { return PolicySnapshot({Production()}); }

Finding Readiness(Action action) {
  Finding finding;
  finding.policy = "production";
  finding.rule = "health.readiness-probe";
  finding.action = action;
  finding.reason = "Deny since 2027-02-01";
  finding.path = "spec.template.spec.containers[0].readinessProbe";
  finding.container = "web";
  finding.message = "Container \"web\" declares TCP port 8080 but has no readinessProbe.";
  finding.observed = "not set";
  finding.required = "a readinessProbe";
  finding.fix =
      "spec:\n  template:\n    spec:\n      containers:\n      - name: web\n"
      "        readinessProbe:\n          httpGet: {path: /ready, port: 8080}\n";
  return finding;
}

Finding Owner(Action action) {
  Finding finding;
  finding.policy = "production";
  finding.rule = "ownership.owner";
  finding.action = action;
  finding.reason = "Deny since 2027-02-01";
  finding.path = "metadata.labels[plimsoll.dev/owner]";
  finding.message = "No owner is named.";
  finding.fix =
      "metadata:\n  labels:\n    plimsoll.dev/owner: payments  # replace with your team\n";
  return finding;
}

// Before its next stage.
Finding Planned(Finding finding) {
  finding.reason = "Warn since 2026-12-01; Deny from 2027-02-01";
  finding.upcoming = Upcoming{Action::kDeny, Day("2027-02-01")};
  return finding;
}

Verdict VerdictOf(std::vector<Finding> findings) {
  Verdict verdict;
  for (const Finding& finding : findings) {
    if (finding.action == Action::kDeny) verdict.decision = Decision::kDeny;
    if (finding.action == Action::kWarn && verdict.decision == Decision::kAllow) {
      verdict.decision = Decision::kWarn;
    }
  }
  verdict.findings = std::move(findings);
  verdict.policies = {"production"};
  verdict.tier = "standard";
  return verdict;
}

AdmissionResponse Answer(const Verdict& verdict, const PolicySnapshot& policies = Policies(),
                         const std::vector<HelpLine>& more = {}) {
  const Subject subject{"apps", "Deployment", "web", "payments"};
  AdmissionResponse response;
  WriteAnswer(subject, verdict, policies, more, response);
  return response;
}

size_t StatusBytes(const AdmissionResponse& response) {
  size_t bytes = response.message.size();
  for (const StatusCause& cause : response.causes) {
    bytes += cause.field.size() + cause.message.size();
  }
  return bytes;
}

std::string Annotation(const AdmissionResponse& response, std::string_view key) {
  for (const auto& [name, value] : response.audit_annotations) {
    if (name == key) return value;
  }
  return "(none)";
}

// Everything a reader can see, for golden files.
std::string Render(const AdmissionResponse& response) {
  std::string out =
      "---- kubectl\n" + RenderAsKubectl(response, {.resource = "deployment.apps/web"});
  if (!response.allowed) {
    out += "---- other clients (" + std::to_string(response.code) + " " + response.reason + ")\n";
    out += response.message + "\n";
  }
  out += "---- audit annotations\n";
  for (const auto& [key, value] : response.audit_annotations) out += key + "=" + value + "\n";
  return out;
}

TEST(Answer, DeniedGolden) {
  Finding runbook = Owner(Action::kWarn);
  runbook.rule = "runbook.url";
  runbook.message = "No runbook is linked.";
  plimsoll::testing::ExpectGolden(
      "tests/admission/golden/denied.txt",
      Render(Answer(VerdictOf({Readiness(Action::kDeny), Owner(Action::kDeny), runbook}))));
}

TEST(Answer, WarnedGolden) {
  plimsoll::testing::ExpectGolden(
      "tests/admission/golden/warned.txt",
      Render(Answer(VerdictOf({Planned(Readiness(Action::kWarn)), Owner(Action::kWarn)}))));
}

TEST(Answer, TwoPoliciesGolden) {
  ReadinessPolicy pci = Production();
  pci.name = "pci";
  pci.contact = "pci@corp.internal";
  pci.documentation = "";
  Finding second = Owner(Action::kDeny);
  second.policy = "pci";
  Verdict verdict = VerdictOf({second, Readiness(Action::kDeny)});
  verdict.policies = {"pci", "production"};
  plimsoll::testing::ExpectGolden("tests/admission/golden/two_policies.txt",
                                  Render(Answer(verdict, PolicySnapshot({pci, Production()}))));
}

TEST(Answer, AllowedSaysNothingButTheVerdict) {
  const AdmissionResponse response = Answer(VerdictOf({}));
  EXPECT_TRUE(response.allowed);
  EXPECT_EQ(response.code, 0);
  EXPECT_TRUE(response.message.empty());
  EXPECT_TRUE(response.warnings.empty());
  EXPECT_EQ(Annotation(response, "verdict"), "allow");
  EXPECT_EQ(Annotation(response, "policies"), "production");
  EXPECT_EQ(Annotation(response, "findings"), "(none)");
}

TEST(Answer, AuditFindingsGoToTheAuditLogOnly) {
  const AdmissionResponse response = Answer(VerdictOf({Owner(Action::kAudit)}));
  EXPECT_TRUE(response.allowed);
  EXPECT_TRUE(response.warnings.empty());
  EXPECT_EQ(Annotation(response, "findings"),
            R"([{"policy":"production","rule":"ownership.owner","result":"fail","action":"audit",)"
            R"("path":"metadata.labels[plimsoll.dev/owner]"}])");
}

TEST(Answer, AReasonThatSaysNothingIsLeftOut) {
  Finding finding = Owner(Action::kDeny);
  finding.reason = "Deny";
  const AdmissionResponse response = Answer(VerdictOf({finding}));
  EXPECT_TRUE(response.causes.front().message.starts_with(
      "production/ownership.owner: No owner is named\n    fix:\n"))
      << response.causes.front().message;
}

TEST(Answer, ExemptionIsTheReason) {
  Verdict verdict;
  verdict.exemption = Exemption::kBeingDeleted;
  EXPECT_EQ(Annotation(Answer(verdict), "reason"), "being deleted");
}

TEST(Answer, ManyFindingsStayWithinTheLimitAndAreCounted) {
  std::vector<Finding> findings;
  for (int i = 0; i < 400; ++i) {
    Finding finding = Readiness(Action::kDeny);
    finding.path = "spec.template.spec.containers[" + std::to_string(i) + "].readinessProbe";
    findings.push_back(finding);
  }
  Verdict verdict = VerdictOf(findings);
  verdict.findings_dropped = 7;
  const AdmissionResponse response = Answer(verdict);
  EXPECT_LE(StatusBytes(response), kMaxMessageBytes);
  EXPECT_GT(StatusBytes(response), kMaxMessageBytes / 2) << "the room is to be used";
  EXPECT_THAT(response.message, HasSubstr("is not ready: 407 findings\n"));
  size_t listed = 0;
  for (const StatusCause& cause : response.causes) listed += cause.field.starts_with("spec.");
  EXPECT_EQ(response.causes.back().field, "and");
  EXPECT_EQ(response.causes.back().message,
            std::to_string(407 - listed) + " more findings not listed here");
  EXPECT_LE(Annotation(response, "findings").size(), kMaxAnnotationBytes);
  EXPECT_THAT(Annotation(response, "findings"), HasSubstr(",{\"more\":"));
}

TEST(Answer, NoFindingIsLeftOutForAnothersFix) {
  std::vector<Finding> findings;
  for (int i = 0; i < 12; ++i) {
    Finding finding = Owner(Action::kDeny);
    finding.fix = "metadata:\n  annotations:\n    note: " + std::string(900, 'x') + "\n";
    finding.path = "metadata.labels[k" + std::to_string(i) + "]";
    findings.push_back(finding);
  }
  const AdmissionResponse response = Answer(VerdictOf(findings));
  EXPECT_THAT(response.message, HasSubstr("\n12. "));
  EXPECT_THAT(response.message, HasSubstr("\n   fix:\n     metadata:"));
  EXPECT_THAT(response.message, Not(HasSubstr("more finding")));
  EXPECT_LE(StatusBytes(response), kMaxMessageBytes);
}

TEST(Answer, HostileTextsStayOnTheirLine) {
  Finding finding = Readiness(Action::kDeny);
  finding.message = "Container \"a\nb\x1b[31m\xff\" " + std::string(5000, 'm');
  finding.path = "spec\n* forged: " + std::string(5000, 'p');
  finding.reason = "because\r\nof";
  Finding warned = finding;
  warned.action = Action::kWarn;
  ReadinessPolicy policy = Production();
  policy.contact = "evil\nWarning: forged" + std::string(5000, 'c');
  policy.documentation = "https://x\n" + std::string(5000, 'd');
  const AdmissionResponse response = Answer(VerdictOf({finding, warned}), PolicySnapshot({policy}));
  EXPECT_LE(StatusBytes(response), kMaxMessageBytes);
  EXPECT_TRUE(IsValidUtf8(response.message));
  EXPECT_THAT(response.message, Not(HasSubstr("\x1b")));
  for (const StatusCause& cause : response.causes) {
    EXPECT_THAT(cause.field, Not(HasSubstr("\n")));
    EXPECT_TRUE(IsValidUtf8(cause.message));
  }
  EXPECT_THAT(RenderAsKubectl(response), Not(HasSubstr("\n* forged")));
  EXPECT_TRUE(IsValidUtf8(Annotation(response, "findings")));
}

TEST(Answer, WarningsAreShortCleanAndCounted) {
  std::vector<Finding> findings;
  for (int i = 0; i < 13; ++i) {
    Finding finding = Planned(Readiness(Action::kWarn));
    finding.message = "Container \"c" + std::to_string(i) + "\n\xff\" " + std::string(200, 'x');
    findings.push_back(finding);
  }
  const AdmissionResponse response = Answer(VerdictOf(findings));
  ASSERT_EQ(response.warnings.size(), kMaxWarnings + 1);
  for (const std::string& warning : response.warnings) {
    EXPECT_LE(warning.size(), kMaxWarningBytes) << warning;
    EXPECT_EQ(warning, SanitizeLine(warning, kMaxWarningBytes));
  }
  EXPECT_THAT(response.warnings.front(), HasSubstr("… [Deny from 2027-02-01]"));
  EXPECT_THAT(response.warnings.back(), HasSubstr("3 more findings"));
}

TEST(Answer, EqualWarningsAreGivenOnce) {
  const AdmissionResponse response =
      Answer(VerdictOf({Owner(Action::kWarn), Owner(Action::kWarn)}));
  EXPECT_EQ(response.warnings.size(), 1u);
}

}  // namespace
}  // namespace plimsoll

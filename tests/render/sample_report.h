// A small report with one of everything, made by hand: what the evaluator would say is not the point here.
#pragma once

#include "plimsoll/render/check_report.h"

namespace plimsoll {

inline Finding SampleFinding(RuleResult result, Action action, std::string rule) {
  Finding finding;
  finding.policy = "production";
  finding.rule = std::move(rule);
  finding.result = result;
  finding.action = action;
  return finding;
}

inline CheckedWorkload SampleCheckout() {
  CheckedWorkload workload{.file = "manifests/checkout.yaml",
                           .position = {12, 1},
                           .api_version = "apps/v1",
                           .kind = "Deployment",
                           .namespace_name = "payments",
                           .name = "checkout",
                           .passed = 11,
                           .not_applicable = 2};
  Finding probe = SampleFinding(RuleResult::kFail, Action::kDeny, "health.readiness-probe");
  probe.reason = "Deny since 2027-02-01";
  probe.path = "spec.template.spec.containers[0].readinessProbe";
  probe.container = "web";
  probe.message =
      "Container \"web\" serves TCP port 8080 but has no readinessProbe: it gets traffic before it "
      "can answer.";
  probe.observed = "not set";
  probe.required = "a readinessProbe";
  probe.fix =
      "spec:\n  template:\n    spec:\n      containers:\n        - name: web\n"
      "          readinessProbe:\n            httpGet:\n              path: /ready  # replace with "
      "the "
      "path that answers 200 once it can serve\n              port: http\n";
  probe.position = {31, 11};
  workload.findings.push_back(probe);
  Finding runbook = SampleFinding(RuleResult::kFail, Action::kWarn, "runbook.url");
  runbook.reason = "Warn since 2026-12-01; Deny from 2027-06-01";
  runbook.path = "metadata.annotations[plimsoll.dev/runbook]";
  runbook.message = "It has no runbook: whoever is paged for it starts from nothing.";
  runbook.observed = "not set";
  runbook.required = "an https URL";
  runbook.fix =
      "metadata:\n  annotations:\n    plimsoll.dev/runbook: "
      "https://wiki.corp.internal/runbooks/checkout  # replace with its runbook\n";
  runbook.position = {14, 3};
  workload.findings.push_back(runbook);
  Finding replicas = SampleFinding(RuleResult::kFail, Action::kAudit, "resilience.replicas");
  replicas.reason = "Audit, the most for tier experimental (Deny since 2027-02-01)";
  replicas.message = "It runs one replica; a drained node takes it down.";
  replicas.fix = "spec:\n  replicas: 2\n";
  workload.findings.push_back(replicas);
  Finding pending = SampleFinding(RuleResult::kPending, Action::kAudit, "alerting.scraped");
  pending.reason = "judged from 2026-11-23T10:00:00Z";
  workload.findings.push_back(pending);
  return workload;
}

inline CheckReport SampleReport() {
  CheckReport report;
  report.files = 3;
  report.documents = 7;
  report.policies = {"production"};
  report.as_of = *ParseTimestamp("2027-03-01");
  report.workloads.push_back(SampleCheckout());
  report.workloads.push_back(
      {.file = "manifests/ready.yaml",
       .position = {1, 1},
       .api_version = "apps/v1",
       .kind = "StatefulSet",
       .namespace_name = "payments",
       .name = "ledger",
       .findings = {SampleFinding(RuleResult::kPass, Action::kAudit, "health.readiness-probe")},
       .passed = 14});
  report.workloads.push_back({.file = "overlays/patch.yaml",
                              .position = {1, 1},
                              .api_version = "apps/v1",
                              .kind = "Deployment",
                              .name = "checkout",
                              .standing = CheckedWorkload::Standing::kNotJudged,
                              .note = "partial patch (no container has an image): build it first "
                                      "(kustomize build) and check what comes out"});
  report.workloads.push_back({.file = "overlays/other.yaml",
                              .position = {3, 1},
                              .api_version = "apps/v1",
                              .kind = "Deployment",
                              .namespace_name = "kube-system",
                              .name = "dns",
                              .standing = CheckedWorkload::Standing::kNoPolicyMatches,
                              .note = "no policy matches"});
  report.errors.push_back(
      {"charts/app/templates/web.yaml", {3, 9}, "", "unrendered template: render first"});
  return report;
}

}  // namespace plimsoll

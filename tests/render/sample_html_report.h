// A report of four services, each in another state, with a waiver: what the page and /api/v1 are tested with.
#pragma once

#include <string>
#include <utility>

#include "plimsoll/render/html_report.h"

namespace plimsoll::testing {

inline Timestamp At(std::string_view text) { return ParseTimestamp(text).value(); }

inline RecordWithHistory Record(std::string name, std::string owner, ReadinessState state) {
  RecordWithHistory one;
  one.record.workload = {WorkloadKind::kDeployment, "production", name};
  one.record.uid = "1";
  one.record.service = name + " (" + owner + ")";
  one.record.owner = std::move(owner);
  one.record.state = state;
  one.record.first_seen = At("2026-11-03T09:00:00Z");
  return one;
}

inline void AddFinding(RecordWithHistory& one, std::string rule, Action action) {
  RecordedFinding finding;
  finding.policy = "production";
  finding.rule = std::move(rule);
  finding.message = "container \"web\" has no readinessProbe";
  finding.container = "web";
  finding.path = "spec.template.spec.containers[0]";
  finding.action = action;
  finding.first_observed = At("2026-11-10");
  one.record.findings.push_back(finding);
  ++one.record.failing;
}

inline HtmlReport SampleHtmlReport() {
  HtmlReport report;
  report.now = At("2026-11-28T06:30:00Z");
  report.source = "From records.yaml";
  report.version = "0.0.0";
  RecordWithHistory blocked = Record("search", "discovery", ReadinessState::kBlocked);
  blocked.record.tier = "critical";
  AddFinding(blocked, "health.readiness-probe", Action::kDeny);
  AddFinding(blocked, "runbook.url", Action::kWarn);
  blocked.record.findings[1].upcoming = Upcoming{Action::kDeny, At("2027-01-01")};
  blocked.record.first_seen_by = Sighting::kDenial;
  blocked.history.blocked_releases = 3;
  blocked.history.surprises = 1;
  blocked.history.blocked = {{"a", At("2026-11-03T09:00:00Z"), true},
                             {"b", At("2026-11-17T09:00:00Z"), false}};
  blocked.history.events = {{At("2026-11-03T09:00:00Z"), HistoryEventType::kDenied, "runbook.url"}};
  RecordWithHistory waived = Record("checkout", "payments", ReadinessState::kWaived);
  AddFinding(waived, "runbook.url", Action::kDeny);
  waived.record.findings[0].waiver = "checkout-runbook";
  waived.record.failing = 0;
  waived.record.waived = 1;
  RecordWithHistory never = Record("new", "payments", ReadinessState::kBlocked);
  never.record.uid.clear();
  ToldFinding told;
  told.rule = "ownership.owner";
  told.first_shown = At("2026-11-20");
  told.shown_by = Sighting::kDenial;
  told.first_denied = At("2026-11-20");
  never.history.findings = {told};
  report.records = {blocked, waived, never, Record("ledger", "payments", ReadinessState::kReady)};
  ReadinessWaiver waiver;
  waiver.namespace_name = "production";
  waiver.name = "checkout-runbook";
  waiver.workloads = {{WorkloadKind::kDeployment, "checkout"}};
  waiver.policy = "production";
  waiver.rules = {"runbook.url"};
  waiver.reason = "the runbook moves with the wiki";
  waiver.requested_by = "ada@example.org";
  waiver.approved_by = "grace@example.org";
  waiver.expires = At("2026-12-05");
  report.waivers = {{waiver, WaiverState::kActive}};
  report.examples["runbook.url"] = {
      .manifest = {}, .message = "no runbook", .fix = "metadata: {}\n"};
  return report;
}

}  // namespace plimsoll::testing

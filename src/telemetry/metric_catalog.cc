#include <algorithm>
#include <array>

#include "plimsoll/telemetry/metrics.h"

namespace plimsoll {
namespace {

// Sorted by name; a test holds it.
constexpr auto kCatalog = std::to_array<MetricDescription>({
    {"plimsoll_admission_duration_seconds", "histogram", "decision",
     "Time from a complete review to its answer. Decision error: reviews that got no verdict."},
    {"plimsoll_admission_reviews_total", "counter", "kind, operation, decision, dry_run",
     "Admission reviews that were answered with a verdict."},
    {"plimsoll_admission_undecided_total", "counter", "reason",
     "Admission reviews that got no verdict (HTTP 4xx or 5xx); the API server then applies "
     "failurePolicy."},
    {"plimsoll_audit_duration_seconds", "gauge", "",
     "How long the last audit of every workload took: after a start, or after a change of policies that concerns "
     "all of them."},
    {"plimsoll_audit_last_success_timestamp_seconds", "gauge", "",
     "When the audit was last up to date, as Unix time: no workload waited to be judged."},
    {"plimsoll_audit_unlisted_kinds", "gauge", "kind",
     "1 for a kind that policies need and that Plimsoll may not list: its workloads are in none of the audit's figures, "
     "and their records stay as they were."},
    {"plimsoll_audit_waiting_records", "gauge", "",
     "Records that differ from what is stored and are still to be written; among them those that the API server would not "
     "take, which are tried again every minute."},
    {"plimsoll_audit_waiting_workloads", "gauge", "",
     "Workloads that have changed, or whose policies, namespace or date have, and that are still to be judged."},
    {"plimsoll_blocked_release_rules_total", "counter", "rule, owner, surprise",
     "Releases that were refused, counted once for each rule that denied them. Surprise: of the release, as in "
     "plimsoll_blocked_releases_total."},
    {"plimsoll_blocked_releases_total", "counter", "policy, resource_namespace, owner, surprise",
     "Releases that were refused: distinct pod templates, however often they were tried again. Surprise: nothing of what "
     "denied it had been told for its service before."},
    {"plimsoll_blocked_workloads", "gauge", "policy, owner",
     "Workloads that exist and would be refused by the policy if they were created anew now."},
    {"plimsoll_build_info", "gauge", "version", "Always 1; the version of this program."},
    {"plimsoll_certificate_expiry_timestamp_seconds", "gauge", "certificate",
     "When the certificate expires, as Unix time."},
    {"plimsoll_certificate_trusted", "gauge", "",
     "In a cluster: 1 while the webhook configuration, as it is there, accepts the serving certificate; 0 while the API "
     "server's calls would fail. The log says why."},
    {"plimsoll_connections", "gauge", "", "Open connections to the webhook's listener."},
    {"plimsoll_connections_accepted_total", "counter", "",
     "Connections accepted by the webhook's listener."},
    {"plimsoll_denials_total", "counter", "policy, rule, resource_namespace, owner",
     "Denied requests, counted once for each rule that denied them; dry runs are left out."},
    {"plimsoll_findings_first_shown_total", "counter", "rule, owner, how",
     "Findings that a workload's team was told for the first time. How: warning or checked (upstream), or denial (at the "
     "gate: it could have been prevented)."},
    {"plimsoll_findings_resolved_total", "counter", "rule, owner, outcome, told",
     "Findings that had been told and ended. Outcome: fixed_before_enforcement, fixed_after_block, waived or removed (no "
     "longer asked, or gone with the workload). Told: early (by a warning or a check) or at_the_gate."},
    {"plimsoll_findings_shown_total", "counter", "policy, rule, action, resource_namespace, owner",
     "Findings in answers; dry runs are left out. Deny and warn are shown to the client, audit "
     "goes to the audit annotations only."},
    {"plimsoll_history_dropped_total", "counter", "",
     "Happenings that could not be kept in a workload's history: too many at once, or the API server would not take them."},
    {"plimsoll_history_pending_records", "gauge", "",
     "Workloads whose history waits to be written by this replica."},
    {"plimsoll_http_requests_refused_total", "counter", "reason",
     "Requests to the webhook's listener that were refused before they were read: too large, too "
     "slow, malformed, too many connections, unknown path."},
    {"plimsoll_label_values_overflowed", "gauge", "label",
     "1 once values of this label are counted as \"other\" because there are too many."},
    {"plimsoll_lead_time_seconds", "histogram", "owner",
     "From the first sighting of a service to its first rollout under enforcement, observed once when that happens."},
    {"plimsoll_leader", "gauge", "",
     "1 while this replica leads: audits, keeps the webhook configuration and writes status."},
    {"plimsoll_let_through_total", "counter", "reason, policy, resource_namespace, owner",
     "Requests let through with findings that deny, counted once for each policy and reason; dry runs are left out. "
     "Reason: existing (the object had them before, existingViolations holds), unchanged_template (it had them before, its "
     "pod template stays the same), rollback (its pod template was admitted before) or break_glass."},
    {"plimsoll_link_checks_total", "counter", "outcome",
     "Looks at runbook links (rule runbook.alive), by what came of them: alive, dead, refused (its host or address may not "
     "be asked), trouble (no answer this time; it is tried again). Counted from when this replica began to lead."},
    {"plimsoll_links", "gauge", "state",
     "Runbook links that are looked at, by what is known of them: pending, alive, dead, refused."},
    {"plimsoll_log_lines_dropped_total", "counter", "",
     "Log lines dropped: too many reviews at once, or the reader of the log is too slow."},
    {"plimsoll_next_stage_timestamp_seconds", "gauge", "policy, rule, action",
     "When the next stage of this rule begins and which action it brings, as Unix time."},
    {"plimsoll_policies", "gauge", "", "Policies in force."},
    {"plimsoll_policy_last_reload_timestamp_seconds", "gauge", "",
     "When the policies were last read, as Unix time."},
    {"plimsoll_policy_problems", "gauge", "",
     "Problems in the policies' files as last read; the log has each with file, line and column."},
    {"plimsoll_policy_ready", "gauge", "policy",
     "1 where the policy is in force as its file has it now; 0 where entries of it are left out "
     "or its last good version is in force."},
    {"plimsoll_policy_reloads_total", "counter", "outcome",
     "Readings of the policies after a change. Outcome failure: at least one problem was found."},
    {"plimsoll_team_directory_ready", "gauge", "",
     "1 where the directory of teams is in force as its ConfigMap has it now; 0 where there is none, where it cannot be "
     "read, or where its last good version is used."},
    {"plimsoll_team_directory_teams", "gauge", "", "Teams in the directory of teams that is used."},
    {"plimsoll_tls_handshake_failures_total", "counter", "",
     "Connections to the webhook's listener that ended before TLS was agreed on."},
    {"plimsoll_waiver_expiry_timestamp_seconds", "gauge", "policy, resource_namespace, owner",
     "When the next active waiver of this policy, namespace and owner ends, as Unix time. Owner: of the workload that the "
     "waiver names."},
    {"plimsoll_waivers", "gauge", "state, owner",
     "Waivers. State: pending (not approved), active, unused (active, and nothing needs it), expired or invalid. Owner: of "
     "the workload that the waiver names."},
    {"plimsoll_watch_last_event_timestamp_seconds", "gauge", "kind",
     "When the API server last said something on a watch of this kind (an event, a bookmark, a list), as Unix time; 0 "
     "before the first word. A bookmark comes about once a minute."},
    {"plimsoll_workload_findings", "gauge", "policy, rule, action, owner",
     "Findings of the audit in the workloads that exist, by what is done about them now."},
    {"plimsoll_workloads", "gauge", "state, tier, owner",
     "Workloads that the audit judges. State: ready, not_ready, waived or blocked (would be refused if created anew). "
     "Those scaled to zero are left out."},
    {"plimsoll_would_block_workloads", "gauge", "policy, owner",
     "Workloads that would be refused if the next stage of the policy began now, those refused already among them."},
    {"process_cpu_seconds_total", "counter", "", "User and system CPU time of this process."},
    {"process_max_fds", "gauge", "", "Limit on open file descriptors."},
    {"process_open_fds", "gauge", "", "Open file descriptors."},
    {"process_resident_memory_bytes", "gauge", "", "Resident memory."},
    {"process_start_time_seconds", "gauge", "", "When the process started, as Unix time."},
    {"process_threads", "gauge", "", "Threads of this process."},
    {"process_virtual_memory_bytes", "gauge", "", "Virtual memory."},
});

}  // namespace

std::span<const MetricDescription> MetricCatalog() { return kCatalog; }

std::string MetricsReference() {
  std::string out =
      "# Metrics\n\n"
      "What `plimsoll-controller` shows on `/metrics`. Names and labels are an interface: they are "
      "deprecated first,\nnever renamed. This page is printed by "
      "`plimsoll-controller --print-metrics-reference`.\n\n"
      "Label values are bounded. Of owners and of namespaces the first " +
      std::to_string(kMaxLabelValues) +
      " seen keep their name, later ones are\ncounted as `other`; a workload without an owner or "
      "tier is counted as `none`. The label is `resource_namespace` because\nPrometheus overwrites "
      "`namespace` with that of the scraped pod.\n\n"
      "| Name | Type | Labels | Meaning |\n|---|---|---|---|\n";
  for (const MetricDescription& metric : kCatalog) {
    out += "| `" + std::string(metric.name) + "` | " + std::string(metric.type) + " | " +
           std::string(metric.labels) + " | " + std::string(metric.help) + " |\n";
  }
  return out;
}

}  // namespace plimsoll

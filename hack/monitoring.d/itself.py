"""The dashboard "Plimsoll itself": whether the gate works, as it sees itself and as the API server sees it."""

from grafana import Dashboard, Row, graph, label_values, replicas, stat, table
from promql import STEP, api_server, or_zero, ours, quantile, rate, share, total

REVIEWS = ours("plimsoll_admission_reviews_total")
UNDECIDED = ours("plimsoll_admission_undecided_total")
DURATION = ours("plimsoll_admission_duration_seconds")
EXPIRY = ours("plimsoll_certificate_expiry_timestamp_seconds")
AUDITED = ours("plimsoll_audit_last_success_timestamp_seconds")
WATCHED = ours("plimsoll_watch_last_event_timestamp_seconds")
READY = ours("plimsoll_policy_ready")

CALLS = api_server("apiserver_admission_webhook_request_total")
CALL_DURATION = api_server("apiserver_admission_webhook_admission_duration_seconds")
REJECTIONS = api_server("apiserver_admission_webhook_rejection_count")
ERRORS = api_server("apiserver_admission_webhook_rejection_count", 'error_type!="no_error"')
FAIL_OPEN = api_server("apiserver_admission_webhook_fail_open_count")


# The API server gives up after five seconds (timeoutSeconds), between two of its buckets.
AT_LEAST_HALF_OF_THE_TIMEOUT = (
    f"{rate(api_server('apiserver_admission_webhook_admission_duration_seconds_count'), 'name')} - "
    + rate(api_server("apiserver_admission_webhook_admission_duration_seconds_bucket", 'le="2.5"'), "name"))

GLANCE = Row("At a glance", (
    stat("Replicas", "How many replicas are scraped? Two or more, so that one may go.", "short", f"count({ours('plimsoll_build_info')})",
         width=3, thresholds=((None, "red"), (1, "orange"), (2, "green"))),
    stat("Leaders", "Does exactly one replica lead?", "short", f"sum({ours('plimsoll_leader')})", width=3, runbook="no-leader",
         thresholds=((None, "red"), (1, "green"), (2, "red"))),
    stat("Certificate ends in", "How long is the certificate valid that ends first? Replicas renew theirs when a third is left.", "s",
         f"min({EXPIRY}) - time()", width=3, runbook="certificate-expires-soon",
         thresholds=((None, "red"), (86400, "orange"), (172800, "green"))),
    stat("Trusted", "Does the webhook configuration accept every replica's certificate? 1: yes.", "short",
         f"min({ours('plimsoll_certificate_trusted')})", width=3, runbook="certificate-not-trusted",
         thresholds=((None, "red"), (1, "green"))),
    stat("Failing open", "How many requests went through unjudged, as the webhook could not be called?", "short",
         or_zero(total(FAIL_OPEN)), width=3, runbook="webhook-failing-open", thresholds=((None, "green"), (1, "red"))),
    stat("Failing closed", "How many requests were refused only because the webhook could not be called?", "short",
         or_zero(total(ERRORS)), width=3, runbook="webhook-calls-failing", thresholds=((None, "green"), (1, "red"))),
    stat("Policies not ready", "How many policies are not in force as they are written?", "short",
         or_zero(f"count(min by (policy) ({READY}) == 0)"), width=3, runbook="policy-not-ready",
         thresholds=((None, "green"), (1, "red"))),
    stat("Audit age", "How long ago was the audit up to date?", "s", f"time() - max({AUDITED})", width=3, runbook="audit-stale",
         thresholds=((None, "green"), (300, "orange"), (600, "red"))),
))

REVIEWED = Row("Reviews, as Plimsoll sees them", (
    graph("Reviews by decision", "How many reviews are answered, and how?", "reqps", (rate(REVIEWS, "decision"), "{{decision}}"),
          stacked=True),
    graph("Reviews by kind", "What is it asked about?", "reqps", (rate(REVIEWS, "kind, operation"), "{{kind}} {{operation}}"),
          stacked=True),
    graph("Latency", "How long does an answer take, from the complete review on? A review may wait two seconds for a fact.", "s",
          (quantile(0.5, DURATION), "median"), (quantile(0.99, DURATION), "p99"), runbook="webhook-slow"),
    graph("No verdict", "Which reviews got no verdict, and why? The API server then does as failurePolicy says.", "reqps",
          (rate(UNDECIDED, "reason"), "{{reason}}"), runbook="webhook-calls-failing"),
    stat("Share without a verdict", "Which part of all reviews got no verdict?", "percentunit",
         share(f"sum(rate({UNDECIDED}[{STEP}]))", f"sum(rate({REVIEWS}[{STEP}]))"), width=8, runbook="webhook-calls-failing",
         thresholds=((None, "green"), (0.01, "red")), limits=(0, 1)),
    graph("Connections", "How many connections are open, and how many are refused, malformed or fail in TLS?", "short",
          (f"sum({ours('plimsoll_connections')})", "open"),
          (or_zero(total(ours("plimsoll_http_requests_refused_total"), window=STEP)), "refused"),
          (or_zero(total(ours("plimsoll_tls_handshake_failures_total"), window=STEP)), "TLS failed")),
))

CALLED = Row("What the API server saw", (
    graph("Calls", "How often does the API server call, and which HTTP code does it get?", "reqps",
          (rate(CALLS, "name, code"), "{{name}} {{code}}"), stacked=True),
    graph("Latency of a call", "How much does a call add to a request of a user? Network and TLS included.", "s",
          (quantile(0.5, CALL_DURATION, "name"), "{{name}} median"), (quantile(0.99, CALL_DURATION, "name"), "{{name}} p99"),
          runbook="webhook-slow"),
    graph("Calls near the timeout", "How many calls took longer than 2.5 of the 5 seconds they have? Those that timed out are among "
          "them.", "reqps", (AT_LEAST_HALF_OF_THE_TIMEOUT, "{{name}}"), runbook="webhook-slow"),
    graph("Rejections", "Which requests were refused: by a verdict (no_error), or because the call failed?", "short",
          (total(REJECTIONS, "name, error_type", STEP), "{{name}} {{error_type}}"), stacked=True,
          runbook="webhook-calls-failing"),
    graph("Fail open", "When did requests go through unjudged? Plimsoll itself cannot know of them.", "short",
          (total(FAIL_OPEN, "name", STEP), "{{name}}"), runbook="webhook-failing-open"),
    table("Rejections by code", "With which code were requests refused, and was it a verdict?", "short",
          (total(REJECTIONS, "name, error_type, rejection_code"),),
          (("name", "Webhook", ""), ("error_type", "Error", ""), ("rejection_code", "Code", ""), ("Value", "Requests", "short"))),
))

LEADING = Row("What the leader does", (
    graph("Waiting to be judged or written", "Does the audit keep up? A change of policy concerns everything at once.", "short",
          (f"max({ours('plimsoll_audit_waiting_workloads')})", "workloads to judge"),
          (f"max({ours('plimsoll_audit_waiting_records')})", "records to write"),
          (f"sum({ours('plimsoll_history_pending_records')})", "histories to write"), runbook="record-backlog"),
    graph("Duration of an audit", "How long did it take to judge everything?", "s",
          (f"max({ours('plimsoll_audit_duration_seconds')})", "all workloads"), runbook="audit-stale"),
    table("Who leads", "Which replica audits, writes and keeps the configuration?", "short", (f"{ours('plimsoll_leader')} == 1",), (("instance", "Replica", ""),),
          runbook="no-leader"),
    graph("Silence of watches", "How long has the API server said nothing on a watch? A bookmark comes about once a minute.", "s",
          (f"time() - min by (kind) ({WATCHED})", "{{kind}}"), runbook="watch-stale"),
    stat("Kinds not audited", "How many kinds may Plimsoll not list? Their workloads are in no figure.", "short",
         or_zero(f"count(max by (kind) ({ours('plimsoll_audit_unlisted_kinds')}))"), runbook="audit-stale",
         thresholds=((None, "green"), (1, "orange"))),
    stat("Lost", "How many happenings or log lines were dropped?", "short",
         or_zero(f"{total(ours('plimsoll_history_dropped_total'))} + {total(ours('plimsoll_log_lines_dropped_total'))}"),
         runbook="record-backlog", thresholds=((None, "green"), (1, "orange"))),
    graph("Runbook links", "How many runbook links are alive, dead, refused, or not looked at yet? Zero where no policy asks.", "short",
          (f"sum by (state) ({ours('plimsoll_links')})", "{{state}}"), stacked=True),
))

PROCESSES = Row("Processes", (
    graph("CPU", "How much CPU does each replica use?", "percentunit", (rate(ours("process_cpu_seconds_total"), "instance"), "{{instance}}")),
    graph("Memory", "How much memory does each replica hold?", "bytes",
          (f"max by (instance) ({ours('process_resident_memory_bytes')})", "{{instance}}")),
    graph("File descriptors", "How near is each replica to its limit of open files?", "percentunit",
          (f"max by (instance) ({ours('process_open_fds')} / {ours('process_max_fds')})", "{{instance}}")),
    table("Versions", "Which version runs where, and since when?", "short",
          (f"max by (instance, version) ({ours('plimsoll_build_info')})",
           f"max by (instance) ({ours('process_start_time_seconds')}) * 1000"),
          (("instance", "Replica", ""), ("version", "Version", ""), ("Value #B", "Since", "dateTimeFromNow")), width=12, height=6),
    table("Policies", "Which policy is in force as it is written? 1: yes.", "short", (f"min by (policy) ({READY})",),
          (("policy", "Policy", ""), ("Value", "Ready", "short")), width=12, height=6, runbook="policy-not-ready"),
))

DASHBOARD = Dashboard(
    "plimsoll-itself", "Plimsoll / Plimsoll itself",
    "Whether the gate works: as Plimsoll sees itself, and as the API server sees it, which alone knows what went around it.",
    (*replicas(), label_values("apiserver", "job", "label_values(apiserver_admission_webhook_request_total, job)", text="API server")),
    (GLANCE, REVIEWED, CALLED, LEADING, PROCESSES), since="now-6h")

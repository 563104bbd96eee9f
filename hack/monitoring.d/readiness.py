"""The dashboard "Readiness": where services stand, what comes next and whom it would stop, the three answers, waivers."""

from grafana import Dashboard, Row, bars, graph, label_values, replicas, stat, table
from promql import grown, or_zero, ours, share, total

OWNER = 'owner=~"$owner"'
POLICY = 'policy=~"$policy"'
WORKLOADS = ours("plimsoll_workloads", OWNER)
FINDINGS = ours("plimsoll_workload_findings", OWNER, POLICY)
WOULD_BLOCK = ours("plimsoll_would_block_workloads", OWNER, POLICY)
BLOCKED_NOW = ours("plimsoll_blocked_workloads", OWNER, POLICY)
NEXT_STAGE = ours("plimsoll_next_stage_timestamp_seconds", POLICY)
WAIVERS = ours("plimsoll_waivers", OWNER)
WAIVER_EXPIRY = ours("plimsoll_waiver_expiry_timestamp_seconds", OWNER, POLICY)
RELEASES = ours("plimsoll_blocked_release_rules_total", OWNER)
SURPRISES = ours("plimsoll_blocked_release_rules_total", 'surprise="true"', OWNER)


def lead(part, *matchers):
    return ours(f"plimsoll_lead_time_seconds_{part}", OWNER, *matchers)


def told(*matchers):
    return ours("plimsoll_findings_first_shown_total", OWNER, *matchers)


def ended(*matchers):
    return ours("plimsoll_findings_resolved_total", OWNER, *matchers)


def in_state(state):
    workloads = ours("plimsoll_workloads", OWNER, f'state="{state}"')
    return f"sum({workloads})"


# Those that existed already, taken away; an owner that has none is not in the second metric.
NEWLY = (f"max by (policy, owner) ({WOULD_BLOCK}) - (max by (policy, owner) ({BLOCKED_NOW}) or "
         f"0 * max by (policy, owner) ({WOULD_BLOCK}))")

STANDS = Row("Where services stand", (
    stat("Ready", "Which part of the workloads meets every policy that is about it?", "percentunit",
         share(in_state("ready"), f"sum({WORKLOADS})"),
         thresholds=((None, "red"), (0.5, "orange"), (0.9, "green")), limits=(0, 1)),
    stat("Workloads", "How many workloads are judged? Those scaled to zero are left out.", "short", f"sum({WORKLOADS})"),
    stat("Blocked", "How many workloads would be refused if they were created anew now?", "short",
         or_zero(in_state("blocked")),
         thresholds=((None, "green"), (1, "orange"))),
    stat("Waived", "How many workloads are excused by a waiver?", "short",
         or_zero(in_state("waived")), runbook="waiver-expires-soon"),
    stat("Findings", "How many things are missing in the workloads that exist?", "short", or_zero(f"sum({FINDINGS})")),
    stat("Policies", "How many policies are in force?", "short", f"max({ours('plimsoll_policies')})", runbook="policy-not-ready"),
    graph("Workloads by state", "How many workloads are ready, and does it get better?", "short",
          (f"sum by (state) ({WORKLOADS})", "{{state}}"), width=12, height=8, stacked=True),
    graph("Burn-down by rule", "What is still missing, rule by rule? A line that reaches zero before its date is a date that hurts "
          "nobody.", "short", (f"sum by (rule) ({FINDINGS})", "{{rule}}"), width=12, height=8, stacked=True,
          runbook="stage-blocks-soon"),
    table("Owners", "Which team has how many workloads in which state?", "short", (f"sum by (owner, state) ({WORKLOADS})",),
          (("owner", "Owner", ""), ("state", "State", ""), ("Value", "Workloads", "short")), height=8),
    table("Tiers", "Are the services that matter most ready?", "short", (f"sum by (tier, state) ({WORKLOADS})",),
          (("tier", "Tier", ""), ("state", "State", ""), ("Value", "Workloads", "short")), height=8),
    bars("What is missing most", "Which rules fail most often, and what is done about it now?", "short",
         f"topk(15, sum by (rule, action) ({FINDINGS}))", "{{rule}} ({{action}})", height=8),
))

NEXT = Row("What comes next", (
    table("Next stages", "When does which rule begin to warn or to deny?", "short",
          (f"min by (policy, rule, action) ({NEXT_STAGE}) * 1000",),
          (("policy", "Policy", ""), ("rule", "Rule", ""), ("action", "Then", ""), ("Value", "Begins", "dateTimeFromNow")),
          width=12, height=8, runbook="stage-blocks-soon"),
    table("Who would be blocked", "How many workloads of which owner would be refused if the policy's next stage began now, how many "
          "of them are refused already, and how many are new?", "short",
          (f"max by (policy, owner) ({WOULD_BLOCK})", f"max by (policy, owner) ({BLOCKED_NOW})", NEWLY),
          (("policy", "Policy", ""), ("owner", "Owner", ""), ("Value #A", "Would be blocked", "short"),
           ("Value #B", "Are already", "short"), ("Value #C", "Newly", "short")), width=12, height=8, runbook="stage-blocks-soon"),
    graph("Burn-down to the next stage", "How many workloads would newly be refused, and do they become fewer before the date?", "short",
          (f"sum by (policy) ({NEWLY})", "{{policy}}"), width=24, runbook="stage-blocks-soon"),
))

FIRST = Row("1. When did operations first see it?", (
    stat("Rollouts that were seen coming", "How many services had their first rollout under enforcement?", "short",
         or_zero(total(lead("count")))),
    stat("Median lead time", "How long before its first enforced rollout had operations seen a service?", "s",
         f"histogram_quantile(0.5, sum by (le) ({grown(lead('bucket'))}))"),
    stat("Seen on the last day only", "Which part of them was first seen within a day of that rollout?", "percentunit",
         share(total(lead("bucket", 'le="86400"')), total(lead("count"))), limits=(0, 1)),
    table("Lead time by owner", "Who comes early? The mean of an owner's services.", "s",
          (f"sum by (owner) ({grown(lead('sum'))}) / (sum by (owner) ({grown(lead('count'))}) > 0)", total(lead("count"), "owner")),
          (("owner", "Owner", ""), ("Value #A", "Mean lead time", "s"), ("Value #B", "Services", "short")), width=12, height=7),
))

SECOND = Row("2. Which rejections could have been prevented upstream?", (
    table("By rule and owner", "Which rules refused whose releases, and how often out of the blue?", "short",
          (total(RELEASES, "rule, owner"), total(SURPRISES, "rule, owner")),
          (("rule", "Rule", ""), ("owner", "Owner", ""), ("Value #A", "Blocked releases", "short"),
           ("Value #B", "Surprises", "short")), width=12, runbook="surprise-ratio-high"),
    table("First told by whom", "How did teams hear of it first: by a check, by a warning, or by a denial, which is too late?",
          "short", (total(told(), "rule, owner, how"),),
          (("rule", "Rule", ""), ("owner", "Owner", ""), ("how", "By", ""), ("Value", "Findings", "short")), width=12),
))

EARLY = ended('told="early"')
IN_TIME = ended('told="early"', 'outcome="fixed_before_enforcement"')
THIRD = Row("3. Does early involvement change decisions?", (
    stat("Told early and ended", "How many findings that were told early have ended, one way or another?", "short",
         or_zero(total(EARLY))),
    stat("Fixed in time", "Which part of them was fixed before enforcement?", "percentunit", share(total(IN_TIME), total(EARLY)),
         thresholds=((None, "red"), (0.5, "orange"), (0.8, "green")), limits=(0, 1)),
    stat("Fixed at the gate", "How many findings were fixed only after a release was blocked?", "short",
         or_zero(total(ended('outcome="fixed_after_block"')))),
    table("How findings ended", "What became of what was told, by rule and owner: fixed in time, fixed after a block, waived, or no "
          "longer asked? And was it told early or at the gate?", "short", (total(ended(), "rule, owner, told, outcome"),),
          (("rule", "Rule", ""), ("owner", "Owner", ""), ("told", "Told", ""), ("outcome", "Outcome", ""),
           ("Value", "Findings", "short")), width=12),
))

EXCEPTIONS = Row("Waivers", (
    graph("Waivers by state", "How many exceptions are there, and how many are needed by nobody?", "short",
          (f"sum by (state) ({WAIVERS})", "{{state}}"), stacked=True),
    table("Waivers by owner", "Who works with exceptions?", "short", (f"sum by (owner, state) ({WAIVERS})",),
          (("owner", "Owner", ""), ("state", "State", ""), ("Value", "Waivers", "short"))),
    table("Next expiry", "Whose exception ends next, and when?", "short",
          (f"min by (owner, resource_namespace, policy) ({WAIVER_EXPIRY}) * 1000",),
          (("owner", "Owner", ""), ("resource_namespace", "Namespace", ""), ("policy", "Policy", ""),
           ("Value", "Ends", "dateTimeFromNow")), runbook="waiver-expires-soon"),
))

DASHBOARD = Dashboard(
    "plimsoll-readiness", "Plimsoll / Readiness",
    "Where services stand, what comes next and whom it would stop, the three answers, and waivers.",
    (*replicas(), label_values("owner", "owner", 'label_values(plimsoll_workloads{job=~"$job"}, owner)'),
     label_values("policy", "policy", 'label_values(plimsoll_policy_ready{job=~"$job"}, policy)')),
    (STANDS, NEXT, FIRST, SECOND, THIRD, EXCEPTIONS), since="now-30d")

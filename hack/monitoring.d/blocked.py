"""The dashboard "Blocked releases": what was refused, whose it was, and whether they had been told before."""

from grafana import Dashboard, Row, bars, graph, label_values, replicas, stat, table
from promql import STEP, or_zero, ours, share, total

OF = ('owner=~"$owner"', 'policy=~"$policy"', 'resource_namespace=~"$resource_namespace"')
BLOCKED = ours("plimsoll_blocked_releases_total", *OF)
SURPRISES = ours("plimsoll_blocked_releases_total", 'surprise="true"', *OF)
# Rules of a release are counted without its policy and namespace.
BY_RULE = ours("plimsoll_blocked_release_rules_total", 'owner=~"$owner"')
BY_RULE_SURPRISES = ours("plimsoll_blocked_release_rules_total", 'surprise="true"', 'owner=~"$owner"')
DENIALS = ours("plimsoll_denials_total", *OF)
LET_THROUGH = ours("plimsoll_let_through_total", *OF)
BREAK_GLASS = ours("plimsoll_let_through_total", 'reason="break_glass"', *OF)
SHOWN = ours("plimsoll_findings_shown_total", 'action="warn"', *OF)


def by(label, heading):
    """A table of blocked releases, surprises and their share by one label."""
    return table(
        f"By {heading.lower()}", f"Which {heading.lower()} had releases refused, and how many of those were surprises?", "short",
        (total(BLOCKED, label), total(SURPRISES, label), f"sum by ({label}) ({total(SURPRISES, label)}) / ({total(BLOCKED, label)} > 0)"),
        ((label, heading, ""), ("Value #A", "Blocked", "short"), ("Value #B", "Surprises", "short"),
         ("Value #C", "Share", "percentunit")), height=8)


GLANCE = Row("At a glance", (
    stat("Blocked releases", "How many releases were refused? A release that is tried again and again is one.", "short",
         or_zero(total(BLOCKED))),
    stat("Surprises", "Of how many had nobody told their team before? Plimsoll is there to bring this to zero.", "short",
         or_zero(total(SURPRISES)), runbook="surprise-ratio-high", thresholds=((None, "green"), (1, "orange"))),
    stat("Surprise ratio", "Which part of the blocked releases came as a surprise?", "percentunit",
         share(total(SURPRISES), total(BLOCKED)), runbook="surprise-ratio-high",
         thresholds=((None, "green"), (0.1, "orange"), (0.2, "red")), limits=(0, 1)),
    stat("Denied requests and rules", "How often did a rule deny a request? Retries count, dry runs do not.", "short",
         or_zero(total(DENIALS))),
    stat("Let through", "How many requests came through with findings that deny: as before, rolled back, or by break-glass?",
         "short", or_zero(total(LET_THROUGH))),
    stat("Glass broken", "How often did somebody who may release past the gate? The records have who and for which incident.",
         "short", or_zero(total(BREAK_GLASS)), thresholds=((None, "green"), (1, "orange"))),
))

WHEN = Row("When", (
    graph("Blocked releases over time", "When were releases refused, and which of them were surprises?", "short",
          (total(BLOCKED, "surprise", STEP), "surprise: {{surprise}}"), width=12, stacked=True, runbook="surprise-ratio-high"),
    graph("Denials by rule", "Which rules denied requests, and when?", "short",
          (total(DENIALS, "rule", STEP), "{{rule}}"), width=12, stacked=True),
))

WHOSE = Row("Whose, and why", (
    by("owner", "Owner"),
    table("By rule", "Which rules refused releases, and how many of those were surprises? A release that lacks two things counts "
          "for both.", "short",
          (total(BY_RULE, "rule"), total(BY_RULE_SURPRISES, "rule"),
           f"sum by (rule) ({total(BY_RULE_SURPRISES, 'rule')}) / ({total(BY_RULE, 'rule')} > 0)"),
          (("rule", "Rule", ""), ("Value #A", "Blocked", "short"), ("Value #B", "Surprises", "short"),
           ("Value #C", "Share", "percentunit")), height=8),
    by("resource_namespace", "Namespace"),
    bars("Which rule stops whom", "Which rules keep which owners from releasing? The fifteen most frequent pairs.", "short",
         f"topk(15, {total(BY_RULE, 'owner, rule')})", "{{owner}}: {{rule}}", width=12, height=9),
    by("policy", "Policy"),
))

ELSE = Row("What else was said", (
    graph("Let through, by reason", "Why did requests with findings that deny come through all the same?", "short",
          (total(LET_THROUGH, "reason", STEP), "{{reason}}"), width=12, stacked=True),
    bars("Warned of", "What were teams warned of, that will stop them one day? The fifteen most frequent rules.", "short",
         f"topk(15, {total(SHOWN, 'rule')})", "{{rule}}", width=12, runbook="stage-blocks-soon"),
))


def _values(name, label, text):
    return label_values(name, label, f'label_values(plimsoll_blocked_releases_total{{job=~"$job"}}, {label})', text=text)


DASHBOARD = Dashboard(
    "plimsoll-blocked", "Plimsoll / Blocked releases",
    "What was refused at the gate, whose it was, why, and whether they had been told before.",
    (*replicas(), _values("owner", "owner", "Owner"), _values("policy", "policy", "Policy"),
     _values("resource_namespace", "resource_namespace", "Namespace")),
    (GLANCE, WHEN, WHOSE, ELSE))

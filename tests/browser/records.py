#!/usr/bin/env python3
"""Writes N records, and waivers, of a made-up company as JSON: records.py N > records.json. The same every time."""

import datetime
import json
import random
import sys

RULES = ["alerting.route", "alerting.rules", "alerting.scraped", "availability.replicas", "health.liveness-probe",
         "health.probe-meaningful", "health.readiness-probe", "image.pinned", "ownership.app-labels", "ownership.contact",
         "ownership.owner", "resilience.disruption-budget", "resilience.graceful-shutdown", "resources.memory-limit",
         "resources.requests", "runbook.alerts", "runbook.alive", "runbook.url", "security.non-root",
         "security.read-only-root"]
WORDS = ["checkout", "search", "ledger", "cart", "pricing", "catalog", "invoice", "gateway", "session", "mailer", "stock",
         "routing", "quotes", "billing", "profile", "import", "export", "audit", "media", "render"]
TEAMS = ["payments", "discovery", "platform", "growth", "logistics", "identity", "data", "mobile", "risk", "content"]
NOW = datetime.datetime(2026, 11, 28, tzinfo=datetime.timezone.utc)


def stamp(days):
    return (NOW - datetime.timedelta(days=days)).strftime("%Y-%m-%dT09:00:00Z")


def finding(dice, rule, state):
    action = dice.choice(["Deny", "Warn", "Audit"]) if state == "Blocked" else dice.choice(["Warn", "Audit"])
    one = {"policy": dice.choice(["production", "standard"]), "rule": rule, "action": action,
           "path": "spec.template.spec.containers[0]", "container": "web",
           "message": f'container "web" takes connections on port 8080 and does not do what {rule} asks, so it gets requests '
                      "before it can answer them", "firstObserved": stamp(dice.randint(1, 90))}
    if action != "Deny" and dice.random() < 0.5:
        one["next"] = {"action": "Deny", "from": dice.choice(["2026-12-15", "2027-02-01", "2027-05-01"]) + "T00:00:00Z"}
    if state == "Waived":
        one["waiver"] = "later-" + rule.replace(".", "-")
    return one


def history(dice, state, age):
    surprises = dice.randint(0, 1) if state == "Blocked" else 0
    blocked = [{"release": f"{dice.getrandbits(64):x}", "at": stamp(dice.randint(0, min(age, 150))),
                "surprise": index < surprises} for index in range(dice.randint(1, 3))] if state == "Blocked" else []
    told = [{"rule": rule, "container": "web", "firstShown": stamp(age),
             "shownBy": dice.choice(["warning", "warning", "checked", "denial"]),
             "outcome": dice.choice(["fixed_before_enforcement", "fixed_after_block", "waived", "open"])}
            for rule in dice.sample(RULES, dice.randint(0, 3))]
    for one in told:
        if one["outcome"] != "open":
            one["ended"] = stamp(dice.randint(0, age))
    events = [{"at": stamp(dice.randint(0, age)), "type": "Shown", "note": one["rule"] + " (web)"} for one in told]
    return {"firstEnforced": stamp(dice.randint(0, age)), "blockedReleases": len(blocked), "surprises": surprises,
            "blocked": blocked, "findings": told, "events": events}


def record(dice, index):
    word, team = dice.choice(WORDS), TEAMS[int(len(TEAMS) * dice.random() ** 1.5)]
    if index >= 400:
        team = f"{team}-{index // 400}"
    name = f"{word}-{index}"
    state = dice.choices(["Blocked", "NotReady", "Waived", "Ready"], [2, 4, 1, 5])[0]
    rules = [] if state == "Ready" else dice.sample(RULES, dice.randint(1, 8))
    findings = [finding(dice, rule, state) for rule in rules]
    if state == "Blocked":
        findings[0]["action"] = "Deny"
        findings[0].pop("next", None)
    age = int(200 * dice.random() ** 2) + 1
    failing = 0 if state == "Waived" else len(findings)
    return {"apiVersion": "plimsoll.dev/v1alpha1", "kind": "WorkloadReadiness",
            "metadata": {"name": f"deployment-{name}", "namespace": "production"},
            "status": {"workload": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name, "uid": str(index)},
                       "owner": team, "tier": dice.choice(["critical", "standard", "internal"]),
                       "service": f"{name} ({team})", "state": state,
                       "counts": {"failing": failing, "waived": len(findings) - failing, "passed": 12},
                       "firstSeen": {"at": stamp(age), "how": dice.choice(["audit", "audit", "kickoff", "checked", "denial"])},
                       "findings": findings, "history": history(dice, state, age)}}


def waiver(dice, index):
    return {"apiVersion": "plimsoll.dev/v1alpha1", "kind": "ReadinessWaiver",
            "metadata": {"name": f"later-{index}", "namespace": "production"},
            "spec": {"workloads": [{"kind": "Deployment", "name": f"checkout-{index}"}], "policy": "production",
                     "rules": ["runbook.url"], "reason": "the runbook moves with the wiki, which is done in January",
                     "requestedBy": "ada@example.org", "expires": stamp(-dice.randint(2, 90)),
                     "approval": {"approvedBy": "grace@example.org"}},
            "status": {"state": dice.choice(["Active", "Active", "Pending"])}}


def main():
    count = int(sys.argv[1])
    dice = random.Random(7)
    items = [record(dice, index) for index in range(count)] + [waiver(dice, index) for index in range(count // 10)]
    json.dump({"apiVersion": "v1", "kind": "List", "items": items}, sys.stdout)


if __name__ == "__main__":
    main()

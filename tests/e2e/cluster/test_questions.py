"""The three questions, asked of a cluster in which six services have lived through what is known beforehand.

A month is told in dates, not waited for: what happened before today is in the stamps of the manifests (plimsoll.dev/kickoff,
plimsoll.dev/checked), as `plimsoll init` and `plimsoll check --stamp` leave them.
"""

import datetime
import json

from harness.metrics import total
from harness.waiting import wait_until
from harness.workloads import policy, ready, selecting

RUNBOOK = "plimsoll.dev/runbook"
DEV, LIVE = "month-dev", "month-live"


def date(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def service(name, owner, namespace, lacks=(), release=1, **stamps):
    """A ready Deployment of that owner, without what it `lacks`."""
    workload = ready(name, replicas=1, namespace=namespace)
    # What makes it one service in every namespace.
    workload["metadata"]["labels"].update({"app.kubernetes.io/name": name, "plimsoll.dev/owner": owner})
    workload["spec"]["template"]["spec"].setdefault("nodeSelector", {})["example.com/nowhere"] = str(release)
    annotations = workload["metadata"].setdefault("annotations", {})
    if "runbook" in lacks:
        del annotations[RUNBOOK]
    if "probe" in lacks:
        for container in workload["spec"]["template"]["spec"]["containers"]:
            container.pop("readinessProbe", None)
    annotations.update({f"plimsoll.dev/{key}": value for key, value in stamps.items()})
    return workload


def told(kubectl, name):
    """What the record says of each finding: {rule: (how it was told, what became of it)}."""
    record = kubectl.get("workloadreadiness", f"deployment-{name}") or {"status": {}}
    findings = record["status"].get("history", {}).get("findings", [])
    return {finding["rule"]: (finding["shownBy"], finding["outcome"]) for finding in findings}


def settles(kubectl, name, wanted):
    def there():
        seen = told(kubectl, name)
        assert seen == wanted, seen
        return True

    wait_until(there, f"the history of {name} in {kubectl.namespace}", 60)


def test_a_month_of_six_services(cluster, space, policies, plimsoll):
    dev, live = space(DEV, env=DEV), space(LIVE, env=LIVE)
    rules = ["runbook.url", "health.readiness-probe"]
    policies(policy(DEV, rules, match=selecting(env=DEV), stages=[{"action": "Warn"}]),
             policy(LIVE, rules, match=selecting(env=LIVE)))
    probe = service("probe", "nobody", DEV, lacks=["runbook"])
    wait_until(lambda: "runbook" in dev.try_to("create", "--dry-run=server", "-f", "-", documents=[probe]).err, "warnings", 30)
    probe["metadata"]["namespace"] = LIVE
    wait_until(lambda: not live.try_to("create", "--dry-run=server", "-f", "-", documents=[probe]).ok, "denials", 30)

    def create(kubectl, *arguments, **keywords):
        kubectl("create", "-f", "-", documents=[service(*arguments, kubectl.namespace, **keywords)])

    def apply(kubectl, *arguments, **keywords):
        kubectl("apply", "-f", "-", documents=[service(*arguments, kubectl.namespace, **keywords)])

    def refused(kubectl, *arguments, **keywords):
        said = kubectl.try_to("create", "-f", "-", documents=[service(*arguments, kubectl.namespace, **keywords)])
        assert not said.ok and "is invalid" in said.err, said

    # checkout: begun at a kickoff, warned in development, put right there before it was rolled out.
    create(dev, "checkout", "payments", lacks=["runbook"], kickoff="2026-10-01")
    settles(dev, "checkout", {"runbook.url": ("warning", "open")})
    apply(dev, "checkout", "payments", kickoff="2026-10-01")
    settles(dev, "checkout", {"runbook.url": ("warning", "fixed_before_enforcement")})
    create(live, "checkout", "payments")
    # cart: refused out of the blue, three times the same release and once another, then put right.
    for _ in range(3):
        refused(live, "cart", "payments", lacks=["runbook", "probe"])
    settles(live, "cart", {"runbook.url": ("denial", "open"), "health.readiness-probe": ("denial", "open")})
    refused(live, "cart", "payments", lacks=["runbook"], release=2)
    create(live, "cart", "payments", release=3)
    settles(live, "cart", {"runbook.url": ("denial", "fixed_after_block"), "health.readiness-probe": ("denial", "fixed_after_block")})
    # search: checked on its author's machine in October, and refused all the same.
    refused(live, "search", "discovery", lacks=["runbook"], checked="2026-10-20T08:00:00Z runbook.url")
    settles(live, "search", {"runbook.url": ("checked", "open")})
    create(live, "search", "discovery", checked="2026-10-20T08:00:00Z runbook.url")
    settles(live, "search", {"runbook.url": ("checked", "fixed_after_block")})
    # mail: told of one thing in development, refused for it and for another in production.
    create(dev, "mail", "messaging", lacks=["runbook"])
    settles(dev, "mail", {"runbook.url": ("warning", "open")})
    refused(live, "mail", "messaging", lacks=["runbook", "probe"])
    settles(live, "mail", {"runbook.url": ("denial", "open"), "health.readiness-probe": ("denial", "open")})
    # ads: ready from the first day. legacy: warned, and nobody minds.
    create(live, "ads", "discovery", kickoff="2026-11-01")
    create(dev, "legacy", "messaging", lacks=["runbook"])
    settles(dev, "legacy", {"runbook.url": ("warning", "open")})
    wait_until(lambda: total(plimsoll.metrics(), "plimsoll_history_pending_records") == 0, "every history to be kept", 30)
    wait_until(lambda: (live.get("workloadreadiness", "deployment-ads") or {}).get("status", {}).get("history", {}).get("firstEnforced"),
               "the rollout of ads to be kept", 30)

    def answers():
        text = plimsoll.kubectl("exec", "deployment/plimsoll-controller", "--", "plimsoll", "report", "--questions", "--format", "json")
        services = json.loads(text)["services"]
        return {one["service"]: one for one in services if one["service"].split(" ")[0] in
                ("checkout", "cart", "search", "mail", "ads", "legacy")}

    found = answers()
    assert set(found) == {"checkout (payments)", "cart (payments)", "search (discovery)", "mail (messaging)", "ads (discovery)",
                          "legacy (messaging)"}
    by_name = {name.split(" ")[0]: one for name, one in found.items()}
    # 1. When did operations first see it?
    assert {name: one["firstSeen"]["how"] for name, one in by_name.items()} == {
        "checkout": "kickoff", "cart": "denial", "search": "checked", "mail": by_name["mail"]["firstSeen"]["how"], "ads": "kickoff",
        "legacy": by_name["legacy"]["firstSeen"]["how"]}
    assert by_name["mail"]["firstSeen"]["how"] in ("warning", "audit") and by_name["legacy"]["firstSeen"]["how"] in ("warning", "audit")
    for name, first in (("checkout", "2026-10-01T00:00:00Z"), ("search", "2026-10-20T08:00:00Z"), ("ads", "2026-11-01T00:00:00Z")):
        one = by_name[name]
        assert one["firstSeen"]["at"] == first
        assert one["leadTimeSeconds"] == int((date(one["firstEnforced"]) - date(first)).total_seconds())
    assert by_name["cart"]["leadTimeSeconds"] == 0 and by_name["legacy"]["leadTimeSeconds"] is None
    # 2. Which rejections could have been prevented?
    assert {name: (one["blockedReleases"], one["surprises"]) for name, one in by_name.items()} == {
        "checkout": (0, 0), "cart": (2, 1), "search": (1, 0), "mail": (1, 0), "ads": (0, 0), "legacy": (0, 0)}
    assert by_name["cart"]["preventable"] == {"runbook.url": 1, "health.readiness-probe": 1}
    assert by_name["mail"]["preventable"] == {"health.readiness-probe": 1}
    # 3. Does early involvement change decisions?
    nothing = {"total": 0, "fixedBeforeEnforcement": 0, "fixedAfterBlock": 0, "waived": 0, "removed": 0, "open": 0}
    assert {name: one["toldEarly"] for name, one in by_name.items()} == {
        "checkout": {**nothing, "total": 1, "fixedBeforeEnforcement": 1}, "cart": nothing,
        "search": {**nothing, "total": 1, "fixedAfterBlock": 1}, "mail": {**nothing, "total": 1, "open": 1}, "ads": nothing,
        "legacy": {**nothing, "total": 1, "open": 1}}

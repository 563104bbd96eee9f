"""What operators see: a real Prometheus scrapes the replicas and the API server while services live through what is known
beforehand; then every query of every dashboard has an answer, and those that matter the right one."""

import concurrent.futures
import http.client
import json
import pathlib
import re
import ssl
import time

import pytest

from harness.metrics import total
from harness.prometheus import MONITORING, Prometheus
from harness.waiting import wait_until
from harness.workloads import policy, ready, selecting
from test_waivers import Person, after, binding

DEV, LIVE, STRICT = "tide-dev", "tide-live", "tide-strict"
PAYMENTS, SEARCH = "tide-payments", "tide-search"
ANA, LEE = "ana@corp.internal", "lee@corp.internal"
RULES = ["runbook.url", "health.readiness-probe"]
# As Grafana fills them in for somebody who looks at these teams.
VARIABLES = {"job": "plimsoll", "instance": ".+", "apiserver": "apiserver", "owner": "tide-.+", "policy": "tide-.+",
             "resource_namespace": "tide-.+", "__rate_interval": "60s"}


def service(name, owner, namespace, lacks=(), release=1, **annotations):
    """A ready Deployment of that owner, without what it `lacks`; its pods wait for a node that is nowhere."""
    workload = ready(name, replicas=1, namespace=namespace)
    workload["metadata"]["labels"].update({"app.kubernetes.io/name": name, "plimsoll.dev/owner": owner})
    workload["spec"]["template"]["spec"].setdefault("nodeSelector", {})["example.com/nowhere"] = str(release)
    notes = workload["metadata"].setdefault("annotations", {})
    if "runbook" in lacks:
        del notes["plimsoll.dev/runbook"]
    if "route" in lacks:
        del notes["plimsoll.dev/alert-route"]
    if "probe" in lacks:
        for container in workload["spec"]["template"]["spec"]["containers"]:
            container.pop("readinessProbe", None)
    notes.update({f"plimsoll.dev/{key.replace('_', '-')}": value for key, value in annotations.items()})
    return workload


def waiver(workload, requested_by):
    return {"apiVersion": "plimsoll.dev/v1alpha1", "kind": "ReadinessWaiver", "metadata": {"name": workload},
            "spec": {"workloads": [{"kind": "Deployment", "name": workload}], "policy": LIVE, "rules": ["runbook.url"],
                     "reason": "OPS-1234", "requestedBy": requested_by, "expires": after(days=3)}}


class Tide:
    """What happens, step by step."""

    def __init__(self, cluster, dev, live, strict, plimsoll, node):
        self.cluster, self.dev, self.live, self.strict = cluster, dev, live, strict
        self.plimsoll, self.node = plimsoll, node

    def create(self, kubectl, *arguments, **keywords):
        kubectl("apply", "-f", "-", documents=[service(*arguments, kubectl.namespace, **keywords)])

    def refused(self, *arguments, **keywords):
        said = self.live.try_to("create", "-f", "-", documents=[service(*arguments, LIVE, **keywords)])
        assert not said.ok and "is invalid" in said.err, said

    def told(self, kubectl, name, outcome):
        """Until the record says so of each of its findings."""
        def seen():
            record = kubectl.get("workloadreadiness", f"deployment-{name}") or {"status": {}}
            findings = record["status"].get("history", {}).get("findings", [])
            return findings and all(finding["outcome"] == outcome for finding in findings)

        wait_until(seen, f"the history of {name} in {kubectl.namespace}", 45)

    def early(self):
        """checkout: planned, warned in development, put right there. search: checked early, and refused all the same."""
        self.create(self.dev, "checkout", PAYMENTS, lacks=["runbook"], kickoff="2026-10-01")
        self.told(self.dev, "checkout", "open")
        self.create(self.dev, "checkout", PAYMENTS, kickoff="2026-10-01")
        self.told(self.dev, "checkout", "fixed_before_enforcement")
        self.create(self.live, "checkout", PAYMENTS, kickoff="2026-10-01")
        self.refused("search", SEARCH, lacks=["runbook"], checked="2026-10-20T08:00:00Z runbook.url")
        self.create(self.live, "search", SEARCH, checked="2026-10-20T08:00:00Z runbook.url")
        self.told(self.live, "search", "fixed_after_block")

    def surprised(self):
        """cart: refused out of the blue, three times the same release, for two reasons; then put right."""
        for _ in range(3):
            self.refused("cart", PAYMENTS, lacks=["runbook", "probe"])
        self.told(self.live, "cart", "open")
        self.create(self.live, "cart", PAYMENTS)
        self.told(self.live, "cart", "fixed_after_block")

    def excused(self):
        """legacy: there before the policy, updated as it is. urgent: the glass is broken. wavy: waived. later: passes until the
        next stage."""
        self.create(self.live, "legacy", SEARCH, lacks=["runbook"], release=2)
        self.create(self.live, "urgent", PAYMENTS, lacks=["runbook"], break_glass="INC-1")
        ana, lee = Person(self.live, ANA), Person(self.live, LEE)
        assert ana.create(waiver("wavy", ANA)).ok
        assert lee.approve("wavy").ok
        wavy = service("wavy", SEARCH, LIVE, lacks=["runbook"])
        wait_until(lambda: self.live.try_to("create", "--dry-run=server", "-f", "-", documents=[wavy]).ok, "the waiver to be in force", 20)
        self.live("create", "-f", "-", documents=[wavy])
        self.create(self.live, "later", SEARCH, lacks=["route"])

    def unjudged(self):
        """The API server cannot call, twice: one request goes through, one is refused. In between the leader may renew its Lease.
        What was before is kept by then, so that nothing of it is under way while no packet passes."""
        def ask(kubectl):
            return kubectl.try_to("create", "--dry-run=server", "-f", "-", documents=[service("cut", PAYMENTS, kubectl.namespace)]).ok

        wait_until(lambda: total(self.plimsoll.metrics(), "plimsoll_history_pending_records") == 0, "every history to be kept", 60)
        for _ in range(2):
            addresses = [replica.ip for replica in self.plimsoll.replicas()]
            with self.node.cut_off(*addresses), concurrent.futures.ThreadPoolExecutor() as two:
                assert list(two.map(ask, (self.live, self.strict))) == [True, False]
            wait_until(lambda: ask(self.strict), "the webhook to be called again", 30)

    def nonsense(self):
        """A review that is none."""
        connection = http.client.HTTPSConnection(self.plimsoll.replicas()[0].ip, 9443, timeout=20,
                                                 context=ssl._create_unverified_context())
        connection.request("POST", "/validate", body="{", headers={"Content-Type": "application/json"})
        assert connection.getresponse().status == 400
        connection.close()


@pytest.fixture
def tide(cluster, space, policies, plimsoll, node):
    dev, live, strict = space(DEV, env=DEV), space(LIVE), space(STRICT, env=STRICT)
    live("create", "-f", "-", documents=[service("legacy", SEARCH, LIVE, lacks=["runbook"])])
    live("create", "-f", "-", documents=[binding(LIVE, ANA, "plimsoll-waiver-requester"), binding(LIVE, LEE, "plimsoll-waiver-approver")])
    cluster("label", "namespace", LIVE, f"env={LIVE}")
    later = {"rule": "alerting.route", "stages": [{"action": "Warn"}, {"action": "Deny", "from": after(days=3)}]}
    living = policy(LIVE, RULES, match=selecting(env=LIVE), existingViolations={"action": "Warn", "until": after(days=300)})
    living["spec"]["rules"].append(later)
    policies(policy(DEV, RULES, match=selecting(env=DEV), stages=[{"action": "Warn"}]), living,
             policy(STRICT, RULES, match=selecting(env=STRICT), failurePolicy="Fail"))

    def judged(kubectl, found):
        probe = service("probe", "nobody", kubectl.namespace, lacks=["runbook"])
        return lambda: found(kubectl.try_to("create", "--dry-run=server", "-f", "-", documents=[probe]))

    wait_until(judged(dev, lambda said: "runbook.url" in said.err), "warnings", 30)
    wait_until(judged(live, lambda said: "is invalid" in said.err), "denials", 30)
    wait_until(judged(strict, lambda said: "is invalid" in said.err), "denials under Fail", 30)
    return Tide(cluster, dev, live, strict, plimsoll, node)


def dashboards():
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((MONITORING / "dashboards").glob("*.json"))}


def filled_in(text, variables):
    return re.sub(r"\$(\w+)", lambda name: variables[name[1]], text)


class Panels:
    """The dashboards, as somebody looks at them."""

    def __init__(self, prometheus, since):
        self._prometheus = prometheus
        self._since = since

    def variables(self):
        """What is shown begins when Prometheus first saw everything, so that nothing of before is counted."""
        return {**VARIABLES, "__range": f"{int(time.monotonic() - self._since)}s"}

    def queries(self):
        """(dashboard, panel, letter, expression) of every query there is."""
        for uid, dashboard in dashboards().items():
            for panel in dashboard["panels"]:
                for target in panel.get("targets", []):
                    yield uid, panel["title"], target["refId"], filled_in(target["expr"], self.variables())

    def answer(self, uid, title, letter="A"):
        expression = next(e for u, t, l, e in self.queries() if (u, t, l) == (uid, title, letter))
        return self._prometheus.query(expression)

    def number(self, uid, title, letter="A"):
        found = self.answer(uid, title, letter)
        assert len(found) == 1, (title, found)
        return found[0][1]

    def rows(self, uid, title, labels, letter="A"):
        """{values of the labels: number}; what is zero is left out."""
        return {tuple(of.get(label, "") for label in labels): value for of, value in self.answer(uid, title, letter) if value}


BLOCKED, READINESS, ITSELF = "plimsoll-blocked", "plimsoll-readiness", "plimsoll-itself"
# (dashboard, panel): what it must say after the scenario.
NUMBERS = {
    (BLOCKED, "Blocked releases"): 2, (BLOCKED, "Surprises"): 1, (BLOCKED, "Surprise ratio"): 0.5,
    (BLOCKED, "Denied requests and rules"): 7, (BLOCKED, "Glass broken"): 1,
    (READINESS, "Blocked"): 2, (READINESS, "Waived"): 1,
    (READINESS, "Told early and ended"): 2, (READINESS, "Fixed in time"): 0.5, (READINESS, "Fixed at the gate"): 3,
    (ITSELF, "Replicas"): 2, (ITSELF, "Leaders"): 1, (ITSELF, "Trusted"): 1, (ITSELF, "Policies not ready"): 0,
}
ROWS = [
    (BLOCKED, "By owner", ("owner",), "A", {(PAYMENTS,): 1, (SEARCH,): 1}),
    (BLOCKED, "By owner", ("owner",), "B", {(PAYMENTS,): 1}),
    (BLOCKED, "By rule", ("rule",), "A", {("runbook.url",): 2, ("health.readiness-probe",): 1}),
    (BLOCKED, "By rule", ("rule",), "C", {("runbook.url",): 0.5, ("health.readiness-probe",): 1}),
    (BLOCKED, "By namespace", ("resource_namespace",), "A", {(LIVE,): 2}),
    (BLOCKED, "By policy", ("policy",), "B", {(LIVE,): 1}),
    (BLOCKED, "Which rule stops whom", ("owner", "rule"), "A",
     {(PAYMENTS, "runbook.url"): 1, (PAYMENTS, "health.readiness-probe"): 1, (SEARCH, "runbook.url"): 1}),
    (READINESS, "Who would be blocked", ("policy", "owner"), "A", {(LIVE, PAYMENTS): 1, (LIVE, SEARCH): 2}),
    (READINESS, "Who would be blocked", ("policy", "owner"), "B", {(LIVE, PAYMENTS): 1, (LIVE, SEARCH): 1}),
    (READINESS, "Who would be blocked", ("policy", "owner"), "C", {(LIVE, SEARCH): 1}),
    (READINESS, "By rule and owner", ("rule", "owner"), "B",
     {("runbook.url", PAYMENTS): 1, ("health.readiness-probe", PAYMENTS): 1}),
    (READINESS, "How findings ended", ("rule", "owner", "told", "outcome"), "A",
     {("runbook.url", PAYMENTS, "early", "fixed_before_enforcement"): 1,
      ("runbook.url", PAYMENTS, "at_the_gate", "fixed_after_block"): 1,
      ("health.readiness-probe", PAYMENTS, "at_the_gate", "fixed_after_block"): 1,
      ("runbook.url", SEARCH, "early", "fixed_after_block"): 1}),
    (READINESS, "Waivers by owner", ("owner", "state"), "A", {(SEARCH, "active"): 1}),
]


def check_numbers(panels):
    for (uid, title), wanted in NUMBERS.items():
        assert panels.number(uid, title) == wanted, (title, panels.answer(uid, title))
    for uid, title, labels, letter, wanted in ROWS:
        assert panels.rows(uid, title, labels, letter) == wanted, (title, letter, panels.rows(uid, title, labels, letter))
    assert set(panels.rows(READINESS, "Next stages", ("policy", "rule", "action"))) == {(LIVE, "alerting.route", "deny")}
    # The rollout of checkout was planned on 1 October.
    lead = panels.rows(READINESS, "Lead time by owner", ("owner",))
    assert lead[(PAYMENTS,)] > 86400
    assert panels.number(READINESS, "Rollouts that were seen coming") >= 4
    # Controllers that write to a Deployment are let through as well, and write also while nothing can be called.
    assert panels.number(BLOCKED, "Let through") >= 2
    assert panels.number(ITSELF, "Failing open") >= 1 and panels.number(ITSELF, "Failing closed") >= 1
    codes = panels.rows(ITSELF, "Rejections by code", ("name", "error_type"))
    assert codes[("validate.plimsoll.dev", "no_error")] >= 4
    assert codes[("validate-fail.plimsoll.dev", "calling_webhook_error")] >= 1
    return True


def test_every_panel_shows_what_happened(cluster, tide, plimsoll, tmp_path):
    with Prometheus(tmp_path, cluster) as prometheus:
        wait_until(lambda: prometheus.targets_up() == {"plimsoll": 2, "apiserver": 1}, "all targets to be scraped", 30)
        wait_until(lambda: prometheus.query('plimsoll_build_info{job="plimsoll"}'), "a first sample", 30)
        panels = Panels(prometheus, time.monotonic())
        tide.early()
        tide.surprised()
        tide.excused()
        tide.nonsense()
        tide.unjudged()
        wait_until(lambda: total(plimsoll.metrics(), "plimsoll_history_pending_records") == 0, "every history to be kept", 60)
        wait_until(lambda: check_numbers(panels), "the numbers to be right", 90, interval=1)

        def all_answer():
            """Meanwhile something is asked, as in any cluster."""
            tide.live.try_to("create", "--dry-run=server", "-f", "-", documents=[service("busy", PAYMENTS, LIVE)])
            silent = [(uid, title, letter) for uid, title, letter, expression in panels.queries() if not prometheus.query(expression)]
            assert not silent, silent
            return True

        wait_until(all_answer, "every panel to show something", 90, interval=1)
        for uid, dashboard in dashboards().items():
            for variable in dashboard["templating"]["list"]:
                if variable["type"] == "query":
                    offered = prometheus.label_values(filled_in(variable["definition"], panels.variables()))
                    assert any(re.fullmatch(VARIABLES[variable["name"]], value) for value in offered), (uid, variable["name"], offered)
        check_alerts(prometheus)
        report(panels, prometheus)


def check_alerts(prometheus):
    """Rules are evaluated without error, and those that have a reason to have noticed."""
    def noticed():
        rules = prometheus.rules()
        assert not [rule["lastError"] for rule in rules.values() if rule.get("lastError")]
        for name, labels in (("PlimsollWebhookFailingOpen", {"name": "validate.plimsoll.dev"}),
                             ("PlimsollWebhookCallsFailing", {"name": "validate-fail.plimsoll.dev"}),
                             ("PlimsollStageBlocksSoon", {"policy": LIVE, "owner": SEARCH}),
                             ("PlimsollWaiverExpiresSoon", {"policy": LIVE, "resource_namespace": LIVE, "owner": SEARCH})):
            assert any(labels.items() <= alert["labels"].items() for alert in rules[name]["alerts"]), (name, rules[name]["alerts"])
        for name in ("PlimsollNoLeader", "PlimsollCertificateNotTrusted", "PlimsollCertificateExpiresSoon", "PlimsollAuditStale",
                     "PlimsollWatchStale", "PlimsollPolicyNotReady"):
            assert not rules[name]["alerts"], rules[name]["alerts"]
        return True

    wait_until(noticed, "alerts", 90, interval=1)


def report(panels, prometheus):
    """What each panel showed, for people: build/e2e-panels.md."""
    lines = ["| Dashboard | Panel | Query | Answers | First |", "|---|---|---|---|---|"]
    for uid, title, letter, expression in panels.queries():
        found = prometheus.query(expression)
        labels, value = found[0]
        words = ", ".join(f"{name}={text}" for name, text in sorted(labels.items()) if not name.startswith("__"))
        lines.append(f"| {uid} | {title} | {letter} | {len(found)} | {value:.6g} {words} |")
    path = pathlib.Path(__file__).resolve().parents[3] / "build" / "e2e-panels.md"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")

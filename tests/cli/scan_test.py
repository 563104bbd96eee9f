#!/usr/bin/env python3
"""plimsoll scan and preview: a cluster that is looked at, page by page, and left as it is."""

import contextlib
import fcntl
import json
import os
import pathlib
import pty
import struct
import subprocess
import sys
import termios
import threading
import unittest
import urllib.parse

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from check_sources_test import GROUP, NAMESPACES, PAYMENTS, POLICY, FakeServer  # noqa: E402
from cli_test import INPUT, PLIMSOLL, TIMEOUT_S, Case, run  # noqa: E402

DEPLOYMENTS = "/apis/apps/v1/deployments"
STATEFUL_SETS = "/apis/apps/v1/statefulsets"
DAEMON_SETS = "/apis/apps/v1/daemonsets"
REPLICA_SETS = "/apis/apps/v1/replicasets"


def deployment(name, namespace="payments", annotations=None, owners=None):
    """As it stands in a list: without kind and apiVersion."""
    labels = {"app": name}
    return {"metadata": {"name": name, "namespace": namespace, "annotations": annotations or {},
                         "creationTimestamp": "2026-01-01T00:00:00Z", "ownerReferences": owners or []},
            "spec": {"replicas": 2, "selector": {"matchLabels": labels},
                     "template": {"metadata": {"labels": labels},
                                  "spec": {"containers": [{"name": "web", "image": "web:1"}]}}}}


LINKED = {"plimsoll.dev/runbook": "https://wiki.corp.internal/checkout/runbook"}


def policy(name="in-force", action="Deny", begins=None, rules=("runbook.url",), kinds=None):
    stage = {"action": action, **({"from": begins} if begins else {})}
    stages = [stage] if not begins else [{"action": "Audit"}, stage]
    match = {"namespaceSelector": {"matchLabels": {"env": "production"}}, **({"kinds": kinds} if kinds else {})}
    return {"apiVersion": "plimsoll.dev/v1alpha1", "kind": "ReadinessPolicy", "metadata": {"name": name},
            "spec": {"match": match, "stages": stages, "rules": [{"rule": rule} for rule in rules]}}


class Paged(FakeServer):
    """Lists come in pages of as many as are asked for; what was asked is noted."""

    def __init__(self):
        super().__init__()
        self.asked = []
        # The second page of this one comes when `held` is set.
        self.hold_at, self.held = None, threading.Event()
        handler = self.server.RequestHandlerClass
        whole = handler.do_GET
        fake = self

        def do_GET(request):
            fake.asked.append((request.command, request.path))
            path, _, query = request.path.partition("?")
            answer = fake.answers.get(path, 404)
            if not isinstance(answer, list):
                return whole(request)
            asked = dict(urllib.parse.parse_qsl(query))
            begin, size = int(asked.get("continue") or 0), int(asked.get("limit") or len(answer) or 1)
            if begin and path == fake.hold_at:
                fake.held.wait(TIMEOUT_S)
            rest = max(0, len(answer) - begin - size)
            metadata = {"remainingItemCount": rest, "continue": str(begin + size)} if rest else {}
            body = json.dumps({"kind": "List", "apiVersion": "v1", "metadata": metadata,
                               "items": answer[begin:begin + size]}).encode()
            request.send_response(200)
            request.send_header("Content-Type", "application/json")
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)

        handler.do_GET = do_GET


class ClusterCase(Case):
    def setUp(self):
        super().setUp()
        self.fake = Paged()
        self.addCleanup(self.fake.close)
        self.fake.answers = {GROUP + "readinesspolicies": [policy()], GROUP + "readinesswaivers": [], NAMESPACES: [PAYMENTS],
                             DEPLOYMENTS: [deployment("bare"), deployment("good", annotations=LINKED)],
                             STATEFUL_SETS: [], DAEMON_SETS: []}

    def config(self):
        return self.write("kubeconfig", json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{self.fake.port}"}}],
            "users": [{"name": "u", "user": {}}]}))

    def on_cluster(self, command, *args):
        return run(command, "--kubeconfig", self.config(), *args)

    def only_reads(self):
        self.assertEqual({method for method, _ in self.fake.asked}, {"GET"})


class Scan(ClusterCase):
    def scan(self, *args):
        return self.on_cluster("scan", *args)

    def results(self, *args):
        result = self.scan("--format", "json", "--exit-zero", *args)
        self.expect(result, 0)
        return json.loads(result.stdout)

    def test_namespaces_that_admission_is_never_asked_about_are_left_out(self):
        everywhere = policy()
        del everywhere["spec"]["match"]
        self.fake.answers[GROUP + "readinesspolicies"] = [everywhere]
        self.fake.answers[DEPLOYMENTS] = [deployment("bare"), deployment("coredns", "kube-system"),
                                          deployment("plimsoll-controller", "plimsoll-system")]
        result = self.scan("--policy", "cluster")
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn(b"1 workload: 0 ready", result.stdout)

    def test_who_would_be_refused_comes_first(self):
        result = self.scan("--policy", "cluster")
        self.expect(result, 1)
        text = result.stdout.decode()
        self.assertTrue(text.startswith("1 workload would be refused\n  payments/Deployment/bare  (nobody)\n    runbook.url\n"), text)
        self.assertNotIn("good", text)
        self.assertIn("RULE", text)
        self.only_reads()

    def test_nothing_need_be_installed(self):
        for path in (GROUP + "readinesspolicies", GROUP + "readinesswaivers"):
            del self.fake.answers[path]
        self.expect(self.scan("--failure-threshold", "audit"), 1)  # by the starter policy

    def test_each_page_is_read_and_each_workload_judged_once(self):
        self.fake.answers[DEPLOYMENTS] = [deployment(f"web-{i}") for i in range(1203)]
        found = self.results("--policy", "cluster")
        self.assertEqual(found["summary"]["workloads"], 1203)
        self.assertEqual(found["summary"]["deny"], 1203)
        pages = [path for _, path in self.fake.asked if path.startswith(DEPLOYMENTS) and "limit=500" in path]
        self.assertEqual(len(pages), 3)

    def test_a_terminal_is_told_how_far_how_fast_and_how_long_yet(self):
        self.fake.answers[DEPLOYMENTS] = [deployment(f"web-{i}") for i in range(1203)]
        self.fake.hold_at = DEPLOYMENTS
        parent, child = pty.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
        with subprocess.Popen([PLIMSOLL, "scan", "--kubeconfig", self.config(), "--policy", "cluster"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=child, env={"TERM": "xterm"}) as process:
            os.close(child)
            shown = b""
            while b"left" not in shown:  # the second page waits until this was seen
                shown += os.read(parent, 1000)
            self.assertRegex(shown.decode(), r"\x1b\[Kjudging workloads: 500 of 1203, \d+ a second, \d+ s left$")
            self.fake.held.set()
            stdout, _ = process.communicate(timeout=TIMEOUT_S)
        self.assertEqual(process.returncode, 1)
        self.assertNotIn(b"judging", stdout)
        rest = b""
        with contextlib.suppress(OSError):  # the end of a terminal
            while piece := os.read(parent, 1000):
                rest += piece
        os.close(parent)
        self.assertTrue(rest.endswith(b"\r\x1b[K"), rest)

    def test_what_another_workload_makes_is_judged_there(self):
        owner = [{"kind": "Deployment", "name": "bare", "uid": "1", "controller": True, "apiVersion": "apps/v1"}]
        self.fake.answers[REPLICA_SETS] = [deployment("bare-5d4f8c7b9d", owners=owner), deployment("alone")]
        self.fake.answers[GROUP + "readinesspolicies"] = [policy(kinds=["Deployment", "ReplicaSet"])]
        found = self.results("--policy", "cluster")
        self.assertEqual(sorted(one["name"] for one in found["results"]), ["alone", "bare"])

    def test_a_day_to_come(self):
        self.fake.answers[GROUP + "readinesspolicies"] = [policy(begins="2027-02-01T00:00:00Z")]
        self.expect(self.scan("--policy", "cluster", "--as-of", "2027-01-31"), 0)
        self.expect(self.scan("--policy", "cluster", "--as-of", "2027-02-01"), 1)

    def test_a_kind_that_may_not_be_listed_is_said_and_the_others_are_judged(self):
        self.fake.answers[STATEFUL_SETS] = 403
        result = self.scan("--policy", "cluster")
        self.expect(result, 1, None, None)
        self.assertIn("these are missing below", result.stderr.decode())
        self.assertIn("payments/Deployment/bare", result.stdout.decode())

    def test_a_kind_that_is_not_installed_is_no_news(self):
        self.fake.answers[GROUP + "readinesspolicies"] = [policy(kinds=["Deployment", "Rollout"])]
        self.expect(self.scan("--policy", "cluster"), 1)

    def test_nothing_that_may_be_listed_is_an_error(self):
        for path in (DEPLOYMENTS, STATEFUL_SETS, DAEMON_SETS):
            self.fake.answers[path] = 403
        result = self.scan("--policy", "cluster")
        self.expect(result, 2, "", None)

    def test_budgets_of_the_cluster_count(self):
        self.fake.answers[GROUP + "readinesspolicies"] = [policy(rules=("resilience.pdb",))]
        self.fake.answers["/apis/autoscaling/v2/horizontalpodautoscalers"] = []
        budgets = "/apis/policy/v1/poddisruptionbudgets"
        self.fake.answers[budgets] = []
        self.assertEqual(self.results("--policy", "cluster")["summary"]["deny"], 2)
        self.fake.answers[budgets] = [{"metadata": {"name": "bare", "namespace": "payments"},
                                       "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "bare"}}}}]
        self.assertEqual([one["name"] for one in self.results("--policy", "cluster")["results"]], ["good"])

    def test_a_report_in_a_file_is_whole(self):
        path = self.folder / "scan.json"
        self.expect(self.scan("--policy", "cluster", "--format", "json", "--output", path, "--exit-zero"), 0, "")
        self.assertEqual(json.loads(path.read_text())["summary"]["deny"], 1)
        self.expect(self.scan("--output", self.folder / "no" / "such" / "place", "--exit-zero"), 2, "", None)

    def test_a_comment_names_the_workloads(self):
        text = self.scan("--policy", "cluster", "--format", "markdown").stdout.decode()
        self.assertIn("| **deny** | `runbook.url` | `Deployment payments/bare` |", text)
        self.assertNotIn("`cluster`", text)
        self.assertNotIn("check --fix", text)

    def test_a_namespace_that_has_nothing(self):
        result = self.scan("--policy", "cluster", "-n", "nowhere")
        self.expect(result, 0)
        self.assertIn("There is no workload in namespace nowhere: is it called so?", result.stdout.decode())


class Preview(ClusterCase):
    def preview(self, *args):
        return self.on_cluster("preview", *args)

    def compare(self, *args, code=1):
        result = self.preview("--json", *args)
        self.expect(result, code)
        return json.loads(result.stdout)

    def given(self, document):
        return self.write("policy.yaml", json.dumps(document))

    def test_a_policy_that_is_new(self):
        found = self.compare(self.given(policy("alerts", rules=("alerting.route",))))
        self.assertEqual(found["blocked"], {"before": 1, "after": 2})
        self.assertEqual(found["newly"], [{"kind": "Deployment", "namespace": "payments", "name": "good", "owner": "",
                                           "rules": ["alerts/alerting.route"]}])
        self.only_reads()

    def test_a_policy_of_that_name_is_replaced(self):
        found = self.compare(self.given(policy(action="Audit")), code=0)
        self.assertEqual((found["blocked"], found["newly"]), ({"before": 1, "after": 0}, []))
        self.assertEqual([one["name"] for one in found["noLonger"]], ["bare"])

    def test_the_next_stage(self):
        self.fake.answers[GROUP + "readinesspolicies"] = [policy(begins="2099-02-01T00:00:00Z")]
        found = self.compare("--next-stage")
        self.assertEqual(found["then"], "2099-02-01T00:00:00Z")
        self.assertEqual([one["name"] for one in found["newly"]], ["bare"])
        self.expect(self.preview("--as-of", "2099-01-31"), 0)

    def test_before_anything_is_installed(self):
        del self.fake.answers[GROUP + "readinesspolicies"]
        self.assertEqual(self.compare(self.given(policy()))["blocked"], {"before": 0, "after": 1})
        self.expect(self.preview("--as-of", "2099-01-31"), 2, "", None)

    def test_in_words(self):
        result = self.preview(self.given(policy("alerts", rules=("alerting.route",))))
        self.expect(result, 1)
        text = result.stdout.decode()
        for part in ("With alerts as given, now: 2 workloads judged", "refused  1 -> 2", "Newly refused, by owner",
                     "1  (nobody)", "payments/Deployment/good"):
            self.assertIn(part, text)

    def test_no_stage_to_come_is_said(self):
        result = self.preview("--next-stage")
        self.expect(result, 2, "", None)
        self.assertIn("no stage of these policies is yet to begin", result.stderr.decode())


class Status(ClusterCase):
    def setUp(self):
        super().setUp()
        document = yaml.safe_load((INPUT / "records" / "november.yaml").read_text())
        self.fake.answers[GROUP + "workloadreadinesses"] = document["items"]

    def status(self, *args):
        return self.on_cluster("status", *args)

    def test_services_the_worst_first(self):
        result = self.status()
        self.expect(result, 0)
        rows = [line.split() for line in result.stdout.decode().splitlines()]
        self.assertEqual([row[0] for row in rows], ["SERVICE", "search", "db", "checkout"])
        self.assertEqual(rows[1], ["search", "discovery", "-", "Blocked", "2", "-", "3", "2026-11-20", "-"])
        self.assertEqual(rows[3][-2:], ["2026-11-01", "-"])  # of two namespaces: since the kickoff
        self.only_reads()

    def test_owners(self):
        result = self.status("--owners")
        self.expect(result, 0)
        self.assertIn("discovery         1      -       -          -        1         2", result.stdout.decode())

    def test_of_one_owner(self):
        rows = self.status("--owner", "payments").stdout.decode().splitlines()
        self.assertEqual([row.split()[0] for row in rows], ["SERVICE", "checkout"])

    def test_one_service(self):
        result = self.status("search")
        self.expect(result, 0)
        text = result.stdout.decode()
        for part in ("search  Blocked", "owner discovery, first seen 2026-11-20, 3 blocked releases",
                     "production/Deployment/search", "ownership.owner  told since 2026-11-20, refused since 2026-11-20"):
            self.assertIn(part, text)

    def test_one_service_by_the_name_of_its_workload(self):
        named = self.status("db").stdout
        self.assertIn(b"StatefulSet/db", named)
        for name in ("StatefulSet/db", "sts/db", "production/db"):
            self.expect(self.status(name), 0, named.decode())
        for name in ("Deployment/db", "elsewhere/db"):
            self.expect(self.status(name), 2, "", None)

    def test_one_that_is_not_there(self):
        result = self.status("chekout")
        self.expect(result, 2, "", None)
        self.assertIn('no record of a service "chekout"; did you mean checkout?', result.stderr.decode())

    def test_for_programs(self):
        found = json.loads(self.status("--json").stdout)
        self.assertEqual([(one["service"], one["owner"], one["state"], len(one["workloads"])) for one in found["services"]],
                         [("search", "discovery", "Blocked", 1), ("db", "", "NotReady", 1), ("checkout", "payments", "Ready", 2)])

    def test_before_plimsoll_is_installed(self):
        del self.fake.answers[GROUP + "workloadreadinesses"]
        result = self.status()
        self.expect(result, 2, "", None)
        self.assertIn("is Plimsoll installed there? `plimsoll scan` needs nothing installed", result.stderr.decode())

    def test_without_permission(self):
        self.fake.answers[GROUP + "workloadreadinesses"] = 403
        result = self.status()
        self.expect(result, 2, "", None)
        self.assertIn("permission to list workloadreadinesses.plimsoll.dev", result.stderr.decode())


if __name__ == "__main__":
    unittest.main()

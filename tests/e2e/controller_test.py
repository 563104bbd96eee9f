#!/usr/bin/env python3
"""plimsoll-controller as it is run: started on free ports, asked over TLS, its folders changed under it, and ended.

Usage: controller_test.py PROGRAM [unittest arguments]
"""

import http.client
import json
import os
import pathlib
import queue
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.dont_write_bytecode = True
PROGRAM = ""
# What takes longer than this is broken, also on a busy machine under a sanitizer. Nothing waits for it to pass.
DEADLINE = 60

POLICY = """apiVersion: plimsoll.dev/v1alpha1
kind: ReadinessPolicy
metadata:
  name: {name}
spec:
  contact: "#sre-readiness"
  stages: [{{action: {action}}}]
  rules:
  - rule: {rule}
"""


def policy(name="production", action="Deny", rule="health.readiness-probe"):
    return POLICY.format(name=name, action=action, rule=rule)


def deployment(ready=False):
    container = {"name": "web", "image": "web:1", "ports": [{"containerPort": 8080}]}
    if ready:
        container["readinessProbe"] = {"httpGet": {"path": "/ready", "port": 8080}}
    return {
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "payments"},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}},
                 "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}}},
    }


def review(obj, uid="7f1e6a60-0000-4000-8000-000000000001"):
    return json.dumps({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": uid, "kind": {"group": "apps", "version": "v1", "kind": "Deployment"},
            "resource": {"group": "apps", "version": "v1", "resource": "deployments"},
            "name": "web", "namespace": "payments", "operation": "CREATE",
            "userInfo": {"username": "ana"}, "object": obj, "oldObject": None, "dryRun": False,
        },
    })


class Controller:
    """One running controller and its log."""

    def __init__(self, policies, state, *arguments):
        self.state = pathlib.Path(state)
        self.process = subprocess.Popen(
            [PROGRAM, "--standalone", "--policies", str(policies), "--state", str(state), "--listen", "127.0.0.1:0",
             "--metrics-listen", "127.0.0.1:0", *(arguments or ("--shutdown-delay", "0s"))],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.lines = queue.Queue()
        self.seen = []
        self.connections = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.port = self.wait_for("webhook listening")["port"]
        self.metrics_port = self.wait_for("metrics listening")["port"]

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(json.loads(line))
        self.lines.put(None)

    def wait_for(self, message, **fields):
        """The next log line with that message and those fields."""
        deadline = time.monotonic() + DEADLINE
        while True:
            try:
                line = self.lines.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                self.process.kill()
                raise AssertionError(f"no line {message!r} {fields}; seen: {self.seen}; "
                                     f"stderr: {self.process.stderr.read()}")
            self.seen.append(line)
            if line["msg"] == message and all(line.get(key) == value for key, value in fields.items()):
                return line

    def connect(self):
        context = ssl.create_default_context(cafile=str(self.state / "ca.crt"))
        self.connections.append(http.client.HTTPSConnection("127.0.0.1", self.port, timeout=DEADLINE, context=context))
        return self.connections[-1]

    def post(self, body, connection=None):
        single = connection is None
        connection = connection or self.connect()
        connection.request("POST", "/validate?timeout=10s", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        text = response.read().decode()
        if single:
            connection.close()
        return response, text

    def judge(self, obj, connection=None):
        response, text = self.post(review(obj), connection)
        assert response.status == 200, text
        return json.loads(text)["response"]

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.metrics_port, timeout=DEADLINE)
        connection.request("GET", path)
        with connection.getresponse() as response:
            answer = response.status, response.read().decode()
        connection.close()
        return answer

    def metric(self, series):
        found = re.search("^" + re.escape(series) + " (.*)$", self.get("/metrics")[1], re.MULTILINE)
        return float(found.group(1)) if found else None

    def served_serial(self):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE) as raw:
            with context.wrap_socket(raw) as connection:
                return connection.getpeercert(binary_form=True)

    def end(self):
        for connection in self.connections:
            connection.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(DEADLINE)
        self.reader.join(DEADLINE)
        self.process.stdout.close()
        errors = self.process.stderr.read()
        self.process.stderr.close()
        return code, errors


class ControllerTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="plimsoll_e2e_")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.policies = self.folder / "policies"
        self.policies.mkdir()
        self.write("production.yaml", policy())

    def write(self, name, text):
        """As an editor saves: beside it, then in its place."""
        temporary = self.policies / ("." + name)
        temporary.write_text(text)
        os.replace(temporary, self.policies / name)

    def start(self, *arguments, state="state"):
        controller = Controller(self.policies, self.folder / state, *arguments)

        def end():
            if not controller.process.stdout.closed:
                self.assertEqual(controller.end(), (0, ""))

        self.addCleanup(end)
        return controller

    def test_judges_over_tls_and_counts(self):
        controller = self.start()
        denied = controller.judge(deployment())
        self.assertFalse(denied["allowed"])
        self.assertEqual(denied["uid"], "7f1e6a60-0000-4000-8000-000000000001")
        self.assertEqual((denied["status"]["code"], denied["status"]["reason"]), (422, "Invalid"))
        self.assertIn("production/health.readiness-probe", denied["status"]["message"])
        self.assertEqual(denied["status"]["details"]["causes"][0]["field"],
                         "spec.template.spec.containers[0].readinessProbe")
        self.assertTrue(controller.judge(deployment(ready=True))["allowed"])

        self.assertEqual(controller.wait_for("review denied")["user"], "ana")
        reviews = 'plimsoll_admission_reviews_total{decision="%s",dry_run="false",kind="Deployment",operation="CREATE"}'
        self.assertEqual(controller.metric(reviews % "deny"), 1)
        self.assertEqual(controller.metric(reviews % "allow"), 1)
        self.assertEqual(controller.metric('plimsoll_denials_total{owner="none",policy="production",'
                                           'resource_namespace="payments",rule="health.readiness-probe"}'), 1)
        self.assertGreater(controller.metric('plimsoll_certificate_expiry_timestamp_seconds{certificate="serving"}'),
                           time.time() + 20 * 24 * 3600)
        self.assertEqual(controller.get("/healthz"), (200, "[+] event loops: turning\nok\n"))
        status, text = controller.get("/readyz")
        self.assertEqual(status, 200, text)
        self.assertIn("[+] policies: 1 in force\n", text)

    def test_bad_reviews_get_no_verdict(self):
        controller = self.start()
        response, text = controller.post("{")
        self.assertEqual(response.status, 400, text)
        self.assertEqual(controller.wait_for("review got no verdict")["reason"], "bad_request")
        self.assertEqual(controller.metric('plimsoll_admission_undecided_total{reason="bad_request"}'), 1)
        self.assertEqual(controller.get("/no-such-path")[0], 404)

    def test_policies_reload_and_broken_files_keep_the_last_good_version(self):
        controller = self.start()
        connection = controller.connect()
        self.assertFalse(controller.judge(deployment(), connection)["allowed"])

        self.write("production.yaml", policy(action="Warn"))
        controller.wait_for("policies read", problems=0)
        warned = controller.judge(deployment(), connection)
        self.assertTrue(warned["allowed"])
        self.assertEqual(len(warned["warnings"]), 1)

        self.write("production.yaml", policy(action="Deny", rule="health.readyness-probe"))
        problem = controller.wait_for("problem in a policy file")["problem"]
        self.assertRegex(problem, r"production\.yaml:\d+:\d+: .*health\.readiness-probe")
        controller.wait_for("policy stays in force as it last was without problems", policy="production")
        controller.wait_for("policies read")
        self.assertEqual(controller.judge(deployment(), connection)["warnings"], warned["warnings"])
        self.assertEqual(controller.metric('plimsoll_policy_ready{policy="production"}'), 0)
        self.assertEqual(controller.metric("plimsoll_policy_problems"), 1)
        self.assertEqual(controller.metric('plimsoll_policy_reloads_total{outcome="failure"}'), 1)
        self.assertEqual(controller.get("/readyz")[0], 200)

        self.write("production.yaml", policy())
        controller.wait_for("policies read", problems=0)
        self.assertFalse(controller.judge(deployment(), connection)["allowed"])
        self.assertEqual(controller.metric('plimsoll_policy_ready{policy="production"}'), 1)

        (self.policies / "production.yaml").unlink()
        controller.wait_for("policies read", policies=0)
        self.assertTrue(controller.judge(deployment(), connection)["allowed"])
        self.assertEqual(controller.get("/readyz")[0], 503)
        connection.close()

    def test_reviews_during_reloads_are_all_answered(self):
        controller = self.start()
        stop = threading.Event()
        outcomes = []

        def ask():
            connection = controller.connect()
            while not stop.is_set():
                outcomes.append(controller.judge(deployment(), connection)["allowed"])
            connection.close()

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        begun = time.monotonic()
        reloads = 0
        # However slow the machine is: at least six reloads, and more answers than threads could have begun before them.
        while reloads < 6 or (len(outcomes) <= 6 and time.monotonic() - begun < DEADLINE):
            self.write("other.yaml", policy(name=f"other-{reloads}"))
            controller.process.send_signal(signal.SIGHUP)
            controller.wait_for("policies read", policies=2)
            reloads += 1
        stop.set()
        for thread in threads:
            thread.join(DEADLINE)
            self.assertFalse(thread.is_alive())
        self.assertGreater(len(outcomes), 6)
        self.assertNotIn(True, outcomes)

    def test_namespaces_of_the_folder_are_known(self):
        self.write("production.yaml", policy().replace(
            "spec:\n", "spec:\n  match: {namespaceSelector: {matchLabels: {env: production}}}\n"))
        controller = self.start()
        self.assertTrue(controller.judge(deployment())["allowed"])
        self.write("payments.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: payments, "
                                    "labels: {env: production}}\n")
        controller.wait_for("policies read", files=2)
        self.assertFalse(controller.judge(deployment())["allowed"])

    def test_waivers_of_the_folder_are_known(self):
        controller = self.start()
        self.assertFalse(controller.judge(deployment())["allowed"])
        waiver = {"apiVersion": "plimsoll.dev/v1alpha1", "kind": "ReadinessWaiver", "metadata": {"name": "web", "namespace": "payments"},
                  "spec": {"workloads": [{"kind": "Deployment", "name": deployment()["metadata"]["name"]}], "policy": "production",
                           "rules": ["health.readiness-probe"], "reason": "OPS-1234", "requestedBy": "ana", "approval": {"approvedBy": "lee"},
                           "expires": time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() + 5 * 24 * 3600))}}
        self.write("waiver.json", json.dumps(waiver))
        controller.wait_for("policies read", waivers=1)
        self.assertTrue(controller.judge(deployment())["allowed"])
        waiver["spec"]["expires"] = "2026-01-01T00:00:00Z"
        self.write("waiver.json", json.dumps(waiver))
        controller.wait_for("policies read", waivers=1, files=2)
        self.assertFalse(controller.judge(deployment())["allowed"], "it has ended")

    def test_nothing_usable_gives_no_made_up_verdict(self):
        self.write("production.yaml", "spec: [\n")
        controller = self.start()
        self.assertEqual(controller.get("/readyz")[0], 503)
        response, text = controller.post(review(deployment()))
        self.assertEqual((response.status, response.getheader("Retry-After")), (503, "1"), text)
        self.write("production.yaml", policy())
        controller.wait_for("policies read", problems=0)
        self.assertFalse(controller.judge(deployment())["allowed"])
        self.assertEqual(controller.get("/readyz")[0], 200)

    def test_the_authority_is_kept_and_a_replaced_certificate_is_served_without_a_restart(self):
        first = self.start()
        authority = (self.folder / "state" / "ca.crt").read_bytes()
        self.assertEqual((self.folder / "state" / "tls.key").stat().st_mode & 0o777, 0o600)
        before = first.served_serial()
        other = self.start(state="other")
        for name in ("tls.key", "tls.crt"):
            source = self.folder / "other" / name
            os.replace(source, self.folder / "state" / name)
        first.wait_for("serving certificate loaded", replaced_by_us=False)
        after = first.served_serial()
        self.assertNotEqual(after, before)
        other.wait_for("serving certificate loaded")  # its own is gone: it makes another one
        first.end()
        for name in ("tls.key", "tls.crt"):
            (self.folder / "state" / name).unlink()
        again = self.start()
        self.assertEqual((self.folder / "state" / "ca.crt").read_bytes(), authority)
        self.assertFalse(again.judge(deployment())["allowed"])

    def test_two_on_one_state_folder_serve_the_same_certificate(self):
        first, second = self.start(), self.start()
        self.assertEqual(first.served_serial(), second.served_serial())

    def test_drains_on_sigterm(self):
        controller = self.start("--shutdown-delay", "1s")
        connection = controller.connect()
        controller.judge(deployment(ready=True), connection)
        controller.process.send_signal(signal.SIGTERM)
        controller.wait_for("draining; another signal ends it at once")
        status, text = controller.get("/readyz")
        self.assertEqual(status, 503)
        self.assertIn("[-] shutdown: draining\n", text)
        response, _ = controller.post(review(deployment(ready=True)), connection)
        self.assertEqual((response.status, response.getheader("Connection")), (200, "close"))
        connection.close()
        self.assertEqual(controller.process.wait(DEADLINE), 0)

    def test_a_second_signal_ends_at_once(self):
        controller = self.start("--shutdown-delay", "10h")
        connection = controller.connect()
        controller.judge(deployment(ready=True), connection)
        controller.process.send_signal(signal.SIGINT)
        controller.wait_for("draining; another signal ends it at once")
        controller.process.send_signal(signal.SIGINT)
        self.assertEqual(controller.process.wait(DEADLINE), 0)

    def test_sighup_reads_everything_again(self):
        controller = self.start()
        controller.process.send_signal(signal.SIGHUP)
        controller.wait_for("reading everything again: SIGHUP")
        controller.wait_for("policies read", policies=1)

    def test_usage_errors_are_one_clear_line(self):
        policies, state = str(self.policies), str(self.folder / "s")
        taken = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(taken.close)
        port = taken.getsockname()[1]
        base = ["--standalone", "--policies", policies, "--state", state, "--metrics-listen", "127.0.0.1:0"]
        cases = [
            (["--policies", policies, "--state", state], "--policies is for --standalone"),
            (["--standalone", "--state", state], "--policies is required"),
            (["--standalone", "--policies", policies], "--state is required"),
            (["--standalone", "--bogus"], "--bogus"),
            (["--mode", "Audit"], "expected audit, warn or enforce"),
            (["--standalone", "--mode", "audit"], "--mode is for a cluster"),
            (["--standalone", "--self-test"], "there is none with --standalone"),
            (["--standalone", "--log-level", "loud"], "expected debug, info, warning or error"),
            (["--standalone", "--policies", policies + "/no", "--state", state], "no such folder"),
            (base + ["--listen", f"127.0.0.1:{port}"], str(port)),
            (base + ["--listen", "127.0.0.1"], "127.0.0.1"),
            (base[:3] + ["--state", "/proc/no", "--listen", "127.0.0.1:0"], "/proc/no"),
        ]
        for arguments, expected in cases:
            with self.subTest(arguments=arguments):
                done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=DEADLINE)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(expected, done.stderr)
                self.assertTrue(done.stderr.startswith("error: "), done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1, done.stderr)

    def test_help_and_version(self):
        for flag, expected in (("--help", "--standalone"), ("--version", "plimsoll-controller "),
                               ("--print-metrics-reference", "plimsoll_denials_total")):
            done = subprocess.run([PROGRAM, flag], capture_output=True, text=True, timeout=DEADLINE)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn(expected, done.stdout)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    PROGRAM = sys.argv.pop(1)
    unittest.main()

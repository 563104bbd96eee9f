#!/usr/bin/env python3
"""plimsoll check --policy cluster and --watch: where it is told by what to judge, and when to judge again."""

import http.server
import json
import os
import pathlib
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

import shutil

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from cli_test import PLIMSOLL, READY, TIMEOUT_S, Case, run  # noqa: E402

GROUP = "/apis/plimsoll.dev/v1alpha1/"
NAMESPACES = "/api/v1/namespaces"
TEAMS = "/api/v1/namespaces/plimsoll-system/configmaps/plimsoll-teams"


class FakeServer:
    """Answers GETs from a table: a list of objects, an object, or a status code."""

    def __init__(self):
        self.answers = {}
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                answer = fake.answers.get(self.path.split("?")[0], 404)
                code = answer if isinstance(answer, int) else 200
                if isinstance(answer, int):
                    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code,
                            "message": {404: "the server could not find the requested resource",
                                        403: "User \"ci\" cannot list it", 401: "Unauthorized"}[code]}
                elif isinstance(answer, list):
                    body = {"kind": "List", "apiVersion": "v1", "metadata": {}, "items": answer}
                else:
                    body = answer
                data = json.dumps(body).encode()
                self.send_response(code)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


POLICY = {"metadata": {"name": "in-force", "managedFields": [], "generation": 3},
          "spec": {"match": {"namespaceSelector": {"matchLabels": {"env": "production"}}},
                   "stages": [{"action": "Deny", "from": "2026-01-01T00:00:00Z"}],
                   "rules": [{"rule": "runbook.url"}, {"rule": "ownership.directory"}]},
          "status": {"conditions": []}}
PAYMENTS = {"metadata": {"name": "payments", "labels": {"env": "production", "kubernetes.io/metadata.name": "payments"}}}
DIRECTORY = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "plimsoll-teams"},
             "data": {"teams.yaml": "apiVersion: plimsoll.dev/v1alpha1\nkind: TeamDirectory\nteams: [{slug: payments}]\n"}}


class ClusterPolicies(Case):
    def setUp(self):
        super().setUp()
        self.fake = FakeServer()
        self.addCleanup(self.fake.close)
        self.fake.answers = {GROUP + "readinesspolicies": [POLICY], GROUP + "readinesswaivers": [],
                             NAMESPACES: [PAYMENTS], TEAMS: DIRECTORY}
        self.path = self.write("m/a.yaml", READY.replace("NAME", "a"))

    def check(self, *args, port=None):
        config = self.write("kubeconfig", json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{port or self.fake.port}"}}],
            "users": [{"name": "u", "user": {}}]}))
        return run("check", "--policy", "cluster", "--kubeconfig", config, *args, self.path)

    def test_what_is_in_force_there(self):
        result = self.check("--format", "json", "--all")
        self.expect(result, 1)
        found = {one["rule"]: one for one in json.loads(result.stdout)["results"]}
        self.assertEqual(found["runbook.url"]["policy"], "in-force")
        self.assertEqual(found["runbook.url"]["action"], "deny")
        self.assertEqual(found["ownership.directory"]["result"], "notApplicable", "there is a directory, and no owner")
        self.assertNotEqual(found["ownership.directory"]["reason"], "there is no directory of teams")

    def test_namespaces_decide_as_at_the_gate(self):
        self.fake.answers[NAMESPACES] = [{"metadata": {"name": "payments", "labels": {"env": "test"}}}]
        self.expect(self.check(), 0)

    def test_waivers_of_the_cluster_excuse(self):
        self.fake.answers[GROUP + "readinesswaivers"] = [{
            "metadata": {"name": "w", "namespace": "payments", "creationTimestamp": "2026-11-01T00:00:00Z"},
            "spec": {"workloads": [{"kind": "Deployment", "name": "a"}], "policy": "in-force", "rules": ["runbook.url"],
                     "reason": "OPS-1", "requestedBy": "ana", "expires": "2026-12-01T00:00:00Z",
                     "approval": {"approvedBy": "lee"}}}]
        result = self.check("--as-of", "2026-11-15")
        self.expect(result, 0)
        self.assertIn("waived", result.stdout.decode())

    def test_what_may_not_be_read_is_said(self):
        self.fake.answers.update({NAMESPACES: 403, GROUP + "readinesswaivers": 403, TEAMS: 403})
        result = self.check("--namespace-labels", "env=production", "--format", "json", "--all")
        self.expect(result, 1, None, None)
        lines = result.stderr.decode().splitlines()
        self.assertEqual([line.split("; ")[-1] for line in lines],
                         ["namespaces are known by name alone (--namespace-labels)", "judged without waivers",
                          "judged without a directory of teams"])
        self.assertTrue(all(line.startswith("plimsoll: ") for line in lines))

    def test_one_line_for_whatever_is_in_the_way(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            nobody = closed.getsockname()[1]
        cases = [(404, "is Plimsoll installed there? There are no policies otherwise", None),
                 (403, "it takes the permission to list readinesspolicies.plimsoll.dev", None),
                 (401, "the credentials of the kubeconfig are not accepted: they may have expired", None),
                 ([], "there is no ReadinessPolicy in the cluster", None),
                 ([], "", nobody)]
        for answer, words, port in cases:
            with self.subTest(words or "nobody listens"):
                self.fake.answers[GROUP + "readinesspolicies"] = answer
                result = self.check(port=port)
                self.expect(result, 2, "", None)
                self.assertRegex(result.stderr.decode(), r"^plimsoll: .+\n$")
                self.assertIn(words, result.stderr.decode())
        result = run("check", "--policy", "cluster", "--kubeconfig", self.folder / "nowhere", self.path)
        self.expect(result, 2, "", None)
        self.assertRegex(result.stderr.decode(), r"^plimsoll: .+nowhere.+\n$")

    def test_it_goes_alone(self):
        self.expect(self.check("--policy", "x"), 2, "", "plimsoll: --policy cluster goes alone: what is in force there, and "
                                                       "nothing else\nTry: plimsoll check --help\n")


class Watch(Case):
    def start(self, *args):
        process = subprocess.Popen([PLIMSOLL, "check", "--watch", *map(str, args)], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.folder, bufsize=0)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        return process

    def round(self, process):
        """The report of one run: all until it says that it waits."""
        said = b""
        deadline = time.monotonic() + TIMEOUT_S
        while b"watching for changes" not in said:
            ready, _, _ = select.select([process.stderr], [], [], max(0, deadline - time.monotonic()))
            self.assertTrue(ready, "it never came to an end")
            said += os.read(process.stderr.fileno(), 65536)
        os.set_blocking(process.stdout.fileno(), False)
        return (process.stdout.read() or b"").decode()

    def sleeping(self, process):
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            if "State:\tS" in pathlib.Path(f"/proc/{process.pid}/status").read_text():
                return True
        return False

    def test_again_after_each_change_until_ctrl_c(self):
        self.write("m/a.yaml", READY.replace("NAME", "first"))
        process = self.start("m")
        self.assertIn("payments/first", self.round(process))
        self.assertTrue(self.sleeping(process))
        changes = [lambda: self.write("m/a.yaml", READY.replace("NAME", "second")),
                   lambda: self.write("m/new.yaml", READY.replace("NAME", "third")),
                   lambda: self.write("m/deep/er/b.yml", READY.replace("NAME", "fourth")),
                   lambda: (self.folder / "m/new.yaml").rename(self.folder / "m/a.yaml"),
                   lambda: shutil.rmtree(self.folder / "m/deep")]
        expected = [("second",), ("second", "third"), ("second", "third", "fourth"), ("third", "fourth"), ("third",)]
        for change, names in zip(changes, expected):
            change()
            # Several events may be several runs: the last one counts.
            deadline = time.monotonic() + TIMEOUT_S
            while True:
                report = self.round(process)
                if all(f"payments/{name}" in report for name in names) and report.count("Deployment payments/") == len(names):
                    break
                self.assertLess(time.monotonic(), deadline, report)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=TIMEOUT_S), 0)
        self.assertEqual(process.stderr.read(), b"")

    def test_its_own_report_is_no_change(self):
        self.write("m/a.yaml", READY.replace("NAME", "first"))
        process = self.start("--format", "json", "--output", "m/report.json", "m/a.yaml", "m")
        self.round(process)
        self.assertTrue(self.sleeping(process))
        # The next run is that of the next change, not of the report.
        before = (self.folder / "m/report.json").stat().st_ino
        self.write("m/a.yaml", READY.replace("NAME", "second"))
        self.round(process)
        self.assertNotEqual((self.folder / "m/report.json").stat().st_ino, before)
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=TIMEOUT_S)
        self.assertEqual(process.stderr.read(), b"")

    def test_it_ends_with_its_reader(self):
        self.write("m/a.yaml", READY)
        process = self.start("m")
        self.round(process)
        process.stdout.close()
        self.write("m/a.yaml", READY.replace("NAME", "b"))
        self.assertEqual(process.wait(timeout=TIMEOUT_S), 0)

    def test_what_cannot_be_watched(self):
        result = run("check", "--watch", "nowhere/a.yaml")
        self.expect(result, 2, None, "plimsoll: cannot watch nowhere: No such file or directory\n")


class BadInput(Case):
    """One clear line, exit code 2, nothing half-written."""

    def test_each(self):
        self.write("m/a.yaml", READY)
        self.write("empty/x", "")
        cases = [
            (["m", "--policy", "nowhere.yaml"], "nowhere.yaml: cannot open: No such file or directory", 2),
            (["m", "--policy", "empty"], "empty: no .yaml, .yml or .json file in this folder", 2),
            (["m", "--directory", "nowhere.yaml"], "nowhere.yaml: cannot open: No such file or directory", 2),
            (["m", "--baseline", "nowhere.json"], "nowhere.json: cannot open: No such file or directory", 1),
            (["m", "--write-baseline", "no/such/file"], "no/such/file: cannot write: No such file or directory", 1),
            (["m", "--write-baseline", "/dev/full"], "/dev/full: cannot write: No space left on device", 1),
            (["m", "--policy", "m"], "m: no ReadinessPolicy", 2),
        ]
        if os.geteuid() != 0:
            self.write("secret.json", "{}").chmod(0)
            cases.append((["m", "--baseline", "secret.json"], "secret.json: cannot open: Permission denied", 1))
        for arguments, words, lines in cases:
            with self.subTest(" ".join(arguments)):
                result = run("check", *arguments, cwd=self.folder)
                self.expect(result, 2, "", None)
                self.assertIn(words, result.stderr.decode())
                self.assertEqual(result.stderr.decode().count("\n"), lines)
        self.assertEqual(sorted(str(p.relative_to(self.folder)) for p in self.folder.rglob("*.*")),
                         sorted(["m/a.yaml"] + (["secret.json"] if os.geteuid() != 0 else [])))

    def test_other_commands(self):
        self.write("file", "")
        cases = [(["explain", "all", "--output", "/dev/null/x"], "/dev/null/x: cannot make: Not a directory"),
                 (["explain", "all", "--output", "file"], "file"),
                 (["explain", "nowhere"], 'no rule "nowhere"'),
                 (["explain", "--fromat", "text"], 'no flag "--fromat"; did you mean --format?'),
                 (["policy", "validate", "--strict", "x"], 'no flag "--strict"'),
                 (["report", "--question"], 'no flag "--question"; did you mean --questions?'),
                 (["report", "--questions", "--kubeconfig", "nowhere"], "nowhere"),
                 (["reprot"], 'no command "reprot"; did you mean report?')]
        for arguments, words in cases:
            with self.subTest(" ".join(arguments)):
                result = run(*arguments, cwd=self.folder)
                self.expect(result, 2, "", None)
                self.assertTrue(result.stderr.decode().startswith("plimsoll: "))
                self.assertIn(words, result.stderr.decode())
                self.assertLessEqual(result.stderr.decode().count("\n"), 2)

    @unittest.skipUnless(os.path.exists("/dev/full"), "needs /dev/full")
    def test_a_full_disk_and_a_reader_who_left(self):
        self.write("m/a.yaml", READY)
        for form in ("text", "json", "sarif", "junit", "github", "gitlab", "markdown", "html"):
            with open("/dev/full", "wb") as full:
                result = subprocess.run([PLIMSOLL, "check", "--format", form, "m"], stdout=full, stderr=subprocess.PIPE,
                                        cwd=self.folder, check=False, timeout=TIMEOUT_S)
            self.assertEqual(result.returncode, 2)
            self.assertEqual(result.stderr.decode(), "plimsoll: cannot write the output: No space left on device\n")
            read, write = os.pipe()
            os.close(read)
            result = subprocess.run([PLIMSOLL, "check", "--format", form, "m"], stdout=write, stderr=subprocess.PIPE,
                                    cwd=self.folder, check=False, timeout=TIMEOUT_S)
            os.close(write)
            self.assertEqual((result.returncode, result.stderr), (0, b""))


if __name__ == "__main__":
    unittest.main(verbosity=2 if "-v" in sys.argv else 1)

#!/usr/bin/env python3
"""plimsoll report --html: one page, whole or not at all. What it looks like is for tests/browser."""

import base64
import hashlib
import json
import os
import pathlib
import re
import sys
import unittest

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from check_sources_test import GROUP, FakeServer  # noqa: E402
from cli_test import INPUT, Case, run  # noqa: E402

RECORDS = yaml.safe_load((INPUT / "records/november.yaml").read_text())["items"]
WAIVER = {"metadata": {"name": "probes", "namespace": "production"},
          "spec": {"workloads": [{"kind": "Deployment", "name": "checkout"}], "policy": "production",
                   "rules": ["runbook.url"], "reason": "moves with the wiki", "requestedBy": "ada@example.org",
                   "expires": "2999-01-31T00:00:00Z"}}


def page(result):
    return result.stdout.decode("utf-8", errors="strict")


class Html(Case):
    def test_its_policy_names_its_style_and_its_script_and_nothing_else(self):
        result = run("report", "--html", "-", "records")
        self.expect(result, 0)
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page(result)).group(1)
        self.assertTrue(policy.startswith("default-src 'none'; "))
        for tag in ("style", "script"):
            texts = re.findall(f"<{tag}>(.*?)</{tag}>", page(result), re.S)
            self.assertEqual(len(texts), 1)
            digest = base64.b64encode(hashlib.sha256(texts[0].encode()).digest()).decode()
            self.assertIn(f"{tag}-src 'sha256-{digest}'", policy)

    def test_a_file_has_what_standard_output_would_have(self):
        path = self.folder / "page.html"
        self.expect(run("report", "--html", path, "records"), 0, f"{path}: 4 workloads\n")
        text = path.read_text()
        self.assertTrue(text.startswith("<!DOCTYPE html>") and text.endswith("</html>\n"))
        for name in ("checkout", "search", "db", "health.readiness-probe"):
            self.assertIn(name, text)

    def test_what_cannot_be_written_leaves_what_was_there(self):
        path = self.write("page.html", "as it was")
        self.expect(run("report", "--html", path / "below", "records"), 2, "", None)
        self.expect(run("report", "--html", self.folder, "records"), 2, "", f"plimsoll: {self.folder}: is a folder\n")
        self.expect(run("report", "--html", path, "--kubeconfig", self.folder / "nowhere"), 2, "", None)
        self.assertEqual(path.read_text(), "as it was")
        self.assertEqual(os.listdir(self.folder), ["page.html"])

    def test_a_page_of_what_could_be_read_says_that_it_is_not_all(self):
        result = run("report", "--html", "-", "records", "nowhere.yaml")
        self.expect(result, 2, None, None)
        self.assertIn("nowhere.yaml", result.stderr.decode())
        self.assertRegex(page(result), r"This page is not complete:</b></p><ul><li>[^<]*nowhere\.yaml")
        self.assertIn("checkout", page(result))

    def test_waivers_among_the_records(self):
        waiver = dict(WAIVER, apiVersion="plimsoll.dev/v1alpha1", kind="ReadinessWaiver")
        path = self.write("waiver.yaml", yaml.safe_dump(waiver))
        text = page(run("report", "--html", "-", "records", path))
        self.assertIn("production/probes", text)
        self.assertIn("2999-01-31", text)
        self.assertNotIn("production/probes", page(run("report", "--html", "-", "-n", "dev", "records", path)))

    def test_one_thing_at_a_time(self):
        for arguments, problem in ((["--html", "a", "--questions"], "one at a time"), ([], "report what?"),
                                   (["--html", "a", "--format", "json"], "--format goes with --questions")):
            result = run("report", *arguments, "records", cwd=INPUT)
            self.expect(result, 2, "", None)
            self.assertIn(problem, result.stderr.decode())


class HtmlOfACluster(Case):
    def setUp(self):
        super().setUp()
        self.fake = FakeServer()
        self.addCleanup(self.fake.close)
        self.fake.answers = {GROUP + "workloadreadinesses": RECORDS, GROUP + "readinesswaivers": [WAIVER]}
        self.config = self.write("kubeconfig", json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{self.fake.port}"}}],
            "users": [{"name": "u", "user": {}}]}))

    def test_records_and_waivers(self):
        result = run("report", "--html", "-", "--kubeconfig", self.config)
        self.expect(result, 0)
        self.assertIn("production/probes", page(result))
        self.assertIn("search", page(result))

    def test_waivers_that_may_not_be_listed_are_said(self):
        self.fake.answers[GROUP + "readinesswaivers"] = 403
        result = run("report", "--html", "-", "--kubeconfig", self.config)
        self.expect(result, 2, None, None)
        self.assertIn("waivers could not be read", result.stderr.decode())
        self.assertIn("waivers could not be read", page(result))
        self.assertIn("search", page(result))

    def test_no_records(self):
        self.fake.answers[GROUP + "workloadreadinesses"] = 404
        result = run("report", "--html", "-", "--kubeconfig", self.config)
        self.expect(result, 2, "", None)
        self.assertIn("is Plimsoll installed there?", result.stderr.decode())


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""Alerts: Prometheus accepts them, each fires and each stays quiet, and each leads to a page that helps."""

import re
import subprocess
import sys
import unittest

import yaml

sys.dont_write_bytecode = True
from tools import ROOT, RULES, documented, program  # noqa: E402

TESTS = sorted((ROOT / "tests" / "monitoring").glob("*_test.yaml"))
RUNBOOKS = ROOT / "docs" / "runbooks"
SECTIONS = ["Meaning", "Impact", "Diagnosis", "Mitigation"]
# What issue the alerts answer to, in the words of those who asked for them.
WANTED = {"WebhookFailingOpen", "WebhookCallsFailing", "WebhookSlow", "AuditStale", "WatchStale", "CertificateExpiresSoon", "NoLeader",
          "PolicyNotReady", "RecordBacklog", "SurpriseRatioHigh", "StageBlocksSoon", "WaiverExpiresSoon", "CertificateNotTrusted"}


def alerts():
    rules = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    return [rule for group in rules["groups"] for rule in group["rules"] if "alert" in rule]


def cases():
    """(alert, expected) of each moment that is tested."""
    for path in TESTS:
        for test in yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]:
            for case in test.get("alert_rule_test", []):
                yield case["alertname"], case.get("exp_alerts", [])


def kebab(alert):
    return re.sub(r"(?<!^)(?=[A-Z])", "-", alert.removeprefix("Plimsoll")).lower()


class AlertsTest(unittest.TestCase):
    def test_these_there_are(self):
        self.assertEqual({f"Plimsoll{name}" for name in WANTED}, {alert["alert"] for alert in alerts()})

    def test_prometheus_accepts_them(self):
        done = subprocess.run([program("promtool"), "check", "rules", RULES], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_they_fire_and_stay_quiet(self):
        for name in (alert["alert"] for alert in alerts()):
            with self.subTest(name):
                self.assertTrue(any(found for alert, found in cases() if alert == name), "no test in which it fires")
        quiet = {alert for alert, found in cases() if not found}
        # These two are quiet for others in the same moment in which they fire for one.
        self.assertEqual({alert["alert"] for alert in alerts()} - quiet, set())
        done = subprocess.run([program("promtool"), "test", "rules", *TESTS], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_each_says_what_it_must(self):
        for alert in alerts():
            with self.subTest(alert["alert"]):
                self.assertIn(alert["labels"]["severity"], ("critical", "warning", "info"))
                self.assertIn(alert["labels"]["audience"], ("platform", "owner"))
                self.assertEqual({"summary", "description", "runbook_url"}, set(alert["annotations"]))
                self.assertIn("for", alert, "a blip wakes nobody")

    def test_an_owners_alert_says_whose_it_is(self):
        for alert in alerts():
            if alert["labels"]["audience"] == "owner":
                fired = [one for name, found in cases() if name == alert["alert"] for one in found]
                self.assertTrue(fired and all(one["exp_labels"]["owner"] for one in fired), alert["alert"])

    def test_each_has_its_runbook_and_each_runbook_its_alert(self):
        pages = {path.name for path in RUNBOOKS.glob("*.md")} - {"README.md"}
        self.assertEqual({f"{kebab(alert['alert'])}.md" for alert in alerts()}, pages)
        index = (RUNBOOKS / "README.md").read_text(encoding="utf-8")
        for alert in alerts():
            with self.subTest(alert["alert"]):
                page = documented(alert["annotations"]["runbook_url"])
                self.assertEqual(page.name, f"{kebab(alert['alert'])}.md")
                text = page.read_text(encoding="utf-8")
                self.assertTrue(text.startswith(f"# {alert['alert']}\n"), "its title is the alert's name")
                self.assertEqual(re.findall(r"^## (.+)$", text, re.M), SECTIONS)
                diagnosis = text.partition("## Diagnosis")[2].partition("## Mitigation")[0]
                self.assertIn("```", diagnosis, "a command to begin with")
                self.assertIn(f"[{alert['alert']}]({page.name})", index)


if __name__ == "__main__":
    unittest.main()

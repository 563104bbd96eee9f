#!/usr/bin/env python3
"""plimsoll policy test: cases pass, fail, cannot be judged; differences are readable; --update writes what was found."""

import unittest
import xml.etree.ElementTree as ElementTree

import cli_test
from cli_test import ROOT, run

POLICY = """\
apiVersion: plimsoll.dev/v1alpha1
kind: ReadinessPolicy
metadata: {name: house}
spec:
  stages: [{action: Warn}, {action: Deny, from: "2027-02-01T00:00:00Z"}]
  rules: [{rule: ownership.owner}, {rule: resilience.pdb}]
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: checkout}  # a comment that stays
spec:
  replicas: 2
  selector: {matchLabels: {app: checkout}}
  template:
    metadata: {labels: {app: checkout}}
    spec: {containers: [{name: web, image: "web:1"}]}
"""
BUDGET = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: checkout}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: checkout}}}
"""
OWNER = 'findings:\n  - {workload: "Deployment/shop/checkout", action: "%s", rule: "house/ownership.owner"}\n'


def case(*documents, story="It is told", now="2027-03-01", more=""):
    return "---\n".join([f'story: {story}\nnow: "{now}"\nnamespace: shop\n{more}', *documents])


class PolicyTest(cli_test.Case):
    def setUp(self):
        super().setUp()
        self.write("tests/policy.yaml", POLICY)


class Cases(PolicyTest):
    def run_cases(self, *args, exit_code=0):
        result = run("policy", "test", *(args or ["tests"]), cwd=self.folder)
        self.assertEqual(result.returncode, exit_code, (result.stdout + result.stderr).decode())
        return result.stdout.decode()

    def test_pass_and_fail_by_date(self):
        self.write("tests/a.yaml", case(DEPLOYMENT, BUDGET, OWNER % "Deny"))
        self.write("tests/b.yaml", case(DEPLOYMENT, BUDGET, OWNER % "Warn", now="2027-01-31"))
        self.assertEqual(self.run_cases(), "ok       tests/a.yaml  It is told\nok       tests/b.yaml  It is told\n"
                         "2 cases: 2 passed\n")
        self.write("tests/b.yaml", case(DEPLOYMENT, BUDGET, OWNER % "Deny", now="2027-01-31"))
        self.assertEqual(self.run_cases(exit_code=1), """\
ok       tests/a.yaml  It is told
FAIL     tests/b.yaml  It is told
         as of 2027-01-31: - expected and not found, + found and not expected
         - Deny house/ownership.owner  Deployment/shop/checkout
         + Warn house/ownership.owner  Deployment/shop/checkout  metadata.labels[plimsoll.dev/owner]
2 cases: 1 passed, 1 failed
""")

    def test_what_is_beside_the_workload_counts(self):
        self.write("tests/a.yaml", case(DEPLOYMENT, OWNER % "Deny"))
        self.assertIn("+ Deny house/resilience.pdb  Deployment/shop/checkout", self.run_cases(exit_code=1))

    def test_waivers_and_namespaces_of_the_case(self):
        self.write("tests/policy.yaml", POLICY.replace("spec:\n", "spec:\n  waivers: {approval: NotRequired}\n  match: {namespaceSelector: {matchLabels: {env: live}}}\n"))
        waiver = """\
apiVersion: plimsoll.dev/v1alpha1
kind: ReadinessWaiver
metadata: {name: owner-later, namespace: shop}
spec: {workloads: [{kind: Deployment, name: checkout}], policy: house, rules: [ownership.owner], reason: later,
       requestedBy: ana, expires: "2027-03-15T00:00:00Z"}
"""
        found = 'findings:\n  - {rule: house/ownership.owner, action: Audit, waiver: owner-later}\n'
        self.write("tests/a.yaml", case(DEPLOYMENT, BUDGET, waiver, found, more="namespaceLabels: {env: live}\n"))
        self.write("tests/b.yaml", case(DEPLOYMENT, BUDGET, "findings: []\n"))
        self.run_cases()

    def test_update_writes_the_findings_and_nothing_else(self):
        text = case(DEPLOYMENT, BUDGET)
        path = self.write("tests/a.yaml", text)
        self.assertIn("1 updated: read them", self.run_cases("--update", "tests"))
        updated = path.read_text()
        self.assertEqual(updated, text + '---\nfindings:\n  - {workload: "Deployment/shop/checkout", action: "Deny", '
                         'rule: "house/ownership.owner", at: "metadata.labels[plimsoll.dev/owner]"}\n')
        self.run_cases()
        self.run_cases("--update", "tests")
        self.assertEqual(path.read_text(), updated)
        path.write_text(updated.replace("2027-03-01", "2027-01-01"))
        self.run_cases(exit_code=1)
        self.run_cases("--update", "tests")
        self.assertEqual(path.read_text(), updated.replace("2027-03-01", "2027-01-01").replace('"Deny"', '"Warn"'))

    def test_the_policy_may_be_named_or_written_into_the_case(self):
        (self.folder / "tests/policy.yaml").unlink()
        self.write("elsewhere/house.yaml", POLICY)
        self.write("tests/deep/a.yaml", case(DEPLOYMENT, BUDGET, OWNER % "Deny", more="policy: ../../elsewhere/house.yaml\n"))
        self.write("tests/b.yaml", case(POLICY, DEPLOYMENT, BUDGET, OWNER % "Deny"))
        self.run_cases()
        self.write("tests/c.yaml", case(DEPLOYMENT, OWNER % "Deny"))
        self.assertIn("no policy: name one", self.run_cases(exit_code=2))

    def test_what_cannot_be_judged(self):
        for text, message in [
                (case(DEPLOYMENT, now="soon"), "`now` is no date"),
                (case(DEPLOYMENT, more="polcy: x\n"), 'no key "polcy" of a case; did you mean policy?'),
                (case(DEPLOYMENT, "findings: [{rul: x}]\n"), 'no key "rul" of a finding'),
                (case(BUDGET), "no workload in it"),
                (case(DEPLOYMENT, more="policy: nowhere.yaml\n"), "nowhere.yaml"),
                ("story: {\n", "tests/a.yaml"),
        ]:
            with self.subTest(message):
                self.write("tests/a.yaml", text)
                out = self.run_cases(exit_code=2)
                self.assertIn("ERROR", out)
                self.assertIn(message, out)
                self.assertIn("1 could not be judged", out)

    def test_no_cases(self):
        result = run("policy", "test", "tests", cwd=self.folder)
        self.expect(result, 2, stdout="", stderr="plimsoll: no case in tests: a case is a YAML file that begins with `story:`\n")
        self.expect(run("policy", "test", cwd=self.folder), 2, stdout="", stderr=None)
        self.expect(run("policy", "test", "--output", "x", "tests", cwd=self.folder), 2, stdout="", stderr=None)

    def test_junit(self):
        self.write("tests/a.yaml", case(DEPLOYMENT, BUDGET, OWNER % "Deny", story="'<b> & \"c\"'"))
        self.write("tests/b.yaml", case(DEPLOYMENT, BUDGET, OWNER % "Warn"))
        self.write("tests/deep/c.yaml", case(BUDGET))
        out = self.run_cases("--format", "junit", "--output", "report.xml", "tests", exit_code=2)
        self.assertIn("3 cases: 1 passed, 1 failed, 1 could not be judged", out)
        text = (self.folder / "report.xml").read_text()
        self.assertEqual(run("policy", "test", "--format", "junit", "tests", cwd=self.folder).stdout.decode(), text)
        root = ElementTree.fromstring(text)
        self.assertEqual(root.tag, "testsuites")
        self.assertEqual((root.get("tests"), root.get("failures"), root.get("errors")), ("3", "1", "1"))
        self.assertEqual([s.get("name") for s in root], ["tests", "tests/deep"])
        self.assertEqual([c.get("name") for c in root.iter("testcase")], ['<b> & "c"', "It is told", "It is told"])
        failure = root.find("testsuite/testcase/failure")
        self.assertEqual(failure.get("message"), "1 missing, 1 unexpected")
        self.assertIn("- Warn house/ownership.owner", failure.text)
        self.assertIn("no workload", root.find("testsuite/testcase/error").get("message"))

    def test_the_samples(self):
        result = run("policy", "test", "deploy/samples/policy-tests", cwd=ROOT)
        self.expect(result, 0)
        self.assertIn(b"3 cases: 3 passed\n", result.stdout)

    def test_the_example_of_the_documentation(self):
        page = (ROOT / "docs/policy-tests.md").read_text()
        for key in ("story", "now", "policy", "namespace", "namespaceLabels", "directory"):
            self.assertIn(f"| `{key}` |", page)


if __name__ == "__main__":
    unittest.main()

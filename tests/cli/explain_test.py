#!/usr/bin/env python3
"""plimsoll explain: a policy in words, and a denial that was pasted. Goldens are in tests/golden/explain."""

import html.parser
import os
import pathlib
import unittest

import cli_test
import fake_cluster
from cli_test import ROOT, run

GOLDEN = ROOT / "tests" / "golden" / "explain"
PRODUCTION = ROOT / "deploy/samples/policies/production.yaml"
DENIAL = ROOT / "tests/admission/golden/denied.txt"


class Explain(cli_test.Case):
    def golden(self, name, text):
        path = GOLDEN / name
        if os.environ.get("UPDATE_GOLDEN") == "1":
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        self.assertEqual(path.read_text(), text, f"in {path}; UPDATE_GOLDEN=1 rewrites it")

    def out(self, *args, exit_code=0, **kwargs):
        result = run("explain", *args, **kwargs)
        self.assertEqual(result.returncode, exit_code, (result.stdout + result.stderr).decode())
        return result.stdout.decode() if exit_code == 0 else result.stderr.decode()


class Page(html.parser.HTMLParser):
    """Every tag closed, nothing from elsewhere."""

    VOID = {"meta", "br"}

    def __init__(self):
        super().__init__()
        self.open = []
        self.ids = []
        self.text = ""
        self.references = []

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)
        self.ids += [v for k, v in attrs if k == "id"]
        self.references += [v for k, v in attrs if k in ("src", "href", "style", "onclick")]

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, data):
        self.text += data


class Policies(Explain):
    def test_golden(self):
        for name, arguments in [("policy.txt", []), ("policy.md", ["--format", "markdown"]),
                                ("policy.html", ["--format", "html"]), ("policy-color.txt", ["--color", "always"])]:
            with self.subTest(name):
                self.golden(name, self.out("policy", PRODUCTION, "--as-of", "2026-11-27", *arguments))

    def test_the_words_follow_the_dates(self):
        before = self.out("policy", PRODUCTION, "--as-of", "2029-12-31")
        self.assertIn("2030-01-01\n    denied: resilience.replicas (critical)", before)
        self.assertIn("critical: warned about now, denied from 2030-01-01", before)
        after = self.out("policy", PRODUCTION, "--as-of", "2030-01-01")
        self.assertIn("Nothing more is announced.", after)
        self.assertIn("critical: denied now", after)
        self.assertIn("experimental: not asked", after)

    def test_html_is_whole_and_needs_nothing_else(self):
        page = Page()
        text = self.out("policy", PRODUCTION, "--format", "html")
        page.feed(text)
        self.assertEqual(page.open, [])
        self.assertEqual(page.references, [])
        self.assertNotIn("url(", text)
        self.assertEqual(len(page.ids), len(set(page.ids)))
        self.assertIn("runbook.url", page.ids)
        self.assertIn("hosts: *.corp.internal", page.text)

    def test_what_authors_write_is_text(self):
        policy = self.write("p.yaml", """\
apiVersion: plimsoll.dev/v1alpha1
kind: ReadinessPolicy
metadata: {name: p}
spec:
  description: "<script>alert(1)</script> | `x` [y](z)"
  rules: [{rule: runbook.url}]
""")
        self.assertIn("&lt;script&gt;", self.out("policy", policy, "--format", "html"))
        self.assertNotIn("<script>", self.out("policy", policy, "--format", "html"))
        self.assertIn(r"\<script\>alert(1)\</script\> \| \`x\` \[y\](z)", self.out("policy", policy, "--format", "markdown"))

    def test_by_name(self):
        self.assertIn("plimsoll-baseline", self.out("policy", "plimsoll-baseline"))
        policy = {"apiVersion": "plimsoll.dev/v1alpha1", "kind": "ReadinessPolicy", "metadata": {"name": "house"},
                  "spec": {"rules": [{"rule": "runbook.url"}]}}
        with fake_cluster.Cluster(self.folder) as cluster:
            cluster.put("/apis/plimsoll.dev/v1alpha1/readinesspolicies/house", policy)
            self.assertIn("The workload links its runbook", self.out("policy", "house", "--kubeconfig", cluster.kubeconfig))
            message = self.out("policy", "other", "--kubeconfig", cluster.kubeconfig, exit_code=2)
            self.assertIn("readinesspolicies/other", message)

    def test_bad_input(self):
        for arguments, message in [(["policy"], "explain which policy?"),
                                   (["policy", "no/such.yaml"], "no/such.yaml: no such file"),
                                   (["policy", ROOT / "tests/cli/input/broken/policy.yaml"], "the policy has problems"),
                                   (["runbook.url", "--format", "html"], "--format html goes with"),
                                   (["runbook.url", "x"], "one argument too many"),
                                   (["policy", PRODUCTION, "--as-of", "soon"], "is no date")]:
            with self.subTest(message):
                self.assertIn(message, self.out(*arguments, exit_code=2))


class Denials(Explain):
    def parts(self):
        parts = {}
        name = None
        for line in DENIAL.read_text().splitlines(keepends=True):
            if line.startswith("---- "):
                name = line[5:].strip()
            else:
                parts[name] = parts.get(name, "") + line
        return parts

    def test_what_kubectl_shows(self):
        self.golden("denial.txt", self.out("-", stdin=self.parts()["kubectl"]))

    def test_every_way_it_is_told(self):
        """Of each denial that the handler's goldens show, each rule is found."""
        for file in sorted((ROOT / "tests/admission/golden").glob("*.txt")):
            text = file.read_text()
            if "(Deny" not in text or file.name.startswith(("policy", "waiver")):
                continue
            with self.subTest(file.name):
                out = self.out("-", stdin=text)
                self.assertIn("What to do: ", out)
                self.assertNotIn("does not know this rule", out)

    def test_the_message_for_other_clients_and_as_json(self):
        message = next(text for name, text in self.parts().items() if name.startswith("other"))
        plain = self.out("-", stdin=message)
        self.assertIn("production/ownership.owner\n  No owner is named (Deny since 2027-02-01)\n"
                      "  At: metadata.labels[plimsoll.dev/owner]\n", plain)
        self.assertIn("plimsoll waiver request Deployment/web -n payments --policy production --rule "
                      "health.readiness-probe --rule ownership.owner", plain)
        escaped = '{"message": "admission webhook denied: ' + message.replace('"', '\\"').replace("\n", "\\n") + '"}'
        self.assertIn("production/ownership.owner", self.out("-", stdin=escaped))

    def test_more_time_is_for_what_was_refused(self):
        warned = 'Warning: production/resilience.replicas: a single replica\n'
        refused = ('The Deployment "web" is invalid: \n* metadata.labels: production/ownership.owner: no owner\n'
                   '* before the next push: `plimsoll check --policy POLICIES --namespace shop FILE` shows all of this\n')
        self.assertIn('\n  plimsoll waiver request Deployment/web -n shop --policy production --rule ownership.owner --expires DATE',
                      self.out("-", stdin=warned + refused))
        self.assertIn("\n  plimsoll waiver request KIND/NAME --policy production --rule resilience.replicas --expires DATE",
                      self.out("-", stdin=warned))

    def test_one_cause_on_one_line(self):
        out = self.out("-", stdin='The Deployment "web" is invalid: spec.replicas: production/resilience.replicas: '
                       'Deployment "web" runs as a single replica (Deny)\n')
        self.assertIn("At: spec.replicas", out)
        self.assertIn("plimsoll waiver request Deployment/web ", out)
        self.assertIn("For example (its names are not yours):", out)

    def test_a_rule_of_a_newer_version(self):
        self.assertIn("does not know this rule; a newer one may", self.out("-", stdin="* x: p/future.rule: no (Deny)\n"))

    def test_nothing_in_it(self):
        self.assertIn("no finding in it", self.out("-", stdin="Error from server: etcd is away\n", exit_code=2))
        self.assertIn("no finding in it", self.out("-", stdin="https://a.b/c/d.e: x\n", exit_code=2))


if __name__ == "__main__":
    unittest.main()

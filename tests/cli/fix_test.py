#!/usr/bin/env python3
"""plimsoll check --fix, --unsafe-fixes and --diff: what is put right, and that everything else stays byte for byte."""

import json
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from cli_test import Case, run  # noqa: E402


def policy(*rules):
    return ("apiVersion: plimsoll.dev/v1alpha1\nkind: ReadinessPolicy\nmetadata: {name: p}\n"
            "spec: {stages: [{action: Deny}], rules: [" + ", ".join(f"{{rule: {rule}}}" for rule in rules) + "]}\n")


# One replica, in every way to write it; before and after, where @ stands for what is written there.
HEAD = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a # who\n"
TEMPLATE = """\
  template:
    # the pod
    spec:
      containers:
      - name: web   # not indented
        image: "web:1"


"""


class Fix(Case):
    def fix(self, name, text, rules, *flags, exit_code=0):
        path = self.write(name, text)
        rule_file = self.write("policy/p.yaml", policy(*rules))
        result = run("check", "--fix", "--policy", rule_file, *flags, path, cwd=self.folder)
        self.assertEqual(result.returncode, exit_code, result.stdout.decode() + result.stderr.decode())
        fixed = path.read_bytes()
        again = run("check", "--fix", "--policy", rule_file, *flags, path, cwd=self.folder)
        self.assertEqual(path.read_bytes(), fixed, "a second run changes nothing")
        self.assertIn("fixed 0 findings in 0 files", again.stderr.decode())
        return fixed.decode(), result

    STYLES = [
        ("there", "spec:\n  replicas: 1  # why not\n" + TEMPLATE, "spec:\n  replicas: 2  # why not\n" + TEMPLATE),
        ("missing", "spec:\n" + TEMPLATE + "# the end\n",
         "spec:\n" + TEMPLATE.rstrip("\n") + "\n  replicas: 2\n\n\n# the end\n"),
        ("next document", "spec:\n" + TEMPLATE + "---\nkind: Other\n",
         "spec:\n" + TEMPLATE.rstrip("\n") + "\n  replicas: 2\n\n\n---\nkind: Other\n"),
        ("null", "spec:\n  replicas: null\n" + TEMPLATE, "spec:\n  replicas: 2\n" + TEMPLATE),
        ("empty", "spec:\n  replicas:\n" + TEMPLATE, "spec:\n  replicas: 2\n" + TEMPLATE),
        ("quoted key", "spec:\n  \"replicas\": 1\n" + TEMPLATE, "spec:\n  \"replicas\": 2\n" + TEMPLATE),
        ("flow", 'spec: {replicas: 1, template: {spec: {containers: [{name: web, image: "web:1"}]}}} # flow\n',
         'spec: {replicas: 2, template: {spec: {containers: [{name: web, image: "web:1"}]}}} # flow\n'),
        ("flow, missing", 'spec: {template: {spec: {containers: [{name: web, image: "web:1"}]}}}\n',
         'spec: {template: {spec: {containers: [{name: web, image: "web:1"}]}}, "replicas": 2}\n'),
        ("no line break at the end", "spec:\n" + TEMPLATE.rstrip("\n"), "spec:\n" + TEMPLATE.rstrip("\n") + "\n  replicas: 2"),
        ("crlf", ("spec:\n  replicas: 1\n" + TEMPLATE).replace("\n", "\r\n"),
         ("spec:\n  replicas: 2\n" + TEMPLATE).replace("\n", "\r\n")),
        ("crlf, missing", ("spec:\n" + TEMPLATE).replace("\n", "\r\n"),
         ("spec:\n" + TEMPLATE.rstrip("\n") + "\n  replicas: 2\n\n\n").replace("\n", "\r\n")),
    ]

    def test_everything_else_stays_as_it_was(self):
        for name, before, after in self.STYLES:
            with self.subTest(name):
                head = HEAD.replace("\n", "\r\n") if "\r" in before else HEAD
                fixed, _ = self.fix(name.replace(" ", "-") + ".yaml", head + before, ["resilience.replicas"])
                self.assertEqual(fixed, head + after)

    def test_several_objects_of_a_file_and_lists(self):
        one = HEAD + "spec:\n  replicas: 1\n" + TEMPLATE
        service = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {replicas: 1}\n"
        text = one + "---\n" + service + "--- # third\n" + one.replace("name: a", "name: b")
        fixed, _ = self.fix("all.yaml", text, ["resilience.replicas"])
        self.assertEqual(fixed, text.replace("  replicas: 1\n", "  replicas: 2\n"))
        items = "apiVersion: v1\nkind: List\nitems:\n" + "".join(
            "- " + one.replace("name: a", f"name: {n}").rstrip("\n").replace("\n", "\n  ") + "\n" for n in "xy")
        fixed, _ = self.fix("list.yaml", items, ["resilience.replicas"])
        self.assertEqual(fixed, items.replace("  replicas: 1\n", "  replicas: 2\n"))

    def test_an_object_that_there_is_not_comes_to_the_end_of_the_file(self):
        one = HEAD.replace("name: a", "name: a\n  namespace: shop\n  labels: {app: a}") + "spec:\n  replicas: 2\n  selector: {matchLabels: {app: a}}\n" + \
            TEMPLATE.replace("    spec:", "    metadata: {labels: {app: a}}\n    spec:")
        fixed, result = self.fix("a.yaml", one + "# the end", ["resilience.pdb"])
        self.assertTrue(fixed.startswith(one + "# the end\n---\napiVersion: policy/v1\nkind: PodDisruptionBudget\n"), fixed)
        self.assertIn("fixed 1 finding in 1 file\n", result.stderr.decode())
        # One that there is is changed where it is.
        budget = self.write("m/budget.yaml", "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: a, namespace: shop}\n"
                            "spec:\n  minAvailable: 2  # all of them\n  selector: {matchLabels: {app: a}}\n")
        workload = self.write("m/a.yaml", one)
        rule_file = self.write("policy/p.yaml", policy("resilience.pdb-evictable"))
        result = run("check", "--fix", "--policy", rule_file, "m", cwd=self.folder)
        self.expect(result, 0, None, None)
        self.assertEqual(workload.read_text(), one)
        self.assertNotIn("minAvailable: 2 ", budget.read_text())
        self.assertIn("kind: PodDisruptionBudget\nmetadata: {name: a, namespace: shop}\n", budget.read_text())
        # One in another version is no place for a patch of this one, and no reason for a second.
        self.write("m/a.yaml", one.replace("  replicas: 2\n", "").replace("  namespace: shop\n", ""))
        scaler = self.write("m/budget.yaml", "apiVersion: autoscaling/v1\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\nspec:\n"
                            "  minReplicas: 1\n  maxReplicas: 3\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}\n")
        before = scaler.read_text()
        self.write("policy/p.yaml", policy("resilience.replicas"))
        result = run("check", "--fix", "--policy", rule_file, "m", cwd=self.folder)
        self.expect(result, 1, None, None)
        self.assertEqual((scaler.read_text(), workload.read_text().count("HorizontalPodAutoscaler")), (before, 0))
        self.assertIn("by hand in m/budget.yaml", result.stderr.decode())
        text = json.dumps({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"},
                           "spec": {"replicas": 2, "template": {"metadata": {"labels": {"app": "a"}},
                                    "spec": {"containers": [{"name": "web", "image": "web:1"}]}}}})
        fixed, result = self.fix("a.json", text, ["resilience.pdb"], exit_code=1)
        self.assertEqual(fixed, text)
        self.assertIn("a JSON file holds one document", result.stderr.decode())

    def test_json(self):
        value = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"},
                 "spec": {"template": {"spec": {"containers": [{"name": "web", "image": "web:1"}]}}}}
        for name, indent in (("compact.json", None), ("pretty.json", 2)):
            fixed, _ = self.fix(name, json.dumps(value, indent=indent) + "\n", ["resilience.replicas"])
            expected = json.loads(json.dumps(value))
            expected["spec"]["replicas"] = 2
            self.assertEqual(fixed, json.dumps(expected, indent=indent) + "\n")

    def test_marks_are_reported_until_they_are_replaced(self):
        text = HEAD + "spec:\n  replicas: 2\n" + TEMPLATE
        rules = ["ownership.owner", "resources.memory-request"]
        kept, result = self.fix("a.yaml", text, rules, exit_code=1)
        self.assertEqual(kept, text)
        self.assertIn("2 need a value that only people know (--unsafe-fixes", result.stderr.decode())
        fixed, result = self.fix("a.yaml", text, rules, "--unsafe-fixes", exit_code=1)
        self.assertEqual(fixed.count("# plimsoll: replace with "), 3)
        self.assertEqual([line for line in fixed.splitlines() if line in text.splitlines()], text.splitlines())
        report = self.check_json("--policy", self.folder / "policy", self.folder / "a.yaml", exit_code=1)
        self.assertEqual({one["rule"] for one in report["results"]}, {"check.placeholder"})
        for one in report["results"]:
            self.assertTrue(fixed.splitlines()[one["line"] - 1][one["column"] - 1:].startswith("# plimsoll: replace"), one)
        done = self.write("a.yaml", "\n".join(line.split("  # plimsoll:")[0] for line in fixed.splitlines()) + "\n")
        self.check_json("--policy", self.folder / "policy", done, exit_code=0)

    REFUSED = [
        ("alias", "x-spec: &s\n  replicas: 1\n  template: {spec: {containers: [{name: web, image: a}]}}\nspec: *s\n", "alias"),
        ("alias inside", "x-one: &one 1\nspec:\n  replicas: *one\n" + TEMPLATE, "alias"),
        ("merge key", "x-base: &b\n  replicas: 1\nspec:\n  <<: *b\n" + TEMPLATE, "merge key"),
        ("followed anchor", "spec: &s\n  replicas: 1\n" + TEMPLATE + "x-other: *s\n", "anchor"),
    ]

    def test_what_is_shared_stays_and_is_said(self):
        for name, text, word in self.REFUSED:
            with self.subTest(name):
                fixed, result = self.fix("a.yaml", HEAD + text, ["resilience.replicas"], exit_code=1)
                self.assertEqual(fixed, HEAD + text)
                self.assertRegex(result.stderr.decode(), r"a\.yaml:\d+:\d+: resilience.replicas not fixed: .*" + word)

    def test_flow_style_has_no_room_for_a_mark(self):
        text = HEAD + "spec: {replicas: 2, template: {spec: {containers: [{name: web, image: 'web:1'}]}}}\n"
        fixed, result = self.fix("a.yaml", text, ["resources.memory-request"], "--unsafe-fixes", exit_code=1)
        self.assertEqual(fixed, text)
        self.assertIn("no room for the mark", result.stderr.decode())

    def test_diff_is_what_fix_does_and_changes_nothing(self):
        text = HEAD + "spec:\n  replicas: 1 # one\n" + TEMPLATE
        rule_file = self.write("policy/p.yaml", policy("resilience.replicas"))
        path = self.write("m/a.yaml", text)
        (self.folder / ".git").mkdir()
        result = run("check", "--diff", "--policy", rule_file, "m", cwd=self.folder)
        self.expect(result, 1, None, None)
        self.assertEqual(path.read_text(), text)
        self.golden("check-diff.txt", result.stdout.decode())
        applied = subprocess.run(["patch", "-p1"], input=result.stdout, cwd=self.folder, capture_output=True, check=False)
        self.assertEqual(applied.returncode, 0, applied.stdout)
        self.assertEqual(path.read_text(), text.replace("replicas: 1", "replicas: 2"))
        self.expect(run("check", "--diff", "--policy", rule_file, "m", cwd=self.folder), 0, "", None)
        piped = run("check", "--diff", "--policy", rule_file, "-", stdin=text, cwd=self.folder)
        self.expect(piped, 1, None, None)
        self.assertIn("+  replicas: 2 # one\n", piped.stdout.decode())

    def test_permissions_links_and_what_may_not_be_written(self):
        text = HEAD + "spec:\n  replicas: 1\n" + TEMPLATE
        rule_file = self.write("policy/p.yaml", policy("resilience.replicas"))
        real = self.write("real.yaml", text)
        real.chmod(0o640)
        (self.folder / "link.yaml").symlink_to(real)
        self.expect(run("check", "--fix", "--policy", rule_file, self.folder / "link.yaml"), 0, None, None)
        self.assertTrue((self.folder / "link.yaml").is_symlink())
        self.assertEqual(real.stat().st_mode & 0o777, 0o640)
        self.assertIn("replicas: 2", real.read_text())
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["link.yaml", "policy", "real.yaml"])
        if os.geteuid() == 0:
            return
        locked = self.write("locked/a.yaml", text)
        other = self.write("other.yaml", text)
        locked.parent.chmod(0o555)
        self.addCleanup(locked.parent.chmod, 0o755)
        result = run("check", "--fix", "--policy", rule_file, locked, other)
        self.expect(result, 2, None, None)
        self.assertIn("not fixed: ", result.stdout.decode())
        self.assertEqual(locked.read_text(), text)
        self.assertIn("replicas: 2", other.read_text())


if __name__ == "__main__":
    unittest.main(verbosity=2 if "-v" in sys.argv else 1)

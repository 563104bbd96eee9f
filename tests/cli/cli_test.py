#!/usr/bin/env python3
"""Runs the real `plimsoll` and looks at what its user would see: output, messages, exit codes, terminals.

PLIMSOLL names the program. Golden outputs are in tests/golden/cli; UPDATE_GOLDEN=1 rewrites them.
"""

import fcntl
import json
import os
import pathlib
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
GOLDEN = ROOT / "tests" / "golden" / "cli"
INPUT = HERE / "input"
PLIMSOLL = os.environ.get("PLIMSOLL", str(ROOT / "build/dev/cmd/plimsoll/plimsoll"))
TIMEOUT_S = 60

READY = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, namespace: payments}
spec:
  selector: {matchLabels: {app: a}}
  template:
    metadata: {labels: {app: a}}
    spec:
      containers:
        - name: web
          image: web:1
"""


def run(*args, stdin=None, cwd=INPUT, env=None, **kwargs):
    full_env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **(env or {})}
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"):
        if name in os.environ:
            full_env[name] = os.environ[name]
    data = stdin.encode() if isinstance(stdin, str) else stdin
    extra = {"stdin": subprocess.DEVNULL} if data is None else {"input": data}
    return subprocess.run([PLIMSOLL, *map(str, args)], cwd=cwd, env=full_env, capture_output=True,
                          timeout=TIMEOUT_S, check=False, **extra, **kwargs)


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="plimsoll-cli-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def expect(self, result, exit_code, stdout=None, stderr=""):
        self.assertEqual(result.returncode, exit_code,
                         result.stdout.decode(errors="replace")[-2000:] +
                         result.stderr.decode(errors="replace")[-2000:])
        if stdout is not None:
            self.assertEqual(result.stdout.decode(), stdout)
        if stderr is not None:
            self.assertEqual(result.stderr.decode(), stderr)

    def golden(self, name, text):
        path = GOLDEN / name
        if os.environ.get("UPDATE_GOLDEN") == "1":
            path.write_text(text)
            return
        self.assertTrue(path.exists(), f"{path} is missing; UPDATE_GOLDEN=1 writes it")
        self.assertEqual(path.read_text(), text, f"in {path}; UPDATE_GOLDEN=1 rewrites it")

    def check_json(self, *args, exit_code=0, **kwargs):
        result = run("check", "--format", "json", *args, **kwargs)
        self.assertEqual(result.returncode, exit_code, result.stdout[-2000:] + result.stderr[-2000:])
        return json.loads(result.stdout.decode("utf-8", errors="strict"))


PRODUCTION = ["--policy", "policies", "--as-of", "2027-03-01"]


class GoldenOutput(Case):
    """What a reader sees, whole."""

    CASES = [
        # name, arguments, exit code
        ("check.txt", ["check", *PRODUCTION, "manifests"], 1),
        ("check-all.txt", ["check", *PRODUCTION, "--all", "manifests"], 1),
        ("check-as-of.txt", ["check", "--policy", "policies", "--as-of", "2026-12-24T08:00:00+01:00",
                             "manifests"], 1),
        ("check-before.txt", ["check", "--policy", "policies", "--as-of", "2026-11-01", "manifests"],
         0),
        ("check.json", ["check", *PRODUCTION, "--format", "json", "manifests"], 1),
        ("check-all.json", ["check", *PRODUCTION, "--format", "json", "--all", "manifests"], 1),
        ("check-template.txt", ["check", *PRODUCTION, "broken/template.yaml"], 2),
        ("check-missing.txt", ["check", *PRODUCTION, "nowhere.yaml", "manifests/base"], 2),
        ("check-color.txt", ["check", *PRODUCTION, "--color", "always", "manifests"], 1),
        ("explain.txt", ["explain", "health.readiness-probe"], 0),
        ("explain.md", ["explain", "health.readiness-probe", "--format", "markdown"], 0),
        ("validate.txt", ["policy", "validate", "policies", "broken/policy.yaml"], 1),
        ("questions.txt", ["report", "--questions", "records"], 0),
        ("questions-color.txt", ["report", "--questions", "--color", "always", "records"], 0),
        ("help.txt", ["--help"], 0),
        ("help-check.txt", ["check", "--help"], 0),
        ("help-explain.txt", ["explain", "--help"], 0),
        ("help-policy.txt", ["policy", "--help"], 0),
        ("help-report.txt", ["report", "--help"], 0),
        ("help-validate.txt", ["policy", "validate", "--help"], 0),
    ]

    def test_golden(self):
        for name, arguments, exit_code in self.CASES:
            with self.subTest(name):
                result = run(*arguments)
                self.expect(result, exit_code)
                self.golden(name, result.stdout.decode())

    def test_a_policy_with_problems_judges_nothing(self):
        result = run("check", "--policy", "broken/policy.yaml", "--policy", "policies", "manifests")
        self.expect(result, 2, stdout="", stderr=None)
        self.golden("check-broken-policy.err", result.stderr.decode())
        result = run("check", "--policy", "broken/policy.yaml", "--format", "json", "manifests")
        self.expect(result, 2, stderr=None)
        report = json.loads(result.stdout)
        self.assertEqual(report["results"], [])
        self.assertEqual(report["summary"]["workloads"], 0)
        self.assertEqual(len(report["errors"]), result.stderr.decode().count("\n") - 1)
        self.assertTrue(all(e["file"] == "broken/policy.yaml" and e["line"] for e in report["errors"]))


class Questions(Case):
    """plimsoll report --questions."""

    def test_json(self):
        result = run("report", "--questions", "--format", "json", "records")
        self.assertEqual(result.returncode, 0, result.stderr)
        report = json.loads(result.stdout)
        self.assertRegex(report.pop("asOf"), r"^\d{4}-\d\d-\d\dT")
        self.golden("questions.json", json.dumps(report, indent=2) + "\n")

    def test_one_namespace_of_standard_input(self):
        text = (INPUT / "records/november.yaml").read_text()
        result = run("report", "--questions", "--format", "json", "-n", "dev", "-", stdin=text)
        self.assertEqual([one["service"] for one in json.loads(result.stdout)["services"]], ["checkout (payments)"])

    def test_no_records(self):
        result = run("report", "--questions", "manifests")
        self.expect(result, 0)
        self.assertIn("No records", result.stdout.decode())

    def test_what_cannot_be_read_is_said_and_the_rest_is_answered(self):
        result = run("report", "--questions", "records", "nowhere.yaml")
        self.expect(result, 2, None, None)
        self.assertIn("checkout", result.stdout.decode())
        self.assertIn("nowhere.yaml", result.stderr.decode())

    def test_no_cluster(self):
        config = self.write("kubeconfig", "apiVersion: v1\nkind: Config\n")
        for arguments in (["--kubeconfig", config], ["--kubeconfig", self.folder / "nowhere"], ["--context", "nowhere"]):
            result = run("report", "--questions", *arguments, env={"HOME": str(self.folder)})
            self.expect(result, 2, "", None)
            self.assertRegex(result.stderr.decode(), r"^plimsoll: .+\n$")


STAMP = "plimsoll.dev/checked"


class Stamp(Case):
    """plimsoll check --stamp."""

    def stamp(self, name, text, exit_code=0):
        path = self.write(name, text)
        result = run("check", "--stamp", "--exit-zero", path)
        self.expect(result, exit_code, None, None)
        return path.read_bytes().decode(), result

    # name, before, after (@ is the stamp)
    STYLES = [
        ("annotations", "metadata:\n  name: a  # who\n  annotations:\n    # why\n    b: c\n",
         "metadata:\n  name: a  # who\n  annotations:\n    # why\n    @\n    b: c\n"),
        ("none", "metadata:\n  # first\n  name: a\n", "metadata:\n  # first\n  annotations:\n    @\n  name: a\n"),
        ("flow", "metadata: {name: a}\n", 'metadata: {"annotations": {F}, name: a}\n'),
        ("flow annotations", "metadata: {name: a, annotations: {b: c}}\n",
         "metadata: {name: a, annotations: {F, b: c}}\n"),
        ("empty flow", "metadata: {name: a, annotations: {}}\n", "metadata: {name: a, annotations: {F}}\n"),
        ("empty", "metadata:\n  name: a\n  annotations:  # none yet\n",
         "metadata:\n  name: a\n  annotations:  # none yet\n    @\n"),
        ("crlf", "metadata:\r\n  name: a\r\n  annotations:\r\n    b: c\r\n",
         "metadata:\r\n  name: a\r\n  annotations:\r\n    @\r\n    b: c\r\n"),
    ]
    REST = """\
apiVersion: apps/v1
kind: Deployment
spec: {template: {spec: {containers: [{name: web, image: "web:1"}]}}}
"""

    def test_everything_else_stays_as_it_was(self):
        for name, before, after in self.STYLES:
            with self.subTest(name):
                rest = self.REST.replace("\n", "\r\n") if "\r" in before else self.REST
                stamped, _ = self.stamp(name.replace(" ", "-") + ".yaml", before + rest)
                value = re.search(r'"?plimsoll.dev/checked"?: ("[^"]*")', stamped)[1]
                expected = after.replace("@", f"{STAMP}: {value}").replace("F", f'"{STAMP}": {value}')
                self.assertEqual(stamped, expected + rest)
                self.assertRegex(value, r'^"20\d\d-\d\d-\d\dT[^ ]+Z .*health.readiness-probe|runbook.url')

    def test_json(self):
        text = '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},' \
               '"spec":{"template":{"spec":{"containers":[{"name":"web","image":"web:1"}]}}}}'
        stamped, _ = self.stamp("a.json", text)
        workload = json.loads(stamped)
        self.assertIn("runbook.url", workload["metadata"]["annotations"].pop(STAMP))
        self.assertEqual(workload["metadata"].pop("annotations"), {})
        self.assertEqual(workload, json.loads(text))

    def test_a_second_check_that_finds_the_same_writes_nothing(self):
        first, _ = self.stamp("a.yaml", READY)
        path = self.folder / "a.yaml"
        before = path.stat()
        self.expect(run("check", "--stamp", "--exit-zero", path), 0, None, None)
        self.assertEqual(path.read_text(), first)
        self.assertEqual(path.stat().st_ino, before.st_ino, "it was not even written")

    def test_what_is_new_is_added_with_its_date(self):
        old = "metadata:\n  name: a\n  annotations:\n    plimsoll.dev/checked: '2026-01-05T00:00:00Z image.digest/web'\n"
        stamped, _ = self.stamp("a.yaml", old + self.REST)
        self.assertRegex(stamped, r'checked: "2026-01-05T00:00:00Z image.digest/web [^"]*runbook.url@20\d\d-')

    def test_permissions_and_links_stay(self):
        path = self.write("real.yaml", READY)
        path.chmod(0o640)
        (self.folder / "link.yaml").symlink_to(path)
        self.expect(run("check", "--stamp", "--exit-zero", self.folder / "link.yaml"), 0, None, None)
        self.assertTrue((self.folder / "link.yaml").is_symlink())
        self.assertEqual(path.stat().st_mode & 0o777, 0o640)
        self.assertIn(STAMP, path.read_text())

    def test_several_objects_of_one_file(self):
        text = "\n---\n".join(READY.replace("NAME", name) for name in ("a", "b")) + "---\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: c}\n"
        stamped, _ = self.stamp("all.yaml", text)
        self.assertEqual(stamped.count(STAMP), 2)
        self.assertTrue(stamped.endswith("metadata: {name: c}\n"))

    def test_what_cannot_be_stamped_stays_and_is_said(self):
        for name, metadata in [
                ("block", "metadata:\n  name: a\n  annotations:\n    plimsoll.dev/checked: |\n      x\n"),
                ("shared", "x: &m\n  name: a\nmetadata: *m\n"),
                ("anchor", "metadata:\n  name: a\n  annotations: &all\n    b: c\nother: *all\n")]:
            with self.subTest(name):
                stamped, result = self.stamp(name + ".yaml", metadata + self.REST, exit_code=2)
                self.assertEqual(stamped, metadata + self.REST)
                self.assertIn("not stamped", result.stdout.decode())

    def test_a_file_that_may_not_be_written(self):
        if os.geteuid() == 0:
            self.skipTest("root may write anything")
        path = self.write("locked/a.yaml", READY)
        path.parent.chmod(0o555)
        self.addCleanup(path.parent.chmod, 0o755)
        self.expect(run("check", "--stamp", "--exit-zero", path), 2, None, None)
        self.assertEqual(path.read_text(), READY)


class Usage(Case):
    """A wrong command line: one line that says what, one that says where to look, exit 2."""

    CASES = [
        (["chek"], 'plimsoll: no command "chek"; did you mean check?', "plimsoll"),
        (["check"], "plimsoll: check what? Name files or folders, or - for standard input",
         "plimsoll check"),
        (["check", "--stamp", "-"], "plimsoll: --stamp writes into files: standard input (-) is none", "plimsoll check"),
        (["check", "--polcy", "x", "y"], 'plimsoll: no flag "--polcy"; did you mean --policy?',
         "plimsoll check"),
        (["check", "--format", "yaml", "x"], 'plimsoll: --format: "yaml" is none of text|json|sarif|junit|github|gitlab|markdown|html',
         "plimsoll check"),
        (["check", "--failure-threshold", "Deny", "x"],
         'plimsoll: --failure-threshold: "Deny" is none of audit|warn|deny', "plimsoll check"),
        (["check", "--color", "sometimes", "x"],
         'plimsoll: --color: "sometimes" is none of auto|always|never', "plimsoll check"),
        (["check", "--as-of", "2027-02-30", "x"],
         'plimsoll: --as-of: "2027-02-30" is no date; expected one such as 2027-02-01 or '
         "2027-02-01T09:30:00Z", "plimsoll check"),
        (["check", "--namespace-labels", "env", "x"],
         'plimsoll: --namespace-labels: "env" is not KEY=VALUE', "plimsoll check"),
        (["check", "-", "-"], "plimsoll: standard input (-) is named twice", "plimsoll check"),
        (["check", "--policy"], "plimsoll: --policy: its value is missing (FILE|DIR|cluster)", "plimsoll check"),
        (["explain", "--output", "x"], "plimsoll: --output goes with `explain all`",
         "plimsoll explain"),
        (["policy", "validate"],
         "plimsoll: validate what? Name policy files or folders, or - for standard input",
         "plimsoll policy validate"),
        (["policy", "defalt"], 'plimsoll: no command "defalt"; did you mean default?',
         "plimsoll policy"),
        (["version", "now"], 'plimsoll: one argument too many: "now"', "plimsoll version"),
    ]

    def test_usage(self):
        for arguments, problem, command in self.CASES:
            with self.subTest(" ".join(arguments)):
                self.expect(run(*arguments), 2, "", f"{problem}\nTry: {command} --help\n")

    def test_nothing_to_do_prints_the_help(self):
        for arguments in [[], ["policy"]]:
            result = run(*arguments)
            self.expect(result, 2, "", None)
            self.assertIn("Usage: plimsoll", result.stderr.decode())

    def test_an_unknown_rule_names_the_nearest(self):
        self.expect(run("explain", "health.readines-probe"), 2, "",
                    'plimsoll: no rule "health.readines-probe"; did you mean '
                    "health.readiness-probe?\nTry: plimsoll explain\n")
        self.expect(run("explain", "\x1b[31m"), 2, "",
                    'plimsoll: no rule " [31m"\nTry: plimsoll explain\n')


class ExitCodes(Case):
    def check(self, *args):
        return run("check", "--policy", "policies", *args).returncode

    def test_exit_codes(self):
        deny, warn, audit = "2027-03-01", "2026-12-24", "2026-11-01"
        base = "manifests/base"
        cases = [
            (0, ["--as-of", audit, base]),
            (1, ["--as-of", warn, base]),
            (1, ["--as-of", deny, base]),
            (1, ["--as-of", audit, "--failure-threshold", "audit", base]),
            (0, ["--as-of", warn, "--failure-threshold", "deny", base]),
            (1, ["--as-of", deny, "--failure-threshold", "deny", base]),
            (0, ["--as-of", deny, "--exit-zero", base]),
            (0, ["--as-of", deny, "manifests/ledger.json"]),
            (2, ["--as-of", deny, base, "nowhere.yaml"]),
            (2, ["--as-of", deny, "--exit-zero", base, "nowhere.yaml"]),
            (2, ["--as-of", deny, "broken/template.yaml"]),
        ]
        for expected, arguments in cases:
            with self.subTest(" ".join(arguments)):
                self.assertEqual(self.check(*arguments), expected)

    def test_policy_validate(self):
        self.expect(run("policy", "validate", "policies"), 0, "1 policy in 1 file: no problems\n")
        self.assertEqual(run("policy", "validate", "broken/policy.yaml").returncode, 1)
        self.assertEqual(run("policy", "validate", "nowhere").returncode, 2)
        self.assertEqual(run("policy", "validate", "manifests").returncode, 1)
        piped = run("policy", "validate", "-", stdin=run("policy", "default").stdout)
        self.expect(piped, 0, "1 policy in 1 file: no problems\n")

    def test_two_policies_of_one_name(self):
        result = run("policy", "validate", "policies/production.yaml", "policies/../policies/production.yaml")
        self.expect(result, 1, stderr="")
        self.assertIn('there is already a policy "production": policies/production.yaml:1:1',
                      result.stdout.decode())


class Waivers(Case):
    """What a waiver excuses is shown, and does not fail."""

    BASE = "manifests/base/checkout.yaml"

    def waiver(self, **spec):
        return json.dumps({
            "apiVersion": "plimsoll.dev/v1alpha1", "kind": "ReadinessWaiver",
            "metadata": {"name": "checkout-probes", "namespace": "payments", "creationTimestamp": "2027-02-20T00:00:00Z"},
            "spec": {"workloads": [{"kind": "Deployment", "name": "checkout"}], "policy": "production",
                     "rules": ["health.readiness-probe", "health.liveness-probe"], "reason": "OPS-1234", "requestedBy": "ana",
                     "expires": "2027-03-15T00:00:00Z", "approval": {"approvedBy": "lee"}, **spec}})

    def test_wherever_it_is(self):
        waiver = self.write("waiver.json", self.waiver())
        shutil.copytree(INPUT / "policies", self.folder / "policies")
        self.write("policies/waiver.json", self.waiver())
        for arguments in (["--policy", "policies", "--waivers", waiver, self.BASE],
                          ["--policy", "policies", self.BASE, waiver],
                          ["--policy", self.folder / "policies", self.BASE]):
            result = run("check", "--as-of", "2027-03-01", *arguments)
            self.expect(result, 0)
            self.assertIn("waived", result.stdout.decode())
            report = self.check_json("--as-of", "2027-03-01", *arguments)
            excused = [entry for entry in report["results"] if entry["waiver"] == "checkout-probes"]
            self.assertEqual(report["summary"]["waived"], len(excused))
            self.assertGreater(len(excused), 0)
            self.assertEqual({entry["action"] for entry in excused}, {"audit"})
            self.assertEqual(run("check", "--as-of", "2027-03-01", "--failure-threshold", "audit", *arguments).returncode, 0)

    def test_golden(self):
        waiver = self.write("waiver.json", self.waiver())
        result = run("check", *PRODUCTION, self.BASE, "--waivers", waiver)
        self.expect(result, 0)
        self.golden("check-waived.txt", result.stdout.decode())

    def test_to_the_second_and_not_before_it_is_approved(self):
        approved = self.write("waiver.json", self.waiver())
        requested = self.write("requested.json", self.waiver(approval=None))
        elsewhere = self.write("elsewhere.json", self.waiver().replace('"payments"', '"other"'))
        cases = [
            (0, "2027-03-14T23:59:59Z", approved, "until 2027-03-15"),
            (1, "2027-03-15T00:00:00Z", approved, "waiver checkout-probes expired on 2027-03-15"),
            (1, "2027-03-01", requested, "waiver checkout-probes is not approved yet"),
            (1, "2027-03-01", elsewhere, "Deny since 2027-02-01"),
        ]
        for exit_code, as_of, path, words in cases:
            with self.subTest(words):
                result = run("check", "--policy", "policies", "--as-of", as_of, "--waivers", path, self.BASE)
                self.expect(result, exit_code)
                self.assertIn(words, " ".join(result.stdout.decode().split()))

    def test_one_that_is_wrong_says_where_and_excuses_nothing(self):
        waiver = self.write("waiver.json", self.waiver(rules=["health.readiness-prob"]))
        result = run("check", *PRODUCTION, self.BASE, "--waivers", waiver)
        self.expect(result, 2)
        said = " ".join(result.stdout.decode().split())
        self.assertIn('spec.rules[0]: "health.readiness-prob" is no rule; did you mean "health.readiness-probe"?', said)
        self.assertNotIn("waived", said)
        result = run("policy", "validate", waiver)
        self.assertEqual(result.returncode, 1)
        self.assertIn("spec.rules[0]", result.stdout.decode())

    def test_policy_validate_takes_waivers(self):
        waiver = self.write("waiver.json", self.waiver())
        self.expect(run("policy", "validate", "policies", waiver), 0, "1 policy and 1 waiver in 2 files: no problems\n")

    def test_waivers_that_are_not_there(self):
        result = run("check", *PRODUCTION, self.BASE, "--waivers", "nowhere")
        self.expect(result, 2)


class Input(Case):
    def test_standard_input_and_its_name(self):
        text = (INPUT / "manifests/base/checkout.yaml").read_text()
        report = self.check_json("--policy", "policies", "--as-of", "2027-03-01", "-", stdin=text,
                                 exit_code=1)
        self.assertEqual({r["file"] for r in report["results"]}, {"<stdin>"})
        self.assertEqual(report["summary"]["documents"], 2)

    def test_process_substitution(self):
        path = self.folder / "pipe"
        os.mkfifo(path)
        writer = subprocess.Popen(["sh", "-c", f"cat manifests/base/checkout.yaml > {path}"], cwd=INPUT)
        self.addCleanup(writer.wait)
        self.addCleanup(writer.kill)
        report = self.check_json(*PRODUCTION, path, exit_code=1)
        self.assertEqual(report["summary"]["workloads"], 1)

    def test_folders_and_files_are_read_once_and_in_order(self):
        report = self.check_json(*PRODUCTION, "--all", "manifests", "manifests/base/checkout.yaml",
                                 "./manifests/overlay.yml", exit_code=1)
        files = [r["file"] for r in report["results"]]
        self.assertEqual(sorted(set(files), key=files.index),
                         ["manifests/base/checkout.yaml", "manifests/ledger.json"])
        self.assertEqual(report["summary"]["files"], 3)
        self.assertEqual(report["summary"]["documents"], 5)

    def test_many_files_give_the_same_report_every_time(self):
        for i in range(200):
            self.write(f"m/{i:03}.yaml", READY.replace("NAME", f"n{i}"))
        first = run("check", "--format", "json", self.folder)
        self.assertEqual(first.returncode, 0)
        names = [r["name"] for r in json.loads(first.stdout)["results"]]
        self.assertEqual(sorted(set(names), key=names.index), [f"n{i}" for i in range(200)])
        for _ in range(3):
            self.assertEqual(run("check", "--format", "json", self.folder).stdout, first.stdout)

    def test_unreadable_input_is_an_error_and_the_rest_is_judged(self):
        report = self.check_json(*PRODUCTION, "nowhere.yaml", "manifests/base", exit_code=2)
        self.assertEqual(report["errors"], [{
            "file": "nowhere.yaml", "line": 0, "column": 0,
            "message": "cannot open: No such file or directory"}])
        self.assertEqual(report["summary"]["workloads"], 1)

    @unittest.skipIf(os.geteuid() == 0, "root may read everything")
    def test_permission_denied(self):
        path = self.write("a.yaml", READY)
        path.chmod(0)
        report = self.check_json(path, exit_code=2)
        self.assertEqual(report["errors"][0]["message"], "cannot open: Permission denied")

    def test_an_empty_folder_is_an_error(self):
        report = self.check_json(self.folder, exit_code=2)
        self.assertEqual(report["errors"][0]["message"], "no .yaml, .yml or .json file in this folder")

    def test_folder_loops_end(self):
        self.write("a/one.yaml", READY)
        (self.folder / "a" / "loop").symlink_to("..")
        report = self.check_json(self.folder)
        self.assertEqual(report["summary"]["files"], 1)

    def test_namespaces(self):
        """Where labels of a namespace come from: Namespace objects, flags, and which of them holds."""
        manifest = READY.replace("NAME", "a").replace(", namespace: payments", "")
        path = self.write("a.yaml", manifest)
        namespaced = self.write("b.yaml", READY.replace("NAME", "b").replace("payments", "orders"))

        def standing(*args, file=path):
            report = self.check_json("--policy", "policies", "--as-of", "2026-11-01", "--all", *args, file)
            return "judged" if report["results"] else report["notes"][0]["message"].split(":")[0]

        unmatched = "no policy is meant for it"
        self.assertEqual(standing(), unmatched)
        self.assertEqual(standing("-n", "payments"), "judged")
        self.assertEqual(standing("-n", "other"), unmatched)
        self.assertEqual(standing("-n", "other", "--namespace-labels", "a=b,env=production"), "judged")
        self.assertEqual(standing("--namespace-labels", "env=production"), "judged")
        self.assertEqual(standing("--namespace-labels", "env=test"), unmatched)
        self.assertEqual(standing("--namespace-labels", "env=production", file=namespaced), "judged")
        self.assertEqual(standing("-n", "other", "--namespace-labels", "env=production",
                                  file=namespaced), unmatched)
        self.assertEqual(standing("-n", "payments", "--namespace-labels", "env=test"), unmatched)
        # A Namespace among the files judged.
        self.write("ns/ns.yaml", "{apiVersion: v1, kind: Namespace, metadata: {name: orders, "
                                 "labels: {env: production}}}")
        self.assertEqual(standing(self.folder / "ns", file=namespaced), "judged")

    def test_a_directory_of_teams(self):
        policy = self.write("policy.yaml", """\
apiVersion: plimsoll.dev/v1alpha1
kind: ReadinessPolicy
metadata: {name: teams}
spec: {stages: [{action: Deny}], rules: [{rule: ownership.directory}, {rule: alerting.route}]}
""")
        owned = READY.replace("namespace: payments", "namespace: payments, labels: {team: pay}")
        workload = self.write("workload.yaml", owned)
        teams = self.write("teams.yaml", """\
apiVersion: v1
kind: ConfigMap
metadata: {name: plimsoll-teams}
data:
  teams.yaml: |
    apiVersion: plimsoll.dev/v1alpha1
    kind: TeamDirectory
    teams: [{slug: payments, aliases: [pay], alertRoutes: ["pagerduty:PAY"]}]
""")
        check = ["check", "--policy", policy, "--all", "--format", "json", workload]

        def results(*more, code):
            found = run(*check, *more)
            self.assertEqual(found.returncode, code, found.stderr)
            return {one["rule"]: (one["result"], one["reason"]) for one in json.loads(found.stdout)["results"]}

        self.assertEqual(results(code=1)["ownership.directory"], ("notApplicable", "there is no directory of teams"))
        self.assertEqual(results("--directory", teams, code=0),
                         {"ownership.directory": ("pass", "pay is another name of team payments"),
                          "alerting.route": ("pass", "inherited from team payments")})
        # A catalog export beside it is part of the same directory.
        catalog = self.write("catalog.json", """\
[{"apiVersion": "backstage.io/v1alpha1", "kind": "Group", "metadata": {"name": "pay"}}]""")
        self.expect(run(*check, "--directory", catalog), 1, None)
        both = run(*check, "--directory", teams, "--directory", catalog)
        self.assertIn(b'the name "pay" is taken', both.stderr)
        self.assertIn(b"plimsoll: the directory of teams has problems; nothing was judged", both.stderr)
        self.assertEqual(both.returncode, 2)
        self.expect(run(*check, "--directory", self.folder / "missing.yaml"), 2, None, None)

    def test_positions_are_those_of_the_field_or_its_nearest_parent(self):
        report = self.check_json(*PRODUCTION, "manifests/base/checkout.yaml", exit_code=1)
        lines = (INPUT / "manifests/base/checkout.yaml").read_text().splitlines()
        for result in report["results"]:
            here = lines[result["line"] - 1][result["column"] - 1:]
            self.assertTrue(here.startswith("name: web"), (result["path"], here))


class Hostile(Case):
    """Nothing crashes, nothing hangs, and each gets an answer."""

    def check(self, content, exit_code, message="", name="input.yaml", workloads=None):
        path = self.write(name, content)
        report = self.check_json(path, exit_code=exit_code)
        messages = [e["message"] for e in report["errors"]]
        if message:
            self.assertTrue(any(message in m for m in messages), messages)
        else:
            self.assertEqual(messages, [])
        if workloads is not None:
            self.assertEqual(report["summary"]["workloads"], workloads)
        text = run("check", path)
        self.assertEqual(text.returncode, exit_code)
        text.stdout.decode("utf-8", errors="strict")
        controls = [c for c in text.stdout if c < 32 and c != 10]
        self.assertEqual(controls, [])
        return report

    def test_nothing(self):
        self.check("", 0, workloads=0)
        self.check("---\n---\n# nothing\n", 0, workloads=0)
        self.check("null\n", 0, workloads=0)

    def test_binary(self):
        self.check(bytes(range(256)) * 50, 2, "control character")
        self.check(b"\x7fELF\x02\x01\x01\x00", 2, "control character")

    def test_invalid_utf8(self):
        self.check(READY.encode().replace(b"NAME", b"caf\xe9"), 2, "UTF-8")

    def test_unrendered_template(self):
        for line in ["{{- if .Values.x }}\n" + READY, READY.replace("NAME", "{{ .Release.Name }}")]:
            self.check(line, 2, "render")

    def test_tabs(self):
        self.check("a:\n\tb: 1\n", 2, "tab")

    def test_crlf_and_bom(self):
        self.check(READY.replace("\n", "\r\n"), 0, workloads=1)
        self.check(b"\xef\xbb\xbf" + READY.encode(), 0, workloads=1)

    def test_huge_line(self):
        self.check(READY.replace("NAME", "x" * 1_000_000), 0, workloads=1)

    def test_alias_bomb(self):
        levels = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"]
        for i in range(1, 12):
            levels.append(f"a{i}: &a{i} [" + ",".join([f"*a{i - 1}"] * 10) + "]")
        self.check("\n".join(levels) + "\n", 2, "1000000")

    def test_self_reference(self):
        self.check("a: &a\n  b: *a\n", 2, "a")

    def test_deep_nesting(self):
        self.check("[" * 10_000 + "]" * 10_000, 2, "200")
        self.check("{\"a\":" * 10_000 + "1" + "}" * 10_000, 2, "200", name="input.json")
        self.check("".join("  " * i + "a:\n" for i in range(1000)), 2, "200")

    def test_truncated_json(self):
        self.check('{"apiVersion": "v1", "kind": "Pod", "spec": {', 2, " ", name="input.json")

    def test_duplicate_keys_are_errors_and_the_last_is_judged(self):
        report = self.check(READY.replace("spec:\n  selector", "spec:\n  replicas: 1\n  replicas: 2\n"
                                          "  selector"), 2, "replicas", workloads=1)
        self.assertEqual((report["errors"][0]["line"], report["errors"][0]["column"]), (6, 3))

    def test_wrong_types_everywhere(self):
        for field, value in [("containers", "none"), ("containers", "{a: b}"), ("containers", "[1, null]"),
                             ("template", "[]"), ("template", "7"), ("metadata", "x"), ("spec", "[]")]:
            with self.subTest(f"{field}: {value}"):
                text = "\n".join(
                    line.split(field + ":")[0] + f"{field}: {value}" if line.strip().startswith(field + ":")
                    else line for line in READY.splitlines())
                kept = []
                skip = None
                for line in text.splitlines():
                    indent = len(line) - len(line.lstrip())
                    if skip is not None and indent > skip:
                        continue
                    skip = indent if line.strip() == f"{field}: {value}" else None
                    kept.append(line)
                self.check("\n".join(kept) + "\n", 0, workloads=1)

    def test_control_characters_do_not_reach_the_terminal(self):
        self.check(READY.replace("NAME", '"\\e]0;owned\\a\\u202e"'), 0, workloads=1)

    def test_file_names_with_controls_and_invalid_utf8(self):
        folder = os.fsencode(self.folder)
        for name in [b"a\x1b[31m\n.yaml", b"caf\xe9.yaml"]:
            with open(os.path.join(folder, name), "wb") as f:
                f.write(READY.encode())
        result = run("check", "--format", "json", self.folder)
        report = json.loads(result.stdout.decode("utf-8", errors="strict"))
        self.assertEqual(report["summary"]["files"], 2)
        text = run("check", self.folder).stdout
        self.assertNotIn(b"\x1b", text)
        text.decode("utf-8", errors="strict")

    def test_too_large(self):
        path = self.folder / "large.yaml"
        with open(path, "wb") as f:
            f.truncate(65 * 1024 * 1024)
        report = self.check_json(path, exit_code=2)
        self.assertIn("larger than 64 MiB", report["errors"][0]["message"])
        self.assertIn("larger than 64 MiB",
                      self.check_json("/dev/zero", exit_code=2)["errors"][0]["message"])


class Terminal(Case):
    """Colours and progress only where somebody watches."""

    def on_terminal(self, *args, env=None, columns=90, stderr_too=True):
        parent, child = pty.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        full_env = {"PATH": os.environ["PATH"], "TERM": "xterm", **(env or {})}
        process = subprocess.Popen([PLIMSOLL, *map(str, args)], stdin=subprocess.DEVNULL, stdout=child,
                                   stderr=child if stderr_too else subprocess.DEVNULL, cwd=INPUT, env=full_env)
        os.close(child)
        output = b""
        while True:
            try:
                piece = os.read(parent, 65536)
            except OSError:
                break
            if not piece:
                break
            output += piece
        os.close(parent)
        process.wait(timeout=TIMEOUT_S)
        return output.decode().replace("\r\n", "\n")

    def test_colour_only_on_a_terminal(self):
        command = ["check", *PRODUCTION, "manifests"]
        self.assertIn("\x1b[1;31m", self.on_terminal(*command))
        for env in [{"NO_COLOR": "1"}, {"TERM": "dumb"}]:
            self.assertNotIn("\x1b", self.on_terminal(*command, env=env))
        self.assertIn("\x1b[1;31m", self.on_terminal(*command, env={"NO_COLOR": ""}))
        self.assertNotIn("\x1b", self.on_terminal(*command, "--color", "never"))
        self.assertIn("\x1b[1;31m", self.on_terminal(*command, "--color", "always", env={"NO_COLOR": "1"}))
        self.assertNotIn(b"\x1b", run(*command).stdout)

    def test_prose_fits_the_terminal(self):
        for columns in (60, 80, 120):
            output = self.on_terminal("explain", "health.readiness-probe", "--color", "never", columns=columns)
            prose = [line for line in output.splitlines() if line.startswith("  ") and not line.startswith("   ")
                     and "://" not in line]
            self.assertLessEqual(max(map(len, prose)), columns)
            self.assertGreater(max(map(len, prose)), columns - 25)

    def test_progress_on_a_terminal_and_gone_afterwards(self):
        # Reading stops at a pipe that nobody has filled yet: a long run without a large input.
        path = self.folder / "slow"
        os.mkfifo(path)
        parent, child = pty.openpty()
        process = subprocess.Popen([PLIMSOLL, "check", "--color", "never", str(path)],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=child,
                                   env={"TERM": "xterm"})
        os.close(child)
        self.addCleanup(process.kill)
        writer = self.open_pipe(path)
        shown = os.read(parent, 1000)
        self.assertIn(b"reading 0 of 1", shown)
        os.write(writer, READY.encode())
        os.close(writer)
        stdout, _ = process.communicate(timeout=TIMEOUT_S)
        self.assertEqual(process.returncode, 0)
        rest = b""
        try:
            while True:
                rest += os.read(parent, 1000)
        except OSError:
            pass
        os.close(parent)
        self.assertTrue((shown + rest).endswith(b"\r\x1b[K"), rest)
        self.assertNotIn(b"reading", stdout)


    def open_pipe(self, path):
        """For writing, once somebody reads; opening it plainly would wait for good for a program that failed."""
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            try:
                return os.open(path, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:
                time.sleep(0.01)
        return self.fail("nobody opened the pipe")


class Output(Case):
    def test_a_reader_who_goes_away_is_no_failure(self):
        for i in range(300):
            self.write(f"{i}.yaml", READY)
        for command in (["check", "--all", str(self.folder)],
                        ["check", "--all", "--format", "json", str(self.folder)]):
            process = subprocess.Popen([PLIMSOLL, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       stdin=subprocess.DEVNULL)
            process.stdout.read(100)
            process.stdout.close()
            stderr = process.stderr.read()
            process.stderr.close()
            self.assertEqual(process.wait(timeout=TIMEOUT_S), 0)
            self.assertEqual(stderr, b"")

    @unittest.skipUnless(os.path.exists("/dev/full"), "needs /dev/full")
    def test_output_that_cannot_be_written_is_said(self):
        for command in (["version"], ["check", *PRODUCTION, "manifests"], ["policy", "default"], ["explain"]):
            with open("/dev/full", "wb") as full:
                result = subprocess.run([PLIMSOLL, *command], stdout=full, stderr=subprocess.PIPE, cwd=INPUT,
                                        check=False, timeout=TIMEOUT_S)
            self.assertEqual(result.returncode, 2)
            self.assertEqual(result.stderr.decode(),
                             "plimsoll: cannot write the output: No space left on device\n")

    def test_version(self):
        version = run("version")
        self.expect(version, 0)
        self.assertRegex(version.stdout.decode(), r"^plimsoll \d+\.\d+\.\d+\n$")
        self.assertEqual(run("--version").stdout, version.stdout)

    def test_policy_default_is_valid_and_what_is_used(self):
        default = run("policy", "default")
        self.expect(default, 0)
        path = self.write("baseline.yaml", default.stdout)
        arguments = ["--as-of", "2027-01-01", "--format", "json", "--all", "manifests"]
        self.assertEqual(run("check", *arguments).stdout,
                         run("check", "--policy", path, *arguments).stdout)

    def test_pages_of_all_rules(self):
        self.expect(run("explain", "all", "--format", "markdown", "--output", self.folder / "rules"), 0)
        pages = sorted(p.name for p in (self.folder / "rules").iterdir())
        ids = [line.split()[0] for line in run("explain").stdout.decode().splitlines()]
        self.assertEqual(pages, sorted(["README.md", *(i + ".md" for i in ids)]))


class JsonSchema(Case):
    """docs/check-json.schema.json describes what is written."""

    def test_reports_follow_the_schema(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        # Readers must bear new fields; the program must not write one that is not in the schema.
        text = (ROOT / "docs/check-json.schema.json").read_text()
        schema = json.loads(text.replace('"additionalProperties": true', '"additionalProperties": false'))
        jsonschema.Draft7Validator.check_schema(schema)
        validator = jsonschema.Draft7Validator(schema)
        for arguments in (["manifests", "broken", "nowhere"], ["--all", "manifests"],
                          ["--policy", "broken/policy.yaml", "manifests"],
                          [*PRODUCTION, "--all", "manifests"]):
            report = json.loads(run("check", "--format", "json", *arguments).stdout)
            problems = [f"{list(e.path)}: {e.message}" for e in validator.iter_errors(report)]
            self.assertEqual(problems, [])
        # And the schema would notice.
        report["results"][0].pop("fix")
        self.assertFalse(validator.is_valid(report))

    def test_the_page_names_every_field(self):
        schema = json.loads((ROOT / "docs/check-json.schema.json").read_text())
        page = (ROOT / "docs/check-json.md").read_text()

        def fields(node):
            for name, child in node.get("properties", {}).items():
                yield name
                yield from fields(child)
            if "items" in node:
                yield from fields(node["items"])

        missing = [name for name in fields(schema) if f"`{name}`" not in page]
        self.assertEqual(missing, [])


if __name__ == "__main__":
    unittest.main(verbosity=2 if "-v" in sys.argv else 1)

#!/usr/bin/env python3
"""plimsoll init: what it writes passes the policy as a whole, in every layout; nothing is overwritten or half written.

PLIMSOLL names the program. Golden files are in tests/golden/init; UPDATE_GOLDEN=1 rewrites them. kubectl and helm are used
where they are (PATH, or what hack/cluster has built); without helm a stand-in fills in the few forms that charts of ours use.
"""

import glob
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import subprocess
import time
import unittest

import cli_test
from cli_test import PLIMSOLL, ROOT, run

GOLDEN = ROOT / "tests" / "golden" / "init"
DIGEST = "sha256:" + "ab" * 32
ANSWERS = ["--runbook", "https://wiki.corp.internal/runbooks/checkout", "--alert-route", "pagerduty:payments",
           "--image", f"registry.corp.internal/shop/checkout:1.4.2@{DIGEST}"]
TIERS = ["critical", "standard", "experimental"]
LAYOUTS = ["plain", "kustomize", "chart"]


def built_program(name):
    found = shutil.which(name)
    if found:
        return found
    cached = glob.glob(os.path.expanduser(f"~/.cache/plimsoll/programs/*/{name}"))
    return cached[0] if cached else None


def fill_in(template, values, namespace):
    """What helm makes of the forms that charts of ours use, and of no others."""

    def value(match):
        expression = match.group(1).strip()
        if expression == ".Release.Namespace":
            return namespace
        plain = re.fullmatch(r"\.Values\.(\w+)", expression)
        if plain:
            return values[plain.group(1)]
        quoted = re.fullmatch(r"\.Values\.(\w+) \| quote", expression)
        if quoted:
            return json.dumps(values[quoted.group(1)])
        printed = re.fullmatch(r'printf "([^"]*)" \.Values\.(\w+) \| quote', expression)
        if printed:
            return json.dumps(printed.group(1).replace("%s", values[printed.group(2)]))
        raise AssertionError(f"a form that the stand-in for helm does not know: {expression}")

    return re.sub(r"\{\{(.*?)\}\}", value, template)


def render_chart(chart, namespace):
    helm = built_program("helm")
    if helm:
        return subprocess.run([helm, "template", "checkout", chart, "-n", namespace], check=True,
                              capture_output=True, timeout=60).stdout.decode()
    values = dict(re.findall(r'^(\w+): "?([^"#\n]*?)"?(?:  #.*)?$', (chart / "values.yaml").read_text(), re.M))
    return "".join("---\n" + fill_in(path.read_text(), values, namespace)
                   for path in sorted((chart / "templates").iterdir()))


def render_kustomize(folder):
    kubectl = built_program("kubectl")
    if not kubectl:
        raise unittest.SkipTest("no kubectl here")
    return subprocess.run([kubectl, "kustomize", folder], check=True, capture_output=True, timeout=60).stdout.decode()


class Init(cli_test.Case):
    def init(self, *args, exit_code=0, cwd=None, **kwargs):
        result = run("init", "checkout", "--owner", "payments", *args, cwd=cwd or self.folder, **kwargs)
        self.assertEqual(result.returncode, exit_code, (result.stdout + result.stderr).decode())
        return result

    def contents(self, folder="checkout"):
        root = self.folder / folder
        return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}

    def rendered(self, layout):
        service = self.folder / "checkout"
        if layout == "chart":
            return render_chart(service / "chart", "shop")
        if layout == "kustomize":
            return render_kustomize(service / "overlays/production")
        return "".join("---\n" + p.read_text() for p in sorted((service / "manifests").iterdir()))

    def findings(self, text, *args):
        result = run("check", "--format", "json", "-n", "shop", *args, "-", stdin=text)
        report = json.loads(result.stdout)
        self.assertEqual(report["errors"], [])
        self.assertEqual(report["summary"]["workloads"], 1)
        return [r for r in report["results"] if r["result"] == "fail"], report


class PassesAsAWhole(Init):
    """The evaluator, on the files written, as they are rendered."""

    def test_baseline_every_tier_every_layout(self):
        for layout in LAYOUTS:
            for tier in TIERS:
                for scale in ([], ["--max-replicas", "6"]):
                    with self.subTest(layout=layout, tier=tier, scale=scale):
                        shutil.rmtree(self.folder / "checkout", ignore_errors=True)
                        out = self.init("--namespace", "shop", "--tier", tier, "--layout", layout, *ANSWERS,
                                        *scale).stdout.decode()
                        self.assertIn(f"Ready, with all that is announced (plimsoll-baseline, tier {tier})", out)
                        self.assertNotIn("TODO", "".join(self.rendered(layout)))
                        found, report = self.findings(self.rendered(layout))
                        self.assertEqual(found, [])
                        # It was asked: of a service nothing but the directory of teams is beside the point.
                        self.assertGreaterEqual(report["summary"]["pass"], 10 if tier == "experimental" else 20)

    def test_the_sample_policy_at_its_strictest(self):
        policy = ROOT / "deploy/samples/policies"
        for layout in LAYOUTS:
            with self.subTest(layout):
                shutil.rmtree(self.folder / "checkout", ignore_errors=True)
                self.init("--namespace", "shop", "--tier", "critical", "--layout", layout, "--policy", policy, *ANSWERS)
                found, _ = self.findings(self.rendered(layout), "--policy", policy, "--as-of", "2031-01-01",
                                         "--namespace-labels", "env=production")
                self.assertEqual(found, [])

    def test_a_policy_with_names_of_its_own(self):
        policy = self.write("policy.yaml", """\
apiVersion: plimsoll.dev/v1alpha1
kind: ReadinessPolicy
metadata: {name: house}
spec:
  match:
    namespaceSelector: {matchLabels: {env: live}}
    objectSelector: {matchLabels: {house/kind: service}}
  stages: [{action: Warn}, {action: Deny, from: "2030-01-01T00:00:00Z"}]
  tiers: {label: house/tier, values: [gold, tin], default: tin}
  rules:
    - {rule: ownership.owner, parameters: {keys: [house/team]}}
    - {rule: ownership.contact, parameters: {keys: [house/channel]}}
    - {rule: ownership.app-labels}
    - {rule: alerting.route, parameters: {keys: [house/pager]}}
    - {rule: alerting.rules, parameters: {severityKey: urgency, severities: [now, later]}}
    - {rule: alerting.scraped, parameters: {providers: [annotations]}}
    - {rule: runbook.url, parameters: {keys: [house/runbook], hosts: ["*.house.internal"]}}
    - {rule: runbook.alerts, parameters: {keys: [house_runbook], hosts: ["*.house.internal"]}}
    - {rule: resilience.replicas, parameters: {minimum: 3}}
    - {rule: resilience.spread, parameters: {topologyKeys: [topology.kubernetes.io/zone]}}
    - {rule: image.digest}
""")
        out = self.init("--namespace", "shop", "--policy", policy, "--contact", "#payments", "--runbook",
                        "https://books.house.internal/checkout", *ANSWERS[2:]).stdout.decode()
        self.assertIn("Ready, with all that is announced (house, tier tin)", out)
        found, _ = self.findings(self.rendered("plain"), "--policy", policy, "--as-of", "2031-01-01",
                                 "--namespace-labels", "env=live")
        self.assertEqual(found, [])
        script = self.folder / "checkout/ci/readiness.sh"
        env = {"PATH": f"{pathlib.Path(PLIMSOLL).parent}:{os.environ['PATH']}"}
        ran = subprocess.run([script, "--as-of", "2031-01-01"], capture_output=True, env=env, check=False, timeout=60)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        self.assertIn(b"1 workload in 5 files: 1 ready", ran.stdout)

    def test_what_the_policy_asks_beyond_answers_is_said(self):
        policy = self.write("policy.yaml", """\
apiVersion: plimsoll.dev/v1alpha1
kind: ReadinessPolicy
metadata: {name: house}
spec: {rules: [{rule: ownership.owner, parameters: {pattern: "team-.+"}}]}
""")
        out = self.init("--policy", policy, *ANSWERS, exit_code=1).stdout.decode()
        self.assertIn("Not for want of an answer:\n  ownership.owner:", out)
        other = self.write("other.yaml", policy.read_text().replace("spec: {", "spec: {match: {kinds: [CronJob]}, "))
        out = self.init("--policy", other, "--output", "other", *ANSWERS, exit_code=1).stdout.decode()
        self.assertIn("No policy is meant for it", out)


class Placeholders(Init):
    def test_what_nobody_said_is_marked_and_reported(self):
        for layout in LAYOUTS:
            with self.subTest(layout):
                shutil.rmtree(self.folder / "checkout", ignore_errors=True)
                out = self.init("-n", "shop", "--layout", layout).stdout.decode()
                found, _ = self.findings(self.rendered(layout))
                rules = sorted({f["rule"] for f in found})
                self.assertEqual(rules, ["alerting.route", "image.pinned", "runbook.alerts", "runbook.url"])
                self.assertIn("Until then `plimsoll check` reports " + ", ".join(rules), out)
                listed = re.findall(r"^  (checkout/\S+):(\d+): (.*)$", out, re.M)
                self.assertEqual(len(listed), 3 if layout == "chart" else 7)
                for file, line, hint in listed:
                    text = (self.folder / file).read_text().splitlines()[int(line) - 1]
                    self.assertIn("TODO", text)
                    self.assertTrue(text.endswith("  # TODO: " + hint), text)

    def on_a_terminal(self, answers, *args):
        """The exit code and what was shown."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execv(PLIMSOLL, [PLIMSOLL, "init", "checkout", *args])
        os.write(terminal, answers)
        shown = b""
        while True:
            try:
                piece = os.read(terminal, 65536)
            except OSError:
                break
            if not piece:
                break
            shown += piece
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()

    def test_answers_on_a_terminal(self):
        answers = b"https://wiki.corp.internal/checkout\npagerduty:payments\n\n"
        code, shown = self.on_a_terminal(answers, "--owner", "payments")
        self.assertEqual(code, 0, shown)
        self.assertNotIn("The team that runs it", shown)
        self.assertIn("The address of the runbook: ", shown)
        text = (self.folder / "checkout/manifests/deployment.yaml").read_text()
        self.assertIn('plimsoll.dev/runbook: "https://wiki.corp.internal/checkout"\n', text)
        self.assertIn('plimsoll.dev/alert-route: "pagerduty:payments"\n', text)
        self.assertIn('image: "TODO"', text)

    def test_the_owner_is_asked_for_on_a_terminal(self):
        code, shown = self.on_a_terminal(b"payments\n\n\n\n")
        self.assertEqual(code, 0, shown)
        self.assertIn("The team that runs it: ", shown)
        self.assertIn('plimsoll.dev/owner: "payments"\n', (self.folder / "checkout/manifests/deployment.yaml").read_text())
        shutil.rmtree(self.folder / "checkout")
        for answers, args, problem in ((b"the payments team\n", [], "is no team's name"), (b"\n", [], "--owner TEAM is missing"),
                                       (b"", ["--no-input"], "--owner TEAM is missing")):
            code, shown = self.on_a_terminal(answers, *args)
            self.assertEqual(code, 2, shown)
            self.assertIn(problem, shown)
            self.assertNotIn("The address of the runbook", shown)
            self.assertFalse((self.folder / "checkout").exists())

    def test_ctrl_c_at_a_question_writes_nothing(self):
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execv(PLIMSOLL, [PLIMSOLL, "init", "checkout", "--owner", "payments"])
        shown = b""
        while b"The address of the runbook: " not in shown:
            shown += os.read(terminal, 65536)
        os.write(terminal, b"\x03")
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        self.assertEqual(code, -signal.SIGINT)
        self.assertEqual(list(self.folder.iterdir()), [])


class Writing(Init):
    def test_the_same_answers_give_the_same_bytes(self):
        self.init("-n", "shop", *ANSWERS)
        before = self.contents()
        out = self.init("-n", "shop", *ANSWERS).stdout.decode()
        self.assertTrue(out.startswith("checkout: unchanged, 9 files\n"), out)
        self.assertEqual(self.contents(), before)

    def test_the_kickoff_stays_the_day_it_was(self):
        self.init("--kickoff", "2026-01-02")
        before = self.contents()
        self.assertIn(b'plimsoll.dev/kickoff: "2026-01-02"', before["manifests/deployment.yaml"])
        self.assertIn("unchanged", self.init().stdout.decode())
        self.init("--port", "9090", "--force")
        self.assertIn(b'plimsoll.dev/kickoff: "2026-01-02"', self.contents()["manifests/deployment.yaml"])

    def test_nothing_is_overwritten_without_force(self):
        self.init()
        edited = self.folder / "checkout/docs/runbook.md"
        edited.write_text("ours\n")
        (self.folder / "checkout/CODEOWNERS").unlink()
        before = self.contents()
        result = self.init("--port", "9090", exit_code=2)
        self.assertEqual(result.stdout, b"")
        self.assertEqual(result.stderr.decode(), "plimsoll: not written: 2 files are there and would change; "
                         "--force replaces them\n  checkout/docs/runbook.md\n  checkout/manifests/deployment.yaml\n")
        self.assertEqual(self.contents(), before)
        self.init("--port", "9090", "--force")
        self.assertNotEqual(edited.read_text(), "ours\n")
        self.assertIn("CODEOWNERS", self.contents())

    def test_files_beside_stay(self):
        self.write("checkout/main.go", "package main\n")
        self.init()
        self.assertEqual((self.folder / "checkout/main.go").read_text(), "package main\n")
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["checkout"])

    def test_all_or_nothing(self):
        self.write("checkout/manifests", "a file where a folder should be\n")
        before = self.contents()
        result = self.init("--force", exit_code=2)
        self.assertIn(b"nothing was written", result.stderr)
        self.assertEqual(self.contents(), before)
        self.assertEqual(sorted(p.name for p in (self.folder / "checkout").iterdir()), ["manifests"])

    def test_interrupted_at_any_moment(self):
        """Whatever the moment: everything is there, or nothing, and nothing is left over."""
        complete = set(self.contents_after("first"))
        for i in range(25):
            name = f"try{i}"
            process = subprocess.Popen([PLIMSOLL, "init", "checkout", "--owner", "payments", "--output", name],
                                       cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(i * 0.0008)  # not to wait for something, but to hit different moments
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)
            if (self.folder / name).exists():
                self.assertEqual(set(self.contents(name)), complete, name)
        self.assertEqual([p.name for p in self.folder.iterdir() if p.name.startswith(".")], [])

    def contents_after(self, name):
        self.init("--output", name)
        return self.contents(name)

    def test_a_folder_that_cannot_be_written(self):
        if os.geteuid() == 0:
            result = self.init("--output", "/proc/checkout", exit_code=2)
        else:
            result = self.init("--output", "/checkout", exit_code=2)
        self.assertIn(b"nothing was written", result.stderr)

    def test_golden(self):
        for layout in LAYOUTS:
            with self.subTest(layout):
                self.init("--namespace", "shop", "--layout", layout, "--kickoff", "2026-11-27", "--output", layout,
                          "--ci", {"plain": "github", "kustomize": "gitlab", "chart": "none"}[layout],
                          *(["--max-replicas", "6"] if layout == "kustomize" else []))
                text = "".join(f"==== {name}\n{data.decode()}" for name, data in self.contents(layout).items())
                path = GOLDEN / f"{layout}.txt"
                if os.environ.get("UPDATE_GOLDEN") == "1":
                    path.parent.mkdir(exist_ok=True)
                    path.write_text(text)
                self.assertEqual(path.read_text(), text, f"in {path}; UPDATE_GOLDEN=1 rewrites it")

    def test_scripts_are_shell(self):
        for layout in LAYOUTS:
            self.init("--layout", layout, "--output", layout, "--namespace", "shop")
            script = self.folder / layout / "ci/readiness.sh"
            self.assertTrue(os.access(script, os.X_OK))
            subprocess.run(["sh", "-n", script], check=True, timeout=10)

    def test_owners(self):
        self.init("--owners-file", "OWNERS", "--code-owner", "@shop/payments")
        self.assertEqual(self.contents()["OWNERS"], b'approvers:\n  - "shop/payments"\nreviewers:\n  - "shop/payments"\n')
        self.init("--output", "b", "--code-owner", "@shop/payments")
        self.assertTrue(self.contents("b")["CODEOWNERS"].endswith(b"\n* @shop/payments\n"))


class WrongCommandLines(Init):
    CASES = [
        (["init"], "init what?"),
        (["init", "checkout"], "--owner TEAM is missing"),
        (["init", "Checkout", "--owner", "a"], "is no name for a service"),
        (["init", "1shop", "--owner", "a"], "is no name for a service"),
        (["init", "checkout", "--owner", "TODO"], "is no team's name"),
        (["init", "checkout", "--owner", "a b"], "is no team's name"),
        (["init", "checkout", "--owner", "a", "--tier", "gold"], 'no tier "gold"; the policy has critical, standard'),
        (["init", "checkout", "--owner", "a", "--port", "0"], "--port must be"),
        (["init", "checkout", "--owner", "a", "-n", "A_b"], "is no name of a namespace"),
        (["init", "checkout", "--owner", "a", "--kickoff", "soon"], "is no date"),
        (["init", "checkout", "--owner", "a", "--max-replicas", "1"], "--max-replicas must be"),
        (["init", "checkout", "--owner", "a", "--layout", "helm"], "is none of plain|kustomize|chart"),
        (["init", "checkout", "--owner", "a", "--runbook", "a\nb"], "is not one line"),
        (["init", "checkout", "--owner", "a", "--policy", "nowhere"], "the policy has problems"),
    ]

    def test_each_has_one_clear_line_and_writes_nothing(self):
        for arguments, message in self.CASES:
            with self.subTest(arguments):
                result = run(*arguments, cwd=self.folder)
                self.expect(result, 2, stdout="", stderr=None)
                self.assertIn(message, result.stderr.decode())
                self.assertEqual(list(self.folder.iterdir()), [])


if __name__ == "__main__":
    unittest.main()

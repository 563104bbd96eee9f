#!/usr/bin/env python3
"""plimsoll check --format and --output: what code hosts and CI systems read, held to their schemas and limits.

The schemas of SARIF and JUnit are not in the tree: `hack/schemas` fetches them; without them those tests skip and say so.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from cli_test import INPUT, PLIMSOLL, PRODUCTION, READY, TIMEOUT_S, Case, run  # noqa: E402

SCHEMAS = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "plimsoll/schemas"
FORMATS = ("text", "json", "sarif", "junit", "github", "gitlab", "markdown", "html")

DENY_ALL = """\
apiVersion: plimsoll.dev/v1alpha1
kind: ReadinessPolicy
metadata: {name: strict}
spec: {stages: [{action: Deny}], rules: [{rule: runbook.url}, {rule: ownership.owner}]}
"""


def schema(name):
    path = SCHEMAS / name
    if not path.exists():
        raise unittest.SkipTest(f"no {name} in {SCHEMAS}: run hack/schemas")
    return path


class Formats(Case):
    def setUp(self):
        super().setUp()
        self.repo = self.folder / "repo"
        shutil.copytree(INPUT, self.repo)
        (self.repo / ".git").mkdir()

    def report(self, form, *args, exit_code=None, cwd=None):
        result = run("check", "--format", form, *args, cwd=cwd or self.repo)
        self.assertEqual(result.stderr, b"")
        if exit_code is not None:
            self.assertEqual(result.returncode, exit_code, result.stdout[-2000:])
        return result.stdout.decode("utf-8", errors="strict")

    def many(self, count):
        for i in range(count):
            self.write(f"repo/many/{i:03}.yaml", READY.replace("NAME", f"n{i}"))
        self.write("repo/strict.yaml", DENY_ALL)
        return ["--policy", "strict.yaml", "many"]

    # Names that a reader might take for something else.
    HOSTILE = READY.replace("NAME", r'"a\u0007\u202e<b>|`c`]]>&amp;\"d"').replace(
        "payments", r'"x%0A::error::y,z=1"')


class Golden(Formats):
    def test_golden(self):
        for form, name in (("sarif", "check.sarif"), ("junit", "check-junit.xml"), ("github", "check-github.txt"),
                           ("gitlab", "check-gitlab.json"), ("markdown", "check.md"), ("html", "check.html")):
            with self.subTest(form):
                text = self.report(form, *PRODUCTION, "manifests", "broken/template.yaml", exit_code=2)
                text = re.sub(r'"semanticVersion":"[^"]*"', '"semanticVersion":"VERSION"', text)
                # What it looks like is tests/browser's affair.
                text = re.sub(r"<style>.*?</style>", "<style></style>", text, flags=re.DOTALL)
                text = re.sub(r"sha256-[A-Za-z0-9+/=]+", "sha256-", re.sub(r"Made by plimsoll \S+ ", "Made by plimsoll VERSION ", text))
                self.golden(name, text)

    def test_statistics(self):
        text = self.report("text", *PRODUCTION, "--statistics", "manifests", exit_code=1)
        self.golden("check-statistics.txt", text)

    def test_paths_are_those_of_the_repository_wherever_it_is_called(self):
        whole = self.report("gitlab", *PRODUCTION, "manifests")
        deeper = self.report("gitlab", "--policy", "../policies", "--as-of", "2027-03-01", ".", cwd=self.repo / "manifests")
        absolute = self.report("gitlab", *PRODUCTION, self.repo / "manifests")
        self.assertEqual(json.loads(whole), json.loads(deeper))
        self.assertEqual(json.loads(whole), json.loads(absolute))
        self.assertEqual(json.loads(whole)[0]["location"]["path"], "manifests/base/checkout.yaml")


class Sarif(Formats):
    def check_schema(self, text):
        path = schema("sarif-2.1.0.json")
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        validator = jsonschema.Draft7Validator(json.loads(path.read_text()))
        problems = [f"{list(e.path)}: {e.message}" for e in validator.iter_errors(json.loads(text))]
        self.assertEqual(problems, [])

    def test_schema(self):
        self.write("repo/hostile.yaml", self.HOSTILE)
        for arguments in ([*PRODUCTION, "manifests"], ["manifests", "broken", "nowhere"], ["hostile.yaml"]):
            self.check_schema(self.report("sarif", *arguments))

    def test_what_github_asks_for(self):
        run_ = json.loads(self.report("sarif", *self.many(3), exit_code=1))["runs"][0]
        rules = run_["tool"]["driver"]["rules"]
        self.assertEqual([r["id"] for r in rules], sorted(r["id"] for r in rules))
        for result in run_["results"]:
            self.assertEqual(rules[result["ruleIndex"]]["id"], result["ruleId"])
            place = result["locations"][0]["physicalLocation"]
            self.assertRegex(place["artifactLocation"]["uri"], r"^many/\d+\.yaml$")
            self.assertGreater(place["region"]["startLine"], 0)
            self.assertEqual(result["level"], "error")
        for rule in rules:
            self.assertLessEqual(len(rule["id"]), 255)
            self.assertLessEqual(len(rule["shortDescription"]["text"]), 1024)
            self.assertLessEqual(len(rule["fullDescription"]["text"]), 1024)
            self.assertTrue(rule["helpUri"].endswith("/" + rule["id"]))
            self.assertLessEqual(len(rule["properties"]["tags"]), 20)
        marks = [r["partialFingerprints"]["plimsoll/v1"] for r in run_["results"]]
        self.assertEqual(len(marks), 6)
        self.assertEqual(len(set(marks)), 6)

    def test_a_fingerprint_stays_when_lines_and_containers_move(self):
        arguments = self.many(1)
        path = self.repo / "many/000.yaml"

        def marks():
            report = json.loads(self.report("sarif", "--policy", "policy.yaml", "many"))
            return {r["partialFingerprints"]["plimsoll/v1"]: r["locations"][0]["physicalLocation"]["region"]["startLine"]
                    for r in report["runs"][0]["results"]}

        self.write("repo/policy.yaml", DENY_ALL.replace("runbook.url", "resources.memory-request"))
        del arguments
        before = marks()
        text = path.read_text()
        path.write_text("# more\n\n" + text.replace("      containers:\n", "      containers:\n"
                                                    "        - {name: first, image: 'a:1', resources: {requests: {memory: 1Mi}}}\n"))
        after = marks()
        self.assertEqual(set(before), set(after))
        self.assertTrue(all(after[mark] > line for mark, line in before.items()))


class Junit(Formats):
    def test_schema(self):
        path = schema("JUnit.xsd")
        if shutil.which("xmllint") is None:
            self.skipTest("xmllint is not installed")
        self.write("repo/hostile.yaml", self.HOSTILE)
        for arguments in ([*PRODUCTION, "manifests"], ["manifests", "broken", "nowhere"], ["hostile.yaml"]):
            text = self.report("junit", *arguments)
            result = subprocess.run(["xmllint", "--noout", "--schema", path, "-"], input=text.encode(),
                                    capture_output=True, timeout=TIMEOUT_S, check=False)
            self.assertEqual(result.returncode, 0, result.stderr.decode())

    def test_counts_are_those_of_the_cases(self):
        import xml.etree.ElementTree as tree
        root = tree.fromstring(self.report("junit", "manifests", "broken/template.yaml", exit_code=2))
        for node in (root, *root.iter("testsuite")):
            self.assertEqual(int(node.get("tests")), len(list(node.iter("testcase"))))
            self.assertEqual(int(node.get("failures")), len(list(node.iter("failure"))))
            self.assertEqual(int(node.get("errors")), len(list(node.iter("error"))))
        self.assertEqual(int(root.get("errors")), 1)
        # What does not fail the check fails no test.
        self.assertEqual(int(root.get("failures")), 0)
        self.assertGreater(len(list(root.iter("skipped"))), 0)
        failing = tree.fromstring(self.report("junit", "--failure-threshold", "audit", "manifests", exit_code=1))
        self.assertEqual(int(failing.get("failures")), len(list(root.iter("skipped"))))


class Github(Formats):
    def test_ten_of_a_type_then_how_many_more(self):
        summary = self.folder / "summary.md"
        summary.write_text("before\n")
        result = run("check", "--format", "github", *self.many(30), cwd=self.repo,
                     env={"GITHUB_STEP_SUMMARY": str(summary)})
        self.expect(result, 1)
        lines = result.stdout.decode().splitlines()
        self.assertEqual([line.split(" ")[0] for line in lines[:-1]], ["::error"] * 10)
        self.assertEqual(lines[-1], "plimsoll: 60 findings (60 deny) in 30 workloads; not annotated: 50 more of the type "
                                    "error (GitHub shows ten of each type)")
        text = summary.read_text()
        self.assertTrue(text.startswith("before\n## Readiness: 60 findings (60 deny)\n"))
        self.assertEqual(text.count("| **deny** |"), 60)

    def test_worst_first(self):
        self.write("repo/mixed.yaml", DENY_ALL.replace("{rule: runbook.url}", "{rule: runbook.url, stages: [{action: Audit}]}"))
        arguments = self.many(12)
        arguments[1] = "mixed.yaml"
        lines = self.report("github", *arguments).splitlines()
        self.assertEqual([line.split(" ")[0] for line in lines[:-1]], ["::error"] * 10 + ["::notice"] * 10)

    def test_nothing_in_a_name_is_a_command(self):
        self.write("repo/hostile.yaml", self.HOSTILE)
        self.write("repo/a,b:c\nd%.yaml", self.HOSTILE)
        text = self.report("github", "--policy", self.write("p.yaml", DENY_ALL), "hostile.yaml", "a,b:c\nd%.yaml")
        for line in text.splitlines()[:-1]:
            self.assertRegex(line, r"^::error file=(hostile\.yaml|a%2Cb%3Ac%0Ad%25\.yaml),line=\d+,col=\d+,title=[^:,]+::")

    def test_a_summary_that_cannot_be_written_is_said(self):
        result = run("check", "--format", "github", "manifests", cwd=self.repo,
                     env={"GITHUB_STEP_SUMMARY": str(self.folder / "no/such")})
        self.assertEqual(result.returncode, 2)
        self.assertRegex(result.stderr.decode(), r"^plimsoll: .*/no/such: cannot write: No such file or directory\n$")


class Gitlab(Formats):
    def test_shape_and_unique_fingerprints(self):
        text = READY.replace("NAME", "same")
        self.write("repo/twice.yaml", text + "---\n" + text)
        entries = json.loads(self.report("gitlab", "twice.yaml", "broken/template.yaml", exit_code=2))
        self.assertEqual(entries[0]["severity"], "blocker")
        for entry in entries:
            self.assertEqual(set(entry), {"description", "check_name", "fingerprint", "severity", "location"})
            self.assertIn(entry["severity"], ("info", "minor", "major", "critical", "blocker"))
            self.assertFalse(entry["location"]["path"].startswith(("/", "./")))
            self.assertGreater(entry["location"]["lines"]["begin"], 0)
        marks = [entry["fingerprint"] for entry in entries]
        self.assertEqual(len(marks), len(set(marks)))


class Markdown(Formats):
    def test_it_fits_a_comment_and_says_what_is_left_out(self):
        text = self.report("markdown", *self.many(400))
        self.assertLessEqual(len(text.encode()), 60 * 1024)
        shown = text.count("| **deny** |")
        self.assertIn(f"\n{800 - shown} more: run `plimsoll check`", text)

    def test_nothing_in_a_name_is_markup(self):
        self.write("repo/hostile.yaml", self.HOSTILE)
        text = self.report("markdown", "hostile.yaml")
        self.assertNotIn("<b>", re.sub(r"^```yaml\n.*?^```\n", "", text, flags=re.DOTALL | re.MULTILINE))
        self.assertNotIn("\u202e", text)


class Html(Formats):
    def test_it_stands_alone_and_names_every_finding(self):
        text = self.report("html", *PRODUCTION, "manifests", "broken/template.yaml", exit_code=2)
        found = json.loads(self.report("json", *PRODUCTION, "manifests", "broken/template.yaml"))
        fails = [finding for finding in found["results"] if finding["result"] == "fail"]
        self.assertGreater(len(fails), 1)
        self.assertEqual(text.count("<li id="), len(fails) + len(found["errors"]))
        self.assertEqual(text.count("<summary>Fix</summary>"), sum(1 for finding in fails if finding["fix"]))
        for finding in fails:
            self.assertIn(f'href="https://plimsoll.dev/rules/{finding["rule"]}"', text)
        self.assertNotRegex(text, r"<script|<link|<img|@import|url\(")
        self.assertIn("default-src 'none'; style-src 'sha256-", text)

    def test_nothing_in_a_name_is_markup(self):
        self.write("repo/hostile.yaml", self.HOSTILE)
        text = self.report("html", "hostile.yaml")
        self.assertNotIn("<b>|", text)
        self.assertIn("&lt;b&gt;|", text)
        self.assertNotIn("\u202e", text)

    def test_where_there_is_nothing_it_says_so(self):
        self.assertIn("Nothing to put right.", self.report("html", *self.many(1)[:2], "policies"))


class Outputs(Formats):
    def test_several_at_once_are_the_same_as_one_by_one(self):
        arguments = []
        for form in FORMATS:
            arguments += ["--format", form, "--output", f"out/{form}"]
        (self.repo / "out").mkdir()
        self.expect(run("check", *PRODUCTION, *arguments, "manifests", cwd=self.repo), 1, "")
        for form in FORMATS:
            self.assertEqual((self.repo / "out" / form).read_text(), self.report(form, *PRODUCTION, "manifests"), form)
        mixed = run("check", *PRODUCTION, "--format", "text", "--format", "sarif", "--output", "a", "manifests", cwd=self.repo)
        self.expect(mixed, 1, self.report("text", *PRODUCTION, "manifests"))
        self.assertIn("2.1.0", (self.repo / "a").read_text())
        self.assertEqual(sorted(p.name for p in (self.repo / "out").iterdir()), sorted(FORMATS), "nothing else was left")

    def test_permissions_links_and_pipes(self):
        kept = self.write("repo/kept.json", "old")
        kept.chmod(0o640)
        (self.repo / "link.json").symlink_to("kept.json")
        write = lambda path: run("check", "--format", "json", "--output", path, "manifests", cwd=self.repo)  # noqa: E731
        self.expect(write("link.json"), 0)
        self.assertTrue((self.repo / "link.json").is_symlink())
        self.assertEqual(kept.stat().st_mode & 0o777, 0o640)
        json.loads(kept.read_text())
        self.expect(write("/dev/null"), 0)
        self.assertTrue(pathlib.Path("/dev/null").is_char_device())

    def test_what_cannot_be_written_is_one_line_and_leaves_what_was_there(self):
        (self.repo / "dir").mkdir()
        cases = [("no/such/out.json", "cannot write: No such file or directory"), ("dir", "is a folder"),
                 ("/dev/full", "cannot write: No space left on device")]
        if os.geteuid() != 0:
            self.write("repo/locked/out.json", "old")
            (self.repo / "locked").chmod(0o555)
            self.addCleanup((self.repo / "locked").chmod, 0o755)
            cases.append(("locked/out.json", "cannot write: Permission denied"))
        for path, message in cases:
            with self.subTest(path):
                result = run("check", "--format", "json", "--output", path, "manifests", cwd=self.repo)
                self.expect(result, 2, "", f"plimsoll: {path}: {message}\n")
        if os.geteuid() != 0:
            self.assertEqual((self.repo / "locked/out.json").read_text(), "old")

    USAGE = [
        (["--output", "x"], "--output x has no --format before it"),
        (["--format", "json", "--output", "x", "--output", "y"], "--output y has no --format before it"),
        (["--format", "json", "--format", "sarif"],
         "two reports on standard output; give each --format but one an --output FILE"),
        (["--format", "json", "--output", "x", "--format", "sarif", "--output", "x"], "--output x is named twice"),
        (["--format", "xml"], '--format: "xml" is none of text|json|sarif|junit|github|gitlab|markdown|html'),
        (["--format", "json", "--statistics"], "--statistics are text: name --format text, too"),
        (["--unsafe-fixes"], "--unsafe-fixes goes with --fix or --diff"),
        (["--fix", "--diff"], "--diff changes nothing: it does not go with --fix"),
        (["--diff", "--stamp"], "--diff changes nothing: it does not go with --stamp"),
        (["--watch", "--fix"], "--watch reads: it does not go with --fix, --diff or --stamp"),
        (["--watch", "-"], "--watch looks at files: standard input (-) is none"),
        (["--fix", "-"], "--fix writes into files: standard input (-) is none"),
        (["--baseline", "a", "--write-baseline", "b"], "--write-baseline takes everything: it does not go with --baseline"),
        (["--context", "x"], "--kubeconfig and --context go with --policy cluster"),
        (["--unsafe-fix"], 'no flag "--unsafe-fix"; did you mean --unsafe-fixes?'),
        (["--basline", "x"], 'no flag "--basline"; did you mean --baseline?'),
        (["--ouput", "x"], 'no flag "--ouput"; did you mean --output?'),
    ]

    def test_usage(self):
        for arguments, problem in self.USAGE:
            with self.subTest(" ".join(arguments)):
                self.expect(run("check", "manifests", *arguments), 2, "", f"plimsoll: {problem}\nTry: plimsoll check --help\n")


class Baselines(Formats):
    def test_only_what_is_new(self):
        first = self.write("repo/a.yaml", READY.replace("NAME", "a"))
        policy = ["--policy", self.write("p.yaml", DENY_ALL)]
        written = run("check", *policy, "--write-baseline", "known.json", ".", cwd=self.repo / "..")
        self.assertIn(written.returncode, (0, 2))
        self.expect(run("check", *policy, "--write-baseline", "known.json", "a.yaml", cwd=self.repo), 0, None,
                    "plimsoll: known.json: 2 findings written; with --baseline only what is new is reported\n")
        kept = (self.repo / "known.json").read_text()
        known = ["check", *policy, "--baseline", "known.json"]
        result = run(*known, "a.yaml", cwd=self.repo)
        self.expect(result, 0)
        self.assertIn("2 known before (--baseline), not listed", result.stdout.decode())
        # Lines move, the policy gets another name, another workload comes.
        first.write_text("# a\n# b\n" + first.read_text())
        self.write("p.yaml", DENY_ALL.replace("strict", "stricter"))
        self.write("repo/b.yaml", READY.replace("NAME", "b"))
        result = run(*known, "--format", "json", "a.yaml", "b.yaml", cwd=self.repo)
        self.expect(result, 1)
        report = json.loads(result.stdout)
        self.assertEqual({one["name"] for one in report["results"]}, {"b"})
        self.assertEqual(report["summary"]["known"], 2)
        self.assertEqual(report["summary"]["fail"], 2)
        # Writing it again changes nothing.
        self.write("p.yaml", DENY_ALL)
        run("check", *policy, "--write-baseline", "known.json", "a.yaml", cwd=self.repo)
        self.assertEqual((self.repo / "known.json").read_text(), kept)

    def test_one_that_is_wrong_judges_nothing(self):
        for text, words in (("", "known.json: "), ("[]", "this is no baseline"), ('{"version":2,"findings":[]}', "version 2"),
                            ('{"version":1,"findings":[{}]}', "without a fingerprint")):
            self.write("repo/known.json", text)
            result = run("check", "--baseline", "known.json", "manifests", cwd=self.repo)
            self.expect(result, 2, "", None)
            self.assertIn(words, result.stderr.decode())
            self.assertEqual(result.stderr.count(b"\n"), 1)
        result = run("check", "--baseline", "nowhere.json", "manifests", cwd=self.repo)
        self.expect(result, 2, "", "plimsoll: nowhere.json: cannot open: No such file or directory\n")


if __name__ == "__main__":
    unittest.main(verbosity=2 if "-v" in sys.argv else 1)

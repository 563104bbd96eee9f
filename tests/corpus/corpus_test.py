#!/usr/bin/env python3
"""`plimsoll check` over real manifests: nothing crashes or hangs, nothing is lost, every error has an explanation.

The corpus is no part of the repository: PLIMSOLL_SHARED_DIR, or ../shared beside it. PLIMSOLL names the program.
"""

import collections
import csv
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CORPUS = pathlib.Path(os.environ.get("PLIMSOLL_SHARED_DIR", ROOT.parent / "shared")) / "corpus"
PLIMSOLL = os.environ.get("PLIMSOLL", str(ROOT / "build/dev/cmd/plimsoll/plimsoll"))
TIMEOUT_S = 240

# What may be wrong with a manifest, in words that say what to do. Anything else is a fault of ours.
KNOWN_ERRORS = [
    r'^duplicate key ".+": first at line \d+, column \d+; write each key once; here the last one counts$',
    r"^unrendered template: render first \(helm template / kustomize build\)",
]


class Corpus(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        # By the starter policy, as for anybody who begins.
        result = subprocess.run([PLIMSOLL, "check", "--format", "json", "--all", "."], cwd=CORPUS / "manifests",
                                capture_output=True, check=False, timeout=TIMEOUT_S)
        assert result.returncode in (0, 1, 2), result
        assert result.stderr == b"", result.stderr
        cls.exit_code = result.returncode
        cls.report = json.loads(result.stdout.decode("utf-8", errors="strict"))
        with open(CORPUS / "index.tsv", newline="") as file:
            cls.index = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
        # Every workload is in results or notes at least once (--all); findings differ in their places.
        seen = {}
        for entry in cls.report["results"] + cls.report["notes"]:
            seen.setdefault(cls.key(entry["file"], entry["kind"], entry["name"]), []).append(entry)
        cls.seen = seen

    @staticmethod
    def key(file, kind, name):
        return file, kind, name.rstrip("*")  # ours for generateName

    def row_key(self, row):
        name = row["name"]
        return self.key(f'{row["repo"]}/{row["path"]}', row["kind"], name)

    def test_every_error_is_explained(self):
        unknown = [e for e in self.report["errors"]
                   if not any(re.search(known, e["message"]) for known in KNOWN_ERRORS)]
        self.assertEqual(unknown, [])
        for error in self.report["errors"]:
            self.assertGreater(error["line"], 0, error)
            self.assertGreater(error["column"], 0, error)
        self.assertEqual(self.exit_code, 2 if self.report["errors"] else 1)

    def test_every_workload_is_judged_or_accounted_for(self):
        templates = {e["file"] for e in self.report["errors"] if "unrendered" in e["message"]}
        lost = [self.row_key(row) for row in self.index
                if self.row_key(row) not in self.seen and f'{row["repo"]}/{row["path"]}' not in templates]
        self.assertEqual(lost, [])
        indexed = collections.Counter(f'{row["repo"]}/{row["path"]}' for row in self.index)
        unreadable = sum(indexed[file] for file in templates)
        # Beyond the index: objects of a workload's kind without even a spec, which it leaves out.
        keys = {self.row_key(row) for row in self.index}
        bare = [key for key in self.seen if key not in keys]
        for key in bare:
            self.assertIn("partial patch (it has no containers)", self.seen[key][0]["message"], key)
        self.assertEqual(self.report["summary"]["workloads"], len(self.index) - unreadable + len(bare))
        print(f'corpus: {len(self.index)} indexed workloads: {len(self.index) - unreadable} read, '
              f"{unreadable} in unrendered templates; {len(bare)} more without a spec", file=sys.stderr)

    def test_partial_documents_are_reported_as_partial_and_no_others(self):
        partial = collections.Counter(self.row_key(row) for row in self.index if row["shape"] == "partial")
        full = {self.row_key(row) for row in self.index if row["shape"] == "full"}
        noted = collections.Counter(self.key(n["file"], n["kind"], n["name"])
                                    for n in self.report["notes"] if n["message"].startswith("partial"))
        self.assertEqual(partial - noted, collections.Counter())
        self.assertEqual({key for key in noted if key in full}, set())
        judged = {self.key(r["file"], r["kind"], r["name"]) for r in self.report["results"]}
        self.assertEqual({key for key in partial if key in judged}, set(), "a patch has findings")

    def test_findings_are_complete(self):
        for result in self.report["results"]:
            if result["result"] != "fail":
                continue
            for field in ("policy", "rule", "action", "reason", "path", "message", "observed", "required"):
                self.assertNotEqual(result[field], "", result)
            self.assertGreater(result["line"], 0, result)

    def test_unserved_versions_are_judged_with_a_note(self):
        noted = [n for n in self.report["notes"] if "no Kubernetes release serves" in n["message"]]
        self.assertEqual([(n["apiVersion"], n["kind"]) for n in noted], [("apps/v1alpha1", "Deployment")])

    def test_the_report_is_the_same_every_time(self):
        command = [PLIMSOLL, "check", "--format", "json", "--as-of", "2026-12-01", "."]
        outputs = {subprocess.run(command, cwd=CORPUS / "manifests", capture_output=True, check=False,
                                  timeout=TIMEOUT_S).stdout for _ in range(2)}
        self.assertEqual(len(outputs), 1)


if __name__ == "__main__":
    if not CORPUS.is_dir():
        print(f"skipped: no corpus in {CORPUS} (set PLIMSOLL_SHARED_DIR)", file=sys.stderr)
        sys.exit(0)
    unittest.main()

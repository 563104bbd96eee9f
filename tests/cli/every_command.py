"""What the tests of bad input share: every command and flag, as the program itself lists them (`plimsoll docs`), so that a new one
is asked the same; how each is called when nothing is wrong; and what is expected of it when something is.

A command or a kind of value that is in none of these tables fails a test.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from cli_test import PLIMSOLL, READY, Case  # noqa: E402

# Longer than the 30 seconds after which a request is given up.
TIMEOUT_S = 60
NOBODY = 65534

POLICY = """\
apiVersion: plimsoll.dev/v1alpha1
kind: ReadinessPolicy
metadata: {name: production}
spec: {match: {kinds: [Deployment]}, stages: [{action: Deny}], rules: [{rule: runbook.url}]}
"""
RECORD = """\
apiVersion: plimsoll.dev/v1alpha1
kind: WorkloadReadiness
metadata: {name: deployment-a, namespace: shop}
spec: {workload: {apiVersion: apps/v1, kind: Deployment, name: a, namespace: shop}}
"""
CASE = """\
story: Nothing is asked of it.
policy: ../policy.yaml
now: "2027-01-01"
---
""" + READY.replace("NAME", "a") + """\
"""
FILES = {"good.yaml": READY.replace("NAME", "a"), "policy.yaml": POLICY, "record.yaml": RECORD, "cases/case.yaml": CASE,
         "teams.yaml": "apiVersion: plimsoll.dev/v1alpha1\nkind: TeamDirectory\nteams: [{name: payments}]\n"}

WAIVED = ["Deployment/a", "--policy", "production", "--rule", "runbook.url", "--reason", "OPS-1 needs more time"]
LATER = ["--expires", "2099-01-01"]
# Command -> arguments with which it does its work on files, or prints; None: there is no such way.
ALONE = {
    "": ["--version"],
    "check": ["--exit-zero", "good.yaml"],
    "explain": ["runbook.url"],
    "policy": None,
    "policy default": [],
    "policy validate": ["policy.yaml"],
    "policy test": ["--update", "cases"],
    "report": ["--questions", "record.yaml"],
    "scan": None,
    "preview": None,
    "status": None,
    "version": [],
    "init": ["shop", "--owner", "payments"],
    "doctor": None,
    "waiver": None,
    "waiver request": [*WAIVED, *LATER, "--dry-run", "--requested-by", "ana", "-n", "shop"],
    "waiver approve": None,
    "waiver list": None,
    "waiver renew": None,
    "waiver end": None,
    "completion": ["bash"],
}
# Those that ask a cluster, with what makes them do so.
ON_CLUSTER = {
    "check": ["--policy", "cluster", "good.yaml"],
    "explain": ["policy", "production"],
    "report": ["--questions"],
    "scan": [],
    "preview": ["policy.yaml"],
    "status": [],
    "doctor": [],
    "waiver request": [*WAIVED, *LATER, "-n", "shop"],
    "waiver approve": ["one", "-n", "shop"],
    "waiver list": ["-n", "shop"],
    "waiver renew": ["one", *LATER, "-n", "shop"],
    "waiver end": ["one", "-n", "shop"],
}
# What makes sense of a flag that does nothing alone, before it: (command, flag) -> arguments instead of ALONE's.
TOGETHER = {
    ("check", "--kubeconfig"): ["--policy", "cluster", "good.yaml"],
    ("check", "--baseline"): ["good.yaml"],
    ("check", "--output"): ["good.yaml", "--format", "json"],
    ("explain", "--kubeconfig"): ["policy", "production"],
    ("explain", "--output"): ["all"],
    ("report", "--kubeconfig"): ["--questions"],
    ("report", "--html"): ["record.yaml"],
    ("scan", "--output"): [],
    ("policy test", "--output"): ["cases", "--format", "junit"],
    ("waiver request", "--kubeconfig"): ON_CLUSTER["waiver request"],
}
# Flags that name a place to write to; every other one is read.
WRITTEN = {"--output", "--html", "--write-baseline"}
# Arguments whose trouble is part of the report, as it is about what was asked: on standard output.
REPORTED = {("check", "PATH"), ("check", "--waivers"), ("policy validate", "PATH"), ("policy test", "PATH")}
# Kinds of values that are not a list of words: one that is wrong, or None where every text is right for the command line.
WRONG = {"DATE": "yesterday", "DURATION": "soon", "K=V,...": "=x", "N": "few", "PORT": "http", "NS": None, "NAME": None, "TEAM": None,
         "TIER": None, "IMAGE": None, "URL": None, "ROUTE": None, "CONTACT": None, "RULE": None, "USER": None, "TEXT": None,
         "FILE": None, "DIR": None, "FILE|DIR": None, "FILE|DIR|cluster": None}


def call(*args, cwd, user=None, **kwargs):
    """As its user would, with no cluster of theirs; `user`: as that one, where we may be another."""
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(cwd)}
    env.update({name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")})
    other = {} if user is None else {"user": user, "group": user, "extra_groups": []}
    kwargs = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **kwargs}
    program = kwargs.pop("program", PLIMSOLL)
    return subprocess.run([program, *map(str, args)], cwd=cwd, env=env, timeout=TIMEOUT_S, check=False, **other, **kwargs)


class Flag:
    def __init__(self, names, value):
        self.name, self.value = names[-1], value
        self.name = next((name for name in names if name.startswith("--")), names[0])
        parts = value.split("|")
        self.path = bool({"FILE", "DIR"} & set(parts))
        self.folder_too = "DIR" in parts
        self.choices = parts if len(parts) > 1 and not self.path else []


def read_commands():
    """Spelled command -> (flags, names of arguments), from the man pages, which are made of the program's own table."""
    with tempfile.TemporaryDirectory() as folder:
        call("docs", "man", folder, cwd=folder)
        found = {}
        for spelled in ["", *call("docs", "commands", cwd=folder).stdout.decode().split("\n")[1:-1]]:
            page = (pathlib.Path(folder) / ("-".join(["plimsoll", *spelled.split()]) + ".1")).read_text()
            page = page.replace("\\-", "-").replace("\\e", "\\")
            flags = [Flag(re.findall(r"\\fB(.*?)\\fR", names), value or "")
                     for names, value in re.findall(r"^\.TP\n((?:\\fB-.*?\\fR(?:, )?)+)(?: \\fI(.*?)\\fR)?$", page, re.MULTILINE)]
            arguments = re.search(r"^\.SH ARGUMENTS\n((?:.*\n)*?)\.SH", page, re.MULTILINE)
            names = re.findall(r"^\.TP\n\\fB(.*?)\\fR", arguments.group(1), re.MULTILINE) if arguments else []
            found[spelled] = flags, names
        return found


COMMANDS = read_commands()


class BadInput(Case):
    def setUp(self):
        super().setUp()
        self.folder.chmod(0o755)
        for name, text in FILES.items():
            self.write(name, text)

    def run_in(self, *args, **kwargs):
        return call(*args, cwd=self.folder, **kwargs)

    def listing(self):
        return {str(path.relative_to(self.folder)): path.read_bytes() if path.is_file() else None
                for path in sorted(self.folder.rglob("*")) if not path.is_fifo()}

    def one_line(self, result, *parts, reported=False):
        """Exit code 2, and one line of its own (with a pointer to the help, or the places that are wrong before it)."""
        said, told = result.stderr.decode(), result.stdout.decode()
        self.assertEqual(result.returncode, 2, said + told)
        self.assertNotIn("\x1b", said + told)
        if reported:
            self.assertTrue(said == "" or said.startswith("plimsoll: "), said)
            said += told
        else:
            self.assertEqual(told, "")
            lines = said.splitlines()
            own = [line for line in lines if line.startswith("plimsoll: ")]
            self.assertEqual(len(own), 1, said)
            rest = [line for line in lines if line not in own and not line.startswith("Try: plimsoll") and not re.match(r"\S+: ", line)]
            self.assertEqual(rest, [], said)
            self.assertGreater(len(own[0]), len("plimsoll: ") + 10)
        for part in parts:
            self.assertIn(part, said)
        self.assertTrue(said.endswith("\n"), said)

    def usage(self, result, spelled, *parts):
        self.one_line(result, *parts)
        self.assertEqual(result.stderr.decode().splitlines()[1:], [" ".join(["Try: plimsoll", *spelled.split(), "--help"])])

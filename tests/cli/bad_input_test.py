#!/usr/bin/env python3
"""Whatever goes wrong, for every command: the exit code of docs/cli.md, one clear line that says what and what to do, nothing
on standard output that a program would take for a result, and nothing half-written.

Commands and flags are those that the program itself lists (`plimsoll docs`), so that a new one is asked the same; the tables
below say how each is called when nothing is wrong, and a command or a kind of value that is in none of them fails.
"""

import concurrent.futures
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

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


class CommandLine(BadInput):
    def test_every_command_is_in_the_tables(self):
        self.assertEqual(set(COMMANDS), set(ALONE))
        asking = {spelled for spelled, (flags, _) in COMMANDS.items() if any(flag.name == "--kubeconfig" for flag in flags)}
        self.assertEqual(asking, set(ON_CLUSTER))
        self.assertGreater(sum(len(flags) for flags, _ in COMMANDS.values()), 100)

    def test_what_the_tables_call_right_is_right(self):
        for spelled, args in ALONE.items():
            with self.subTest(spelled):
                if args is None:
                    continue
                result = self.run_in(*spelled.split(), *args)
                self.assertEqual((result.returncode, result.stderr), (0, b""), result.stdout)
                self.assertNotEqual(result.stdout, b"")

    def test_a_flag_that_is_not_there(self):
        for spelled in COMMANDS:
            with self.subTest(spelled):
                self.usage(self.run_in(*spelled.split(), "--no-such-flag"), spelled, '"--no-such-flag"')

    def test_a_flag_without_its_value(self):
        for spelled, (flags, _) in COMMANDS.items():
            for flag in flags:
                if flag.value:
                    with self.subTest(spelled=spelled, flag=flag.name):
                        self.usage(self.run_in(*spelled.split(), *(ALONE[spelled] or ON_CLUSTER.get(spelled, [])), flag.name), spelled, flag.name)

    def test_a_value_that_is_wrong(self):
        for spelled, (flags, _) in COMMANDS.items():
            for flag in flags:
                if not flag.value or (not flag.choices and WRONG[flag.value] is None):
                    continue
                wrong = "no-such-choice" if flag.choices else WRONG[flag.value]
                valid = ALONE[spelled] if ALONE[spelled] is not None else ON_CLUSTER[spelled]
                if flag.name in ("--expires", "--for"):
                    valid = [word for word in valid if word not in LATER]
                with self.subTest(spelled=spelled, flag=flag.name):
                    self.one_line(self.run_in(*spelled.split(), *valid, flag.name, wrong), wrong)

    def test_one_argument_too_many(self):
        for spelled, (_, names) in COMMANDS.items():
            if not names and spelled and ALONE[spelled] is not None:
                with self.subTest(spelled):
                    self.usage(self.run_in(*spelled.split(), *ALONE[spelled], "surplus"), spelled, '"surplus"')

    def test_a_command_that_is_not_there(self):
        for spelled in ("", "policy", "waiver"):
            with self.subTest(spelled):
                self.usage(self.run_in(*spelled.split(), "no-such-command"), spelled, '"no-such-command"')

    def test_what_is_no_text_does_not_reach_the_terminal(self):
        for args in (["explain", "a\x1b[31mb\nc"], ["explain", "policy", "a\x1b[31mb.yaml"], ["check", "a\x1b[31mb"], ["init", "a\x1b[31mb"],
                     ["init", "shop", "--owner", "payments", "--output", "a\x1b[31m/b\nc", "--policy", "policy.yaml"],
                     ["policy", "test", "a\x1b[31mb"], ["waiver", "request", "a\x1b[31mb", *WAIVED[1:], *LATER, "-n", "shop"],
                     ["scan", "--kubeconfig", "a\x1b[31mb"], ["report", "--html", "no\x1b[31m/x", "record.yaml"]):
            with self.subTest(args):
                result = self.run_in(*args)
                self.assertEqual(result.returncode if args[0] != "init" else 2, 2, result)
                self.assertNotIn(b"\x1b", result.stderr + result.stdout)


class Paths(BadInput):
    def setUp(self):
        super().setUp()
        self.program = PLIMSOLL
        self.user = None
        if os.geteuid() == 0:  # nothing is unreadable to root
            self.user = NOBODY
            self.program = shutil.copy(PLIMSOLL, self.folder.parent / (self.folder.name + ".program"))
            self.addCleanup(os.remove, self.program)
            os.chmod(self.program, 0o755)

    def read_places(self):
        """(command, name of the flag or argument, its arguments before it, whether a folder is welcome) of all that is read."""
        for spelled, (flags, names) in COMMANDS.items():
            for flag in flags:
                if flag.path and flag.name not in WRITTEN:
                    before = TOGETHER.get((spelled, flag.name), ALONE[spelled] if ALONE[spelled] is not None else ON_CLUSTER[spelled])
                    yield spelled, flag.name, [*before, flag.name], flag.folder_too
            for name in names:
                if name in ("PATH", "POLICY"):
                    yield spelled, name, ["--questions"] if spelled == "report" else [], True

    def try_to_read(self, spelled, name, before, path, **kwargs):
        with self.subTest(spelled=spelled, place=name, path=path):
            result = self.run_in(*spelled.split(), *before, path, **kwargs)
            if spelled == "report" and name == "PATH":  # what could be read is answered; what could not is said
                self.assertEqual(result.returncode, 2)
                self.assertIn(path, result.stderr.decode())
                self.assertNotIn(path, result.stdout.decode())
                return
            self.one_line(result, path, reported=(spelled, name) in REPORTED)

    def test_what_is_not_there(self):
        for spelled, name, before, _ in self.read_places():
            self.try_to_read(spelled, name, before, "no/such/place.yaml")

    def test_what_may_not_be_read(self):
        for name in ("secret.yaml", "secret"):
            (self.folder / name).mkdir() if name == "secret" else self.write(name, POLICY)
            (self.folder / name).chmod(0)
        for spelled, name, before, folder_too in self.read_places():
            self.try_to_read(spelled, name, before, "secret.yaml", user=self.user, program=self.program)
            if folder_too:
                self.try_to_read(spelled, name, before, "secret", user=self.user, program=self.program)

    def test_a_folder_in_the_place_of_a_file(self):
        (self.folder / "folder.yaml").mkdir()
        for spelled, name, before, folder_too in self.read_places():
            if not folder_too:
                self.try_to_read(spelled, name, before, "folder.yaml")

    def written_places(self):
        for spelled, (flags, _) in COMMANDS.items():
            for flag in flags:
                if flag.name in WRITTEN and spelled != "scan":  # the cluster comes before it: tests/cli/scan_test.py
                    yield spelled, flag, TOGETHER.get((spelled, flag.name), ALONE[spelled])

    def test_a_place_that_cannot_be_written_to(self):
        (self.folder / "there").mkdir()
        self.write("there/x", "as it was")
        (self.folder / "closed").mkdir(mode=0o555)
        before = self.listing()
        for spelled, flag, args in self.written_places():
            folder = flag.value == "DIR"
            for place, user in (("good.yaml/x", None), ("closed/x", self.user), *([] if folder else [
                    ("no/such/place", None), ("there", None), ("/dev/full", None)])):
                with self.subTest(spelled=spelled, flag=flag.name, place=place):
                    program = self.program if user is not None else PLIMSOLL
                    result = self.run_in(*spelled.split(), *args, flag.name, place, user=user, program=program)
                    self.assertEqual(result.returncode, 2, result)
                    own = [line for line in result.stderr.decode().splitlines() if line.startswith("plimsoll: ")]
                    self.assertEqual(len(own), 1, result.stderr)
                    self.assertIn(place, own[0])
                    self.assertEqual(self.listing(), before)

    def test_files_that_may_not_be_changed(self):
        home = self.folder / "mine"
        home.mkdir(mode=0o755)
        self.write("mine/a.yaml", READY.replace("NAME", "a") + "---\n" + READY.replace("NAME", "b"))
        before = self.listing()
        for args in (["--fix", "--unsafe-fixes"], ["--stamp"]):
            with self.subTest(args):
                result = self.run_in("check", *args, "mine", user=NOBODY if self.user else None, program=self.program)
                if self.user is None:
                    self.skipTest("the folder is ours; root can be another")
                self.assertEqual(result.returncode, 2, result)
                self.assertIn(b"mine/a.yaml", result.stdout + result.stderr)
                self.assertEqual(self.listing(), before)


class Answering(http.server.ThreadingHTTPServer):
    """Answers everything with one status and body."""

    daemon_threads = True

    def __init__(self, status, body, content_type="application/json"):
        self.seen = []
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                server.seen.append((self.command, self.path))
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = answer

        super().__init__(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)
        self.thread.start()

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()
        self.thread.join()


def refusal(code, reason, message="no"):
    return json.dumps({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "message": message, "code": code}).encode()


class Clusters(BadInput):
    def kubeconfig(self, port, name="kubeconfig.json"):
        return self.write(name, json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{port}"}}], "users": [{"name": "u", "user": {}}]})).name

    def trouble(self, words, *more):
        """Of every command that asks a cluster. The doctor's answer is its finding."""
        before = self.listing()
        for spelled, args in ON_CLUSTER.items():
            with self.subTest(spelled):
                result = self.run_in(*spelled.split(), *args, *more)
                if spelled == "doctor" and result.stdout:
                    self.assertEqual((result.returncode, result.stderr), (2, b""))
                    self.assertIn(b"BAD      API server", result.stdout)
                    self.assertIn(b"->", result.stdout)
                else:
                    expected = words.get(spelled, words[""]) if isinstance(words, dict) else words
                    self.one_line(result, expected)
                self.assertEqual(self.listing(), before)

    def test_no_kubeconfig(self):
        self.trouble("name one with --kubeconfig or KUBECONFIG")

    def test_one_that_says_nothing(self):
        self.write("broken.yaml", "clusters: [")
        self.trouble("broken.yaml", "--kubeconfig", "broken.yaml")

    def test_a_context_that_is_not_there(self):
        self.trouble('"nowhere"', "--kubeconfig", self.kubeconfig(1), "--context", "nowhere")

    def test_nobody_listens(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            self.trouble("is the cluster up, and this the right one (--context)?", "--kubeconfig", self.kubeconfig(closed.getsockname()[1]))

    def test_credentials_that_have_expired(self):
        with Answering(401, refusal(401, "Unauthorized")) as server:
            self.trouble("the credentials of the kubeconfig are not accepted: they may have expired",
                         "--kubeconfig", self.kubeconfig(server.server_port))

    def test_what_may_not_be_asked(self):
        with Answering(403, refusal(403, "Forbidden", "may \x1b[31mnot\nat all")) as server:
            self.trouble("it takes the permission to ", "--kubeconfig", self.kubeconfig(server.server_port))

    def test_no_crds(self):
        absent = {"": "is Plimsoll installed there?", "explain": 'no file and no policy "production" there', "scan": "is this an API server?",
                  "preview": "is this an API server?", "waiver request": "who are you?",
                  **{f"waiver {verb}": "no waiver shop/one" for verb in ("approve", "renew", "end")}}
        with Answering(404, refusal(404, "NotFound")) as server:
            self.trouble(absent, "--kubeconfig", self.kubeconfig(server.server_port))

    def test_a_server_that_is_broken(self):
        with Answering(500, refusal(500, "InternalError")) as server:
            self.trouble("is the cluster up", "--kubeconfig", self.kubeconfig(server.server_port))

    def test_somebody_elses_page(self):
        for body, content_type in ((b"<html>Please log in</html>", "text/html"), (b'{"items":[{"metadata"', "application/json"), (b"", "text/plain")):
            with Answering(200, body, content_type) as server:
                self.trouble({"": "", "waiver end": "is this an API server (--context)?", "explain": "is this an API server (--context)?"}, "--kubeconfig", self.kubeconfig(server.server_port))

    def test_one_that_never_answers_is_given_up_once(self):
        """Each command waits for one answer at most; all of them at a time, as each of them waits for 30 s."""
        with socket.create_server(("127.0.0.1", 0), backlog=100) as silent, concurrent.futures.ThreadPoolExecutor(len(ON_CLUSTER)) as pool:
            config = self.kubeconfig(silent.getsockname()[1])
            begun = time.monotonic()
            waiting = {spelled: pool.submit(self.run_in, *spelled.split(), *args, "--kubeconfig", config) for spelled, args in ON_CLUSTER.items()}
            for spelled, future in waiting.items():
                with self.subTest(spelled):
                    result = future.result()
                    if spelled == "doctor":
                        self.assertEqual(result.returncode, 2)
                    else:
                        self.one_line(result, "timed out")
            self.assertLess(time.monotonic() - begun, TIMEOUT_S)


class Output(BadInput):
    """Standard output that takes nothing, of every command that writes there."""

    def each(self):
        for spelled, args in ALONE.items():
            if args is not None and spelled != "init":
                yield spelled, args
        for spelled in COMMANDS:
            yield spelled, ["--help"]

    def test_a_reader_that_went_away(self):
        for spelled, args in self.each():
            with self.subTest(spelled=spelled, args=args):
                read, write = os.pipe()
                os.close(read)
                result = self.run_in(*spelled.split(), *args, stdout=write)
                os.close(write)
                self.assertEqual((result.returncode, result.stderr), (0, b""))

    def test_a_disk_that_is_full(self):
        for spelled, args in self.each():
            with self.subTest(spelled=spelled, args=args), open("/dev/full", "wb") as full:
                result = self.run_in(*spelled.split(), *args, stdout=full)
                self.assertEqual((result.returncode, result.stderr.decode()),
                                 (2, "plimsoll: cannot write the output: No space left on device\n"))

    def test_one_that_is_closed(self):
        for spelled, args in self.each():
            with self.subTest(spelled=spelled, args=args):
                result = self.run_in("-c", '"$0" "$@" >&-', PLIMSOLL, *spelled.split(), *args, program="/bin/sh")
                self.assertEqual((result.returncode, result.stderr.decode()), (2, "plimsoll: cannot write the output: Bad file descriptor\n"))

    def test_nothing_for_people_goes_into_files(self):
        """With standard error closed the next file that is opened has its number."""
        before = self.listing()
        for args in (["check", "no-such-file.yaml", "good.yaml", "--format", "json", "--output", "out.json"], ["explain", "no-such-rule"],
                     ["check", "--baseline", "no-such-baseline", "good.yaml"]):
            result = self.run_in("-c", '"$0" "$@" 2>&-', PLIMSOLL, *args, program="/bin/sh")
            self.assertEqual(result.returncode, 2)
        json.loads((self.folder / "out.json").read_text())
        (self.folder / "out.json").unlink()
        self.assertEqual(self.listing(), before)


class Interrupted(BadInput):
    """SIGTERM and SIGINT while files are put in place: all of them are, or none."""

    COUNT = 150

    def interrupt(self, folder, args, number, expected):
        """As soon as something in the folder has changed, which is in the middle. `expected`: states that may be."""
        def state():
            return {path.name: path.stat().st_ino for path in folder.rglob("*")} if folder.is_dir() else {}

        begun = state()
        process = subprocess.Popen([PLIMSOLL, *map(str, args)], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + TIMEOUT_S
        while process.poll() is None and state() == begun:
            self.assertLess(time.monotonic(), deadline, "nothing was written")
        process.send_signal(number)
        code = process.wait(timeout=TIMEOUT_S)
        self.assertIn(code, (-number, *expected))

    def test_a_fix(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number):
                folder = self.folder / f"m{number}"
                for i in range(self.COUNT):
                    self.write(f"m{number}/{i}.yaml", READY.replace("NAME", f"a{i}"))
                names = {path.name for path in folder.iterdir()}
                before = {path.name: path.read_text() for path in folder.iterdir()}
                self.interrupt(folder, ["check", "--fix", "--unsafe-fixes", folder], number, (0, 1))
                self.assertEqual({path.name for path in folder.iterdir()}, names)
                changed = [name for name in names if (folder / name).read_text() != before[name]]
                self.assertIn(len(changed), (0, self.COUNT))

    def test_a_stamp(self):
        folder = self.folder / "m"
        for i in range(self.COUNT):
            self.write(f"m/{i}.yaml", READY.replace("NAME", f"a{i}"))
        names = {path.name for path in folder.iterdir()}
        self.interrupt(folder, ["check", "--stamp", folder], signal.SIGTERM, (0, 1))
        self.assertEqual({path.name for path in folder.iterdir()}, names)
        self.assertIn(sum("plimsoll.dev/checked" in (folder / name).read_text() for name in names), (0, self.COUNT))

    def test_a_service_that_is_begun(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            folder = self.folder / f"s{number}"
            folder.mkdir()
            self.interrupt(folder, ["init", "shop", "--owner", "payments", "--output", folder], number, (0,))
            written = {path.name for path in folder.rglob("*")}
            self.assertTrue(not written or "CODEOWNERS" in written, written)
            self.assertFalse([name for name in written if "plimsoll-new" in name], written)


if __name__ == "__main__":
    unittest.main()

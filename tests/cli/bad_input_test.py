#!/usr/bin/env python3
"""Whatever goes wrong with flags, files and output, for every command: the exit code of docs/cli.md, one clear line that says what
and what to do, nothing on standard output that a program would take for a result, and nothing half-written."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from cli_test import PLIMSOLL, READY  # noqa: E402
from every_command import (ALONE, COMMANDS, LATER, NOBODY, ON_CLUSTER, POLICY, REPORTED, TIMEOUT_S, TOGETHER, WAIVED, WRITTEN,  # noqa: E402
                           WRONG, BadInput)


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
        def inode(path):
            try:
                return os.lstat(path).st_ino
            except FileNotFoundError:  # a temporary file that has become the file: it is in the middle
                return None

        def state():
            return {path: inode(path) for parent, folders, files in os.walk(folder) for path in (os.path.join(parent, name) for name in folders + files)}

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

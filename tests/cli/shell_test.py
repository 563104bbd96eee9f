#!/usr/bin/env python3
"""What shells and kubectl have of the program: completions, man pages, the plugin's name, k9s."""

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import unittest

import cli_test
from cli_test import PLIMSOLL, ROOT, run


def every_command():
    return [line.split() for line in run("docs", "commands").stdout.decode().splitlines()]


class Completion(cli_test.Case):
    def setUp(self):
        super().setUp()
        self.script = self.write("plimsoll.bash", run("completion", "bash").stdout)
        self.write("values.yaml", "")
        self.write("sub/x.yaml", "")

    def complete(self, line):
        """What bash offers at the end of `line`, by the function that is registered for its first word."""
        words = shlex.split(line) + ([""] if line.endswith(" ") else [])
        words = [w for word in words for w in (re.split(r"(=)", word, maxsplit=1) if word.startswith("--") else [word])]
        code = (f"source {self.script}; COMP_WORDS=({' '.join(map(shlex.quote, words))}); COMP_CWORD={len(words) - 1}; "
                f"function=$(complete -p {words[0]} | sed 's/.*-F \\([^ ]*\\).*/\\1/'); $function; "
                'printf "%s\\n" "${COMPREPLY[@]}"')
        result = subprocess.run(["bash", "-c", code], cwd=self.folder, capture_output=True, timeout=20, check=False)
        self.assertEqual(result.stderr, b"", line)
        return result.stdout.decode().split("\n")[:-1]

    def test_bash(self):
        for shell in ("bash",):
            subprocess.run([shell, "-n", self.script], check=True, timeout=10)
        self.assertEqual(self.complete("plimsoll che"), ["check"])
        self.assertIn("waiver", self.complete("plimsoll "))
        self.assertNotIn("docs", self.complete("plimsoll "))
        self.assertEqual(self.complete("plimsoll policy "), ["default", "validate", "test"])
        self.assertEqual(self.complete("plimsoll policy test --fo"), ["--format"])
        self.assertEqual(self.complete("plimsoll check --color "), ["auto", "always", "never"])
        self.assertEqual(self.complete("plimsoll check --color=al"), ["always"])
        self.assertEqual(self.complete("plimsoll init --layout k"), ["kustomize"])
        self.assertEqual(self.complete("plimsoll explain runbook.u"), ["runbook.url"])
        self.assertEqual(self.complete("plimsoll explain policy v"), ["values.yaml"])
        self.assertEqual(self.complete("plimsoll waiver request --rule runbook.u"), ["runbook.url"])
        self.assertEqual(self.complete("plimsoll completion z"), ["zsh"])
        self.assertEqual(self.complete("plimsoll check v"), ["values.yaml"])
        self.assertEqual(self.complete("plimsoll check --policy s"), ["sub"])
        self.assertEqual(self.complete("plimsoll waiver approve --names"), ["--namespace"])
        self.assertEqual(self.complete("kubectl-plimsoll doc"), ["doctor"])
        # The value of a flag is no command.
        self.assertIn("--tier", self.complete("plimsoll init --output check --"))

    def test_every_flag_of_the_help_is_offered(self):
        for command in every_command():
            text = run(*command, "--help").stdout.decode()
            flags = set(re.findall(r"^  (?:-\w,)?(--[\w-]+)", text, re.M))
            offered = set(self.complete(" ".join(["plimsoll", *command, "--"])))
            self.assertEqual(flags - offered, set(), command)
            self.assertTrue(flags)

    def test_zsh_and_fish(self):
        zsh = self.write("_plimsoll", run("completion", "zsh").stdout)
        fish = self.write("plimsoll.fish", run("completion", "fish").stdout)
        self.assertTrue(zsh.read_text().startswith("#compdef plimsoll kubectl-plimsoll\n"))
        for name in ("check", "waiver", "doctor"):
            self.assertIn(f"'{name}:", zsh.read_text())
            self.assertRegex(fish.read_text(), rf"-a {name} -d '")
        tried = 0
        for shell, script in (("zsh", zsh), ("fish", fish)):
            if shutil.which(shell):
                tried += 1
                subprocess.run([shell, "--no-execute" if shell == "fish" else "-n", script], check=True, timeout=20)
        if shutil.which("fish"):
            out = subprocess.run(["fish", "--no-config", "-c", f"source {fish}; complete -C 'plimsoll policy '"], check=True,
                                 capture_output=True, timeout=20).stdout.decode()
            self.assertEqual([line.split("\t")[0] for line in out.splitlines()], ["default", "test", "validate"])

    def test_which_shell(self):
        for arguments in ([], ["tcsh"]):
            self.expect(run("completion", *arguments), 2, stdout="", stderr=None)


class ManPages(cli_test.Case):
    def test_man_renders_them_without_a_warning(self):
        self.expect(run("docs", "man", self.folder / "man"), 0, stdout="")
        pages = sorted((self.folder / "man").iterdir())
        self.assertEqual(len(pages), len(every_command()))
        man = shutil.which("man")
        for page in pages:
            with self.subTest(page.name):
                text = page.read_text()
                for heading in (".SH NAME", ".SH SYNOPSIS", ".SH OPTIONS", ".SH EXIT STATUS"):
                    self.assertIn(heading, text)
                if man:
                    result = subprocess.run([man, "--warnings", "-E", "UTF-8", "-l", "-Tutf8", page], timeout=30, check=True,
                                            capture_output=True, env={**os.environ, "MANWIDTH": "100"})
                    self.assertEqual(result.stderr, b"")
                    self.assertIn(page.stem.upper().encode(), result.stdout)

    def test_wrong_command_lines(self):
        for arguments in (["docs"], ["docs", "man"], ["docs", "x"]):
            self.expect(run(*arguments), 2, stdout="", stderr=None)


class Plugin(cli_test.Case):
    def test_kubectl_finds_it_by_name(self):
        link = self.folder / "kubectl-plimsoll"
        link.symlink_to(PLIMSOLL)
        out = subprocess.run([link, "check", "--help"], check=True, capture_output=True, timeout=20).stdout.decode()
        self.assertIn("Usage: kubectl plimsoll check ", out)
        err = subprocess.run([link, "chek"], check=False, capture_output=True, timeout=20).stderr.decode()
        self.assertIn("Try: kubectl plimsoll --help", err)
        self.assertTrue((pathlib.Path(PLIMSOLL).parent / "kubectl-plimsoll").exists())
        kubectl = shutil.which("kubectl")
        if kubectl:
            ran = subprocess.run([kubectl, "plimsoll", "version"], capture_output=True, timeout=30, check=False,
                                 env={"PATH": f"{self.folder}:{os.environ['PATH']}", "HOME": str(self.folder)})
            self.assertEqual((ran.returncode, ran.stdout), (0, run("version").stdout), ran.stderr)

    def test_commands_that_read_a_cluster_have_kubectls_flags(self):
        for command in (["report"], ["doctor"], ["explain"], *([["waiver", w] for w in ("request", "approve", "list", "renew", "end")])):
            text = run(*command, "--help").stdout.decode()
            self.assertIn("--kubeconfig FILE", text, command)
            self.assertIn("--context NAME", text, command)
            if command != ["explain"]:
                self.assertIn("-n,--namespace NS", text, command)
        for command in (["report"], ["waiver", "list"]):
            self.assertIn("-A,--all-namespaces", run(*command, "--help").stdout.decode())

    def test_k9s_plugins_call_commands_that_there_are(self):
        text = (ROOT / "deploy/k9s/plugins.yaml").read_text()
        commands = {" ".join(c) for c in every_command()}
        called = re.findall(r"plimsoll ((?:waiver |policy )?[a-z]+)", re.sub(r"#.*", "", text))
        self.assertGreaterEqual(len(called), 4)
        for command in called:
            self.assertIn(command, commands)
        for flag in set(re.findall(r"plimsoll [^|\n]*?(--[a-z-]+)", text)):
            self.assertTrue(any(flag in run(*c.split(), "--help").stdout.decode() for c in commands), flag)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""hack/cluster, as far as it goes without starting anything: what it says to wrong usage, when it leaves a cluster alone, and
that what is pinned agrees with itself. What it starts is tested by `make e2e`."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMAND = ROOT / "hack" / "cluster"
MODULES = ROOT / "hack" / "cluster.d" / "modules"


def run(*arguments, cwd=None, **environment):
    """The command with a cache of its own, so that no node that is up is seen."""
    with tempfile.TemporaryDirectory() as cache:
        clean = {key: value for key, value in os.environ.items() if key != "KUBECONFIG"}
        return subprocess.run([COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=60, cwd=cwd,
                              env={**clean, "XDG_CACHE_HOME": cache, **environment})


class Usage(unittest.TestCase):
    def test_help_lists_every_command(self):
        done = run("help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for command in ("up", "down", "status", "load", "kubectl", "helm", "run", "restart", "kill", "pause", "logs"):
            self.assertRegex(done.stdout, rf"\b{command}\b")

    def test_an_unknown_command_is_refused_with_the_usage(self):
        done = run("upp")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("Usage: hack/cluster COMMAND", done.stderr)

    def test_what_is_missing_is_named(self):
        for arguments, expected in (
                (("load", "no-such.tar"), "which archive?"),
                (("load",), "which archive?"),
                (("up", "--fast"), "what is --fast?"),
        ):
            with self.subTest(arguments=arguments):
                done = run(*arguments)
                self.assertEqual(done.returncode, 1)
                self.assertIn(expected, done.stderr)


class ExistingCluster(unittest.TestCase):
    def test_it_is_not_ended(self):
        done = run("down", KUBECONFIG="/tmp/theirs")
        self.assertEqual((done.returncode, done.stdout.strip()), (0, "KUBECONFIG=/tmp/theirs is not ours: left as it is"))

    def test_commands_run_where_they_were_called_with_the_kubeconfig_that_was_meant(self):
        with tempfile.TemporaryDirectory() as folder:
            kubectl = pathlib.Path(folder, "kubectl")
            kubectl.write_text('#!/bin/sh\necho "$KUBECONFIG $(pwd) $*"\n', encoding="utf-8")
            kubectl.chmod(0o755)
            path = f"{folder}:{os.environ['PATH']}"
            real = os.path.realpath(folder)
            for arguments in (("kubectl", "get", "nodes"), ("run", "kubectl", "get", "nodes")):
                with self.subTest(arguments=arguments):
                    done = run(*arguments, cwd=real, KUBECONFIG="theirs:/tmp/others", PATH=path)
                    self.assertEqual(done.stdout.strip(), f"{real}/theirs:/tmp/others {real} get nodes", done.stderr)

    def test_its_components_are_not_touched(self):
        for verb in ("start", "stop", "kill", "pause", "restart", "env"):
            with self.subTest(verb=verb):
                done = run(verb, "kubelet", KUBECONFIG="/tmp/theirs")
                self.assertEqual(done.returncode, 1)
                self.assertIn("works on a node of ours only", done.stderr)

    def test_commands_run_with_it(self):
        done = run("run", "printenv", "KUBECONFIG", KUBECONFIG="/tmp/theirs")
        self.assertEqual((done.returncode, done.stdout), (0, "/tmp/theirs\n"))


class Pins(unittest.TestCase):
    def test_each_module_requires_the_version_that_is_pinned(self):
        pin = (ROOT / "hack" / "cluster.d" / "pin").read_text(encoding="utf-8")
        for name, path, constant in (("kubernetes", "k8s.io/kubernetes", "KUBERNETES"),
                                     ("etcd", "go.etcd.io/etcd/server/v3", "ETCD"), ("helm", "helm.sh/helm/v4", "HELM")):
            with self.subTest(module=name):
                version = re.search(rf'^{constant} = "(.*)"$', pin, re.MULTILINE).group(1)
                required = (MODULES / name / "go.mod").read_text(encoding="utf-8")
                self.assertRegex(required, rf"(?m)^(require|\t) ?{re.escape(path)} v{re.escape(version)}\b")
                sums = (MODULES / name / "go.sum").read_text(encoding="utf-8")
                self.assertIn(f"{path} v{version} h1:", sums)


if __name__ == "__main__":
    unittest.main()

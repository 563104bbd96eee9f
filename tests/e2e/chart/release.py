"""The release: helm install, upgrade, rollback, test and uninstall, and what a person would type when all of that is gone."""

import os
import pathlib
import re
import subprocess

from harness.kubectl import Said
from harness.waiting import wait_until

ROOT = pathlib.Path(__file__).resolve().parents[3]
CHART = ROOT / "charts" / "plimsoll"
NAME, NAMESPACE = "plimsoll", "plimsoll-system"
STARTER = "plimsoll-baseline"
DEADLINE_SECONDS = 150


class Release:
    def __init__(self, cluster):
        self._cluster = cluster
        repository, _, tag = os.environ["PLIMSOLL_IMAGE"].rpartition(":")
        # Longer than it takes until every API server knows that a replica is going, and no longer.
        self._values = [f"image.repository={repository}", f"image.tag={tag}", "shutdownDelay=3s", "logLevel=debug"]

    def helm(self, *arguments):
        done = subprocess.run(["helm", *map(str, arguments), "--namespace", NAMESPACE], capture_output=True, text=True, check=False,
                              timeout=DEADLINE_SECONDS)
        return Said(done.returncode, done.stdout, done.stderr)

    def _apply(self, verb, settings, more):
        values = [word for setting in (*self._values, *settings) for word in ("--set", setting)]
        said = self.helm(verb, NAME, CHART, *values, *more)
        assert said.ok, said
        return said.out

    def make_namespace(self):
        """One that takes only pods that are restricted."""
        self._cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {
            "name": NAMESPACE, "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}})

    def install(self, *settings, wait=True):
        return self._apply("install", settings, ["--wait", "--timeout=90s"] if wait else [])

    def install_or_upgrade(self, *settings):
        """Whatever is there, and whatever values it had."""
        return self._apply("upgrade", settings, ["--install", "--reset-values", "--wait", "--timeout=90s", "--create-namespace"])

    def upgrade(self, *settings, wait=True):
        return self._apply("upgrade", settings, ["--wait", "--timeout=90s"] if wait else [])

    def rollback(self, revision):
        said = self.helm("rollback", NAME, revision, "--wait", "--timeout=90s")
        assert said.ok, said

    def test(self):
        return self.helm("test", NAME, "--logs", "--timeout=60s")

    def uninstall(self, *more):
        said = self.helm("uninstall", NAME, *more)
        assert said.ok, said
        return said.out

    def status(self):
        said = self.helm("status", NAME, "-o", "json")
        return said.out if said.ok else None

    def remove_everything(self):
        """The line of docs/removal.md, as it stands there."""
        for command in removal_line().split("&&"):
            words = command.split()
            assert words[0] == "kubectl"
            self._cluster(*words[1:], "--timeout=80s", "--ignore-not-found")
        # The namespace goes when the last replica has drained, for which it has two minutes; a test has not.
        pods = self._cluster.within(NAMESPACE)
        pods.try_to("delete", "pods", "--all", "--force", "--grace-period=0")
        wait_until(lambda: self._cluster.get("namespace", NAMESPACE) is None, "the namespace to be gone", 60)


def removal_line():
    text = (ROOT / "docs" / "removal.md").read_text(encoding="utf-8")
    return re.search(r"^```\n(kubectl delete namespace [^`]* -l .*?)\n```", text, re.DOTALL | re.MULTILINE)[1].replace("\\\n", " ")

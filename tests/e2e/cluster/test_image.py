"""The image as a container runtime sees it."""

import os

import pytest

from harness.waiting import wait_until

RESTRICTED = {"runAsNonRoot": True, "readOnlyRootFilesystem": True, "allowPrivilegeEscalation": False,
              "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"}}


@pytest.fixture
def run_in_image(cluster):
    """Runs a command in the image, to its end: what its container's state says, and what it printed."""
    kubectl = cluster.within("default")

    def run(*command):
        kubectl.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "image"}, "spec": {
            "restartPolicy": "Never", "containers": [{
                "name": "image", "image": os.environ["PLIMSOLL_IMAGE"], "imagePullPolicy": "IfNotPresent",
                "command": command, "securityContext": RESTRICTED}]}})
        ended = wait_until(lambda: _ended(kubectl.get("pod", "image")), "the container to end")
        return ended, kubectl.try_to("logs", "image").out

    yield run
    kubectl("delete", "pod", "image", "--ignore-not-found", "--grace-period=0", "--force")


def _ended(pod):
    """How its container ended, or None."""
    for status in pod.get("status", {}).get("containerStatuses", []):
        return status["state"].get("terminated")


@pytest.mark.parametrize("program", ["plimsoll", "plimsoll-controller"])
def test_both_programs_run_as_nobody_on_a_read_only_root(run_in_image, program):
    ended, printed = run_in_image(f"/usr/bin/{program}", "--version")
    assert (ended["exitCode"], printed.split()[0]) == (0, program)


def test_there_is_no_shell(run_in_image):
    ended, _ = run_in_image("/bin/sh", "-c", "true")
    assert ended["exitCode"] == 128
    assert "no such file or directory" in ended["message"]

"""The commands of docs/runbooks and docs/troubleshooting.md, as somebody types them in the middle of the night."""

import os
import pathlib
import re
import subprocess

import pytest

from harness.waiting import wait_until
from harness.workloads import SAMPLES, ready
from test_waivers import after

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGES = [*sorted((ROOT / "docs" / "runbooks").glob("*.md")), ROOT / "docs" / "troubleshooting.md"]
DEADLINE_SECONDS = 60
# What the node has not: a metrics server.
NOT_HERE = re.compile(r"^kubectl .*\btop pods.*$\n?", re.M)
# A search for trouble; there need be none.
TROUBLE = '"level":"(warning|error)"'
# What a reader puts in.
WORDS = {"NAMESPACE": "shop", "NAME": "checkout", "POLICY": "production", "OWNER": "shop", "RULE": "runbook.url", "INCIDENT": "INC-1",
         "my-deployment.yaml": str(SAMPLES / "workloads" / "ready.yaml")}


def blocks(page):
    """Commands that look and change nothing but one object: those of the sections that ask what is wrong."""
    text = page.read_text(encoding="utf-8")
    if "## Diagnosis" in text:
        text = text.partition("## Diagnosis")[2].partition("## Mitigation")[0]
    found = re.findall(r"^```\n(.*?)^```", text, re.M | re.S)
    # Ending the gate takes as long as the API server's connections stay open.
    return [block for block in found if "--replicas=0" not in block]


CASES = [pytest.param(block, id=f"{page.stem}-{number}") for page in PAGES for number, block in enumerate(blocks(page))]


@pytest.fixture(scope="module")
def checkout(cluster, plimsoll, tmp_path_factory):
    """What the commands are about; the folder in which they are typed."""
    wait_until(lambda: len(plimsoll.kubectl.list("pods")) == len(plimsoll.replicas()), "pods that are going to be gone", 150)
    shop = cluster.within("shop")
    shop.apply(ready("checkout"))
    shop.apply({"apiVersion": "plimsoll.dev/v1alpha1", "kind": "ReadinessWaiver", "metadata": {"name": "checkout"},
                "spec": {"workloads": [{"kind": "Deployment", "name": "checkout"}], "policy": "production", "rules": ["runbook.url"],
                         "reason": "OPS-1234", "requestedBy": "admin", "expires": after(days=10)}})
    wait_until(lambda: shop.get("workloadreadiness", "deployment-checkout"), "its record", 30)
    folder = tmp_path_factory.mktemp("runbooks")
    (folder / "manifests").mkdir()
    (folder / "manifests" / "ready.yaml").write_text((SAMPLES / "workloads" / "ready.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    yield folder
    shop("delete", "deployment,readinesswaiver", "checkout", "--wait", "--timeout=60s")


@pytest.mark.parametrize("block", CASES)
def test_commands_say_something(block, checkout):
    text = NOT_HERE.sub("", block)
    for word, value in WORDS.items():
        text = re.sub(rf"(?<![\w$]){re.escape(word)}(?!\w)", value, text)
    programs = ROOT / "build" / "release" / "cmd" / "plimsoll"
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", text], cwd=checkout, env=environment, capture_output=True, text=True, check=False,
                          timeout=DEADLINE_SECONDS)
    # 1: the last grep has found nothing, which is good news.
    assert done.returncode in (0, 1), done
    assert not re.search(r"^(error|Error|bash:)", done.stderr, re.M), done.stderr
    assert done.stdout.strip() or TROUBLE in block, "it says nothing at all"

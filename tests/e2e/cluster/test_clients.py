"""The libraries that people write programs with: each hands on a denial that can be read, and its parts."""

import json
import os
import pathlib
import subprocess

import pytest

from harness.workloads import ENFORCED, ready, unready

CLIENTS = pathlib.Path(__file__).resolve().parent / "clients"
CALL_SECONDS = 60


def assert_readable(message, causes):
    """The message and the causes say the same; each cause names its policy, rule and field."""
    assert f"Deployment shop/web is not ready: {len(ENFORCED)} findings" in message, message
    assert "readinessProbe:\n" in message, "a fix that can be pasted"
    for rule in ENFORCED:
        assert f"production/{rule}: " in message, message
        (cause,) = [cause for cause in causes if f"production/{rule}: " in cause["message"]]
        assert cause["field"].startswith(("metadata", "spec")), cause
        assert cause["reason"].startswith("FieldValue"), cause


def test_the_python_client(shop):
    kubernetes = pytest.importorskip("kubernetes", reason="python3-kubernetes is not installed; run hack/setup e2e")
    kubernetes.config.load_kube_config(os.environ["KUBECONFIG"])
    apps = kubernetes.client.AppsV1Api()
    apps.create_namespaced_deployment("shop", ready("checkout"))
    with pytest.raises(kubernetes.client.ApiException) as raised:
        apps.create_namespaced_deployment("shop", unready("web"))
    assert (raised.value.status, raised.value.reason) == (422, "Unprocessable Entity")
    status = json.loads(raised.value.body)
    assert status["reason"] == "Invalid"
    assert status["details"]["name"] == "web"
    assert_readable(status["message"], status["details"]["causes"])
    # What a traceback shows to whoever has no idea of the body.
    assert "runbook" in str(raised.value)


@pytest.fixture
def node_client():
    """The folder with the Node.js client. hack/e2e installs it: from within the node's network there is no way out."""
    folder = os.environ.get("PLIMSOLL_NODE_CLIENT")
    if not folder:
        pytest.skip("PLIMSOLL_NODE_CLIENT says no folder with the Node.js client; hack/e2e does")
    return folder


def test_the_node_client(shop, node_client):
    def create(workload):
        done = subprocess.run(["node", CLIENTS / "create.mjs"], input=json.dumps(workload), capture_output=True, text=True,
                              check=False, timeout=CALL_SECONDS, env={**os.environ, "CLIENT_FOLDER": node_client})
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    assert create(ready("checkout")) == {"code": 201}
    denied = create(unready("web"))
    assert denied["code"] == 422
    assert_readable(denied["message"], denied["causes"])

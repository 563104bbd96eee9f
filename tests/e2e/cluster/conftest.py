"""Fixtures of the tests on a real cluster. `hack/e2e` runs them, where the cluster can be reached."""

import os
import pathlib

import pytest

from harness.api import Api
from harness.kubectl import Kubectl
from harness.node import Node
from harness.plimsoll import NAMESPACE, install_standalone

# The namespace that the sample policy selects, and that the samples are for.
SHOP = "shop"


@pytest.fixture(scope="session")
def cluster():
    """kubectl, on a cluster that answers."""
    kubectl = Kubectl()
    kubectl.raw("/readyz")
    return kubectl


@pytest.fixture(scope="session")
def api(cluster):
    """The API server without kubectl between, for load."""
    with Api() as api:
        yield api


@pytest.fixture(scope="session")
def plimsoll(cluster):
    """Plimsoll, installed and called by the API server."""
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SHOP, "labels": {"env": "production"}}})
    installed = install_standalone(cluster)
    installed.wait_until_called(SHOP)
    yield installed
    installed.remove()
    cluster.delete("namespace", SHOP)


@pytest.fixture
def shop(cluster, plimsoll):
    """kubectl in a namespace that policies apply to; workloads that a test made are removed after it."""
    kubectl = cluster.within(SHOP)
    yield kubectl
    kubectl("delete", "deployments,statefulsets,daemonsets", "--all", "--wait", "--timeout=60s")


@pytest.fixture
def node(cluster):
    """The node's components; a test that stops them needs a node of ours."""
    if not Node.is_ours():
        pytest.skip("needs a node that hack/cluster started, not the cluster of KUBECONFIG")
    return Node()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """After a failure: what Plimsoll logged until then, in a file named after the test."""
    report = (yield).get_result()
    folder = os.environ.get("PLIMSOLL_E2E_LOGS")
    if not report.failed or not folder:
        return
    path = pathlib.Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    selector = "app.kubernetes.io/name=plimsoll-controller"
    said = Kubectl(NAMESPACE).try_to("logs", "-l", selector, "--all-containers", "--prefix", "--tail=-1")
    (path / f"{item.name}-{report.when}.log").write_text(f"{report.longreprtext}\n\n{said}", encoding="utf-8")

"""Fixtures of the tests on a real cluster. `hack/e2e` runs them, where the cluster can be reached."""

import os
import pathlib

import pytest

from harness.api import Api
from harness.kubectl import Kubectl
from harness.node import Node
from harness.plimsoll import NAMESPACE, SELECTOR, install, is_judged
from harness.waiting import wait_until
from harness.workloads import SHOP, policy, selecting, unready


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
    """Plimsoll in its cluster mode, installed and called by the API server."""
    installed = install(cluster)
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
def space(cluster):
    """Makes a namespace with labels, for one test; it goes without being waited for."""
    made = []

    def make(name, **labels):
        # The one of the test before may still be going.
        wait_until(lambda: "deletionTimestamp" not in (cluster.get("namespace", name) or {"metadata": {}})["metadata"],
                   f"the last namespace {name} to be gone", 80)
        cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
        made.append(name)
        return cluster.within(name)

    yield make
    for name in made:
        cluster("delete", "namespace", name, "--ignore-not-found", "--wait=false")


@pytest.fixture
def policies(cluster, plimsoll):
    """Applies policies for one test, and waits until they are in force as written."""
    made = []

    def apply(*documents):
        cluster.apply(*documents)
        names = [document["metadata"]["name"] for document in documents]
        made.extend(names)
        for name in names:
            cluster("wait", "--for=condition=Ready", "--timeout=30s", f"readinesspolicy/{name}")

    yield apply
    for name in made:
        cluster("delete", "readinesspolicy", name, "--ignore-not-found")


@pytest.fixture(scope="session")
def strict_space(cluster):
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "strict", "labels": {"env": "strict"}}})
    yield cluster.within("strict")
    cluster("delete", "namespace", "strict", "--wait=false")


@pytest.fixture
def strict(strict_space, policies):
    """kubectl in a namespace that is closed while Plimsoll cannot answer."""
    kubectl = strict_space
    policies(policy("strict", ["runbook.url"], match=selecting(env="strict"), failurePolicy="Fail"))
    wait_until(lambda: is_judged(kubectl), "the policy to be in force")
    return kubectl


@pytest.fixture
def violator(shop, cluster):
    """A workload of before Plimsoll: created while the namespace was none of its business."""
    cluster("label", "namespace", shop.namespace, "env-")
    wait_until(lambda: shop.try_to("create", "-f", "-", documents=[unready("old")]).ok, "the webhook to look away")
    cluster("label", "namespace", shop.namespace, "env=production")
    wait_until(lambda: is_judged(shop), "the webhook to look again")
    return "old"


@pytest.fixture(scope="session")
def node(cluster):
    """The node's components; a test that stops them needs a node of ours."""
    if not Node.is_ours():
        pytest.skip("needs a node that hack/cluster started, not the cluster of KUBECONFIG")
    return Node()


def pytest_collection_modifyitems(items):
    """What speaks of all that was done comes last."""
    items.sort(key=lambda item: item.path.name == "test_used_permissions.py")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """After a failure: what Plimsoll logged until then, in a file named after the test."""
    report = (yield).get_result()
    folder = os.environ.get("PLIMSOLL_E2E_LOGS")
    if not report.failed or not folder:
        return
    path = pathlib.Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    said = Kubectl(NAMESPACE).try_to("logs", "-l", SELECTOR, "--all-containers", "--prefix", "--tail=-1")
    (path / f"{item.name}-{report.when}.log").write_text(f"{report.longreprtext}\n\n{said}", encoding="utf-8")

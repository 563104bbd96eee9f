"""The chart on a real cluster, with Helm as a platform team uses it. `hack/e2e` runs this after tests/e2e/cluster, when nothing
of Plimsoll is left there. The tests of a file go on from one another, as a release does."""

import pytest

from harness.api import Api
from harness.kubectl import Kubectl
from harness.node import Node
from harness.plimsoll import Plimsoll
from harness.waiting import wait_until
from release import NAMESPACE, Release


@pytest.fixture(scope="session")
def cluster():
    kubectl = Kubectl()
    kubectl.raw("/readyz")
    return kubectl


@pytest.fixture(scope="session")
def api(cluster):
    with Api() as api:
        yield api


@pytest.fixture(scope="session")
def node(cluster):
    if not Node.is_ours():
        pytest.skip("needs a node that hack/cluster started, not the cluster of KUBECONFIG")
    return Node()


@pytest.fixture(scope="module")
def release(cluster):
    """Nothing is installed yet; afterwards nothing is left."""
    release = Release(cluster)
    release.make_namespace()
    yield release
    release.remove_everything()


@pytest.fixture(scope="module")
def plimsoll(cluster):
    return Plimsoll(cluster)


def _namespace(cluster, name, env):
    # The one of the file before may still be going.
    wait_until(lambda: cluster.get("namespace", name) is None, f"the last namespace {name} to be gone", 80)
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {"env": env}}})
    return cluster.within(name)


@pytest.fixture(scope="module")
def shop(cluster):
    """Where the sample policy denies."""
    yield _namespace(cluster, "chart-shop", "production")
    cluster("delete", "namespace", "chart-shop", "--wait=false")


@pytest.fixture(scope="module")
def strict(cluster):
    """Where nothing goes on while Plimsoll cannot answer."""
    yield _namespace(cluster, "chart-strict", "strict")
    cluster("delete", "namespace", "chart-strict", "--wait=false")

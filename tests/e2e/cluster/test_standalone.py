"""The controller without its cluster mode: policies from a ConfigMap, certificate from a Secret, and a webhook
configuration that somebody made by hand."""

import base64
import os
import pathlib
import string

import pytest

from harness.certificates import serving_certificate
from harness.plimsoll import is_judged
from harness.waiting import wait_until
from harness.workloads import SAMPLES

NAMESPACE = "plimsoll-standalone"
CORNER = "corner"
MANIFEST = pathlib.Path(__file__).resolve().parent / "manifests" / "standalone.yaml"


def policies():
    """The samples, for a namespace that nobody else judges."""
    files = (SAMPLES / "policies").glob("*.yaml")
    return {file.name: file.read_text(encoding="utf-8").replace("env: production", "env: corner")
            .replace("name: shop", f"name: {CORNER}") for file in files}


@pytest.fixture
def corner(cluster):
    """kubectl in a namespace that a standalone controller judges."""
    ca, certificate, key = serving_certificate("plimsoll-webhook", NAMESPACE)
    template = string.Template(MANIFEST.read_text(encoding="utf-8"))
    for name, labels in [(NAMESPACE, {}), (CORNER, {"env": "corner"})]:
        cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
    kubectl = cluster.within(NAMESPACE)
    kubectl.apply(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "plimsoll-policies"}, "data": policies()},
        {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": {"name": "plimsoll-tls"},
         "stringData": {"tls.crt": certificate, "tls.key": key}},
        template.substitute(image=os.environ["PLIMSOLL_IMAGE"], ca=base64.b64encode(ca.encode()).decode(),
                            namespace=NAMESPACE))
    kubectl("rollout", "status", "deployment/plimsoll-standalone", "--timeout=60s")
    yield cluster.within(CORNER)
    cluster.delete("validatingwebhookconfiguration", "plimsoll-standalone")
    kubectl("delete", "deployments,replicasets", "--all", "--cascade=orphan", "--wait=false")
    kubectl("delete", "pods", "--all", "--force", "--grace-period=0")
    cluster("delete", "namespace", NAMESPACE, CORNER, "--wait=false")


def test_it_denies_by_the_policies_of_a_folder(corner):
    wait_until(lambda: is_judged(corner), "the webhook to be called", 30)

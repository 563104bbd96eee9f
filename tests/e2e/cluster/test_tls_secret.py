"""Somebody else's certificate: a Secret as cert-manager keeps it, and a caBundle as its injector writes it."""

import base64
import json

import pytest

from harness.certificates import serving_certificate
from harness.plimsoll import DEPLOYMENT, NAMESPACE, is_judged
from harness.waiting import wait_until

SECRET = "plimsoll-tls"
ARGUMENTS = "/spec/template/spec/containers/0/args"


def patch(kubectl, kind, name, *operations):
    kubectl("patch", kind, name, "--type=json", "-p", json.dumps(operations))


def keep(kubectl, certificate, key):
    """What cert-manager does: at first and at each renewal."""
    kubectl.apply({"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": {"name": SECRET},
                   "stringData": {"tls.crt": certificate, "tls.key": key}})


def inject(cluster, plimsoll, bundle):
    """What its injector does: every entry trusts these CAs."""
    wanted = base64.b64encode(bundle.encode()).decode()

    def injected():
        entries = plimsoll.configuration()["webhooks"]
        for index, entry in enumerate(entries):
            if entry["clientConfig"].get("caBundle") != wanted:
                patch(cluster, "validatingwebhookconfiguration", "plimsoll",
                      {"op": "add", "path": f"/webhooks/{index}/clientConfig/caBundle", "value": wanted})
        return len(entries) > 1 and all(entry["clientConfig"].get("caBundle") == wanted for entry in entries)

    return injected


def restart(plimsoll, *operations):
    """All replicas end before the first with other arguments begins: they would not agree on who writes caBundle."""
    plimsoll.kubectl("scale", "deployment", DEPLOYMENT, "--replicas=0")
    plimsoll.end_replicas()
    patch(plimsoll.kubectl, "deployment", DEPLOYMENT, *operations)
    plimsoll.kubectl("scale", "deployment", DEPLOYMENT, "--replicas=2")


@pytest.fixture
def with_secret(shop, plimsoll, cluster):
    """Plimsoll with --tls-secret; the CA and what it trusts are the test's."""
    ca, certificate, key = serving_certificate("plimsoll-webhook", NAMESPACE)
    keep(plimsoll.kubectl, certificate, key)
    role = plimsoll.kubectl.get("role", DEPLOYMENT)
    place = next(i for i, rule in enumerate(role["rules"]) if "resourceNames" in rule)
    patch(plimsoll.kubectl, "role", DEPLOYMENT,
          {"op": "add", "path": f"/rules/{place}/resourceNames/-", "value": SECRET})
    count = len(plimsoll.kubectl.get("deployment", DEPLOYMENT)["spec"]["template"]["spec"]["containers"][0]["args"])
    restart(plimsoll, {"op": "add", "path": f"{ARGUMENTS}/-", "value": f"--tls-secret={SECRET}"})
    yield ca
    restart(plimsoll, {"op": "remove", "path": f"{ARGUMENTS}/{count}"})
    patch(plimsoll.kubectl, "role", DEPLOYMENT, {"op": "remove", "path": f"/rules/{place}/resourceNames/1"})
    plimsoll.kubectl.delete("secret", SECRET)
    plimsoll.wait()
    plimsoll.wait_until_called(shop.namespace)


def test_it_serves_the_certificate_of_a_secret_and_renews_it(with_secret, cluster, plimsoll, shop):
    old = with_secret
    assert plimsoll.replicas() == []
    wait_until(inject(cluster, plimsoll, old), "every entry to trust the CA", 60)
    plimsoll.wait_for_replicas()
    wait_until(lambda: is_judged(shop), "verdicts", 30)
    # A renewal with another CA: what is trusted comes first, and goes last.
    new, certificate, key = serving_certificate("plimsoll-webhook", NAMESPACE)
    wait_until(inject(cluster, plimsoll, old + new), "both CAs to be trusted", 30)
    keep(plimsoll.kubectl, certificate, key)
    assert is_judged(shop)
    wait_until(lambda: inject(cluster, plimsoll, new)() and is_judged(shop), "verdicts with the new certificate alone", 60)
    assert len(plimsoll.replicas()) == 2

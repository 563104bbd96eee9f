"""Somebody else's certificate: a Secret as cert-manager keeps it, and a caBundle as its injector writes it."""

import pytest

from harness.certificates import serving_certificate
from harness.plimsoll import DEPLOYMENT, NAMESPACE, is_judged
from harness.tls_secret import SECRET, inject, keep, patch, readable
from harness.waiting import wait_until

ARGUMENTS = "/spec/template/spec/containers/0/args"


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
    count = len(plimsoll.kubectl.get("deployment", DEPLOYMENT)["spec"]["template"]["spec"]["containers"][0]["args"])
    with readable(plimsoll):
        restart(plimsoll, {"op": "add", "path": f"{ARGUMENTS}/-", "value": f"--tls-secret={SECRET}"})
        yield ca
        restart(plimsoll, {"op": "remove", "path": f"{ARGUMENTS}/{count}"})
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

"""The release with certificates of cert-manager, whose controllers and CA injector run here as a process: each test goes on where
the one before has ended."""

import base64
import datetime
import json
import os
import pathlib
import ssl
import subprocess

import pytest

from harness.load import creations
from harness.plimsoll import is_judged
from harness.waiting import wait_until
from harness.workloads import policy, selecting, unready
from release import NAMESPACE

CERTIFICATE, SECRET = "plimsoll-webhook", "plimsoll-webhook-tls"
CA_SECRET = "plimsoll-webhook-issuer-ca"
ENDED_WITHIN_SECONDS = 20


@pytest.fixture(scope="module")
def cert_manager(cluster, tmp_path_factory):
    """It runs, and its CRDs are there."""
    program, crds = os.environ.get("PLIMSOLL_CERT_MANAGER"), os.environ.get("PLIMSOLL_CERT_MANAGER_CRDS")
    if not program:
        pytest.skip("needs cert-manager's controllers, which are built from Go modules first: hack/e2e --cert-manager")
    cluster("apply", "--server-side", "-f", crds)
    cluster("wait", "--for=condition=Established", "--timeout=30s", "-f", crds)
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "cert-manager"}})
    log = tmp_path_factory.mktemp("cert-manager") / "log"
    with open(log, "wb") as file:
        process = subprocess.Popen([program, f"--kubeconfig={os.environ['KUBECONFIG']}", "-v=2"], stdout=file, stderr=file)
    yield process
    assert process.poll() is None, log.read_text(encoding="utf-8")[-3000:]
    process.terminate()
    process.wait(ENDED_WITHIN_SECONDS)
    if os.environ.get("PLIMSOLL_E2E_LOGS"):
        kept = pathlib.Path(os.environ["PLIMSOLL_E2E_LOGS"])
        kept.mkdir(parents=True, exist_ok=True)
        (kept / "cert-manager.log").write_bytes(log.read_bytes())
    cluster("delete", "-f", crds, "--timeout=60s")
    cluster("delete", "namespace", "cert-manager", "--wait=false")


def secret(release_space):
    data = (release_space.get("secret", SECRET) or {}).get("data", {})
    return {name: base64.b64decode(text).decode() for name, text in data.items()}


def served(release_space):
    """The certificate that the Service's address answers with."""
    address = release_space.get("service", "plimsoll-webhook")["spec"]["clusterIP"]
    return ssl.get_server_certificate((address, 443))


def is_served(release_space):
    return served(release_space).strip() == secret(release_space)["tls.crt"].split("-----END CERTIFICATE-----")[0].strip() + \
        "\n-----END CERTIFICATE-----"


def renew(release_space, name=CERTIFICATE):
    """What `cmctl renew` does."""
    status = release_space.get("certificate", name)["status"]
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    status["conditions"].append({"type": "Issuing", "status": "True", "reason": "ManuallyTriggered", "message": "By a test.",
                                 "lastTransitionTime": now})
    release_space("patch", "certificate", name, "--subresource=status", "--type=merge", "-p",
                  json.dumps({"status": {"conditions": status["conditions"]}}))


def bundles(plimsoll):
    """What each entry trusts."""
    return [base64.b64decode(entry["clientConfig"].get("caBundle", "")).decode() for entry in plimsoll.configuration()["webhooks"]]


@pytest.fixture(scope="module")
def space(cluster):
    return cluster.within(NAMESPACE)


def test_its_certificate_is_served_and_trusted(cert_manager, release, cluster, plimsoll, space, shop):
    release.install("certManager.enabled=true")
    space("wait", "--for=condition=Ready", "--timeout=30s", f"certificate/{CERTIFICATE}")
    cluster.apply(policy("production", ["runbook.url"], match=selecting(env="production")))
    wait_until(lambda: is_judged(shop), "a denial", 60)
    assert {bundle.strip() for bundle in bundles(plimsoll)} == {secret(space)["ca.crt"].strip()}
    assert secret(space)["ca.crt"] != secret(space)["tls.crt"], "a CA between"
    assert is_served(space)


def test_a_renewal_fails_no_call(cert_manager, release, cluster, plimsoll, space, strict, api):
    cluster.apply(policy("strict", ["runbook.url"], match=selecting(env="strict"), failurePolicy="Fail"))
    wait_until(lambda: is_judged(strict), "the policy to be in force", 60)
    before = secret(space)
    with creations(api, strict, rate=50) as load:
        wait_until(lambda: len(load.calls) > 50, "the load to flow")
        renew(space)
        wait_until(lambda: secret(space)["tls.crt"] != before["tls.crt"], "another certificate", 60)
        # Whichever replica answers, again and again.
        for _ in range(10):
            wait_until(lambda: is_served(space), "it to be served", 60)
        after = len(load.calls)
        wait_until(lambda: len(load.calls) > after + 100, "calls with the new certificate")
    print(load.summary())
    assert not load.failed, f"{load.summary()}; first: {load.failed[0]}"
    assert secret(space)["tls.key"] != before["tls.key"]
    assert secret(space)["ca.crt"] == before["ca.crt"]


def test_its_ca_is_renewed_and_fails_no_call(cert_manager, release, plimsoll, space, strict, api):
    """A CA that is renewed keeps its key: what the old one has signed, the new one vouches for as well."""
    before = secret(space)
    with creations(api, strict, rate=50) as load:
        wait_until(lambda: len(load.calls) > 50, "the load to flow")
        old = space.get("secret", CA_SECRET)["data"]
        renew(space, f"{CERTIFICATE}-ca")
        wait_until(lambda: space.get("secret", CA_SECRET)["data"]["tls.crt"] != old["tls.crt"],
                   "another CA certificate", 60)
        renew(space)
        wait_until(lambda: secret(space)["ca.crt"] != before["ca.crt"], "a certificate of it", 60)
        # The injector adds it to those that are trusted.
        authority = secret(space)["ca.crt"].strip()
        wait_until(lambda: all(authority in bundle for bundle in bundles(plimsoll)), "the API server to trust it", 60)
        for _ in range(10):
            wait_until(lambda: is_served(space), "it to be served", 60)
        after = len(load.calls)
        wait_until(lambda: len(load.calls) > after + 100, "calls with the new certificate")
    print(load.summary())
    assert not load.failed, f"{load.summary()}; first: {load.failed[0]}"
    assert space.get("secret", CA_SECRET)["data"]["tls.key"] == old["tls.key"]


def test_uninstalled_it_leaves_nothing_but_secrets(cert_manager, release, cluster, plimsoll, space, shop, strict):
    release.uninstall()
    for where in (shop, strict):
        assert where.try_to("create", "--dry-run=server", "-f", "-", documents=[unready("free", namespace=where.namespace)]).ok
    assert plimsoll.configuration() is None
    for kind in ("certificates", "issuers", "deployments", "services"):
        assert space.list(kind) == [], kind
    # cert-manager keeps what it has made, unless it is told otherwise (--enable-certificate-owner-ref).
    left = {one["metadata"]["name"] for one in space.list("secrets") if not one["metadata"]["name"].startswith("sh.helm")}
    assert left <= {SECRET, CA_SECRET}

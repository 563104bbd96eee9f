"""What the API server makes of a webhook that misbehaves: why ours is as it is. None of this is Plimsoll."""

import time

import pytest

from harness.certificates import certificate
from harness.metrics import total
from harness.misbehaving import HOST, NAME, NAMESPACE, MisbehavingWebhook, allowed, create, wait_until_asked
from harness.waiting import wait_until


@pytest.fixture(scope="module")
def namespace(cluster):
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    yield
    cluster.delete("namespace", NAMESPACE)


@pytest.fixture
def misled(cluster, node, namespace):
    """Starts a webhook that the API server asks about ConfigMaps of a namespace: it, and kubectl there. (`node`: an API
    server elsewhere could not reach it.)"""
    started = []

    def start(failure_policy="Fail", **how):
        webhook = MisbehavingWebhook(**how)
        started.append(webhook)
        kubectl = cluster.within(NAMESPACE)
        kubectl.apply(*webhook.manifests(failure_policy))
        return webhook, kubectl

    yield start
    cluster.delete("validatingwebhookconfiguration", NAME)
    for webhook in started:
        webhook.close()


def counted(cluster):
    """(calls that failed and refused, calls that failed and were passed over), as the API server counts."""
    text = cluster.raw("/metrics")
    return (total(text, "apiserver_admission_webhook_rejection_count", name=NAME, error_type="calling_webhook_error"),
            total(text, "apiserver_admission_webhook_fail_open_count", name=NAME))


def for_another(call):
    call.answer({**allowed(call.review), "response": {"uid": "another", "allowed": True}})


def of_another_version(call):
    call.answer({**allowed(call.review), "apiVersion": "admission.k8s.io/v1beta1"})


def cut_short(call):
    call.answer(b'{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "respo')


# Fault 1: no verdict is made of an answer that is not one, whatever it seems to say.
@pytest.mark.parametrize("answer, words", [
    pytest.param(for_another, "expected response.uid", id="for-another"),
    pytest.param(of_another_version, "converting (v1beta1.AdmissionReview) to (v1.AdmissionReview)", id="of-another-version"),
    pytest.param(cut_short, "unexpected end of JSON input", id="cut-short"),
])
@pytest.mark.parametrize("failure_policy", ["Fail", "Ignore"])
def test_an_answer_that_is_none_is_a_failed_call(misled, cluster, failure_policy, answer, words):
    webhook, kubectl = misled(failure_policy)
    wait_until_asked(kubectl, webhook)
    webhook.behaviour = answer
    refused, passed_over = counted(cluster)
    said = create(kubectl)
    if failure_policy == "Fail":
        assert not said.ok
        assert "Internal error occurred: failed calling webhook" in said.err and words in said.err, said
        assert counted(cluster) == (refused + 1, passed_over)
    else:
        assert said.ok, said
        assert counted(cluster) == (refused, passed_over + 1)


# Fault 5: what we answer while we do not know enough is asked again, within the same call.
def test_503_with_retry_after_is_asked_again(misled):
    webhook, kubectl = misled()
    wait_until_asked(kubectl, webhook)
    before = len(webhook.calls)

    def later(call):
        if len(webhook.calls) - before <= 2:
            call.answer(b"not now", 503, {"Retry-After": "1"})
        else:
            call.answer()

    webhook.behaviour = later
    began = time.monotonic()
    said = create(kubectl)
    assert said.ok, said
    uids = [call.review["request"]["uid"] for call in webhook.calls[before:]]
    assert len(uids) == 3 and len(set(uids)) == 1
    assert time.monotonic() - began >= 2


def test_503_without_retry_after_is_not(misled):
    webhook, kubectl = misled()
    wait_until_asked(kubectl, webhook)
    before = len(webhook.calls)
    webhook.behaviour = lambda call: call.answer(b"not now", 503)
    assert not create(kubectl).ok
    assert len(webhook.calls) == before + 1


# Fault 7: whoever closes a kept connection just when the next review is sent on it loses that review. So our listener
# keeps idle ones for 180 s; the API server lets go of them itself after 90 s (test_lines_and_clocks.py).
def test_a_connection_that_is_closed_under_a_review_loses_it(misled, cluster):
    webhook, kubectl = misled()
    wait_until_asked(kubectl, webhook)
    wait_until(lambda: create(kubectl).ok, "a kept connection")
    webhook.behaviour = lambda call: call.hang_up() if call.nth > 1 else call.answer()
    refused, _ = counted(cluster)
    said = create(kubectl)
    assert "failed calling webhook" in said.err and "EOF" in said.err, said
    assert counted(cluster)[0] == refused + 1
    assert create(kubectl).ok, "on a new connection"


# Fault 12: what an API server says of certificates that it does not accept.
def of_another_ca():
    other, _, _ = certificate(f"DNS:{HOST}")
    _, chain, key = certificate(f"DNS:{HOST}")
    return other, chain, key


@pytest.mark.parametrize("make, words", [
    pytest.param(of_another_ca, "certificate signed by unknown authority", id="another-ca"),
    pytest.param(lambda: certificate(common_name=HOST), "certificate relies on legacy Common Name field", id="common-name-alone"),
    pytest.param(lambda: certificate(f"DNS:{HOST}", days=-1), "certificate has expired", id="expired"),
])
def test_a_certificate_that_is_not_accepted_is_a_failed_call(misled, cluster, make, words):
    webhook, kubectl = misled(trust=make())
    wait_until(lambda: "x509: " in create(kubectl).err, "the webhook to be called", 30)
    refused, _ = counted(cluster)
    said = create(kubectl)
    assert "tls: failed to verify certificate: x509: " in said.err and words in said.err, said
    assert counted(cluster)[0] == refused + 1
    assert webhook.calls == []

"""Fault 11: a document that is nested beyond all reason ends nobody's process."""

import http.client
import json
import ssl

import pytest

from harness.plimsoll import is_judged
from harness.workloads import ready

WEBHOOK_PORT = 9443
DEPTH = 10_000


def nested(opening, inner, closing, depth=DEPTH):
    return opening * depth + inner + closing * depth


def restarts(plimsoll):
    return {pod["metadata"]["name"]: pod["status"]["containerStatuses"][0]["restartCount"] for pod in plimsoll.pods()}


@pytest.mark.parametrize("body", [
    pytest.param(nested("[", "", "]"), id="arrays"),
    pytest.param(nested('{"a":', "1", "}"), id="objects"),
    pytest.param('{"request":' + nested('{"object":', "1", "}") + "}", id="in-a-review"),
    pytest.param("[" * 1_000_000, id="never-closed"),
])
def test_our_listener_refuses_it_and_goes_on(shop, plimsoll, node, body):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    before = restarts(plimsoll)
    for replica in plimsoll.replicas():
        connection = http.client.HTTPSConnection(replica.ip, WEBHOOK_PORT, timeout=20, context=context)
        connection.request("POST", "/validate", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        said = answer.read().decode()
        assert answer.status == 400 and "nested deeper than 200 levels" in said, (answer.status, said)
        connection.close()
    assert is_judged(shop)
    assert restarts(plimsoll) == before


def deep_deployment(depth):
    text = json.dumps(ready("deep"))
    return text.replace('"spec": {', '"spec": {"unknown": ' + nested('{"a":', "1", "}", depth) + ", ", 1)


@pytest.mark.parametrize("depth, status", [
    # More than the API server's own decoder takes: it never reaches us.
    pytest.param(DEPTH, 400, id="beyond-the-api-server"),
    # It takes this, and drops a field that no Deployment has before it asks us.
    pytest.param(5_000, 201, id="within-it"),
])
def test_a_deployment_that_is_nested_that_deep(shop, plimsoll, api, depth, status):
    before = restarts(plimsoll)
    session = api.session()
    said = session.send("POST", f"/apis/apps/v1/namespaces/{shop.namespace}/deployments?dryRun=All", deep_deployment(depth))
    assert said[0] == status, said
    session.close()
    assert is_judged(shop)
    assert restarts(plimsoll) == before

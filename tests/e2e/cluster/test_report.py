"""The report as the controller serves it: not by default; then to those who may list what it is made of, and nobody else."""

import base64
import http.client
import json
import re
import socket
import ssl

import jsonschema
import pytest

from harness.outside import token
from harness.plimsoll import DEPLOYMENT, NAMESPACE, ROOT, SERVICE_ACCOUNT
from harness.tls_secret import patch
from harness.waiting import wait_until

PORT = 8443
SERVICE = "plimsoll-webhook"
NAME = f"{SERVICE}.{NAMESPACE}.svc"
ARGUMENTS = "/spec/template/spec/containers/0/args"
TOKENS = {"apiGroups": ["authentication.k8s.io"], "resources": ["tokenreviews"], "verbs": ["create"]}
READ = {"apiGroups": ["plimsoll.dev"], "verbs": ["get", "list", "watch"],
        "resources": ["workloadreadinesses", "readinesswaivers", "readinesspolicies"]}
SCHEMA = json.loads((ROOT / "docs" / "api.schema.json").read_text(encoding="utf-8"))


def role(name, rule, user):
    """A ClusterRole, and who has it."""
    account = user.rpartition(":")[2]
    return [{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": [rule]},
            {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": name},
             "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name},
             "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": NAMESPACE}]}]


class Listener(http.client.HTTPSConnection):
    """Of one replica, by the name in its certificate and trusting the CA that the API server trusts."""

    def __init__(self, plimsoll, replica):
        bundle = next(iter(plimsoll.entries().values()))["clientConfig"]["caBundle"]
        context = ssl.create_default_context(cadata=base64.b64decode(bundle).decode())
        super().__init__(NAME, PORT, timeout=20, context=context)
        self._replica = replica

    def connect(self):
        self.sock = self._context.wrap_socket(socket.create_connection((self._replica.ip, PORT), timeout=20), server_hostname=NAME)


class Report:
    def __init__(self, plimsoll):
        self.plimsoll = plimsoll

    def ask(self, path, bearer=None, replica=None, method="GET", **headers):
        connection = Listener(self.plimsoll, replica or self.plimsoll.replicas()[0])
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer, text

    def json(self, path, bearer, definition):
        """The answer, which is as docs/api.schema.json says."""
        answer, text = self.ask(path, bearer)
        assert answer.status == 200, text
        found = json.loads(text)
        jsonschema.Draft7Validator({**SCHEMA, "oneOf": [{"$ref": f"#/definitions/{definition}"}]}).validate(found)
        return found


@pytest.fixture(scope="module")
def report(cluster, plimsoll):
    """As the chart does with report.enabled (tests/chart): the flag, and the right to ask whose a token is."""
    cluster.apply(*role("plimsoll-report-e2e", TOKENS, SERVICE_ACCOUNT))
    count = len(plimsoll.kubectl.get("deployment", DEPLOYMENT)["spec"]["template"]["spec"]["containers"][0]["args"])
    patch(plimsoll.kubectl, "deployment", DEPLOYMENT, {"op": "add", "path": f"{ARGUMENTS}/-", "value": f"--report-listen=:{PORT}"})
    plimsoll.wait()
    yield Report(plimsoll)
    patch(plimsoll.kubectl, "deployment", DEPLOYMENT, {"op": "remove", "path": f"{ARGUMENTS}/{count}"})
    plimsoll.wait()
    cluster("delete", "clusterrole,clusterrolebinding", "plimsoll-report-e2e")


@pytest.fixture(scope="module")
def reader(cluster, report):
    """The token of somebody with plimsoll-report-reader."""
    kubectl = report.plimsoll.kubectl
    kubectl("create", "serviceaccount", "report-reader")
    cluster.apply(*role("report-reader", READ, f"system:serviceaccount:{NAMESPACE}:report-reader"))
    yield token(kubectl, "report-reader")
    kubectl("delete", "serviceaccount", "report-reader")
    cluster("delete", "clusterrole,clusterrolebinding", "report-reader")


@pytest.fixture
def recorded(violator, report, reader):
    """A workload of the namespace that the report knows: a record comes soon, and what is served may be 15 s old."""
    path = f"/api/v1/services/shop/Deployment/{violator}"

    def shown():
        for replica in report.plimsoll.replicas():
            answer, text = report.ask(path, reader, replica)
            if answer.status != 200 or '"findings": []' in text:
                return False
        return True

    wait_until(shown, "every replica to show it", 60)
    return violator


def test_by_default_nothing_is_served(plimsoll):
    for replica in plimsoll.replicas():
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((replica.ip, PORT), timeout=20)
        for path in ("/report", "/api/v1/services"):
            said = plimsoll.kubectl.try_to("get", "--raw", f"/api/v1/namespaces/{NAMESPACE}/pods/{replica.name}:8080/proxy{path}")
            assert not said.ok and "NotFound" in said.err, said


@pytest.mark.parametrize("path", ["/report", "/api/v1/services", "/api/v1/waivers", "/api/v1/policies", "/api/v1/questions"])
def test_who_may_not_read_it_does_not(report, reader, path):
    answer, text = report.ask(path)
    assert answer.status == 401 and "Bearer" in answer.headers["WWW-Authenticate"], text
    assert report.ask(path, "not.a.token")[0].status == 401
    # A token of this cluster, whose user has what every authenticated user has: /api/* among it.
    answer, text = report.ask(path, token(report.plimsoll.kubectl, "default"))
    assert answer.status == 403 and "permission to list" in text, text
    assert report.ask(path, reader)[0].status == 200


def test_it_is_only_read(report, reader):
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer, _ = report.ask("/report", reader, method=method)
        assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")
    answer, text = report.ask("/api/v1/nothing", reader)
    assert answer.status == 404 and json.loads(text)["reason"] == "NotFound"


def test_every_replica_shows_a_service_of_the_namespace(report, reader, recorded, shop):
    found = report.json("/api/v1/services?namespace=shop&limit=1000", reader, "services")
    mine = [item for item in found["items"] if {"namespace": "shop", "kind": "Deployment", "name": recorded} in
            [{key: workload[key] for key in ("namespace", "kind", "name")} for workload in item["workloads"]]]
    assert len(mine) == 1 and mine[0]["state"] == "Blocked", found
    whole = report.json(f"/api/v1/services/shop/Deployment/{recorded}", reader, "serviceAnswer")["service"]
    record = shop.get("workloadreadiness", f"deployment-{recorded}")["status"]
    assert [one["rule"] for one in whole["workloads"][0]["findings"]] == [one["rule"] for one in record["findings"]]
    for replica in report.plimsoll.replicas():
        def shows():
            answer, text = report.ask("/report", reader, replica)
            assert answer.status == 200, text
            return f"shop/Deployment/{recorded}" in text and answer

        answer = wait_until(shows, f"{replica.name} to show it", 30)
        assert "connect-src 'self'" in answer.headers["Content-Security-Policy"]
        assert re.fullmatch(r'W/"[0-9a-f]{32}"', answer.headers["ETag"])

        def has_not_changed():
            etag = report.ask("/report", reader, replica)[0].headers["ETag"]
            return report.ask("/report", reader, replica, **{"If-None-Match": etag})[0].status == 304

        wait_until(has_not_changed, "nothing to change for a moment", 30)


def test_policies_waivers_and_questions_are_as_documented(report, reader, recorded):
    policies = report.json("/api/v1/policies", reader, "policies")
    assert "production" in [item["name"] for item in policies["items"]]
    report.json("/api/v1/waivers", reader, "waivers")
    questions = report.json("/api/v1/questions?limit=1000", reader, "questions")
    assert questions["total"]["services"] == len(questions["items"]) >= 1


def test_a_permission_that_was_taken_away_ends(cluster, report):
    kubectl = report.plimsoll.kubectl
    kubectl("create", "serviceaccount", "report-leaver")
    cluster.apply(*role("report-leaver", READ, f"system:serviceaccount:{NAMESPACE}:report-leaver"))
    leaver = token(kubectl, "report-leaver")
    wait_until(lambda: report.ask("/api/v1/services", leaver)[0].status == 200, "it to be allowed", 30)
    cluster("delete", "clusterrolebinding", "report-leaver")
    wait_until(lambda: report.ask("/api/v1/services", leaver)[0].status == 403, "it to be refused", 30)
    cluster("delete", "clusterrole", "report-leaver")
    kubectl("delete", "serviceaccount", "report-leaver")

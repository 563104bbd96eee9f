"""Plimsoll in the cluster: how it is installed there, and how a test talks to it."""

import base64
import os
import pathlib
import string

from .certificates import serving_certificate
from .waiting import wait_until
from .workloads import SAMPLES, unready

NAMESPACE = "plimsoll-system"
SERVICE = "plimsoll-webhook"
DEPLOYMENT = "plimsoll-controller"
# As the webhook configuration names it; the API server puts it into its messages, metrics and audit annotations.
WEBHOOK = "validate.plimsoll.dev"
METRICS_PORT = 8080

MANIFESTS = pathlib.Path(__file__).resolve().parents[1] / "manifests"


class Plimsoll:
    """An installed Plimsoll, however it was installed."""

    def __init__(self, kubectl):
        self._kubectl = kubectl
        self.kubectl = kubectl.within(NAMESPACE)

    def pods(self):
        """Those that serve: ready, and not about to end."""
        pods = self.kubectl.list("pods", "-l", f"app.kubernetes.io/name={DEPLOYMENT}")
        return [pod for pod in pods if "deletionTimestamp" not in pod["metadata"] and _is_ready(pod)]

    def metrics(self):
        """The metrics of all replicas, one after the other."""
        path = f"/api/v1/namespaces/{NAMESPACE}/pods/{{}}:{METRICS_PORT}/proxy/metrics"
        return "\n".join(self.kubectl.raw(path.format(pod["metadata"]["name"])) for pod in self.pods())

    def roll_out(self):
        """Replaces all replicas one by one, and waits until the last is there."""
        self.kubectl("rollout", "restart", f"deployment/{DEPLOYMENT}")
        self.wait()

    def wait(self):
        self.kubectl("rollout", "status", f"deployment/{DEPLOYMENT}", "--timeout=80s")

    def wait_until_called(self, namespace):
        """Until the API server asks the webhook about workloads of the namespace."""
        denied = self._kubectl.within(namespace)
        wait_until(
            lambda: "is invalid" in denied.try_to("create", "--dry-run=server", "-f", "-", documents=[unready("probe")]).err,
            "the webhook to be called", 30)

    def remove(self):
        """All of it, without waiting for connections to drain."""
        self._kubectl.delete("validatingwebhookconfiguration", "plimsoll")
        self.kubectl("delete", "deployments,replicasets", "--all", "--cascade=orphan", "--wait=false")
        self.kubectl("delete", "pods", "--all", "--force", "--grace-period=0")
        self._kubectl.delete("namespace", NAMESPACE)


def install_standalone(kubectl):
    """The controller without its in-cluster mode: policies from a ConfigMap, certificate from a Secret, and a webhook
    configuration made by hand."""
    ca, certificate, key = serving_certificate(SERVICE, NAMESPACE)
    template = string.Template((MANIFESTS / "standalone.yaml").read_text(encoding="utf-8"))
    manifests = template.substitute(image=os.environ["PLIMSOLL_IMAGE"], ca=base64.b64encode(ca.encode()).decode())
    installed = Plimsoll(kubectl)
    kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    installed.kubectl.apply(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "plimsoll-policies"},
         "data": {file.name: file.read_text(encoding="utf-8") for file in (SAMPLES / "policies").glob("*.yaml")}},
        {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": {"name": "plimsoll-tls"},
         "stringData": {"tls.crt": certificate, "tls.key": key}},
        manifests)
    installed.wait()
    return installed


def _is_ready(pod):
    conditions = pod.get("status", {}).get("conditions", [])
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)

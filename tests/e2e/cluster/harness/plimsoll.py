"""Plimsoll in the cluster: how it is installed there, and how a test talks to it."""

import base64
import dataclasses
import os
import pathlib

import yaml

from .metrics import total
from .waiting import wait_until
from .workloads import SAMPLES, unready

NAMESPACE = "plimsoll-system"
DEPLOYMENT = "plimsoll-controller"
# Of the replicas, and of nothing else.
SELECTOR = "app.kubernetes.io/part-of=plimsoll,app.kubernetes.io/component=controller"
SERVICE_ACCOUNT = f"system:serviceaccount:{NAMESPACE}:{DEPLOYMENT}"
CONFIGURATION = "plimsoll"
CA_SECRET = "plimsoll-webhook-ca"
LEASE = "plimsoll-controller"
# The sample policy, and where it applies.
POLICY = "production"
# As the webhook configuration names it; the API server puts it into its messages, metrics and audit annotations.
WEBHOOK = "validate.plimsoll.dev"
METRICS_PORT = 8080
# After its last renewal a leader leads for this long at most, and another one may begin (docs/adr/0048).
LEASE_SECONDS = 15

ROOT = pathlib.Path(__file__).resolve().parents[4]
MANIFESTS = ROOT / "deploy" / "install.yaml"
CRDS = ROOT / "crds"


@dataclasses.dataclass(frozen=True)
class Replica:
    """One pod of the controller that serves."""

    name: str
    uid: str
    ip: str

    @property
    def identity(self):
        """As it calls itself in the Lease."""
        return f"{self.name}_{self.uid}"


class Plimsoll:
    """The controller in its cluster mode."""

    def __init__(self, kubectl):
        self._kubectl = kubectl
        self.kubectl = kubectl.within(NAMESPACE)

    def pods(self):
        """Those that are not about to end."""
        pods = self.kubectl.list("pods", "-l", SELECTOR)
        return [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]

    def replicas(self):
        """Those that serve."""
        return [replica_of(pod) for pod in self.pods() if is_ready(pod)]

    def wait_for_replicas(self, count=2, other_than=()):
        """Until so many serve, none of them of `other_than`."""
        def serving():
            replicas = self.replicas()
            return len(replicas) == count and not set(replicas) & set(other_than) and replicas

        return wait_until(serving, f"{count} replicas to serve", 80)

    def metrics_of(self, replica):
        return self.kubectl.raw(f"/api/v1/namespaces/{NAMESPACE}/pods/{replica.name}:{METRICS_PORT}/proxy/metrics")

    def readiness_of(self, name):
        """What /readyz says, whatever it says."""
        said = self.kubectl.try_to("get", "--raw", f"/api/v1/namespaces/{NAMESPACE}/pods/{name}:{METRICS_PORT}/proxy/readyz")
        return said.out + said.err

    def metrics(self):
        """The metrics of all replicas, one after the other."""
        return "\n".join(self.metrics_of(replica) for replica in self.replicas())

    def leader(self):
        """The replica that holds the Lease, ready or not, or None."""
        lease = self.kubectl.get("lease", LEASE) or {}
        holder = lease.get("spec", {}).get("holderIdentity")
        return next((replica for replica in map(replica_of, self.pods()) if replica.identity == holder), None)

    def wait_for_leader(self, other_than=()):
        def leader():
            found = self.leader()
            return found if found and found not in other_than else None

        return wait_until(leader, "a leader", 60)

    def configuration(self):
        return self._kubectl.get("validatingwebhookconfiguration", CONFIGURATION)

    def entries(self):
        """What the API server is told to ask, by name."""
        return {entry["name"]: entry for entry in (self.configuration() or {}).get("webhooks", [])}

    def bundles(self):
        """How many CAs the entries trust: one number, where all trust the same."""
        bundles = (base64.b64decode(entry["clientConfig"]["caBundle"]) for entry in self.entries().values())
        return {bundle.count(b"BEGIN CERTIFICATE") for bundle in bundles}

    def roll_out(self):
        """Replaces all replicas one by one, and waits until the last is there."""
        self.kubectl("rollout", "restart", f"deployment/{DEPLOYMENT}")
        self.wait()

    def wait(self):
        """Until all replicas are there; what those say that are not, if that takes too long."""
        said = self.kubectl.try_to("rollout", "status", f"deployment/{DEPLOYMENT}", "--timeout=80s")
        assert said.ok, "\n".join([str(said), *(self.says(pod) for pod in self.pods() if not is_ready(pod))])

    def says(self, pod):
        name = pod["metadata"]["name"]
        states = [status.get("state") | {"restarts": status.get("restartCount")}
                  for status in pod.get("status", {}).get("containerStatuses", [])]
        log = self.kubectl.try_to("logs", name, "--tail=30").out
        return f"{name}: {states}\n{self.readiness_of(name)}\n{log}"

    def wait_until_called(self, namespace):
        """Until the API server asks the webhook about workloads of the namespace."""
        kubectl = self._kubectl.within(namespace)
        wait_until(lambda: is_judged(kubectl), "the webhook to be called", 60)

    def wait_until_answering(self, namespace):
        """Until the replicas there are answer about workloads of the namespace: what was ended by force may go on for a while on
        the API server's connections, and may write nothing any more, as its token has gone with its pod."""
        kubectl = self._kubectl.within(namespace)

        def answered():
            return total(self.metrics(), "plimsoll_admission_reviews_total")

        def asked():
            before = answered()
            return is_judged(kubectl) and answered() > before

        # The API server has a few connections, and each is closed with its next answer.
        wait_until(asked, "the replicas to be asked", 110)

    def end_pods(self):
        """All replicas, without waiting for connections to drain, and none comes again."""
        self.kubectl("delete", "deployments,replicasets", "--all", "--cascade=orphan", "--wait=false")
        self.kubectl("delete", "pods", "--all", "--force", "--grace-period=0")

    def end_replicas(self):
        """Those that are there, without waiting for connections to drain."""
        self.kubectl("delete", "pods", "-l", SELECTOR, "--force", "--grace-period=0")
        wait_until(lambda: not self.pods(), "all replicas to be gone", 30)

    def remove(self):
        """All of it, with all records and policies."""
        self.end_pods()
        self._kubectl.delete("validatingwebhookconfiguration", CONFIGURATION)
        self._kubectl.delete("namespace", NAMESPACE)
        self._kubectl("delete", "-f", str(CRDS), "--ignore-not-found", "--wait", "--timeout=60s")
        self._kubectl("delete", "clusterrole,clusterrolebinding", DEPLOYMENT, "--ignore-not-found")
        self._kubectl("delete", "clusterrole", "plimsoll-waiver-requester", "plimsoll-waiver-approver", "--ignore-not-found")
        self._kubectl("delete", "validatingadmissionpolicy,validatingadmissionpolicybinding", "waivers.plimsoll.dev",
                      "--ignore-not-found")


def is_judged(kubectl, name="probe"):
    """Whether an unready workload is denied by us, and not by an error."""
    workload = unready(name, namespace=kubectl.namespace)
    return "is invalid" in kubectl.try_to("create", "--dry-run=server", "-f", "-", documents=[workload]).err


def manifests():
    """Those of deploy/install.yaml but the CRDs, as objects, with the image that is tested."""
    with open(MANIFESTS, encoding="utf-8") as file:
        objects = [document for document in yaml.safe_load_all(file) if document]
    objects = [thing for thing in objects if thing["kind"] != "CustomResourceDefinition"]
    for thing in objects:
        if thing["kind"] == "Deployment":
            container = thing["spec"]["template"]["spec"]["containers"][0]
            container["image"] = os.environ["PLIMSOLL_IMAGE"]
            # Longer than it takes until every API server knows that a replica is going, and no longer.
            # And a grace that a test can wait for (test_related.py).
            wanted = ["--shutdown-delay=3s", "--log-level=debug", "--related-grace=15s"]
            flags = tuple(flag.split("=")[0] + "=" for flag in wanted)
            container["args"] = [given for given in container["args"] if not given.startswith(flags)] + wanted
    return objects


def install(kubectl):
    """As README says: the CRDs, then the manifests; and the sample policy."""
    kubectl("apply", "--server-side", "-f", str(CRDS))
    kubectl("wait", "--for=condition=Established", "--timeout=30s", "-f", str(CRDS))
    kubectl.apply(*manifests())
    kubectl("apply", "-f", str(SAMPLES / "policies"))
    installed = Plimsoll(kubectl)
    installed.wait()
    return installed


def replica_of(pod):
    return Replica(pod["metadata"]["name"], pod["metadata"]["uid"], pod["status"].get("podIP", ""))


def is_ready(pod):
    conditions = pod.get("status", {}).get("conditions", [])
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)

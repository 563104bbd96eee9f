"""The world that a reader of a page is in: Plimsoll installed as the pages say, the sample policy, a service that is ready, and a
folder with what the pages speak of."""

import datetime
import json
import os
import pathlib
import re
import shutil
import subprocess

import yaml

from blocks import ROOT
from harness.plimsoll import MANIFESTS, Plimsoll, is_judged, manifests
from harness.waiting import wait_until
from harness.workloads import unready
from release import NAME, NAMESPACE, STARTER, Release

PROGRAMS = ROOT / "build" / "release" / "cmd"
SHOP, SERVICE, POLICY = "shop", "checkout", "production"
# What runs there is not ready, and no policy but the starter policy is about it.
STOCK = "stock"
# A context that pages name, of the same cluster.
STAGING = "staging"
# Who reads the report, on pages that serve it.
READER = "report-reader"
# What readers put in for themselves. A word counts where it stands alone.
PLACEHOLDERS = {
    "NAMESPACE": SHOP,
    "NAME": SERVICE,
    "POLICY": POLICY,
    "OWNER": "payments",
    "TEAM": "payments",
    "RULE": "runbook.url",
    "INCIDENT": "INC-1",
}
# The image, where a page says `image.repository=REGISTRY/plimsoll`.
REGISTRY = re.compile(r"REGISTRY/plimsoll(?![\w-])")
# The pages are written as of this day, and their dates are days to come: the test moves them by the days since.
WRITTEN = datetime.date(2026, 11, 28)
DATE = re.compile(r"\b20(2[7-9]|3\d)-\d\d-\d\d(?!\d)")
DEADLINE_SECONDS = 120
# Replicas that end need not wait for the connections of the one API server of a node; the chart takes no less.
GRACE_SECONDS = 30


def with_dates_to_come(text, today=None):
    past = (today or datetime.datetime.now(datetime.timezone.utc).date()) - WRITTEN
    return DATE.sub(lambda date: str(datetime.date.fromisoformat(date[0]) + past), text)


def filled_in(text):
    """The text of a page, with what a reader puts in."""
    repository, _, tag = os.environ["PLIMSOLL_IMAGE"].rpartition(":")
    text = REGISTRY.sub(f"{repository} --set image.tag={tag}", text)
    for word, value in PLACEHOLDERS.items():
        text = re.sub(rf"(?<![\w$]){word}(?!\w)", value, text)
    return with_dates_to_come(text)


def make_folder(folder):
    """A checkout of this repository, and what a team has beside it."""
    for path in ROOT.iterdir():
        if path.name not in ("deploy", ".git"):
            (folder / path.name).symlink_to(path)
    shutil.copytree(ROOT / "deploy", folder / "deploy")
    for path in (folder / "deploy" / "samples").rglob("*.yaml"):
        path.write_text(with_dates_to_come(path.read_text(encoding="utf-8")), encoding="utf-8")
    samples = folder / "deploy" / "samples"
    (folder / "manifests").mkdir()
    shutil.copy(samples / "workloads" / "ready.yaml", folder / "manifests" / "checkout.yaml")
    shutil.copy(samples / "workloads" / "unready.yaml", folder / "manifests" / "web.yaml")
    shutil.copy(samples / "workloads" / "unready.yaml", folder / "web.yaml")
    shutil.copy(samples / "workloads" / "ready.yaml", folder / "my-deployment.yaml")
    shutil.copytree(samples / "policies", folder / "policies")
    shutil.copytree(samples / "policy-tests", folder / "policies-tests")
    teams = (samples / "teams" / "plimsoll-teams.yaml").read_text(encoding="utf-8")
    (folder / "teams.yaml").write_text(teams, encoding="utf-8")
    chart = folder / "my-chart"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: checkout\nversion: 1.0.0\n", encoding="utf-8")
    ready = (samples / "workloads" / "ready.yaml").read_text(encoding="utf-8")
    (chart / "templates" / "checkout.yaml").write_text(
        ready.replace("namespace: shop", "namespace: {{ .Release.Namespace }}"), encoding="utf-8")


class World:
    def __init__(self, cluster, folder):
        self._cluster = cluster
        self._shop = cluster.within(SHOP)
        self._plimsoll = Plimsoll(cluster)
        self._release = Release(cluster)
        self._settings = [f"terminationGracePeriodSeconds={GRACE_SECONDS}", f"test.namespace={SHOP}"]
        self._folder = folder
        self._values = None  # what the release was last installed with
        self._serving = False

    def environment(self, user=""):
        environment = {**os.environ, "PATH": f"{PROGRAMS / 'plimsoll'}:{PROGRAMS / 'plimsoll-controller'}:{os.environ['PATH']}"}
        return {**environment, "KUBECONFIG": str(self._kubeconfig_of(user))}

    def _kubeconfig_of(self, user):
        """The administrator's, who speaks as that user, if it is one."""
        path = self._folder / f"{user or 'administrator'}.kubeconfig"
        if not path.exists():
            config = json.loads(self._cluster("config", "view", "--raw", "--flatten", "-o", "json"))
            config["contexts"].append({**config["contexts"][0], "name": STAGING})
            for one in config["users"] if user else []:
                one["user"].update({"as": user, "as-groups": ["system:authenticated"]})
            path.write_text(json.dumps(config), encoding="utf-8")
        return path

    # ---- the usual world ----

    def installed(self):
        """Plimsoll as the chart installs it, the sample policy, a service; nothing that an earlier page has left."""
        self._end_webhook()
        if not self._is_well():
            if not self._release.status():
                self.empty()
            self._release.install_or_upgrade(*self._settings)
            self._values = self._release_values()
            self._end_what_drains()
            self._cluster("delete", "clusterrolebinding", READER, "--ignore-not-found")
            self._plimsoll.kubectl("delete", "serviceaccount", READER, "--ignore-not-found")
        wait_until(lambda: not any(self._is_going(name) for name in (SHOP, STOCK)), "namespaces of an earlier run to be gone", 80)
        self._remove_leftovers()
        samples = self._folder / "deploy" / "samples"
        self._cluster.apply(namespace(SHOP, env="production"), namespace(STOCK), unready("web", namespace=STOCK),
                            *(path.read_text(encoding="utf-8") for path in (samples / "policies" / "production.yaml",
                                                                            samples / "workloads" / "ready.yaml")))
        self._cluster("wait", "--for=condition=Ready", "--timeout=30s", f"readinesspolicy/{POLICY}", f"readinesspolicy/{STARTER}")
        wait_until(lambda: is_judged(self._shop), "the sample policy to be in force", 60)
        waiver = self._waiver()
        wait_until(lambda: self._cluster.try_to("apply", "-f", "-", documents=[waiver]).ok, "the waiver to be requested", 30)
        wait_until(lambda: self._shop.get("workloadreadiness", f"deployment-{SERVICE}"), "the record of the service", 30)

    def _waiver(self):
        """One of the service's name, that nobody has approved yet."""
        user = json.loads(self._cluster("auth", "whoami", "-o", "json"))["status"]["userInfo"]["username"]
        return {"apiVersion": "plimsoll.dev/v1alpha1", "kind": "ReadinessWaiver", "metadata": {"name": SERVICE, "namespace": SHOP},
                "spec": {"workloads": [{"kind": "Deployment", "name": SERVICE}], "policy": POLICY, "rules": ["image.pinned"],
                         "reason": "OPS-1233", "requestedBy": user, "expires": with_dates_to_come("2027-01-15T00:00:00Z")}}

    def _is_well(self):
        pods = self._plimsoll.kubectl.list("pods", "-l", "app.kubernetes.io/part-of=plimsoll")
        return self._values and self._release_values() == self._values and \
            len(pods) == len(self._plimsoll.replicas()) == 2 and self._plimsoll.entries()

    def _release_values(self):
        said = self._release.helm("get", "values", NAME, "-o", "json")
        return json.loads(said.out) if said.ok else None

    def _end_what_drains(self):
        kubectl = self._plimsoll.kubectl
        going = [pod["metadata"]["name"] for pod in kubectl.list("pods") if "deletionTimestamp" in pod["metadata"]]
        if going:
            kubectl.try_to("delete", "pods", *going, "--force", "--grace-period=0")
        self._plimsoll.wait_for_replicas()

    def _is_going(self, name):
        return "deletionTimestamp" in (self._cluster.get("namespace", name) or {"metadata": {}})["metadata"]

    def _remove_leftovers(self):
        for kubectl, kinds in ((self._cluster, "readinesspolicies"), (self._shop, "deployments,readinesswaivers,rolebindings")):
            left = kubectl("get", kinds, "-o", "name").split()
            left = [name for name in left if name.rpartition("/")[2] not in (POLICY, STARTER, SERVICE)]
            if left:
                kubectl("delete", *left, "--wait", "--timeout=60s")

    # ---- other worlds, which a mark asks for ----

    def empty(self):
        """Nothing of Plimsoll is there; the namespace of the shop is."""
        self._release.remove_everything()

    def webhook_on_loopback(self):
        """What `make run` starts."""
        if not self._serving:
            _do([str(ROOT / "hack" / "run")])
            self._serving = True

    def _end_webhook(self):
        if self._serving:
            _do([str(ROOT / "hack" / "run"), "stop"])
        self._serving = False

    def installed_without_helm(self):
        """By the manifests of deploy/install.yaml."""
        self.empty()
        with open(MANIFESTS, encoding="utf-8") as file:
            kinds = [thing for thing in yaml.safe_load_all(file) if thing and thing["kind"] == "CustomResourceDefinition"]
        objects = manifests()
        for thing in objects:
            if thing["kind"] == "Deployment":
                thing["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = GRACE_SECONDS
        self._cluster("apply", "--server-side", "-f", "-", documents=kinds)
        self._cluster.apply(*objects)
        self._plimsoll.wait()

    def report_served(self):
        """As docs/report.md says."""
        self._release.install_or_upgrade(*self._settings, "report.enabled=true")
        self._plimsoll.kubectl("create", "serviceaccount", READER)
        self._cluster("create", "clusterrolebinding", READER, "--clusterrole=plimsoll-report-reader",
                      f"--serviceaccount={NAMESPACE}:{READER}")

    def end(self):
        self._end_webhook()
        self._release.remove_everything()
        self._cluster("delete", "namespace", SHOP, STOCK, "--wait=false", "--ignore-not-found")


def namespace(name, **labels):
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def _do(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=DEADLINE_SECONDS, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"


WORLDS = {
    "nothing is installed": World.empty,
    "installed without Helm": World.installed_without_helm,
    "the report is served": World.report_served,
    "the webhook of `make run`": World.webhook_on_loopback,
}

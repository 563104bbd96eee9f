"""A real Prometheus in the node's network, with the example configuration of deploy/monitoring, and its answers to queries."""

import base64
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import time
import urllib.parse
import urllib.request

import yaml

from .waiting import wait_until

ROOT = pathlib.Path(__file__).resolve().parents[4]
MONITORING = ROOT / "deploy" / "monitoring"
DEADLINE_SECONDS = 30
# What happens in the test is seen a second later.
INTERVAL = "1s"


def _program():
    path = os.pathsep.join((str(ROOT / "build" / "tools" / "bin"), os.environ.get("PATH", "")))
    found = shutil.which("prometheus", path=path)
    assert found, "there is no prometheus: hack/setup e2e"
    return found


def _pods(kubectl):
    """What discovery of the role pod would find: a target for each port of each container."""
    for pod in kubectl.list("pods"):
        for container in pod["spec"]["containers"]:
            for port in container.get("ports", []):
                labels = {f"__meta_kubernetes_pod_label_{re.sub(r'[^a-zA-Z0-9_]', '_', name)}": value
                          for name, value in pod["metadata"].get("labels", {}).items()}
                yield {"targets": [f"{pod['status']['podIP']}:{port['containerPort']}"],
                       "labels": {**labels, "__meta_kubernetes_namespace": pod["metadata"]["namespace"],
                                  "__meta_kubernetes_pod_name": pod["metadata"]["name"],
                                  "__meta_kubernetes_pod_container_port_name": port["name"]}}


def _endpoints(kubectl):
    """What discovery of the role endpointslice would find."""
    for one in kubectl.list("endpointslices"):
        for port in one["ports"]:
            yield {"targets": [f"{address}:{port['port']}" for endpoint in one["endpoints"] for address in endpoint["addresses"]],
                   "labels": {"__meta_kubernetes_service_name": one["metadata"]["labels"]["kubernetes.io/service-name"],
                              "__meta_kubernetes_endpointslice_port_name": port["name"]}}


FINDERS = {"pod": _pods, "endpointslice": _endpoints}


def _discover(kubectl, folder, job):
    """Debian's Prometheus is built without Kubernetes; what it would find there is put into a file, under the same labels."""
    for number, discovery in enumerate(job.pop("kubernetes_sd_configs")):
        path = folder / f"{job['job_name']}-{number}.json"
        found = [target for name in discovery["namespaces"]["names"] for target in FINDERS[discovery["role"]](kubectl.within(name))]
        path.write_text(json.dumps(found), encoding="utf-8")
        job.setdefault("file_sd_configs", []).append({"files": [str(path)]})


def _configuration(folder, kubectl):
    """The example, as one who is outside of pods reads it: with credentials of KUBECONFIG, and every second."""
    with open(os.environ["KUBECONFIG"], encoding="utf-8") as file:
        kubeconfig = yaml.safe_load(file)
    (folder / "ca.crt").write_bytes(base64.b64decode(kubeconfig["clusters"][0]["cluster"]["certificate-authority-data"]))
    (folder / "token").write_text(kubeconfig["users"][0]["user"]["token"], encoding="utf-8")
    configuration = yaml.safe_load((MONITORING / "prometheus.yaml").read_text(encoding="utf-8"))
    configuration["global"].update(scrape_interval=INTERVAL, evaluation_interval=INTERVAL)
    for job in configuration["scrape_configs"]:
        _discover(kubectl, folder, job)
        if "authorization" in job:
            job["authorization"]["credentials_file"] = str(folder / "token")
            job["tls_config"]["ca_file"] = str(folder / "ca.crt")
    shutil.copy(MONITORING / "plimsoll.rules.yaml", folder)
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(configuration), encoding="utf-8")
    return folder / "prometheus.yaml"


class Prometheus:
    """A context manager. It knows nothing of before it was started, and no pod that came after."""

    def __init__(self, folder, kubectl):
        self._folder = folder
        self._kubectl = kubectl
        self._log = folder / "prometheus.log"
        self._process = None
        self._url = None

    def __enter__(self):
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(
                [_program(), f"--config.file={_configuration(self._folder, self._kubectl)}", f"--storage.tsdb.path={self._folder / 'data'}",
                 "--web.listen-address=127.0.0.1:0"], stdout=log, stderr=log)
        try:
            address = wait_until(self._address, "Prometheus to listen", DEADLINE_SECONDS)
            self._url = f"http://{address}"
            wait_until(self._ready, "Prometheus to be ready", DEADLINE_SECONDS)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait(DEADLINE_SECONDS)

    def _address(self):
        assert self._process.poll() is None, self._log.read_text(encoding="utf-8")
        found = re.search(r'msg="Listening on" address=(127\.0\.0\.1:\d+)', self._log.read_text(encoding="utf-8"))
        return found and found[1]

    def _ready(self):
        try:
            with urllib.request.urlopen(f"{self._url}/-/ready", timeout=DEADLINE_SECONDS):
                return True
        except OSError:
            return False

    def _ask(self, path, **parameters):
        url = f"{self._url}/api/v1/{path}?{urllib.parse.urlencode(parameters, doseq=True)}"
        try:
            with urllib.request.urlopen(url, timeout=DEADLINE_SECONDS) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{parameters}: {error.read().decode()}") from error

    def targets_up(self):
        """How many of each job answer."""
        up = {}
        for target in self._ask("targets", state="active")["activeTargets"]:
            if target["health"] == "up":
                up[target["labels"]["job"]] = up.get(target["labels"]["job"], 0) + 1
        return up

    def query(self, expression):
        """Labels and value of each that there is now; what is no number is left out."""
        found = [(sample["metric"], float(sample["value"][1])) for sample in self._ask("query", query=expression)["result"]]
        return [(labels, value) for labels, value in found if not math.isnan(value)]

    def value(self, expression):
        """Of a query with one answer."""
        found = self.query(expression)
        assert len(found) == 1, (expression, found)
        return found[0][1]

    def label_values(self, variable_query):
        """As Grafana asks for the values of a variable: label_values(SELECTOR, LABEL)."""
        selector, label = re.fullmatch(r"label_values\((.+), (\w+)\)", variable_query).groups()
        return self._ask(f"label/{label}/values", **{"match[]": selector, "start": int(time.time()) - 300})

    def rules(self):
        """Alerts and recordings by name."""
        return {rule["name"]: rule for group in self._ask("rules")["groups"] for rule in group["rules"]}

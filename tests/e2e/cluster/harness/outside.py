"""A controller that runs as a process in the node's network and not as a pod, so that its clock, its token and its line to
the API server are the test's. It is the program that the image is made of."""

import json
import os
import pathlib
import socket
import subprocess
import urllib.error
import urllib.request

import yaml

from .plimsoll import NAMESPACE
from .waiting import wait_until

ROOT = pathlib.Path(__file__).resolve().parents[4]
PROGRAM = ROOT / "build" / "release" / "cmd" / "plimsoll-controller" / "plimsoll-controller"
DEADLINE_SECONDS = 10


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Outside:
    """One process; it has no Pod, and what it logs is in a file."""

    def __init__(self, folder, name, token_file, server=None, clock=None, arguments=()):
        """`server`: another address of the API server; `clock`: harness.clock.Clock."""
        self.name = name
        self.port, self._metrics_port = free_port(), free_port()
        self._log = folder / f"{name}.log"
        kubeconfig = folder / f"{name}.kubeconfig"
        kubeconfig.write_text(_kubeconfig(token_file, server), encoding="utf-8")
        kubeconfig.chmod(0o600)
        environment = {**os.environ, "KUBECONFIG": "", **(clock.environment if clock else {})}
        with open(self._log, "ab") as log:
            self._process = subprocess.Popen(
                [PROGRAM, f"--kubeconfig={kubeconfig}", f"--namespace={NAMESPACE}", f"--pod-name={name}",
                 f"--listen=0.0.0.0:{self.port}", f"--metrics-listen=127.0.0.1:{self._metrics_port}", "--log-level=debug",
                 "--shutdown-delay=0s", *arguments], stdout=log, stderr=log, env=environment)

    def log(self):
        """Its lines, as objects."""
        lines = self._log.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]

    def said(self, *words, after=0):
        """The lines after so many that have all these words."""
        return [line for line in self.log()[after:] if all(word in json.dumps(line) for word in words)]

    def metrics(self):
        return self._get("/metrics")[1]

    def ready(self):
        """(whether, what /readyz says)."""
        status, text = self._get("/readyz")
        return status == 200, text

    def _get(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._metrics_port}{path}", timeout=DEADLINE_SECONDS) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, repr(error)

    def runs(self):
        return self._process.poll() is None

    def wait(self, what, probe, seconds=40):
        """Until the probe is true, and no longer than it runs."""
        def seen():
            assert self.runs(), self._log.read_text(encoding="utf-8")[-2000:]
            return probe()

        return wait_until(seen, f"{self.name}: {what}", seconds)

    def end(self):
        """Without draining."""
        if self.runs():
            self._process.kill()
        self._process.wait(DEADLINE_SECONDS)


def _kubeconfig(token_file, server):
    with open(os.environ["KUBECONFIG"], encoding="utf-8") as file:
        cluster = yaml.safe_load(file)["clusters"][0]["cluster"]
    cluster = {"server": server} if server else cluster
    return yaml.safe_dump({
        "apiVersion": "v1", "kind": "Config", "current-context": "it",
        "clusters": [{"name": "it", "cluster": cluster}], "users": [{"name": "it", "user": {"tokenFile": str(token_file)}}],
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}]})


def token(kubectl, service_account, bound_to=None):
    """A token of the service account; `bound_to`: a Secret with which it ends."""
    bound = ["--bound-object-kind=Secret", f"--bound-object-name={bound_to}"] if bound_to else []
    return kubectl("create", "token", service_account, "--duration=1h", *bound).strip()


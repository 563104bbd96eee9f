"""The parts of the node that `hack/cluster up` started: restarting, killing and pausing them, and cutting lines."""

import base64
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[4]
DEADLINE_SECONDS = 180

WEBHOOK_PORT = 9443
API_SERVER_PORT = 6443
TABLE = "plimsoll_cut"


def folder():
    """Where the node is kept."""
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "plimsoll" / "node"


class Node:
    @staticmethod
    def is_ours():
        """Whether the cluster is a node of ours, whose components we may stop."""
        return os.environ.get("KUBECONFIG", "") == str(folder() / "pki" / "admin.kubeconfig")

    def component(self, verb, name, *flags):
        """`hack/cluster VERB NAME`: start, restart, stop, kill, pause, resume."""
        done = subprocess.run([ROOT / "hack" / "cluster", verb, name, *flags], capture_output=True, text=True, check=False,
                              timeout=DEADLINE_SECONDS)
        assert done.returncode == 0, done.stdout + done.stderr

    @contextlib.contextmanager
    def paused(self, name):
        self.component("pause", name)
        try:
            yield
        finally:
            self.component("resume", name)

    @contextlib.contextmanager
    def cut_off(self, *addresses):
        """No packet passes between the API server and the pods of these addresses; the kubelet's probes still do."""
        pods = "{ " + ", ".join(addresses) + " }"
        rules = f"""
            table inet {TABLE} {{
              chain to_pod {{
                type filter hook output priority 0;
                ip daddr {pods} tcp dport {WEBHOOK_PORT} drop
                ip daddr {pods} tcp sport {API_SERVER_PORT} drop
              }}
              chain from_pod {{
                type filter hook input priority 0;
                ip saddr {pods} tcp sport {WEBHOOK_PORT} drop
                ip saddr {pods} tcp dport {API_SERVER_PORT} drop
              }}
            }}"""
        subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True)
        try:
            yield
        finally:
            subprocess.run(["nft", "delete", "table", "inet", TABLE], check=True)

    @contextlib.contextmanager
    def frozen(self, pod_name):
        """The controller of that pod gets no processor, as on a node that swaps; it does not know."""
        pid = _process_of(pod_name)
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def kill(self, pod_name):
        """The controller of that pod ends without a word; the kubelet starts it again in the same pod."""
        os.kill(_process_of(pod_name), signal.SIGKILL)

    def compact_etcd(self):
        """Forgets every version but the last, as etcd does every five minutes."""
        def etcd(path, body):
            request = urllib.request.Request(f"http://127.0.0.1:2379/v3/kv/{path}", json.dumps(body).encode())
            with urllib.request.urlopen(request, timeout=DEADLINE_SECONDS) as answer:
                return json.load(answer)

        revision = etcd("range", {"key": base64.b64encode(b"x").decode()})["header"]["revision"]
        etcd("compaction", {"revision": revision, "physical": True})

    def audit_events(self):
        """What the API server was asked so far, by anybody but its own components."""
        with open(folder() / "log" / "audit.log", encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.endswith("\n")]


def _process_of(pod_name):
    """The id of the controller's process in that pod."""
    wanted = f"POD_NAME={pod_name}".encode()
    for folder_of_one in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (folder_of_one / "environ").read_bytes().split(b"\0"):
                return int(folder_of_one.name)
        except OSError:
            continue  # it has ended meanwhile
    raise AssertionError(f"no process of pod {pod_name}")

"""The parts of the node that `hack/cluster up` started: restarting, killing and pausing them, and cutting lines."""

import contextlib
import json
import os
import pathlib
import subprocess

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

    def audit_events(self):
        """What the API server was asked so far, by anybody but its own components."""
        with open(folder() / "log" / "audit.log", encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.endswith("\n")]

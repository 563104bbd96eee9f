"""Runbooks that are alive: the leader looks at pages, and what it finds is told by the audit and refuses nobody."""

import http.server
import threading

import pytest

from harness.waiting import wait_until
from harness.workloads import idle, policy, selecting

SPACE = "links"
# A new link is looked at within a minute (link_checker.h, first_spread), a second after the one before it; then it is judged.
LOOKED_AT_S = 90
PAGES = {
    "/good": (200, "<h1>When checkout is slow</h1><p>Look at the queue first. Then call the team of the database.</p>"),
    "/gone": (404, "<h1>Not found</h1><p>There is no such page in this wiki, and there never was.</p>"),
    "/login": (200, "<h1>Sign in</h1><form><input name=user><input type=password name=password><button>Sign in</button></form>"),
}


class Wiki(http.server.ThreadingHTTPServer):
    """Pages, and who asked for which."""

    def __init__(self):
        self.asked = []
        super().__init__(("0.0.0.0", 0), Page)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("User-Agent", ""), self.headers.get("Host", "")))
        status, text = PAGES.get(self.path, (500, "no such page in this test, which is a fault of the test"))
        body = f"<!doctype html><html><body>{text}</body></html>".encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


@pytest.fixture
def wiki(node):
    """On the node's own address, where pods find it."""
    server = Wiki()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def linked(space, policies, cluster, wiki):
    """Makes a Deployment with a link to a page of the wiki, or of the address that is given."""
    addresses = cluster.list("nodes")[0]["status"]["addresses"]
    address = next(one["address"] for one in addresses if one["type"] == "InternalIP")
    kubectl = space(SPACE, env=SPACE)
    rule = {"rule": "runbook.alive", "parameters": {"networks": [f"{address}/32"]}}
    document = policy("links", [], match=selecting(env=SPACE))
    document["spec"]["rules"] = [rule]
    policies(document)

    def make(name, page, host=address):
        workload = idle(name, namespace=SPACE)
        workload["metadata"].setdefault("annotations", {})["plimsoll.dev/runbook"] = f"http://{host}:{wiki.server_port}{page}"
        said = kubectl.try_to("apply", "-f", "-", documents=[workload])
        assert said.ok, said  # the policy denies, and this is no reason to
        return workload

    make.kubectl = kubectl
    return make


def findings(kubectl, name):
    record = kubectl.get("workloadreadiness", f"deployment-{name}")
    assert record, f"no record of {name}"
    return record["status"].get("findings", [])


def test_dead_pages_are_findings_of_the_audit_and_deny_nobody(linked, wiki, plimsoll):
    kubectl = linked.kubectl
    for name in ("gone", "login", "good"):
        linked(name, f"/{name}")
    found = {name: wait_until(lambda name=name: findings(kubectl, name), f"the finding about /{name}", LOOKED_AT_S)
             for name in ("gone", "login")}
    for name, told in found.items():
        assert [finding["rule"] for finding in told] == ["runbook.alive"], told
        assert told[0]["action"] == "Warn", told
    wait_until(lambda: any(path == "/good" for path, _, _ in wiki.asked), "the good page to be looked at", LOOKED_AT_S)
    assert findings(kubectl, "good") == []
    # It says who it is, and does not ask twice.
    assert all("plimsoll" in agent.lower() for _, agent, _ in wiki.asked), wiki.asked
    assert max(sum(path == page for path, _, _ in wiki.asked) for page in PAGES) <= 2, wiki.asked
    # A change of the workload is let through as before.
    kubectl("label", "deployment", "gone", "note=a")


def test_addresses_that_are_nobodys_runbook_are_never_asked(linked, wiki):
    kubectl = linked.kubectl
    for name, host in (("loopback", "127.0.0.1"), ("metadata", "169.254.169.254")):
        linked(name, "/good", host=host)
    linked("beside", "/gone")
    wait_until(lambda: findings(kubectl, "beside"), "the page beside to be looked at", LOOKED_AT_S)
    assert {host.rsplit(":", 1)[0] for _, _, host in wiki.asked}.isdisjoint({"127.0.0.1", "169.254.169.254"}), wiki.asked

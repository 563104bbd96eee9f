"""The command line on a live cluster, as people use it: each with a kubeconfig of their own, most of them without plimsoll's
help from the inside."""

import dataclasses
import datetime
import json
import os
import pathlib
import queue
import re
import subprocess
import threading

import pytest
import yaml

from harness.plimsoll import CONFIGURATION, DEPLOYMENT, ROOT
from harness.waiting import wait_until
from harness.workloads import ENFORCED, nowhere, policy, ready, selecting, unready

PROGRAMS = ROOT / "build" / "release" / "cmd" / "plimsoll"
PROGRAM = PROGRAMS / "plimsoll"
HOME = "upstream"
# What a workload without an owner is called among services.
BARE = f"Deployment/bare in {HOME}"
ANA, LEE = "ana@corp.internal", "lee@corp.internal"
DEADLINE_SECONDS = 60

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="needs the program that hack/image builds")


@dataclasses.dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    def __str__(self):
        return f"exit code {self.code}\n{self.out}{self.err}"

    @property
    def json(self):
        return json.loads(self.out)


def say(*arguments, kubeconfig=None, program=(PROGRAM,)):
    env = dict(os.environ, PATH=f"{PROGRAMS}:{os.environ['PATH']}")
    if kubeconfig is not None:
        env["KUBECONFIG"] = str(kubeconfig)
    done = subprocess.run([*program, *map(str, arguments)], capture_output=True, text=True, check=False, env=env,
                          stdin=subprocess.DEVNULL, timeout=DEADLINE_SECONDS)
    return Said(done.returncode, done.stdout, done.stderr)


def workload(make, name):
    made = nowhere(make(name, replicas=2, namespace=HOME))
    made["metadata"].setdefault("labels", {})["app.kubernetes.io/name"] = name  # what makes it a service of that name
    return made


@pytest.fixture(scope="module")
def home(cluster, plimsoll):
    """A namespace with a service that is ready and one that is not, which was there before the policy."""
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME}})
    kubectl = cluster.within(HOME)
    kubectl.apply(workload(ready, "checkout"), workload(unready, "bare"))
    cluster("label", "namespace", HOME, f"env={HOME}")
    cluster.apply(policy(HOME, ENFORCED, match=selecting(env=HOME), waivers={"maxDuration": "2160h"}))
    cluster("wait", "--for=condition=Ready", "--timeout=30s", f"readinesspolicy/{HOME}")
    wait_until(lambda: not kubectl.try_to("create", "--dry-run=server", "-f", "-", documents=[workload(unready, "probe")]).ok,
               "the policy to be in force")
    wait_until(lambda: {"deployment-bare", "deployment-checkout"} <= {record["metadata"]["name"] for record in kubectl.list("wr")},
               "the records", 60)
    yield kubectl
    cluster("delete", "readinesspolicy", HOME, "--ignore-not-found")
    cluster("delete", "namespace", HOME, "--wait=false")


@pytest.fixture(scope="module")
def people(home, cluster, tmp_path_factory):
    """Kubeconfigs of Ana, who may request waivers, and Lee, who may approve them."""
    with open(os.environ["KUBECONFIG"].split(os.pathsep)[0], encoding="utf-8") as file:
        admin = yaml.safe_load(file)
    folder = tmp_path_factory.mktemp("people")
    for user, role in ((ANA, "plimsoll-waiver-requester"), (LEE, "plimsoll-waiver-approver")):
        cluster.apply({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
                       "metadata": {"name": user.split("@")[0], "namespace": HOME},
                       "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
                       "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": user}]})
        config = json.loads(json.dumps(admin))
        for one in config["users"]:
            one["user"]["as"] = user
        (folder / user).write_text(yaml.safe_dump(config), encoding="utf-8")
    return folder / ANA, folder / LEE


def date_in(days):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime("%Y-%m-%d")


def test_the_doctor_finds_nothing_wrong(plimsoll):
    def healthy():
        said = say("doctor")
        assert (said.code, said.err) == (0, ""), said
        return said

    said = wait_until(healthy, "a healthy installation", 30)
    for subject in ("API server", "CRDs", "controller", "leader", "endpoints", "certificates", "trust"):
        assert f"ok       {subject}" in said.out, said.out
    found = say("doctor", "--format", "json").json["checks"]
    assert len(found) >= 8 and not [one for one in found if one["health"] == "bad"], found


def test_the_doctor_names_what_is_broken_and_its_remedy(cluster, plimsoll):
    """While nobody is there who would put it right."""
    def bad():
        said = say("doctor", "--format", "json")
        return said.code, {one["subject"]: (one["finding"], one["remedy"]) for one in said.json["checks"] if one["health"] == "bad"}

    def led():
        return plimsoll.kubectl.get("lease", DEPLOYMENT)["spec"].get("holderIdentity")

    configuration = plimsoll.configuration()
    plimsoll.kubectl("scale", f"deployment/{DEPLOYMENT}", "--replicas=0")
    try:
        # They may serve the API server's idle connections for up to 100 s more, and put nothing right any more.
        wait_until(lambda: not led(), "nobody to lead", 60)
        code, found = wait_until(lambda: "controller" in bad()[1] and bad(), "the Deployment to say so", 30)
        assert code == 1 and "nothing is judged" in found["controller"][0] and "kubectl" in found["controller"][1], found
        for entry in configuration["webhooks"]:
            entry["clientConfig"]["caBundle"] = "bm8gY2VydGlmaWNhdGU="  # "no certificate"
        configuration["metadata"] = {"name": CONFIGURATION}
        cluster("replace", "-f", "-", documents=[configuration])
        code, found = bad()
        assert code == 1 and "caBundle cannot be read" in found["certificates"][0] and "rollout restart" in found["certificates"][1], found
        cluster("delete", "validatingwebhookconfiguration", CONFIGURATION)
        code, found = bad()
        assert code == 1 and "no ValidatingWebhookConfiguration plimsoll" in found["webhook"][0] and found["webhook"][1], found
    finally:
        plimsoll.kubectl("scale", f"deployment/{DEPLOYMENT}", "--replicas=2")
        plimsoll.wait_for_replicas()
    wait_until(lambda: say("doctor").code == 0, "the installation to be healthy again", 60)


def test_a_waiver_from_its_request_to_its_end(home, people):
    ana, lee = people
    try:
        request_approve_renew_end(home, ana, lee)
    finally:
        home("delete", "rw", "--all")


def request_approve_renew_end(home, ana, lee):
    asked = ["Deployment/bare", "-n", HOME, "--policy", HOME, *(word for rule in ENFORCED for word in ("--rule", rule))]
    said = say("waiver", "request", *asked, "--for", "30d", "--reason", "OPS-1234", "--name", "bare", kubeconfig=ana)
    assert (said.code, said.err) == (0, "") and f"requested: {HOME}/bare" in said.out, said
    said = say("waiver", "approve", "bare", "-n", HOME, kubeconfig=ana)
    assert said.code == 2 and "somebody else approves it" in said.err, said
    assert not home.try_to("create", "--dry-run=server", "-f", "-", documents=[workload(unready, "bare2")]).ok
    said = say("waiver", "approve", "bare", "-n", HOME, kubeconfig=lee)
    assert said.code == 0 and f"approved: {HOME}/bare" in said.out and f"requested by {ANA}" in said.out, said

    def listed(name, state):
        found = say("waiver", "list", "-n", HOME, "--format", "json", kubeconfig=ana).json["waivers"]
        one = next(waiver for waiver in found if waiver["name"] == name)
        assert one["state"] == state, found
        return one

    one = wait_until(lambda: listed("bare", "Active"), "the waiver to be active", 30)
    assert (one["requestedBy"], one["approvedBy"], one["expires"][:10]) == (ANA, LEE, date_in(30))
    rows = [line.split() for line in say("waiver", "list", "-n", HOME, kubeconfig=lee).out.splitlines()]
    assert rows[1][:3] == [HOME, "bare", "Active"], rows
    said = say("waiver", "renew", "bare", "-n", HOME, "--for", "60d", "--reason", "OPS-1235", kubeconfig=ana)
    renewed = f"bare-{date_in(60)}"
    assert said.code == 0 and f"requested: {HOME}/{renewed}" in said.out, said
    wait_until(lambda: listed(renewed, "Pending"), "the new one to wait for its approval", 30)
    for name in ("bare", renewed):
        said = say("waiver", "end", name, "-n", HOME, kubeconfig=ana)
        assert said.code == 0 and f"ended: {HOME}/{name}" in said.out, said
    said = say("waiver", "list", "-n", HOME, kubeconfig=ana)
    assert said.out == f"no waivers in {HOME}\n", said


def test_who_may_not_is_told_what_it_takes(home, people):
    ana, _ = people
    for arguments, permission in ((["scan"], "list workloads"), (["status"], "list workloadreadinesses.plimsoll.dev"),
                                  (["check", "--policy", "cluster", str(ROOT / "deploy/samples/workloads")], "list readinesspolicies.plimsoll.dev")):
        said = say(*arguments, kubeconfig=ana)
        assert (said.code, said.out) == (2, "") and f"it takes the permission to {permission}" in said.err, said
        assert len([line for line in said.err.splitlines() if "permission" in line]) == 1, said


def test_a_scan(home):
    said = say("scan", "--policy", "cluster", "-n", HOME)
    assert (said.code, said.err) == (1, "") and said.out.startswith(f"1 workload would be refused\n  {HOME}/Deployment/bare"), said
    found = say("scan", "--policy", "cluster", "-n", HOME, "--format", "json", "--exit-zero").json
    assert found["summary"]["workloads"] == 2 and {one["rule"] for one in found["results"] if one["action"] == "deny"} == set(ENFORCED)
    said = say("scan", "-A")  # the starter policy only audits
    assert (said.code, said.err) == (0, ""), said


def test_a_preview_before_and_after_the_policy_is_applied(home, cluster, tmp_path):
    path = tmp_path / "next.yaml"
    document = policy("upstream-next", ["runbook.url"], match=selecting(env=HOME))
    document["spec"]["rules"][0]["parameters"] = {"hosts": ["runbooks.corp.internal"]}
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    said = say("preview", path, "-n", HOME, "--json")
    assert said.code == 1, said
    blocked = said.json["blocked"]
    assert blocked["before"] == 1 and blocked["after"] == 1 + len(said.json["newly"]), said
    assert [one["name"] for one in said.json["newly"]] == ["checkout"], said
    assert "checkout" in say("preview", path, "-n", HOME).out
    assert cluster.get("readinesspolicy", "upstream-next") is None
    cluster.apply(document)
    try:
        said = say("preview", path, "-n", HOME, "--json")
        assert (said.code, said.json["blocked"]) == (0, {"before": blocked["after"], "after": blocked["after"]}), said
    finally:
        cluster("delete", "readinesspolicy", "upstream-next")


def test_status_and_its_watch(home):
    rows = [line.split() for line in say("status", "-n", HOME).out.splitlines()]
    assert [row[0] for row in rows] == ["SERVICE", BARE.split()[0], "checkout"] and rows[2][1] == "payments", rows
    assert "Blocked" in rows[1] and "Ready" in rows[2], rows
    owners = say("status", "--owners", "-n", HOME)
    assert owners.code == 0 and "payments" in owners.out, owners
    one = say("status", BARE, "-n", HOME)
    assert one.code == 0 and f"{HOME}/Deployment/bare" in one.out and "runbook.url" in one.out, one
    assert say("status", "deploy/bare", "-n", HOME).out == one.out
    said = say("status", "chekout", "-n", HOME)
    assert said.code == 2 and "did you mean checkout?" in said.err, said
    with subprocess.Popen([PROGRAM, "status", "--watch", "-n", HOME], stdout=subprocess.PIPE, text=True) as watching:
        try:
            lines = queue.Queue()
            threading.Thread(target=lambda: [lines.put(line.split()) for line in watching.stdout], daemon=True).start()

            def next_of(service):
                while True:
                    line = lines.get(timeout=DEADLINE_SECONDS)
                    if line and line[0] == service:
                        return line

            assert next_of(BARE.split()[0]) == rows[1]
            mended = workload(ready, "bare")
            selector = workload(unready, "bare")["spec"]["selector"]["matchLabels"]  # cannot be changed
            mended["spec"]["selector"]["matchLabels"] = selector
            mended["spec"]["template"]["metadata"]["labels"].update(selector)
            home.apply(mended)
            assert "Ready" in next_of("bare")  # now that it has an owner, it is a service of that name
        finally:
            watching.terminate()
    home.apply(workload(unready, "bare"))


def test_a_check_by_what_is_in_force(home, tmp_path):
    for make, code in ((ready, 0), (unready, 1)):
        path = tmp_path / f"{make.__name__}.yaml"
        path.write_text(yaml.safe_dump(workload(make, "web")), encoding="utf-8")
        said = say("check", "--policy", "cluster", "--failure-threshold", "deny", "--format", "json", path)
        assert said.code == code, said
        denying = {one["rule"] for one in said.json["results"] if one["action"] == "deny" and one["policy"] == HOME}
        assert denying == (set() if make is ready else set(ENFORCED)), said


def test_a_page_of_the_cluster(home, tmp_path):
    page = tmp_path / "readiness.html"
    said = say("report", "--html", page, "-n", HOME)
    assert (said.code, said.err) == (0, "") and re.fullmatch(rf"{re.escape(str(page))}: \d+ workloads\n", said.out), said
    text = page.read_text(encoding="utf-8")
    assert "bare" in text and "checkout" in text and f"namespace {HOME}" in text
    said = say("report", "--questions", "-n", HOME)
    assert said.code == 0, said


def test_as_a_plugin_of_kubectl(home):
    plugin = pathlib.Path(PROGRAMS / "kubectl-plimsoll")
    assert plugin.is_symlink()
    said = say("plimsoll", "status", "-n", HOME, program=("kubectl",))
    assert said.code == 0 and "checkout" in said.out, said
    assert "Usage: kubectl plimsoll status" in say("plimsoll", "status", "--help", program=("kubectl",)).out
    said = say("plimsoll", "explain", "policy", HOME, program=("kubectl",))
    assert said.code == 0 and "runbook.url" in said.out, said


def test_a_denial_is_explained(home):
    denied = home.try_to("create", "-f", "-", documents=[workload(unready, "denied")])
    assert not denied.ok
    done = subprocess.run([PROGRAM, "explain", "-"], input=denied.err, capture_output=True, text=True, check=False,
                          timeout=DEADLINE_SECONDS)
    assert done.returncode == 0 and "plimsoll waiver request" in done.stdout and "runbook.url" in done.stdout, done

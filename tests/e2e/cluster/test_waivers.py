"""Waivers: requested by one, approved by another who may, in force until a second; and every way around them."""

import datetime
import json

import pytest

from harness.waiting import wait_until
from harness.workloads import ENFORCED, policy, selecting, unready

ANA = "ana@corp.internal"
LEE = "lee@corp.internal"
POLICY = "waivable"
SPACE = "waivers"


def after(**duration):
    then = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**duration)
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")


def waiver(name="web", requested_by=ANA, **spec):
    return {"apiVersion": "plimsoll.dev/v1alpha1", "kind": "ReadinessWaiver", "metadata": {"name": name},
            "spec": {"workloads": [{"kind": "Deployment", "name": "web"}], "policy": POLICY, "rules": list(ENFORCED),
                     "reason": "OPS-1234", "requestedBy": requested_by, "expires": after(days=10), **spec}}


def binding(namespace, user, role):
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
            "metadata": {"name": role + "-" + user.split("@")[0], "namespace": namespace},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
            "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": user}]}


class Person:
    """kubectl as somebody else, who has the rights that bindings give."""

    def __init__(self, kubectl, user):
        self._kubectl = kubectl
        self.user = user

    def try_to(self, *arguments, documents=None):
        return self._kubectl.try_to(*arguments, "--as", self.user, documents=documents)

    def create(self, document, *arguments):
        return self.try_to("create", *arguments, "-f", "-", documents=[document])

    def patch(self, name, spec, *arguments):
        return self.try_to("patch", "rw", name, "--type=merge", "-p", json.dumps({"spec": spec}), *arguments)

    def approve(self, name="web", **more):
        return self.patch(name, {"approval": {"approvedBy": self.user}, **more})


@pytest.fixture(scope="module")
def home(cluster, plimsoll):
    """A namespace whose policy denies, where Ana may request and Lee may approve."""
    labels = {"metadata": {"name": SPACE, "labels": {"env": SPACE}}}
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", **labels})
    cluster.apply(policy(POLICY, ENFORCED, match=selecting(env=SPACE), waivers={"maxDuration": "480h"}))
    cluster.apply(binding(SPACE, ANA, "plimsoll-waiver-requester"), binding(SPACE, LEE, "plimsoll-waiver-approver"))
    kubectl = cluster.within(SPACE)
    wait_until(lambda: not kubectl.try_to("create", "--dry-run=server", "-f", "-", documents=[web()]).ok,
               "the policy to be in force")
    wait_until(lambda: "validate-waivers.plimsoll.dev" in plimsoll.entries(), "the entry for waivers")
    yield kubectl
    cluster("delete", "readinesspolicy", POLICY)
    cluster("delete", "namespace", SPACE, "--wait=false")


@pytest.fixture
def people(home):
    yield Person(home, ANA), Person(home, LEE)
    home("delete", "rw,deployments", "--all", "--wait", "--timeout=60s")


def web(name="web"):
    return unready(name, replicas=1, namespace=SPACE)


def is_let_in(home, name="web"):
    return home.try_to("create", "--dry-run=server", "-f", "-", documents=[web(name)]).ok


def state(home, name="web"):
    return (home.get("rw", name) or {}).get("status", {}).get("state")


def reasons(home):
    return [event["reason"] for event in home.list("events.events.k8s.io") if event["regarding"]["kind"] == "ReadinessWaiver"]


def test_one_requests_another_approves_and_the_release_goes_through(home, people):
    ana, lee = people
    assert ana.create(waiver()).ok
    wait_until(lambda: state(home) == "Pending", "the waiver to be pending")
    said = home.try_to("create", "-f", "-", documents=[web()])
    assert not said.ok
    assert "waiver web is not approved yet" in said.err
    approved = lee.approve()
    assert approved.ok, approved
    assert "Warning: approved for Deployment web until " in approved.err
    wait_until(lambda: is_let_in(home), "the waiver to be in force")
    assert not is_let_in(home, "other")
    home.apply(web())
    wait_until(lambda: (home.get("wr", "deployment-web") or {}).get("status", {}).get("state") == "Waived", "its record")

    def used():
        return home.get("rw", "web").get("status", {}).get("usedBy") == {"workloads": 1, "findings": 4}

    wait_until(used, "its use to be counted", 30)
    lines = [line.split() for line in home("get", "rw", "web").splitlines()]
    assert lines[0] == ["NAME", "STATE", "DAYS", "LEFT", "POLICY", "REQUESTED", "BY", "APPROVED", "BY", "AGE"]
    assert lines[1][:6] == ["web", "Active", "10", POLICY, ANA, LEE]
    wait_until(lambda: "WaiverApproved" in reasons(home), "an event")
    wait_until(lambda: home.get("readinesspolicy", POLICY)["status"]["workloads"]["waived"] == 1, "the policy to count it", 30)


def test_it_ends_at_its_second(home, people, plimsoll):
    ana, lee = people
    ends = after(seconds=30)
    assert ana.create(waiver(expires=ends)).ok
    assert lee.approve().ok
    wait_until(lambda: is_let_in(home), "the waiver to be in force", 25)
    home.apply(web())
    record = wait_until(lambda: home.get("wr", "deployment-web"), "its record")
    assert record["status"]["state"] == "Waived"
    assert record["status"]["next"] == {"action": "Deny", "from": ends, "summary": f"Deny {ends}"}
    wait_until(lambda: home.get("wr", "deployment-web")["status"]["state"] == "Blocked", "the audit to see its end", 60)
    seen = datetime.datetime.now(datetime.timezone.utc)
    late = seen - datetime.datetime.fromisoformat(ends.replace("Z", "+00:00"))
    assert datetime.timedelta(0) <= late < datetime.timedelta(seconds=5)
    said = home.try_to("create", "--dry-run=server", "-f", "-", documents=[web()])
    assert "waiver web expired on" in said.err
    wait_until(lambda: state(home) == "Expired", "its status", 30)
    wait_until(lambda: "WaiverExpired" in reasons(home), "an event")
    expired = 'plimsoll_waivers{owner="none",state="expired"} 1'
    wait_until(lambda: expired in plimsoll.metrics_of(plimsoll.wait_for_leader()), "it to be counted")


@pytest.mark.parametrize("change, words", [
    ({"requestedBy": LEE}, "must be the user who requests the waiver"),
    ({"requestedBy": ANA.upper()}, "must be the user who requests the waiver"),
    ({"approval": {"approvedBy": LEE}}, "a waiver is requested first, and then approved by somebody else"),
    ({"policy": "waivabel"}, 'did you mean "waivable"?'),
    ({"rules": ["runbook.ur"]}, 'did you mean "runbook.url"?'),
    ({"workloads": [{"kind": "Job", "name": "web"}]}, "is not about a Job"),
    ({"expires": after(days=21)}, "lets a waiver last 20d from its creation"),
    ({"expires": "2026-01-01T00:00:00Z"}, "is past"),
    ({"approval": {"approvedBy": ANA}}, "who requested the waiver cannot approve it"),
    ({"reason": " "}, "spec.reason"),
], ids=["for another", "by case", "approved at once", "policy", "rule", "kind", "too long", "past", "by oneself", "no reason"])
def test_what_cannot_be_requested(home, people, change, words):
    said = people[0].create(waiver(**change))
    assert not said.ok
    assert words in said.err, said
    assert home.get("rw", "web") is None


def test_nobody_approves_what_they_requested_nor_as_somebody_else(home, people):
    ana, lee = people
    assert ana.create(waiver()).ok
    for said in (ana.approve(), ana.patch("web", {"approval": {"approvedBy": LEE}}),
                 lee.patch("web", {"approval": {"approvedBy": "kim@corp.internal"}}),
                 ana.patch("web", {"requestedBy": LEE}), lee.patch("web", {"requestedBy": LEE}),
                 lee.approve(expires=after(days=15)), lee.approve(rules=["runbook.url"]), lee.patch("web", {"reason": "mine"})):
        assert not said.ok
    # Ana with the right to: she is who requested it.
    home.apply(binding(SPACE, ANA, "plimsoll-waiver-approver"))
    try:
        said = ana.approve()
        assert not said.ok
        assert "requested" in said.err
    finally:
        home("delete", "rolebinding", "plimsoll-waiver-approver-ana")
    # Somebody who may write waivers and not approve them.
    kim = Person(home, "kim@corp.internal")
    home.apply(binding(SPACE, kim.user, "plimsoll-waiver-requester"))
    said = kim.approve()
    assert not said.ok
    assert "approve" in said.err
    assert "approval" not in home.get("rw", "web")["spec"]
    assert not is_let_in(home)


def test_nothing_changes_after_the_approval(home, people):
    ana, lee = people
    assert ana.create(waiver()).ok
    assert lee.approve().ok
    before = home.get("rw", "web")["spec"]
    everybody = Person(home, "root")
    home.apply(binding(SPACE, everybody.user, "cluster-admin"))
    more = [{"kind": "Deployment", "name": "web"}, {"kind": "Deployment", "name": "other"}]
    for person in (ana, lee, everybody):
        for spec in ({"workloads": more}, {"expires": after(days=19)}, {"rules": ["runbook.url"]}, {"reason": "x"},
                     {"approval": None}, {"approval": {"approvedBy": person.user + ".org"}}):
            assert not person.patch("web", spec).ok, (person.user, spec)
        applied = person.try_to("apply", "--server-side", "--force-conflicts", "-f", "-", documents=[waiver(expires=after(days=19))])
        assert not applied.ok
    assert home.get("rw", "web")["spec"] == before
    home("label", "rw", "web", "a=b")
    home("annotate", "rw", "web", "a=b")


def test_server_side_apply_requests_and_approves(home, people):
    ana, lee = people
    assert ana.try_to("apply", "--server-side", "-f", "-", documents=[waiver()]).ok
    approval = {"apiVersion": "plimsoll.dev/v1alpha1", "kind": "ReadinessWaiver", "metadata": {"name": "web"},
                "spec": {"approval": {"approvedBy": LEE}}}
    said = lee.try_to("apply", "--server-side", "--field-manager=lee", "-f", "-", documents=[approval])
    assert said.ok, said
    wait_until(lambda: state(home) == "Active", "it to be active")


def test_a_dry_run_changes_nothing(home, people):
    ana, lee = people
    assert ana.create(waiver(), "--dry-run=server").ok
    assert home.get("rw", "web") is None
    assert ana.create(waiver()).ok
    assert lee.patch("web", {"approval": {"approvedBy": LEE}}, "--dry-run=server").ok
    assert "approval" not in home.get("rw", "web")["spec"]


def test_it_reaches_no_other_namespace(home, people, space):
    ana, lee = people
    other = space("waivers-2", env=SPACE)
    assert not Person(other, ANA).create(waiver()).ok  # RBAC
    assert ana.create(waiver()).ok
    assert lee.approve().ok
    wait_until(lambda: is_let_in(home), "the waiver to be in force")
    elsewhere = unready("web", replicas=1, namespace="waivers-2")
    said = other.try_to("create", "--dry-run=server", "-f", "-", documents=[elsewhere])
    assert not said.ok
    assert "waiver web" not in said.err
    said = ana.create(waiver("wide", workloads=[{"kind": "Deployment", "name": "web", "namespace": "waivers-2"}]))
    assert not said.ok


def test_the_api_server_holds_it_alone_while_nobody_is_asked(cluster, home, people, plimsoll):
    """The webhook's entry is gone, as before an installation and after one: what says who may is not ours to answer."""
    ana, lee = people
    assert ana.create(waiver("before")).ok
    finalized = waiver("kept")
    finalized["metadata"]["finalizers"] = ["example.com/kept"]
    assert ana.create(finalized).ok
    assert ana.try_to("delete", "rw", "kept", "--wait=false").ok
    plimsoll.kubectl("scale", "deployment/plimsoll-controller", "--replicas=0")
    try:
        wait_until(lambda: not plimsoll.pods(), "nobody to be there")
        cluster.delete("validatingwebhookconfiguration", "plimsoll")
        for said in (ana.create(waiver(requested_by=LEE)), ana.create(waiver(approval={"approvedBy": LEE})),
                     ana.approve("before"), ana.patch("before", {"approval": {"approvedBy": LEE}}),
                     lee.patch("before", {"requestedBy": LEE}), lee.patch("before", {"reason": "mine"}),
                     ana.patch("kept", {"approval": {"approvedBy": LEE}}), lee.approve("before", reason="x")):
            assert not said.ok
            assert "ValidatingAdmissionPolicy 'waivers.plimsoll.dev'" in said.err or "is invalid: spec" in said.err, said
        kim = Person(home, "kim@corp.internal")
        home.apply(binding(SPACE, kim.user, "plimsoll-waiver-requester"))
        assert "verb approve" in kim.approve("before").err
        assert lee.approve("before").ok
        # Whatever it says, it comes off.
        home("patch", "rw", "kept", "--type=merge", "-p", '{"metadata": {"finalizers": null}}')
        wait_until(lambda: home.get("rw", "kept") is None, "it to be gone")
    finally:
        plimsoll.kubectl("scale", "deployment/plimsoll-controller", "--replicas=2")
        plimsoll.wait()
        plimsoll.wait_until_called("shop")
    wait_until(lambda: state(home, "before") == "Active", "what was approved meanwhile to be in force")


def test_one_that_nothing_needs_says_so(home, people):
    ana, lee = people
    assert ana.create(waiver()).ok
    assert lee.approve().ok
    unused = wait_until(lambda: home.get("rw", "web").get("status", {}).get("unusedSince"), "it to be unused", 30)
    assert unused
    conditions = {one["type"]: one for one in home.get("rw", "web")["status"]["conditions"]}
    assert (conditions["Used"]["status"], conditions["Used"]["reason"]) == ("False", "NotUsedYet")

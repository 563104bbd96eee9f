"""What Flux (kstatus) and Argo CD (our health checks, in its Lua) make of the statuses that the controller writes."""

import importlib.util
import json
import os
import pathlib
import subprocess

import pytest

from harness.plimsoll import POLICY
from harness.waiting import wait_until
from harness.workloads import policy, selecting, unready
from test_waivers import after, waiver

ROOT = pathlib.Path(__file__).resolve().parents[3]
CHECKS = ROOT / "deploy/gitops/argocd/resource_customizations/plimsoll.dev"


@pytest.fixture(scope="module")
def kstatus():
    """What Flux waits for, by the library that it has."""
    program = os.environ.get("PLIMSOLL_KSTATUS")
    if not program:
        pytest.skip("needs kstatus, which hack/e2e builds")

    def status_of(thing):
        done = subprocess.run([program], input=json.dumps(thing), capture_output=True, text=True, check=True, timeout=20)
        return done.stdout.split("\t")[1]

    return status_of


@pytest.fixture(scope="module")
def health():
    """What Argo CD shows."""
    spec = importlib.util.spec_from_file_location("argocd_health_test", ROOT / "tests/hack/argocd_health_test.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.LUA, "lua5.1 is not installed (hack/setup e2e)"
    return lambda thing: module.health_of(CHECKS / thing["kind"] / "health.lua", thing)[0]


@pytest.fixture(scope="module")
def seen(kstatus, health):
    return lambda thing: thing and (kstatus(thing), health(thing))


def created(kubectl, document):
    """As the API server answers, before anybody has read it."""
    return json.loads(kubectl("create", "-f", "-", "-o", "json", documents=[document]))


def test_a_policy_is_done_once_it_is_in_force(cluster, plimsoll, seen):
    new = policy("gitops", ["runbook.url"], match=selecting(env="gitops"), stages=[{"action": "Audit"}])
    try:
        assert seen(created(cluster, new)) == ("InProgress", "Progressing")
        wait_until(lambda: seen(cluster.get("readinesspolicy", "gitops")) == ("Current", "Healthy"), "it to be in force", 30)
        # Another generation begins anew, until that has been read.
        cluster("patch", "readinesspolicy", "gitops", "--type=merge", "-p", json.dumps({"spec": {"contact": "#sre"}}))
        wait_until(lambda: seen(cluster.get("readinesspolicy", "gitops")) == ("Current", "Healthy"), "the new one, too", 30)
        stale = cluster.get("readinesspolicy", "gitops")
        stale["metadata"]["generation"] += 1
        assert seen(stale) == ("InProgress", "Progressing")
    finally:
        cluster("delete", "readinesspolicy", "gitops", "--ignore-not-found")


def test_a_policy_with_a_mistake_has_failed(cluster, plimsoll, seen):
    """One that nobody has reviewed: the entry for policies is taken away for a moment, as if nobody had been there."""
    wrong = policy("gitops-wrong", ["runbook.url", "runbok.url"], match=selecting(env="gitops"), stages=[{"action": "Audit"}])
    plimsoll.kubectl("scale", "deployment", "plimsoll-controller", "--replicas=0")
    try:
        plimsoll.end_replicas()
        wait_until(lambda: cluster.try_to("apply", "-f", "-", documents=[wrong]).ok, "nobody to refuse it", 30)
        assert seen(cluster.get("readinesspolicy", "gitops-wrong")) == ("InProgress", "Progressing"), "nobody has read it"
        plimsoll.kubectl("scale", "deployment", "plimsoll-controller", "--replicas=2")
        wait_until(lambda: seen(cluster.get("readinesspolicy", "gitops-wrong")) == ("Failed", "Degraded"), "it to be read", 60)
    finally:
        plimsoll.kubectl("scale", "deployment", "plimsoll-controller", "--replicas=2")
        plimsoll.wait()
        cluster("delete", "readinesspolicy", "gitops-wrong", "--ignore-not-found")
        plimsoll.wait_until_answering("shop")


def test_a_waiver_waits_for_who_approves_it_and_ends(shop, cluster, seen):
    def asked_for(name, **spec):
        return waiver(name, requested_by="admin", policy=POLICY, rules=["runbook.url"], **spec)

    def looks(name, *expected, seconds=30):
        wait_until(lambda: seen(shop.get("readinesswaiver", name)) == expected, f"{name} to be {expected}", seconds)

    try:
        assert seen(created(shop, asked_for("gitops"))) == ("InProgress", "Progressing")
        looks("gitops", "InProgress", "Suspended")
        shop("create", "-f", "-", documents=[asked_for("gitops-short", expires=after(seconds=8))])
        # Somebody else, who may do everything here.
        shop("patch", "rw", "gitops", "--type=merge", "-p", json.dumps({"spec": {"approval": {"approvedBy": "lee"}}}),
             "--as=lee", "--as-group=system:masters")
        looks("gitops", "Current", "Healthy")
        looks("gitops-short", "Failed", "Degraded", seconds=60)
    finally:
        shop("delete", "rw", "gitops", "gitops-short", "--ignore-not-found")


def test_a_record_shows_beside_its_workload_what_would_be_refused(shop, cluster, violator, seen):
    def record():
        found = shop.list("workloadreadinesses")
        return next((one for one in found if one["status"]["workload"]["name"] == violator), None)

    wait_until(lambda: seen(record()) == ("Current", "Degraded"), "its record", 30)
    assert record()["status"]["state"] == "Blocked"
    assert record()["metadata"]["ownerReferences"][0]["name"] == violator, "Argo CD shows it below the workload"
    assert not shop.try_to("create", "--dry-run=server", "-f", "-", documents=[unready("other")]).ok

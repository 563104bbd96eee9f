"""The release with an autoscaler and a NetworkPolicy: each test goes on where the one before has ended."""

import pytest

from harness.plimsoll import DEPLOYMENT, is_judged
from harness.waiting import wait_until
from harness.workloads import policy, selecting
from release import NAMESPACE

SETTINGS = ("autoscaling.enabled=true", "autoscaling.minReplicas=2", "autoscaling.maxReplicas=4", "networkPolicy.enabled=true")


@pytest.fixture(scope="module")
def space(cluster):
    return cluster.within(NAMESPACE)


def replicas(space):
    return space.get("deployment", DEPLOYMENT)["spec"]["replicas"]


def condition(space, kind):
    found = space.get("horizontalpodautoscaler", DEPLOYMENT).get("status", {}).get("conditions", [])
    return next((one for one in found if one["type"] == kind), {})


def test_an_autoscaler_takes_over_from_its_least(release, cluster, plimsoll, space, shop):
    release.install(*SETTINGS)
    wait_until(lambda: replicas(space) == 2, "the autoscaler's least", 60)
    plimsoll.wait_for_replicas(2)
    # There are no metrics on this node; the autoscaler says so, and leaves the count alone.
    wait_until(lambda: condition(space, "ScalingActive").get("status") == "False", "the autoscaler to have looked", 60)
    assert condition(space, "ScalingActive")["reason"] == "FailedGetResourceMetric"
    assert condition(space, "AbleToScale")["status"] == "True"
    cluster.apply(policy("production", ["runbook.url"], match=selecting(env="production")))
    wait_until(lambda: is_judged(shop), "a denial", 30)


def test_an_upgrade_leaves_the_count_to_the_autoscaler(release, plimsoll, space, shop):
    space("scale", "deployment", DEPLOYMENT, "--replicas=3")
    plimsoll.wait_for_replicas(3)
    release.upgrade(*SETTINGS, "podAnnotations.example\\.com/release=next")
    assert replicas(space) == 3
    plimsoll.wait_for_replicas(3)
    assert is_judged(shop)


def test_the_network_policy_is_about_our_pods_and_ports_they_have(release, plimsoll, space):
    found = space.get("networkpolicy", DEPLOYMENT)["spec"]
    selector = ",".join(f"{key}={value}" for key, value in found["podSelector"]["matchLabels"].items())
    selected = {pod["metadata"]["name"] for pod in space.list("pods", "-l", selector)
                if "deletionTimestamp" not in pod["metadata"]}
    assert selected == {pod["metadata"]["name"] for pod in plimsoll.pods()}
    assert len(selected) == 3
    ports = {port["port"] for rule in found["ingress"] for port in rule["ports"]}
    named = {port["name"] for pod in plimsoll.pods() for container in pod["spec"]["containers"] for port in container["ports"]}
    assert ports == named == {"https", "metrics"}
    # Where the API server is: allowed by its port, whatever its address.
    endpoints = space.within("default").list("endpointslices", "-l", "kubernetes.io/service-name=kubernetes")
    allowed = {port["port"] for rule in found["egress"] for port in rule["ports"]}
    assert {port["port"] for one in endpoints for port in one["ports"]} <= allowed


def test_uninstalled(release, space):
    release.uninstall()
    for kind in ("horizontalpodautoscalers", "networkpolicies"):
        assert space.list(kind) == [], kind

"""The directory of teams as a ConfigMap: unknown owners are denied with a hint, and a broken directory denies nobody."""

import datetime

import pytest
import yaml

from harness.plimsoll import NAMESPACE
from harness.waiting import wait_until
from harness.workloads import policy, ready, selecting

NAME = "plimsoll-teams"
TEAMS = [
    {"slug": "payments", "alertRoutes": ["pagerduty:PAYMENTS"], "aliases": ["pay"]},
    {"slug": "ledger"},
]


def directory(text):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": NAME, "namespace": NAMESPACE},
            "data": {"teams.yaml": text}}


def of(teams):
    return directory(yaml.safe_dump({"apiVersion": "plimsoll.dev/v1alpha1", "kind": "TeamDirectory", "teams": teams}))


def owned(owner, **annotations):
    workload = ready("owned", namespace=None)
    del workload["metadata"]["namespace"]
    workload["metadata"].setdefault("labels", {})["plimsoll.dev/owner"] = owner
    workload["metadata"]["annotations"] = annotations
    return workload


@pytest.fixture
def teams(request, cluster, space, policies):
    """kubectl in a namespace of the test's own whose workloads must have a team of the directory, and a route."""
    kubectl = space(request.node.name.replace("_", "-")[:60].rstrip("-"), env="teams")
    policies(policy("teams", ["ownership.directory", "alerting.route"], match=selecting(env="teams")))
    yield kubectl
    cluster.within(NAMESPACE)("delete", "configmap", NAME, "--ignore-not-found")


def create(kubectl, workload):
    return kubectl.try_to("create", "--dry-run=server", "-f", "-", documents=[workload])


def ready_figures(plimsoll):
    """plimsoll_team_directory_ready of every replica."""
    return [next((line.split()[1] for line in plimsoll.metrics_of(pod).splitlines()
                  if line.startswith("plimsoll_team_directory_ready ")), None) for pod in plimsoll.replicas()]


def test_a_directory_appears_breaks_and_is_mended(teams, cluster, plimsoll):
    # Without a directory every owner is as good as any other.
    wait_until(lambda: "alerting.route" in create(teams, owned("anybody")).err, "the policy to be in force")
    assert "ownership.directory" not in create(teams, owned("anybody")).err

    cluster.apply(of(TEAMS))
    wait_until(lambda: ready_figures(plimsoll) and set(ready_figures(plimsoll)) == {"1"}, "the directory to be read")
    said = create(teams, owned("paymnets", **{"plimsoll.dev/alert-route": "x"}))
    assert said.code == 1
    assert 'belongs to "paymnets", which is not in the directory of teams; did you mean "payments"?' in said.err
    assert create(teams, owned("payments")).ok, "the route is the team's"
    assert create(teams, owned("pay")).ok, "another name of it"
    assert "alerting.route" in create(teams, owned("ledger")).err, "a team without a route"

    # Broken: a team that it does not have may be in it by now.
    cluster.apply(directory("apiVersion: plimsoll.dev/v1alpha1\nkind: TeamDirectory\nteams: [{slug: payments, contct: x}]"))
    wait_until(lambda: set(ready_figures(plimsoll)) == {"0"}, "the problem to be seen")
    said = create(teams, owned("paymnets", **{"plimsoll.dev/alert-route": "x"}))
    assert said.ok and "ownership.directory" in said.err, said
    assert create(teams, owned("payments")).ok, "the last good version still has the route"
    assert create(teams, owned("founded-today")).ok, "nobody is refused for a route that may be in there"

    def condition():
        found = cluster.get("readinesspolicy", "teams")["status"].get("conditions", [])
        return next((one for one in found if one["type"] == "TeamDirectoryReady"), None)

    wait_until(lambda: condition() is not None, "the policy to say so")
    assert condition()["status"] == "False" and "contct" in condition()["message"]

    # Gone: the same.
    cluster.within(NAMESPACE)("delete", "configmap", NAME)
    wait_until(lambda: "has been deleted" in (condition() or {}).get("message", ""), "the policy to say that it is gone")
    assert create(teams, owned("founded-today")).ok

    cluster.apply(of(TEAMS + [{"slug": "founded-today", "alertRoutes": ["x"]}]))
    wait_until(lambda: set(ready_figures(plimsoll)) == {"1"}, "the directory to be read again")
    assert create(teams, owned("founded-today")).ok
    assert create(teams, owned("paymnets")).code == 1
    wait_until(lambda: condition() is None, "the condition to go")


def test_a_team_ends_to_the_second(teams, cluster, plimsoll):
    end = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(seconds=20)
    cluster.apply(of(TEAMS + [{"slug": "billing", "alertRoutes": ["x"], "retiredAfter": end.isoformat().replace("+00:00", "Z"),
                               "successor": "payments"}]))
    wait_until(lambda: set(ready_figures(plimsoll)) == {"1"}, "the directory to be read")
    teams("create", "-f", "-", documents=[owned("billing")])
    assert datetime.datetime.now(datetime.timezone.utc) < end, "too slow to see anything"

    def failing():
        return cluster.get("readinesspolicy", "teams")["status"].get("workloads", {}).get("failing")

    wait_until(lambda: failing() == 1, "the audit to notice that the team is no more", 60)
    assert datetime.datetime.now(datetime.timezone.utc) >= end
    said = create(teams, owned("billing") | {"metadata": owned("billing")["metadata"] | {"name": "another"}})
    assert said.code == 1 and 'its successor is "payments"' in said.err, said

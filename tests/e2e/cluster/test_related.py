"""What there is beside a workload: budgets, monitors and alert rules, which come after it and go without it."""

import time

import pytest

from harness.waiting import wait_until
from harness.workloads import idle, nowhere, policy, ready, selecting

# The controllers of these tests give new workloads so long (harness.plimsoll); production has five minutes.
GRACE_SECONDS = 15

SPACE = "related"


@pytest.fixture
def related(space, policies, plimsoll):
    """kubectl in a namespace whose workloads need a budget."""
    kubectl = space(SPACE, env=SPACE)
    policies(policy("related", ["resilience.pdb"], match=selecting(env=SPACE)))
    # The policy is in force where it is in the configuration that the API server follows, and in a record.
    kubectl.apply(workload("first"))
    wait_for(kubectl, "first", lambda status: status["state"] == "Ready", "the first record")
    return kubectl


def workload(name, **labels):
    made = nowhere(ready(name, namespace=SPACE))
    made["spec"]["template"]["metadata"]["labels"].update(labels)
    return made


def budget(name, **labels):
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": name, "namespace": SPACE},
            "spec": {"maxUnavailable": 1, "selector": {"matchLabels": labels}}}


def wait_for(kubectl, name, holds, what, timeout=60):
    def found():
        record = kubectl.get("workloadreadiness", f"deployment-{name}")
        assert record and holds(record["status"]), record and record["status"]
        return record["status"]

    return wait_until(found, what, timeout)


def rules_of(status):
    return [finding["rule"] for finding in status.get("findings", [])]


def lacks_a_budget(status):
    return status["state"] == "Blocked" and rules_of(status) == ["resilience.pdb"]


def test_what_a_new_workload_lacks_is_no_finding_until_its_grace_ends(related):
    began = time.monotonic()
    related.apply(workload("late"))  # not denied, though the policy denies
    wait_for(related, "late", lambda status: status["state"] == "Ready", "a record without a finding")
    assert time.monotonic() - began < GRACE_SECONDS
    wait_for(related, "late", lacks_a_budget, "the finding when the grace has ended")
    assert time.monotonic() - began >= GRACE_SECONDS - 1  # creationTimestamp has whole seconds


def test_a_budget_that_comes_takes_the_finding_along(related):
    related.apply(workload("covered"))
    wait_for(related, "covered", lacks_a_budget, "the finding")
    app = related.get("deployment", "covered")["spec"]["template"]["metadata"]["labels"]
    related.apply(budget("covered", **app))
    wait_for(related, "covered", lambda status: status["state"] == "Ready", "the finding to go")
    related("delete", "poddisruptionbudget", "covered")
    wait_for(related, "covered", lacks_a_budget, "the finding to come again")


def test_an_update_that_leaves_its_budget_is_denied(related):
    related.apply(budget("leaving", tier="backend"), workload("leaving", tier="backend"))
    wait_for(related, "leaving", lambda status: status["state"] == "Ready", "a record")

    def denied():
        changed = workload("leaving", tier="frontend")
        said = related.try_to("apply", "--dry-run=server", "-f", "-", documents=[changed])
        assert "related/resilience.pdb" in said.err, said
        return said

    # Within the grace it may: another budget may be on its way.
    said = wait_until(denied, "the update to be denied once the workload has settled", GRACE_SECONDS + 30)
    assert "no PodDisruptionBudget covers the pods" in said.err
    # What makes nothing worse is let through.
    related("scale", "deployment", "leaving", "--replicas=3")


def test_a_kind_that_is_not_installed_asks_for_nothing(space, policies, plimsoll):
    kubectl = space("monitored", env="monitored")
    policies(policy("monitored", ["alerting.scraped", "alerting.rules"], match=selecting(env="monitored")))
    kubectl.apply(idle("web", namespace="monitored"))
    began = time.monotonic()

    def settled():
        # Judged again after its grace, which is not what keeps a finding away.
        kubectl("annotate", "deployment", "web", f"touched={time.monotonic()}", "--overwrite")
        record = kubectl.get("workloadreadiness", "deployment-web")
        assert record and record["status"]["state"] == "Ready", record
        return time.monotonic() - began > GRACE_SECONDS + 2

    wait_until(settled, "the grace to end without a finding", GRACE_SECONDS + 30, interval=1)

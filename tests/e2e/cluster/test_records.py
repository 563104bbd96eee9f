"""WorkloadReadiness: what is known about each workload, written when it changes, gone with the workload."""

from harness.metrics import total
from harness.waiting import wait_until
from harness.workloads import ENFORCED, idle, policy, ready, selecting, unready


def record(kubectl, workload):
    return kubectl.get("workloadreadiness", f"deployment-{workload}")


def wait_for_state(kubectl, workload, state):
    def found():
        seen = record(kubectl, workload)
        assert seen and seen["status"]["state"] == state, seen and seen["status"]
        return seen

    return wait_until(found, f"a record that says {state}", 30)


def test_a_violator_has_a_record_that_it_owns(shop, violator):
    seen = wait_for_state(shop, violator, "Blocked")
    owner = seen["metadata"]["ownerReferences"]
    assert [(one["kind"], one["uid"]) for one in owner] == [("Deployment", shop.get("deployment", violator)["metadata"]["uid"])]
    found = {finding["rule"] for finding in seen["status"]["findings"]}
    assert set(ENFORCED) <= found
    table = shop("get", "wr", "-A").splitlines()
    assert table[0].split() == ["NAMESPACE", "NAME", "WORKLOAD", "STATE", "OWNER", "TIER", "FAILING", "WAIVED", "FIRST", "SEEN"]
    assert any(f"Deployment/{violator}" in line for line in table[1:]), table


def test_a_record_follows_its_workload(shop, violator):
    wait_for_state(shop, violator, "Blocked")
    shop("replace", "-f", "-", documents=[put_right(violator)])
    seen = wait_for_state(shop, violator, "Ready")
    assert seen["status"]["counts"]["failing"] == 0
    shop("delete", "deployment", violator)
    wait_until(lambda: record(shop, violator) is None, "the record to go", 30)


def put_right(name):
    """The ready sample with the selector of the unready one, which cannot be changed."""
    workload = ready(name)
    workload["spec"]["selector"] = unready(name)["spec"]["selector"]
    workload["spec"]["template"]["metadata"]["labels"].update(workload["spec"]["selector"]["matchLabels"])
    return workload


def test_a_record_is_not_written_again_while_nothing_changes(shop, plimsoll, violator):
    version = wait_for_state(shop, violator, "Blocked")["metadata"]["resourceVersion"]
    # The deployment controller goes on writing its status; a scale is a change of the workload without one of the verdict.
    shop("scale", "deployment", violator, "--replicas=4")
    wait_until(lambda: shop.get("deployment", violator)["status"].get("replicas") == 4, "the scale to be carried out")
    shop.apply(ready("checkout"))
    wait_for_state(shop, "checkout", "Ready")
    assert record(shop, violator)["metadata"]["resourceVersion"] == version


def test_a_record_that_was_deleted_or_edited_is_written_anew(shop, violator):
    wait_for_state(shop, violator, "Blocked")
    shop("delete", "workloadreadiness", f"deployment-{violator}")
    wait_for_state(shop, violator, "Blocked")
    shop("patch", "workloadreadiness", f"deployment-{violator}", "--type=merge", "-p", '{"status":{"state":"Ready"}}')
    wait_for_state(shop, violator, "Blocked")


def test_a_namespace_that_no_policy_selects_any_more_loses_its_records(shop, cluster, violator):
    wait_for_state(shop, violator, "Blocked")
    cluster("label", "namespace", shop.namespace, "env-")
    wait_until(lambda: record(shop, violator) is None, "the record to go", 30)
    cluster("label", "namespace", shop.namespace, "env=production")
    wait_for_state(shop, violator, "Blocked")


def test_only_the_leader_counts_workloads(shop, plimsoll, violator):
    leader = plimsoll.wait_for_leader()
    wait_until(lambda: total(plimsoll.metrics_of(leader), "plimsoll_workloads", state="blocked") == 1, "the violator to be counted")
    for replica in plimsoll.replicas():
        if replica != leader:
            assert "\nplimsoll_workloads{" not in plimsoll.metrics_of(replica)


def test_a_dry_run_leaves_no_record(shop, plimsoll):
    shop("create", "--dry-run=server", "-f", "-", documents=[ready("ghost")])
    shop.apply(ready("checkout"))
    wait_for_state(shop, "checkout", "Ready")
    assert record(shop, "ghost") is None


def test_a_kind_that_is_not_installed_does_not_stop_the_audit(space, policies, plimsoll):
    kubectl = space("rollouts", env="rollouts")
    policies(policy("rollouts", ["runbook.url"], match={"kinds": ["Deployment", "Rollout"], **selecting(env="rollouts")}))
    kubectl("create", "-f", "-", documents=[ready("checkout", namespace="rollouts")])
    wait_for_state(kubectl, "checkout", "Ready")
    kubectl("delete", "deployment", "checkout")


NO_RECORDS = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: no-records}
spec:
  failurePolicy: Fail
  matchConstraints:
    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: refused}}
    resourceRules:
      - {apiGroups: [plimsoll.dev], apiVersions: ["*"], operations: [CREATE, UPDATE], resources: [workloadreadinesses]}
  validations: [{expression: "false", message: "no records here"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: no-records}
spec: {policyName: no-records, validationActions: [Deny]}
"""
EMPTY_RECORD = {"apiVersion": "plimsoll.dev/v1alpha1", "kind": "WorkloadReadiness", "metadata": {"name": "x"}}


def test_records_that_are_refused_hold_up_no_other(shop, cluster, plimsoll, space):
    refused = space("refused", env="production")
    cluster.apply(NO_RECORDS)
    try:
        wait_until(lambda: "no records here" in refused.try_to("create", "--dry-run=server", "-f", "-", documents=[EMPTY_RECORD]).err,
                   "records to be refused")
        refused.apply(*(idle(f"web-{i}", "refused") for i in range(20)))
        shop.apply(ready("checkout"))
        # Each refusal once cost all others two seconds.
        wait_until(lambda: record(shop, "checkout"), "the record of another namespace", 15)
        assert refused.list("workloadreadiness") == []
        cluster("delete", "-f", "-", documents=[NO_RECORDS])
        wait_until(lambda: len(refused.list("workloadreadiness")) == 20, "those that were refused to be tried again", 100)
    finally:
        cluster("delete", "-f", "-", "--ignore-not-found", documents=[NO_RECORDS])

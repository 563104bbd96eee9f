"""ReadinessPolicies as objects: refused when they are wrong, in force when they are applied, with a status."""

import datetime
import time

import pytest

from harness.plimsoll import CONFIGURATION, POLICY
from harness.waiting import wait_until
from harness.workloads import nowhere, policy, selecting, unready


def condition(cluster, name, kind="Ready"):
    found = cluster.get("readinesspolicy", name).get("status", {}).get("conditions", [])
    return next((one for one in found if one["type"] == kind), None)


def test_a_misspelt_rule_is_refused_with_its_path_and_the_nearest_name(cluster, plimsoll):
    said = cluster.try_to("apply", "-f", "-", documents=[policy("wrong", ["runbook.url", "health.readiness-prob"])])
    assert said.code == 1
    assert 'The ReadinessPolicy "wrong" is invalid: ' in said.err
    assert "spec.rules[1].rule: " in said.err
    assert "health.readiness-probe" in said.err
    assert cluster.get("readinesspolicy", "wrong") is None


@pytest.mark.parametrize("spec, expected", [
    ({"stages": [{"action": "Block"}]}, ["spec.stages[0].action", '"Audit", "Warn", "Deny"']),
    ({"failurePolicy": "Never"}, ["spec.failurePolicy", '"Ignore", "Fail"']),
    ({"match": {"kinds": ["Service"]}}, ["spec.match.kinds[0]", '"Deployment"']),
    ({"stages": [{"action": "Deny", "from": "soon"}]}, ["spec.stages[0].from"]),
], ids=["action", "failurePolicy", "kind", "date"])
def test_what_the_schema_can_say_is_refused_by_the_api_server(cluster, plimsoll, spec, expected):
    said = cluster.try_to("apply", "-f", "-", documents=[policy("wrong", ["runbook.url"], **spec)])
    assert said.code == 1
    for words in expected:
        assert words in said.err, said


def test_a_deny_without_notice_is_warned_about(cluster, plimsoll):
    said = cluster.try_to("apply", "--dry-run=server", "-f", "-", documents=[policy("sudden", ["runbook.url"])])
    assert said.ok
    assert "Warning: runbook.url denies at once: nobody has been told before" in said.err


def test_a_policy_in_force_says_so(cluster, plimsoll):
    cluster("wait", "--for=condition=Ready", "--timeout=30s", f"readinesspolicy/{POLICY}")
    found = cluster.get("readinesspolicy", POLICY)
    ready = condition(cluster, POLICY)
    assert (ready["reason"], ready["message"]) == ("Accepted", "In force as written.")
    assert found["status"]["observedGeneration"] == found["metadata"]["generation"]
    table = cluster("get", "rp", POLICY).splitlines()
    assert table[0].split() == ["NAME", "STAGE", "NEXT", "FAILING", "BLOCKED", "READY", "AGE"]
    assert cluster("explain", "readinesspolicy.spec.stages")


def test_its_status_counts_workloads(shop, cluster, violator):
    def counts():
        return cluster.get("readinesspolicy", POLICY)["status"].get("workloads", {})

    wait_until(lambda: counts().get("failing") == 1 and counts().get("matched") == 1, "the violator to be counted")
    shop("delete", "deployment", violator)
    wait_until(lambda: counts().get("matched") == 0, "nothing to be counted")


def test_a_status_that_is_right_is_not_written_again(cluster, plimsoll):
    cluster("wait", "--for=condition=Ready", "--timeout=30s", f"readinesspolicy/{POLICY}")
    metrics = plimsoll.metrics_of(plimsoll.wait_for_leader())
    before = cluster.get("readinesspolicy", POLICY)["metadata"]["resourceVersion"]
    # Two more passes of the audit: the policy has been looked at.
    name = "plimsoll_audit_last_success_timestamp_seconds"

    def audited(text):
        return next((line.split()[1] for line in text.splitlines() if line.startswith(name)), None)

    first = audited(metrics)
    wait_until(lambda: audited(plimsoll.metrics_of(plimsoll.wait_for_leader())) != first, "another audit", 30)
    assert cluster.get("readinesspolicy", POLICY)["metadata"]["resourceVersion"] == before


def test_the_webhook_configuration_follows_the_policies(cluster, plimsoll, policies):
    policies(policy("nightly", ["runbook.url"], match={"kinds": ["CronJob"], **selecting(env="night")}, failurePolicy="Fail"))
    entry = wait_until(lambda: plimsoll.entries().get("validate-fail.plimsoll.dev"), "an entry that fails", 20)
    assert [rule["resources"] for rule in entry["rules"]] == [["cronjobs"]]
    assert entry["failurePolicy"] == "Fail"
    cluster("delete", "readinesspolicy", "nightly")
    wait_until(lambda: "validate-fail.plimsoll.dev" not in plimsoll.entries(), "the entry to go", 20)


def test_an_edited_configuration_is_repaired_with_an_event(cluster, plimsoll):
    before = plimsoll.entries()

    def series():
        """How often it was told, by the event that says so."""
        events = cluster.within("default").list("events.events.k8s.io")
        return max((event.get("series", {}).get("count", 1) for event in events
                    if event.get("reason") == "WebhookConfigurationRepaired"), default=0)

    for times in (1, 2):
        cluster("patch", "validatingwebhookconfiguration", CONFIGURATION, "--type=json", "-p",
                '[{"op": "remove", "path": "/webhooks/0/rules"}]')
        wait_until(lambda: plimsoll.entries() == before, "the configuration to be repaired", 20)
        wait_until(lambda: series() >= times, f"an event that says so {times} times", 20)  # pylint: disable=cell-var-from-loop


def test_a_deleted_configuration_comes_back_and_a_bad_policy_of_meanwhile_says_so(cluster, plimsoll, shop):
    before = plimsoll.entries()
    owner = plimsoll.configuration()["metadata"]["ownerReferences"]
    cluster.delete("validatingwebhookconfiguration", CONFIGURATION)
    # Nobody is asked now, so it comes in.
    cluster.apply(policy("wrong", ["runbook.url", "health.readiness-prob"], match=selecting(env="wrong")))
    ready = wait_until(lambda: condition(cluster, "wrong"), "a status", 20)
    assert (ready["status"], ready["reason"]) == ("False", "UnknownRule")
    assert "health.readiness-probe" in ready["message"]
    assert len(plimsoll.replicas()) == 2, "replicas stay ready without a configuration"
    cluster("delete", "readinesspolicy", "wrong")
    wait_until(lambda: plimsoll.entries() == before, "the configuration to come back", 40)
    assert plimsoll.configuration()["metadata"]["ownerReferences"] == owner


# Long enough for a policy to be in force before its stage begins.
NOTICE_SECONDS = 20
# A probe, kubectl's start among it; the stage itself begins at its second.
LATE_SECONDS = 2


def test_a_stage_begins_at_its_second(space, policies):
    """At admission and in the records, without anything being changed, listed or asked for again."""
    kubectl = space("staged", env="staged")
    begins = int(time.time()) + NOTICE_SECONDS
    date = datetime.datetime.fromtimestamp(begins, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    policies(policy("staged", ["runbook.url"], match=selecting(env="staged"),
                    stages=[{"action": "Audit"}, {"action": "Deny", "from": date}]))
    kubectl.apply(nowhere(unready("web", namespace="staged")))

    def state():
        record = kubectl.get("workloadreadiness", "deployment-web")
        return record and record["status"]["state"]

    assert wait_until(state, "a record", NOTICE_SECONDS / 2) == "NotReady"
    assert time.time() < begins

    def denied():
        return "runbook.url" in kubectl.try_to("create", "--dry-run=server", "-f", "-",
                                               documents=[unready("other", namespace="staged")]).err

    wait_until(denied, "the stage to begin", NOTICE_SECONDS + LATE_SECONDS)
    assert begins <= time.time() <= begins + LATE_SECONDS
    wait_until(lambda: state() == "Blocked", "the record to say so", LATE_SECONDS)

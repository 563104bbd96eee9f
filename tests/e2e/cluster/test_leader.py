"""One replica leads, and only that one writes."""

from harness.metrics import total
from harness.plimsoll import LEASE_SECONDS, SERVICE_ACCOUNT
from harness.waiting import wait_until
from harness.workloads import SHOP, idle, ready

WRITES = {"create", "update", "patch", "delete"}
OF_THE_LEADER = {"workloadreadinesses", "readinesspolicies", "validatingwebhookconfigurations", "secrets"}
POD_NAME = "authentication.kubernetes.io/pod-name"


def is_of_others(event):
    """Every replica writes histories, and records of what it has refused: of other tests', as nothing is refused here."""
    about = event["objectRef"]
    elsewhere = about["resource"] == "workloadreadinesses" and about.get("namespace") != SHOP
    return elsewhere or "fieldManager=plimsoll-history" in event["requestURI"]


def writes(node, pod_name):
    """When that replica asked for something that only the leader may ask for."""
    return [event["requestReceivedTimestamp"] for event in node.audit_events()
            if event["user"].get("username") == SERVICE_ACCOUNT and event["verb"] in WRITES
            and event.get("objectRef", {}).get("resource") in OF_THE_LEADER and not is_of_others(event)
            and event["user"].get("extra", {}).get(POD_NAME) == [pod_name]]


def assert_recorded(shop, name):
    shop.apply(ready(name))
    wait_until(lambda: shop.get("workloadreadiness", f"deployment-{name}"), "a record", 40)


def test_one_replica_leads(plimsoll):
    leader = plimsoll.wait_for_leader()
    leading = {replica.name: total(plimsoll.metrics_of(replica), "plimsoll_leader") for replica in plimsoll.replicas()}
    assert leading == {replica: float(replica == leader.name) for replica in leading}
    assert len(leading) == 2


def test_when_the_leader_is_killed_another_one_leads(shop, plimsoll, node):
    killed = plimsoll.wait_for_leader()
    assert_recorded(shop, "before")
    plimsoll.kubectl("delete", "pod", killed.name, "--grace-period=0", "--force")
    other = plimsoll.wait_for_leader(other_than=[killed])
    assert_recorded(shop, "after")
    assert writes(node, killed.name)
    assert max(writes(node, killed.name)) < min(writes(node, other.name))
    plimsoll.wait_for_replicas(other_than=[killed])


def test_a_leader_that_ends_hands_over_at_once(shop, plimsoll):
    ended = plimsoll.wait_for_leader()
    plimsoll.kubectl("delete", "pod", ended.name, "--wait=false")
    wait_until(lambda: plimsoll.leader() not in (None, ended), "another leader", LEASE_SECONDS - 5)
    plimsoll.wait_for_replicas(other_than=[ended])


def test_a_new_leader_leaves_records_alone_that_are_right(shop, plimsoll):
    """It hears of the records and of the workloads on different watches, in either order."""
    names = [f"many-{i}" for i in range(30)]
    shop.apply(*(idle(name) for name in names))
    records = {f"deployment-{name}" for name in names}

    def written():
        found = {record["metadata"]["name"]: (record["metadata"]["uid"], record["metadata"]["resourceVersion"])
                 for record in shop.list("workloadreadiness")}
        return {name: found[name] for name in records if name in found}

    wait_until(lambda: written().keys() == records, "a record for each", 40)
    wait_until(lambda: total(plimsoll.metrics(), "plimsoll_history_pending_records") == 0, "every history to be kept", 40)
    before = written()
    ended = plimsoll.wait_for_leader()
    plimsoll.kubectl("delete", "pod", ended.name, "--wait=false")
    plimsoll.wait_for_leader(other_than=[ended])
    assert_recorded(shop, "after")
    assert written() == before
    plimsoll.wait_for_replicas(other_than=[ended])


def test_a_leader_that_was_frozen_writes_nothing_any_more(shop, plimsoll, node):
    frozen = plimsoll.wait_for_leader()
    assert_recorded(shop, "before")
    with node.frozen(frozen.name):
        other = plimsoll.wait_for_leader(other_than=[frozen])
        assert_recorded(shop, "meanwhile")
    plimsoll.wait_for_replicas()
    wait_until(lambda: total(plimsoll.metrics_of(frozen), "plimsoll_leader") == 0, "it to know that it no longer leads")
    # It has seen all that happened meanwhile, and so has had its chance.
    assert_recorded(shop, "after")
    assert plimsoll.leader() == other
    assert max(writes(node, frozen.name)) < min(writes(node, other.name))

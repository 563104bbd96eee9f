"""Plimsoll goes, and leaves nothing behind that anybody could stumble over."""

from harness.plimsoll import NAMESPACE, install
from harness.waiting import wait_until
from harness.workloads import policy, selecting, unready


def test_a_deleted_namespace_leaves_nothing_that_blocks(cluster, plimsoll, shop, policies):
    policies(policy("strict", ["runbook.url"], match=selecting(env="production"), failurePolicy="Fail"))
    wait_until(lambda: "validate-fail.plimsoll.dev" in plimsoll.entries(), "an entry that fails")
    cluster("delete", "namespace", NAMESPACE, "--wait=false")
    plimsoll.end_pods()
    wait_until(lambda: plimsoll.configuration() is None, "the webhook configuration to go with it", 60)
    shop("create", "-f", "-", documents=[unready("free")])
    cluster("wait", "--for=delete", f"namespace/{NAMESPACE}", "--timeout=60s")
    assert cluster.get("readinesspolicy", "strict"), "policies and records stay"
    # And again: what was left of the first installation does not stand in the way of a second.
    install(cluster)
    plimsoll.wait_until_called(shop.namespace)

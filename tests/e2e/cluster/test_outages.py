"""Parts of the cluster end, restart and cannot hear each other; verdicts go on as soon as they can."""

from harness.load import Load
from harness.plimsoll import WEBHOOK
from harness.waiting import wait_until
from harness.workloads import ready, unready

DRY_RUN = "/apis/apps/v1/namespaces/shop/deployments?dryRun=All"


def judged(shop, name="web"):
    """Whether an unready workload is denied by us, and not by an error."""
    return "is invalid" in shop.try_to("create", "--dry-run=server", "-f", "-", documents=[unready(name)]).err


def test_a_rolling_restart_under_load_fails_no_call(shop, plimsoll, api):
    with Load(api, "POST", DRY_RUN, ready("checkout"), rate=50) as load:
        wait_until(lambda: len(load.calls) > 20, "the load to flow")
        plimsoll.roll_out()
    print(load.summary())
    assert not load.failed, f"{load.summary()}; first: {load.failed[0]}"


def test_a_killed_replica_is_replaced(shop, plimsoll):
    before = {pod["metadata"]["uid"] for pod in plimsoll.pods()}
    victim = plimsoll.pods()[0]["metadata"]["name"]
    plimsoll.kubectl("delete", "pod", victim, "--grace-period=0", "--force")
    wait_until(lambda: len(plimsoll.pods()) == 2 and {p["metadata"]["uid"] for p in plimsoll.pods()} != before,
               "another replica")
    wait_until(lambda: judged(shop), "verdicts")


def test_the_api_server_restarts(shop, node):
    node.component("restart", "kube-apiserver")
    wait_until(lambda: judged(shop), "verdicts", 30)


def test_etcd_is_killed_and_starts_again(shop, node):
    node.component("kill", "etcd")
    assert not shop.try_to("get", "deployments", "--request-timeout=3s").ok
    node.component("start", "etcd")
    wait_until(lambda: judged(shop), "verdicts", 60)


def test_the_kubelet_restarts_and_pods_stay(shop, plimsoll, node):
    before = {pod["metadata"]["uid"] for pod in plimsoll.pods()}
    node.component("restart", "kubelet")
    assert {pod["metadata"]["uid"] for pod in plimsoll.pods()} == before
    assert judged(shop)


def test_while_no_packet_passes_the_failure_policy_decides(shop, plimsoll, node):
    addresses = [pod["status"]["podIP"] for pod in plimsoll.pods()]
    with node.cut_off(*addresses):
        said = shop.try_to("create", "--dry-run=server", "-f", "-", documents=[ready("checkout")])
        assert f'failed calling webhook "{WEBHOOK}"' in said.err, said
    wait_until(lambda: judged(shop), "verdicts")


def test_the_audit_log_tells_the_verdict(shop, node):
    shop.try_to("apply", "-f", "-", documents=[unready("audited")])

    def annotations():
        denied = [event for event in node.audit_events() if event.get("objectRef", {}).get("resource") == "deployments"
                  and event["verb"] in ("create", "patch") and event.get("responseStatus", {}).get("code") == 422]
        return denied and denied[-1].get("annotations", {}).get(f"{WEBHOOK}/verdict")

    assert wait_until(annotations, "the audit event") == "deny"

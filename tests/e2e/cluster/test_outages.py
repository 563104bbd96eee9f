"""Parts of the cluster end, restart and cannot hear each other; verdicts go on as soon as they can."""

from harness.load import creations
from harness.plimsoll import SELECTOR, WEBHOOK, is_judged
from harness.waiting import wait_until
from harness.workloads import policy, ready, selecting, unready

FAIL_WEBHOOK = "validate-fail.plimsoll.dev"


# One after the other: what is left of one meets the next.
RESTARTS = 12


def test_rolling_restarts_under_load_fail_no_call(strict, plimsoll, api):
    with creations(api, strict, rate=50) as load:
        wait_until(lambda: len(load.calls) > 20, "the load to flow")
        for _ in range(RESTARTS):
            plimsoll.roll_out()
    print(load.summary())
    assert not load.failed, f"{load.summary()}; first: {load.failed[0]}"


# Until the kubelet has seen that the container ended, and kube-proxy knows it; a call that waits for it besides.
KILLED_SECONDS = 10


def test_a_process_that_is_killed_fails_calls_for_a_moment_only(strict, plimsoll, api, node):
    victim = plimsoll.replicas()[0]
    with creations(api, strict, rate=50) as load:
        wait_until(lambda: len(load.calls) > 20, "the load to flow")
        killed = load.now()
        node.kill(victim.name)
        wait_until(lambda: load.now() > killed + KILLED_SECONDS and plimsoll.wait_for_replicas(), "it to serve again")
        after = len(load.calls)
        wait_until(lambda: len(load.calls) > after + 50, "calls afterwards")
    print(load.summary())
    late = [call for call in load.failed if not killed - 1 <= call.began <= killed + KILLED_SECONDS]
    assert not late, f"{load.summary()}; first: {late[0]}"


def test_a_killed_replica_is_replaced(shop, plimsoll):
    victim = plimsoll.replicas()[0]
    plimsoll.kubectl("delete", "pod", victim.name, "--grace-period=0", "--force")
    plimsoll.wait_for_replicas(other_than=[victim])
    wait_until(lambda: is_judged(shop), "verdicts")


def test_the_api_server_restarts(shop, node):
    node.component("restart", "kube-apiserver")
    wait_until(lambda: is_judged(shop), "verdicts", 30)


def test_etcd_is_killed_and_starts_again(shop, node):
    node.component("kill", "etcd")
    assert not shop.try_to("get", "deployments", "--request-timeout=3s").ok
    node.component("start", "etcd")
    wait_until(lambda: is_judged(shop), "verdicts", 60)


def test_the_kubelet_restarts_and_pods_stay(shop, plimsoll, node):
    before = {pod["metadata"]["uid"] for pod in plimsoll.pods()}
    node.component("restart", "kubelet")
    assert {pod["metadata"]["uid"] for pod in plimsoll.pods()} == before
    assert is_judged(shop)


def creates(kubectl, make):
    return kubectl.try_to("create", "--dry-run=server", "-f", "-", documents=[make("web", namespace=kubectl.namespace)])


def test_while_no_packet_passes_the_failure_policy_decides(shop, strict, plimsoll, node):
    with node.cut_off(*(replica.ip for replica in plimsoll.replicas())):
        said = creates(strict, ready)
        assert f'failed calling webhook "{FAIL_WEBHOOK}"' in said.err, said
        assert creates(shop, unready).ok, "Ignore"
    wait_until(lambda: is_judged(shop) and is_judged(strict), "verdicts")


def test_with_all_replicas_dead_the_cluster_works_and_heals_itself(shop, strict, cluster, plimsoll):
    killed = plimsoll.replicas()
    plimsoll.kubectl("delete", "pods", "--all", "--force", "--grace-period=0")
    for namespace in ("kube-system", "plimsoll-system", "default"):
        assert creates(cluster.within(namespace), ready).ok
    plimsoll.wait_for_replicas(other_than=killed)
    wait_until(lambda: is_judged(strict), "verdicts")


def test_what_happened_while_the_api_server_could_not_be_heard_is_known_afterwards(shop, cluster, plimsoll, space, node):
    quiet = space("quiet", env="quiet")
    with node.cut_off(*(replica.ip for replica in plimsoll.replicas())):
        node.component("kill", "kube-apiserver")
        node.component("start", "kube-apiserver")
        # Nobody can send what happened between: every watch has to begin with a list.
        cluster.apply(policy("quiet", ["runbook.url"], match=selecting(env="quiet")))
        node.compact_etcd()
    wait_until(lambda: is_judged(quiet), "the policy to be in force", 60)
    cluster("delete", "readinesspolicy", "quiet")
    wait_until(lambda: not is_judged(quiet), "the policy to be gone", 60)
    said = plimsoll.kubectl("logs", "-l", SELECTOR, "--tail=-1")
    assert "listing anew: the API server has forgotten what came before" in said


def test_the_audit_log_tells_the_verdict(shop, node):
    shop.try_to("apply", "-f", "-", documents=[unready("audited")])

    def annotations():
        denied = [event for event in node.audit_events() if event.get("objectRef", {}).get("resource") == "deployments"
                  and event["verb"] in ("create", "patch") and event.get("responseStatus", {}).get("code") == 422]
        return denied and denied[-1].get("annotations", {}).get(f"{WEBHOOK}/verdict")

    assert wait_until(annotations, "the audit event") == "deny"

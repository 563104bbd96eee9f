"""One release, from the first installation to the last trace: each test goes on where the one before has ended."""

import json
import time

import yaml

from harness.load import creations
from harness.plimsoll import CA_SECRET, DEPLOYMENT, SELECTOR, SERVICE_ACCOUNT, is_judged
from harness.waiting import wait_until
from harness.workloads import SAMPLES, policy, ready, selecting, unready
from release import NAMESPACE, STARTER

TEST_ACCOUNT = f"system:serviceaccount:{NAMESPACE}:plimsoll-test"


def uid(cluster, kind, name):
    found = cluster.get(kind, name)
    return found and found["metadata"]["uid"]


def condition(cluster, name, kind="Ready"):
    status = (cluster.get("readinesspolicy", name) or {}).get("status", {})
    return next((one for one in status.get("conditions", []) if one["type"] == kind), None)


def is_free(kubectl):
    """Whether an unready workload can be created."""
    return kubectl.try_to("create", "--dry-run=server", "-f", "-", documents=[unready("free", namespace=kubectl.namespace)]).ok


def test_from_nothing_to_a_first_denial(release, cluster, plimsoll, shop):
    began = time.monotonic()
    notes = release.install()
    installed = time.monotonic() - began
    assert "plimsoll-baseline only audits" in notes
    cluster.apply(policy("production", ["ownership.owner", "runbook.url"], match=selecting(env="production")))
    wait_until(lambda: is_judged(shop), "a denial", 30, interval=0.05)
    print(f"installed, all replicas ready, after {installed:.1f} s; denied after {time.monotonic() - began:.1f} s")
    assert len(plimsoll.replicas()) == 2
    # The starter policy is there, and denies nobody.
    wait_until(lambda: (condition(cluster, STARTER) or {}).get("status") == "True", "the starter policy to be in force", 30)
    assert cluster.get("readinesspolicy", STARTER)["status"]["stage"] == "Audit"


def test_helm_test_passes_and_sees_a_denial(release, shop):
    release.upgrade(f"test.namespace={shop.namespace}")
    said = release.test()
    assert said.ok, said
    assert "ok: a policy with a mistake is refused" in said.out
    assert f"an unready Deployment in namespace {shop.namespace} was denied, as policies and mode say" in said.out


def test_what_the_test_may_do_is_what_it_does(node):
    used = set()
    for event in node.audit_events():
        reference = event.get("objectRef", {})
        if event["user"].get("username") == TEST_ACCOUNT and "resource" in reference:
            assert event["verb"] != "create" or "dryRun=All" in event["requestURI"], "it changes nothing"
            used.add((reference["resource"], event["verb"]))
    assert used == {("readinesspolicies", "create"), ("readinesspolicies", "list"), ("namespaces", "get"),
                    ("deployments", "create")}


def test_the_starter_policy_has_become_an_object_of_the_release(release, cluster):
    manifest = [thing for thing in yaml.safe_load_all(release.helm("get", "manifest", "plimsoll").out) if thing]
    assert [thing["metadata"]["name"] for thing in manifest if thing["kind"] == "ReadinessPolicy"] == [STARTER]
    assert cluster.get("readinesspolicy", STARTER)["metadata"]["generation"] == 1, "nothing about it has changed"


def test_upgrades_after_a_rotation_leave_what_the_controller_wrote(release, cluster, plimsoll, shop):
    """Server-side apply: Helm must not own, and so not reset, entries and caBundle."""
    plimsoll.kubectl("annotate", "secret", CA_SECRET, "plimsoll.dev/rotate=chart")
    wait_until(lambda: plimsoll.bundles() == {2}, "both CAs to be trusted", 30)
    before, starter = plimsoll.configuration(), uid(cluster, "readinesspolicy", STARTER)
    for _ in range(2):
        release.upgrade(f"test.namespace={shop.namespace}")
        after = plimsoll.configuration()
        assert after["webhooks"] == before["webhooks"]
        assert after["metadata"]["uid"] == before["metadata"]["uid"]
        assert is_judged(shop)
    assert uid(cluster, "readinesspolicy", STARTER) == starter


def test_mode_audit_lets_everybody_through_and_counts_them(release, cluster, shop):
    shop("create", "-f", "-", documents=[ready("checkout", namespace=shop.namespace)])
    release.upgrade("mode=audit", f"test.namespace={shop.namespace}")
    wait_until(lambda: is_free(shop), "nobody to be refused", 30)
    shop("create", "-f", "-", documents=[unready("poor", namespace=shop.namespace)])
    wait_until(lambda: (condition(cluster, "production", "HeldBack") or {}).get("status") == "True", "the status to say so", 30)
    wait_until(lambda: cluster.get("readinesspolicy", "production")["status"]["workloads"]["wouldBlock"] == 1,
               "whom it spares", 30)
    assert cluster.get("readinesspolicy", "production")["status"]["stage"] == "Audit"
    said = release.test()
    assert said.ok and "was let through, as policies and mode say (at most Audit)" in said.out, said
    release.upgrade(f"test.namespace={shop.namespace}")
    wait_until(lambda: is_judged(shop), "denials again", 30)
    wait_until(lambda: condition(cluster, "production", "HeldBack") is None, "the status to say no more", 30)


def test_upgrade_and_rollback_under_load_fail_no_call(release, cluster, plimsoll, strict, api):
    cluster.apply(policy("strict", ["runbook.url"], match=selecting(env="strict"), failurePolicy="Fail"))
    wait_until(lambda: is_judged(strict), "the policy to be in force", 30)
    revision = json.loads(release.status())["version"]
    first = plimsoll.replicas()
    with creations(api, strict, rate=50) as load:
        wait_until(lambda: len(load.calls) > 50, "the load to flow")
        release.upgrade("podAnnotations.example\\.com/release=next")
        second = plimsoll.wait_for_replicas(other_than=first)
        release.rollback(revision)
        plimsoll.wait_for_replicas(other_than=second)
        after = len(load.calls)
        wait_until(lambda: len(load.calls) > after + 100, "calls to the last replicas")
    print(load.summary())
    assert not load.failed, f"{load.summary()}; first: {load.failed[0]}"
    assert len(load.calls) > 300


def test_a_policy_from_the_future_is_not_ready_and_nothing_else_is_the_worse(release, cluster, plimsoll, shop):
    """CRDs of a newer version, and a policy of it that nobody of this version has reviewed."""
    crd = "customresourcedefinition/readinesspolicies.plimsoll.dev"
    cluster("patch", crd, "--type=json", "-p", json.dumps([{
        "op": "add", "path": "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/escalation",
        "value": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}]))
    # As it is found after going back to this version: it was accepted while nobody of it was there.
    plimsoll.kubectl("scale", "deployment", DEPLOYMENT, "--replicas=0")
    plimsoll.end_replicas()
    written = policy("future", ["runbook.url"], escalation={"pager": "now"}, match=selecting(env="production"))
    wait_until(lambda: cluster.try_to("apply", "-f", "-", documents=[written]).ok, "nobody to refuse it", 30)
    plimsoll.kubectl("scale", "deployment", DEPLOYMENT, "--replicas=2")
    plimsoll.wait_for_replicas()
    ready_condition = wait_until(lambda: condition(cluster, "future"), "a status", 30)
    assert (ready_condition["status"], ready_condition["reason"]) == ("False", "UnknownField")
    assert "escalation" in ready_condition["message"]
    assert is_judged(shop), "the others are in force"
    statuses = [status for pod in plimsoll.pods() for status in pod["status"]["containerStatuses"]]
    assert [status["restartCount"] for status in statuses] == [0, 0]
    cluster.delete("readinesspolicy", "future")


def test_older_crds_do_with_a_newer_controller(release, cluster, plimsoll, shop):
    """CRDs in which a few fields are not yet there: what is not kept is not missed."""
    crd = cluster.get("customresourcedefinition", "readinesspolicies.plimsoll.dev")
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]
    del schema["spec"]["properties"]["waivers"], schema["status"]["properties"]["workloads"]["properties"]["wouldBlock"]
    # As Helm had written them.
    cluster("apply", "--server-side", "--field-manager=helm", "--force-conflicts", "-f", "-", documents=[{
        "apiVersion": crd["apiVersion"], "kind": crd["kind"], "spec": crd["spec"],
        "metadata": {key: crd["metadata"][key] for key in ("name", "labels", "annotations")}}])
    cluster("annotate", "readinesspolicy", "production", "example.com/touched=yes")
    generation = cluster.get("readinesspolicy", "production")["metadata"]["generation"]
    wait_until(lambda: condition(cluster, "production")["observedGeneration"] == generation
               and condition(cluster, "production")["status"] == "True", "the policy to be in force", 30)
    assert is_judged(shop)
    # And an upgrade puts the CRDs right: crds/ of a chart would stay as they are.
    said = release.upgrade("mode=enforce")
    assert said
    crd = cluster.get("customresourcedefinition", "readinesspolicies.plimsoll.dev")
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]
    assert "wouldBlock" in schema["status"]["properties"]["workloads"]["properties"]
    assert "escalation" not in schema["spec"]["properties"]


def test_uninstalled_while_it_is_well(release, cluster, plimsoll, shop, strict):
    assert not is_free(shop) and not is_free(strict)
    policies = {name: uid(cluster, "readinesspolicy", name) for name in ("production", "strict", STARTER)}
    records = wait_until(lambda: cluster.list("workloadreadinesses", "-n", shop.namespace), "records", 30)
    began = time.monotonic()
    release.uninstall()
    assert is_free(shop) and is_free(strict), "at once"
    print(f"uninstalled after {time.monotonic() - began:.1f} s")
    # The one that led, and still drains, cannot make its configuration again: its permissions have gone, too.
    wait_until(lambda: not plimsoll.pods(), "every replica to be told to end", 30)
    said = cluster.try_to("auth", "can-i", "create", "validatingwebhookconfigurations", f"--as={SERVICE_ACCOUNT}").out
    assert said.strip() == "no"
    assert plimsoll.configuration() is None
    assert {name: uid(cluster, "readinesspolicy", name) for name in policies} == policies
    assert {record["metadata"]["uid"] for record in records} <= \
        {record["metadata"]["uid"] for record in cluster.list("workloadreadinesses", "-n", shop.namespace)}
    # Nobody approves a waiver unseen in the meantime.
    assert cluster.get("validatingadmissionpolicy", "waivers.plimsoll.dev")


def test_installed_again_it_finds_what_was_kept(release, cluster, shop):
    policies = {name: uid(cluster, "readinesspolicy", name) for name in ("production", "strict", STARTER)}
    release.install()
    wait_until(lambda: is_judged(shop), "the policies that were kept to be in force", 30)
    assert {name: uid(cluster, "readinesspolicy", name) for name in policies} == policies


def test_uninstalled_when_every_pod_is_dead_and_the_image_is_gone(release, cluster, plimsoll, shop, strict, node):
    wait_until(lambda: is_judged(strict), "the namespace to be closed", 30)
    replicas = plimsoll.replicas()
    plimsoll.kubectl("scale", "deployment", DEPLOYMENT, "--replicas=0")
    plimsoll.kubectl("set", "image", f"deployment/{DEPLOYMENT}", "controller=plimsoll.dev/gone:0")
    plimsoll.kubectl("delete", "pods", "-l", SELECTOR, "--force", "--grace-period=0")
    for replica in replicas:
        node.kill(replica.name)  # it would drain yet, and answer on the connections that it has
    plimsoll.kubectl("scale", "deployment", DEPLOYMENT, "--replicas=2")
    wait_until(lambda: "failed calling webhook" in strict.try_to(
        "create", "--dry-run=server", "-f", "-", documents=[ready("checkout", namespace=strict.namespace)]).err,
               "the namespace to be blocked, or nothing would be proved", 30)
    began = time.monotonic()
    release.uninstall("--timeout=60s")
    strict("create", "-f", "-", documents=[ready("checkout", namespace=strict.namespace)])
    print(f"uninstalled and created after {time.monotonic() - began:.1f} s")
    assert is_free(shop)
    assert uid(cluster, "readinesspolicy", "production"), "policies stay"


def test_one_line_removes_everything(release, cluster):
    release.install(wait=False)
    release.remove_everything()
    for kind in ("customresourcedefinition", "validatingwebhookconfiguration", "validatingadmissionpolicy",
                 "validatingadmissionpolicybinding", "clusterrole", "clusterrolebinding"):
        left = [thing["metadata"]["name"] for thing in cluster.list(kind) if "plimsoll" in thing["metadata"]["name"]]
        assert left == [], kind
    assert cluster.get("namespace", NAMESPACE) is None
    assert SAMPLES.exists()

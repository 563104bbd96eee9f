"""What somebody with kubectl sees, when a real API server asks Plimsoll."""

import pathlib

import pytest

from harness.metrics import total
from harness.plimsoll import WEBHOOK, is_judged
from harness.waiting import wait_until
from harness.workloads import ENFORCED, pod, policy, ready, selecting, unready

GOLDEN = pathlib.Path(__file__).resolve().parent / "golden"
APPLY = [pytest.param((), id="client-side"), pytest.param(("--server-side",), id="server-side")]


def assert_denied(said, name):
    """kubectl's own words for an Invalid object, and a bullet for each finding that is enforced."""
    assert said.code == 1, said
    assert said.out == ""
    assert f'The Deployment "{name}" is invalid: \n' in said.err
    bullets = [line for line in said.err.splitlines() if line.startswith("* ")]
    for rule in ENFORCED:
        assert sum(f"production/{rule}: " in bullet for bullet in bullets) == 1, said.err
    assert "* contact: #sre-readiness, also to ask for a waiver" in bullets


@pytest.mark.parametrize("how", APPLY)
def test_a_denial_lists_every_finding(shop, how):
    said = shop.try_to("apply", *how, "-f", "-", documents=[unready("web")])
    assert_denied(said, "web")
    assert shop.get("deployment", "web") is None


def test_a_denial_carries_fixes_that_can_be_pasted(shop):
    said = shop.try_to("apply", "-f", "-", documents=[unready("web")])
    assert "    fix:\n      metadata:\n        annotations:\n          plimsoll.dev/alert-route: " in said.err


@pytest.mark.parametrize("how", APPLY)
def test_a_ready_workload_is_accepted(shop, how):
    said = shop.try_to("apply", *how, "-f", "-", documents=[ready("checkout")])
    assert (said.code, said.err) == (0, ""), said
    assert shop.get("deployment", "checkout") is not None


def test_a_dry_run_has_the_same_verdict_and_leaves_nothing(shop, plimsoll):
    before = total(plimsoll.metrics(), "plimsoll_admission_reviews_total", dry_run="true", decision="deny")
    said = shop.try_to("apply", "--dry-run=server", "-f", "-", documents=[unready("web")])
    assert_denied(said, "web")
    assert shop.get("deployment", "web") is None
    after = total(plimsoll.metrics(), "plimsoll_admission_reviews_total", dry_run="true", decision="deny")
    assert after == before + 1


def test_denials_are_counted_here_and_by_the_api_server(shop, plimsoll, cluster):
    def counts():
        ours = total(plimsoll.metrics(), "plimsoll_denials_total", rule="runbook.url", resource_namespace="shop")
        theirs = total(cluster.raw("/metrics"), "apiserver_admission_webhook_admission_duration_seconds_count",
                       name=WEBHOOK, operation="CREATE", rejected="true")
        return ours, theirs

    before = counts()
    shop.try_to("apply", "-f", "-", documents=[unready("web")])
    assert [after - b for after, b in zip(counts(), before)] == [1, 1]


def test_other_namespaces_are_not_asked_about(cluster, plimsoll):
    said = cluster.within("default").try_to("create", "--dry-run=server", "-f", "-", documents=[
        unready("web", namespace="default")])
    assert said.ok, said


def test_a_denial_word_for_word(shop):
    said = shop.try_to("create", "-f", "-", documents=[unready("web")])
    assert said.err == (GOLDEN / "denial.txt").read_text(encoding="utf-8")


def test_what_a_policy_warns_about_is_accepted_with_a_warning(shop):
    said = shop.try_to("create", "-f", "-", documents=[ready("checkout", replicas=1)])
    assert said.ok, said
    assert "Warning: production/resilience.replicas: " in said.err
    assert "[Deny from " not in said.out


def test_a_patch_that_makes_it_worse_is_denied(shop):
    shop.apply(ready("checkout"))
    patch = '[{"op": "remove", "path": "/spec/template/spec/containers/0/readinessProbe"}]'
    said = shop.try_to("patch", "deployment", "checkout", "--type=json", "-p", patch)
    assert 'The Deployment "checkout" is invalid: \n' in said.err
    assert "production/health.readiness-probe: " in said.err
    assert "production/runbook.url" not in said.err
    shop("rollout", "restart", "deployment/checkout")


# ---- what is there already is never trapped ----

def test_an_update_that_makes_nothing_worse_passes_with_warnings(shop, violator):
    said = shop.try_to("annotate", "deployment", violator, "note=changed")
    assert said.ok, said
    assert "Warning: production/runbook.url: " in said.err
    assert shop.get("deployment", violator)["metadata"]["annotations"]["note"] == "changed"


def test_scaling_restarting_and_going_back_pass(shop, violator):
    shop("scale", "deployment", violator, "--replicas=3")
    shop("rollout", "restart", f"deployment/{violator}")
    shop("set", "image", f"deployment/{violator}", "web=registry.corp.internal/shop/web:1.8.1")
    wait_until(lambda: shop.get("deployment", violator)["status"].get("observedGeneration", 0) >= 4,
               "the deployment controller to have written its status")
    shop("rollout", "undo", f"deployment/{violator}")
    image = shop.get("deployment", violator)["spec"]["template"]["spec"]["containers"][0]["image"]
    assert image == "registry.corp.internal/shop/web:1.8.0"


def test_a_namespace_with_violators_and_a_finalizer_can_be_deleted(cluster, plimsoll, space):
    leaving = space("leaving")
    leaving("create", "-f", "-", documents=[unready("web", namespace="leaving")])
    leaving("patch", "deployment", "web", "--type=merge", "-p", '{"metadata":{"finalizers":["e2e.plimsoll.dev/hold"]}}')
    cluster("label", "namespace", "leaving", "env=production")
    wait_until(lambda: is_judged(leaving), "the webhook to look")
    cluster("delete", "namespace", "leaving", "--wait=false")
    wait_until(lambda: "deletionTimestamp" in leaving.get("deployment", "web")["metadata"], "the deletion to begin")
    leaving("patch", "deployment", "web", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
    wait_until(lambda: leaving.get("deployment", "web") is None, "it to be gone", 20)


# ---- whom it is never asked about ----

@pytest.fixture
def everywhere(cluster, plimsoll, policies):
    """A policy that denies every Deployment in every namespace, with failurePolicy Fail."""
    policies(policy("everywhere", ["runbook.url"], match={"kinds": ["Deployment"]}, failurePolicy="Fail"))
    wait_until(lambda: is_judged(cluster.within("default")), "the policy to be in force")


@pytest.mark.parametrize("namespace", ["kube-system", "kube-public", "kube-node-lease", "plimsoll-system"])
def test_what_the_cluster_and_plimsoll_run_on_is_not_asked_about(cluster, everywhere, namespace):
    said = cluster.within(namespace).try_to("create", "--dry-run=server", "-f", "-", documents=[
        unready("web", namespace=namespace)])
    assert said.ok and "runbook.url" not in said.err, said


# ---- objects of a controller ----

@pytest.fixture
def pods(cluster, plimsoll, policies, space):
    """kubectl in a namespace whose Pods, ReplicaSets and Deployments are judged."""
    kubectl = space("pods", env="pods")
    policies(policy("pods", ["runbook.url"], match={"kinds": ["Pod", "ReplicaSet", "Deployment"], **selecting(env="pods")}))
    wait_until(lambda: not kubectl.try_to("create", "--dry-run=server", "-f", "-", documents=[pod("bare")]).ok,
               "the policy to be in force")
    return kubectl


def test_pods_of_a_judged_deployment_pass_and_bare_ones_do_not(pods):
    pods("create", "-f", "-", documents=[ready("checkout", namespace="pods")])
    owned = wait_until(lambda: pods.list("pods"), "the pods of an accepted Deployment")
    replica_set = owned[0]["metadata"]["ownerReferences"][0]
    said = pods.try_to("create", "-f", "-", documents=[pod("bare")])
    assert 'The Pod "bare" is invalid' in said.err

    # Whoever says that a controller made it has to name one that exists.
    faked = pod("faked", ownerReferences=[{**replica_set, "uid": "00000000-0000-4000-8000-000000000000"}])
    said = pods.try_to("create", "-f", "-", documents=[faked])
    assert 'The Pod "faked" is invalid' in said.err, said
    assert pods.try_to("create", "--dry-run=server", "-f", "-", documents=[pod("true", ownerReferences=[replica_set])]).ok


def test_an_owner_that_makes_no_such_objects_excuses_nothing(shop):
    """One that exists: whoever may write a workload may name any uid he sees as its controller."""
    shop.apply(ready("checkout"))
    uid = shop.get("deployment", "checkout")["metadata"]["uid"]
    owned = unready("web")
    owned["metadata"]["ownerReferences"] = [
        {"apiVersion": "apps/v1", "kind": "Deployment", "name": "checkout", "uid": uid, "controller": True}]
    assert_denied(shop.try_to("create", "-f", "-", documents=[owned]), "web")


def test_an_object_of_megabytes_gets_a_verdict(api, shop):
    document = ready("checkout")
    container = document["spec"]["template"]["spec"]["containers"][0]
    container["env"] = [{"name": f"E{i}", "value": "x" * 100_000} for i in range(12)]
    session = api.session()
    path = "/apis/apps/v1/namespaces/shop/deployments"
    assert session.request("POST", path, document)[0] == 201
    del document["spec"]["template"]["spec"]["containers"][0]["readinessProbe"]
    status, answer = session.request("PUT", f"{path}/checkout", document)
    assert (status, answer["reason"]) == (422, "Invalid"), answer
    session.close()

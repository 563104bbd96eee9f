"""What somebody with kubectl sees, when a real API server asks Plimsoll."""

import pytest

from harness.metrics import total
from harness.plimsoll import WEBHOOK
from harness.waiting import wait_until
from harness.workloads import ENFORCED, ready, unready

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
        {**unready("web"), "metadata": {"name": "web", "namespace": "default"}}])
    assert said.ok, said


@pytest.fixture
def running_violator(shop, cluster):
    """A workload of before Plimsoll: created while the namespace was none of its business."""
    cluster("label", "namespace", shop.namespace, "env-")
    wait_until(lambda: shop.try_to("create", "-f", "-", documents=[unready("old")]).ok, "the webhook to look away")
    cluster("label", "namespace", shop.namespace, "env=production")
    wait_until(lambda: not shop.try_to("create", "--dry-run=server", "-f", "-", documents=[unready("new")]).ok,
               "the webhook to look again")
    return "old"


def test_an_update_that_makes_nothing_worse_passes_with_warnings(shop, running_violator):
    said = shop.try_to("annotate", "deployment", running_violator, "note=changed")
    assert said.ok, said
    assert "Warning: production/runbook.url: " in said.err
    assert shop.get("deployment", running_violator)["metadata"]["annotations"]["note"] == "changed"


def test_scaling_and_restarting_a_violator_pass(shop, running_violator):
    shop("scale", "deployment", running_violator, "--replicas=3")
    shop("rollout", "restart", f"deployment/{running_violator}")
    wait_until(lambda: shop.get("deployment", running_violator)["status"].get("observedGeneration", 0) >= 3,
               "the deployment controller to have written its status")

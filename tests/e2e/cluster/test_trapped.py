"""Nobody is trapped: what works in an incident, in a namespace that is closed (failurePolicy Fail, nothing excused by
existingViolations)."""

import copy
import json

import pytest

from harness.metrics import total
from harness.plimsoll import is_judged
from harness.waiting import wait_until
from harness.workloads import nowhere, policy, selecting, unready

SPACE = "trapped"
POLICY = "trapped"
PROBE = {"httpGet": {"path": "/ready", "port": "http"}, "periodSeconds": 5}
KEEPERS = {"Deployment": "replicasets", "StatefulSet": "controllerrevisions", "DaemonSet": "controllerrevisions"}


def workload(kind, name="web", probe=False, image="1.8.0", **annotations):
    """One whose pods wait for a node that is nowhere, with a readiness probe or without."""
    found = nowhere(unready(name, namespace=SPACE))
    found["kind"] = kind
    found["metadata"]["annotations"] = annotations
    found["spec"]["selector"] = {"matchLabels": {"app": name}}
    found["spec"]["template"]["metadata"]["labels"] = {"app": name}
    if kind == "StatefulSet":
        found["spec"]["serviceName"] = name
    if kind == "DaemonSet":
        del found["spec"]["replicas"]
    container = found["spec"]["template"]["spec"]["containers"][0]
    container["image"] = f"registry.corp.internal/shop/web:{image}"
    if probe:
        container["readinessProbe"] = copy.deepcopy(PROBE)
    return found


@pytest.fixture
def closed(cluster, plimsoll, space, policies):
    """kubectl in a namespace, and what closes it: a policy that denies what has no readiness probe."""
    kubectl = space(SPACE, env="trapped")
    wait_until(lambda: kubectl.try_to("create", "--dry-run=server", "-f", "-", documents=[workload("Deployment", "probe")]).ok,
               "the webhook to look away")
    kubectl("delete", "deployments,statefulsets,daemonsets,horizontalpodautoscalers", "--all", "--wait", "--timeout=60s")

    def close():
        policies(policy(POLICY, ["health.readiness-probe"], match=selecting(env="trapped"), failurePolicy="Fail",
                        existingViolations={"action": "Deny"}, contact="#sre"))
        wait_until(lambda: is_judged(kubectl), "the policy to be in force")

    kubectl.close = close
    yield kubectl
    kubectl("delete", "deployments,statefulsets,daemonsets,horizontalpodautoscalers", "--all", "--wait", "--timeout=60s")


@pytest.fixture
def space(cluster):
    """As conftest's, but the namespace stays: one that is going cannot be made again at once."""
    def make(name, **labels):
        cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
        return cluster.within(name)

    return make


@pytest.fixture(scope="module", autouse=True)
def last(cluster):
    yield
    cluster("delete", "namespace", SPACE, "--ignore-not-found", "--wait=false")
    cluster("delete", "clusterrole,clusterrolebinding", "e2e-break-glass", "--ignore-not-found")


def let_through(plimsoll, reason):
    return total(plimsoll.metrics(), "plimsoll_let_through_total", reason=reason, policy=POLICY, resource_namespace=SPACE)


def settled(kubectl, kind, name="web"):
    """Until its controller has seen what was written last."""
    def seen():
        found = kubectl.get(kind, name)
        return found["status"].get("observedGeneration") == found["metadata"]["generation"] and found

    return wait_until(seen, f"the controller of {kind} {name}")


def audited(node, key):
    """The values of an audit annotation of ours."""
    return {value for event in node.audit_events() for name, value in event.get("annotations", {}).items()
            if name.endswith(f"plimsoll.dev/{key}")}


def sent_back(plimsoll):
    """Reviews that the API server was told to send again in a second."""
    return total(plimsoll.metrics(), "plimsoll_admission_undecided_total", reason="unavailable")


def told(plimsoll, mercy, name="web"):
    """The log lines of reviews of that workload that were shown this mercy."""
    text = "".join(plimsoll.kubectl("logs", pod["metadata"]["name"]) for pod in plimsoll.pods())
    lines = (json.loads(line) for line in text.splitlines() if f'"mercy":"{mercy}"' in line)
    return [line for line in lines if (line["namespace"], line["name"]) == (SPACE, name)]


# ---- rollback ----

@pytest.mark.parametrize("kind", KEEPERS)
def test_a_rollback_to_what_was_admitted_passes(closed, plimsoll, node, kind):
    closed.apply(workload(kind))
    settled(closed, kind)
    wait_until(lambda: len(closed.list(KEEPERS[kind])) == 1, "its first revision")
    closed.close()
    denied = closed.try_to("apply", "-f", "-", documents=[workload(kind, image="1.9.0")])
    assert f'The {kind} "web" is invalid' in denied.err, denied
    closed.apply(workload(kind, probe=True, image="2.0.0"))
    settled(closed, kind)
    wait_until(lambda: len(closed.list(KEEPERS[kind])) == 2, "its second revision")

    before, waited = let_through(plimsoll, "rollback"), sent_back(plimsoll)
    said = closed.try_to("rollout", "undo", f"{kind.lower()}/web")
    assert said.ok, said
    assert "Warning: rollback to web-" in said.err
    assert f"Warning: {POLICY}/health.readiness-probe: " in said.err
    container = closed.get(kind, "web")["spec"]["template"]["spec"]["containers"][0]
    assert container["image"].endswith(":1.8.0") and "readinessProbe" not in container
    assert let_through(plimsoll, "rollback") == before + 1
    kept = {revision["metadata"]["name"] for revision in closed.list(KEEPERS[kind])}
    assert audited(node, "rollback") & kept
    # Its revisions had to be asked for, and it was not sent back for that: it waited inside, for less than the second
    # that being sent back takes.
    assert sent_back(plimsoll) == waited
    line = [line for line in told(plimsoll, "rollback") if line["kind"] == kind][-1]
    print(f"a rollback of a {kind}: {line['duration_us'] / 1000} ms")
    assert line["duration_us"] < 1_000_000

    # And forward again; what was never there stays out.
    settled(closed, kind)
    assert closed.try_to("rollout", "undo", f"{kind.lower()}/web").ok
    assert not closed.try_to("apply", "-f", "-", documents=[workload(kind, image="1.9.0")]).ok


def test_a_replica_set_that_somebody_made_is_no_revision(closed):
    """It takes more than to be adopted."""
    closed.apply(workload("Deployment", probe=True))
    settled(closed, "Deployment")
    closed.close()
    by_hand = workload("ReplicaSet", image="6.6.6")
    by_hand["metadata"].update(name="by-hand", labels={"app": "web"})
    by_hand["spec"] = {key: by_hand["spec"][key] for key in ("selector", "template")} | {"replicas": 0}
    closed.apply(by_hand)
    wait_until(lambda: closed.get("replicaset", "by-hand")["metadata"].get("ownerReferences"), "it to be adopted")
    assert not closed.try_to("apply", "-f", "-", documents=[workload("Deployment", image="6.6.6")]).ok
    closed("delete", "replicaset", "by-hand", "--ignore-not-found")


# ---- what leaves the pod template alone ----

def test_an_old_violator_stays_operable(closed, plimsoll):
    closed.apply(workload("Deployment"))
    settled(closed, "Deployment")
    closed.close()
    finalizer = '{"metadata":{"finalizers":%s}}'
    judged = [("rollout", "restart", "deployment/web"), ("rollout", "pause", "deployment/web"),
              ("rollout", "resume", "deployment/web"), ("label", "deployment", "web", "note=a"),
              ("annotate", "deployment", "web", "note=b"),
              ("patch", "deployment", "web", "--type=merge", "-p", '{"spec":{"replicas":5}}'),
              ("patch", "deployment", "web", "--type=merge", "-p", finalizer % '["e2e.plimsoll.dev/hold"]'),
              ("patch", "deployment", "web", "--type=merge", "-p", finalizer % "null")]
    for what in judged:
        before = let_through(plimsoll, "unchanged_template")
        said = closed.try_to(*what)
        assert said.ok, (what, said)
        assert f"Warning: {POLICY}/health.readiness-probe: " in said.err, (what, said)
        # Once; and once more each time that the API server tries a patch again, as a status was written in between.
        assert let_through(plimsoll, "unchanged_template") > before, what


def test_what_is_no_change_of_the_workload_is_not_even_asked_about(closed, plimsoll):
    closed.apply(workload("Deployment"))
    settled(closed, "Deployment")
    closed.close()
    before = total(plimsoll.metrics(), "plimsoll_admission_reviews_total", kind="Deployment", dry_run="false")
    status = '{"status":{"conditions":[{"type":"E2e","status":"True","reason":"a","message":"b"}]}}'
    for what in (("scale", "deployment", "web", "--replicas=4"), ("scale", "deployment", "web", "--replicas=1"),
                 ("scale", "deployment", "web", "--replicas=0"), ("scale", "deployment", "web", "--replicas=1"),
                 ("patch", "deployment", "web", "--subresource=status", "--type=merge", "-p", status)):
        said = closed.try_to(*what)
        assert (said.ok, said.err) == (True, ""), (what, said)
    settled(closed, "Deployment")
    after = total(plimsoll.metrics(), "plimsoll_admission_reviews_total", kind="Deployment", dry_run="false")
    assert after == before


def test_an_autoscaler_goes_on_scaling_a_violator(closed):
    violator = workload("Deployment")
    violator["spec"]["replicas"] = 1
    closed.apply(violator)
    settled(closed, "Deployment")
    closed.close()
    closed.apply({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "web"},
                  "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
                           "minReplicas": 3, "maxReplicas": 6}})
    wait_until(lambda: closed.get("deployment", "web")["spec"]["replicas"] == 3, "the autoscaler to scale", 60)


# ---- break-glass ----

ANA = ("--as=ana", "--as-group=system:authenticated")


@pytest.fixture
def ana(closed):
    """Somebody who may edit, and no more."""
    closed.apply({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "ana"},
                  "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"},
                  "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "ana"}]})
    wait_until(lambda: closed.try_to("auth", "can-i", "create", "deployments", *ANA).ok, "the role to be bound")
    return closed


def glass(incident, name="web"):
    return workload("Deployment", name, **{"plimsoll.dev/break-glass": incident})


def events(kubectl, name):
    return [event["note"] for event in kubectl.list("events.events.k8s.io")
            if event["reason"] == "BreakGlass" and event["regarding"]["name"] == name]


def test_glass_breaks_for_those_who_may_and_leaves_a_trace(closed, ana, cluster, plimsoll, node):
    closed.close()
    waited = sent_back(plimsoll)
    said = closed.try_to("create", "-f", "-", *ANA, documents=[glass("INC-123")])
    assert not said.ok
    assert f"* break-glass: not broken for INC-123: it takes the right to `breakglass` readinesspolicies/{POLICY} (ana); " \
           "ask #sre" in said.err, said

    cluster.apply({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "e2e-break-glass"},
                   "rules": [{"apiGroups": ["plimsoll.dev"], "resources": ["readinesspolicies"], "resourceNames": [POLICY],
                              "verbs": ["breakglass"]}]},
                  {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
                   "metadata": {"name": "e2e-break-glass"},
                   "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "e2e-break-glass"},
                   "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "ana"}]})
    before = let_through(plimsoll, "break_glass")
    said = wait_until(lambda: (found := closed.try_to("create", "--dry-run=server", "-f", "-", *ANA,
                                                      documents=[glass("INC-123", "dry")])).ok and found,
                      "the permission to be known", 30)
    assert "Warning: glass broken for INC-123 by ana: let through with 1 finding that denies" in said.err
    assert let_through(plimsoll, "break_glass") == before

    said = closed.try_to("create", "-f", "-", *ANA, documents=[glass("INC-123")])
    assert said.ok and f"Warning: {POLICY}/health.readiness-probe: " in said.err, said
    assert let_through(plimsoll, "break_glass") == before + 1
    notes = wait_until(lambda: events(closed, "web"), "the Event", 30)
    assert notes == [f"glass broken for INC-123 by ana; would be denied by: {POLICY}/health.readiness-probe"]
    assert "BreakGlass" in closed("describe", "deployment", "web")
    assert events(closed, "dry") == []
    assert "INC-123 by ana" in audited(node, "break-glass")
    lines = told(plimsoll, "break-glass")
    assert [(line["msg"], line["mercy_detail"], line["dry_run"]) for line in lines] == [
        ("review let through: the glass was broken", "INC-123 by ana", False)]
    assert sent_back(plimsoll) == waited


def test_a_place_for_an_incident_breaks_nothing(closed):
    """By somebody who may do everything."""
    closed.close()
    said = closed.try_to("create", "-f", "-", documents=[glass("TODO")])
    assert "* break-glass: not broken: the annotation plimsoll.dev/break-glass names no incident" in said.err, said
    assert closed.try_to("create", "-f", "-", documents=[glass("INC-7")]).ok

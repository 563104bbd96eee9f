"""What the service account may do is what it does; at the end, when it has done everything. (`node`: its audit log.)"""

import pytest

from harness.plimsoll import DEPLOYMENT, NAMESPACE, SERVICE_ACCOUNT, manifests

# Granted, and not seen in these tests: kinds that no policy of them names, which is the same code as for those that one
# does; and an owner that a review names before the watch has told of it.
UNNAMED = {("batch", "jobs"), ("", "replicationcontrollers"), ("argoproj.io", "rollouts")}
OWNERS = UNNAMED | {("apps", kind) for kind in ("deployments", "statefulsets", "daemonsets", "replicasets")} | {("batch", "cronjobs")}
UNSEEN = {(*kind, verb) for kind in UNNAMED for verb in ("list", "watch")} | {(*kind, "get") for kind in OWNERS}


def granted():
    """(group, resource, verb) of every rule in deploy/install.yaml, which is the chart's, that is the controller's."""
    rules = [rule for thing in manifests() if thing["kind"] in ("Role", "ClusterRole")
             and thing["metadata"]["name"] == DEPLOYMENT for rule in thing["rules"]]
    return {(group, resource, verb) for rule in rules for group in rule["apiGroups"] for resource in rule["resources"]
            for verb in rule["verbs"]}


def requests(node):
    """Those of the service account: (group, resource, verb), and the HTTP status each got."""
    for event in node.audit_events():
        reference = event.get("objectRef", {})
        if event["user"].get("username") != SERVICE_ACCOUNT or "resource" not in reference:
            continue
        resource = "/".join(filter(None, [reference["resource"], reference.get("subresource")]))
        what, code = (reference.get("apiGroup", ""), resource), event.get("responseStatus", {}).get("code")
        yield (*what, event["verb"]), code
        # Server-side apply of what is not there yet: a patch that has to be allowed to create.
        if (event["verb"], code) == ("patch", 201):
            yield (*what, "create"), code


def test_nothing_is_refused_that_it_asks_for(plimsoll, node):
    # An API server that has just started refuses what it allows a second later; a terminating namespace, whatever is new.
    refused = {what for what, code in requests(node) if code == 403}
    allowed = {what for what, code in requests(node) if code and code < 300}
    assert refused - allowed == set()


def test_it_uses_all_that_it_was_granted(request, plimsoll, node):
    modules = {item.path.name for item in request.session.items}
    if request.config.option.keyword or modules != {path.name for path in request.path.parent.glob("test_*.py")}:
        pytest.skip("says something after all other tests only")
    used = {what for what, _ in requests(node)}
    # An API server that cannot stream a list is asked for pages; this one can.
    pages = {(group, resource, "list") for group, resource, verb in granted() if verb == "watch"}
    assert granted() - used - pages - UNSEEN == set()


def test_it_may_not_read_other_secrets(plimsoll):
    def may(*question):
        return plimsoll.kubectl.try_to("auth", "can-i", *question, f"--as={SERVICE_ACCOUNT}").out.strip()

    assert may("get", "secret/plimsoll-webhook-ca", "-n", NAMESPACE) == "yes"
    assert may("get", "secret/another", "-n", NAMESPACE) == "no"
    assert may("list", "secrets", "-n", "default") == "no"
    assert may("patch", "validatingwebhookconfigurations/other") == "no"
    assert may("update", "deployments", "-n", "default") == "no"

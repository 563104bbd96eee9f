"""Histories: what a team was told and when, which releases were blocked and which of them were surprises."""

import copy

from harness.metrics import total
from harness.waiting import wait_until
from harness.workloads import policy, ready, selecting


def history(kubectl, workload):
    record = kubectl.get("workloadreadiness", f"deployment-{workload}")
    return (record or {}).get("status", {}).get("history", {})


def service_of(kubectl, workload):
    return kubectl.get("workloadreadiness", f"deployment-{workload}")["status"]["service"]


def wait_for_history(kubectl, workload, wanted, what):
    def found():
        seen = history(kubectl, workload)
        assert seen and wanted(seen), seen
        return seen

    return wait_until(found, what, 45)


def told(seen):
    return {(finding["rule"], finding["shownBy"], finding["outcome"]) for finding in seen.get("findings", [])}


def events(seen):
    return [event["type"] for event in seen.get("events", [])]


def without_runbook(name, kubectl, image=None):
    workload = ready(name, namespace=kubectl and kubectl.namespace)
    workload["metadata"]["annotations"].pop("plimsoll.dev/runbook", None)
    workload["metadata"]["labels"]["app.kubernetes.io/name"] = name  # a service of its own
    if image:
        workload["spec"]["template"]["spec"]["containers"][0]["image"] = image
    return workload


def put_right(workload):
    workload = copy.deepcopy(workload)
    workload["metadata"]["annotations"]["plimsoll.dev/runbook"] = ready("x")["metadata"]["annotations"]["plimsoll.dev/runbook"]
    return workload


def image_of(number):
    return f"registry.k8s.io/pause:3.{number}"


def stages(space, policies, story):
    """A namespace in which a missing runbook is warned of, and one in which it is denied: "STORY-dev", "STORY-live"."""
    dev, live = f"{story}-dev", f"{story}-live"
    warned = space(dev, env=dev)
    denied = space(live, env=live)
    policies(policy(dev, ["runbook.url"], match=selecting(env=dev), stages=[{"action": "Warn"}]),
             policy(live, ["runbook.url"], match=selecting(env=live)))
    probe = without_runbook("probe", None)
    del probe["metadata"]["namespace"]
    wait_until(lambda: "runbook.url" in warned.try_to("create", "--dry-run=server", "-f", "-", documents=[probe]).err, "warnings", 30)
    wait_until(lambda: not denied.try_to("create", "--dry-run=server", "-f", "-", documents=[probe]).ok, "denials", 30)
    return warned, denied


def test_surprises_are_told_from_warnings(space, policies, plimsoll):
    warned, denied = stages(space, policies, "surprise")
    before = plimsoll.metrics()

    # Out of the blue: a surprise. Its team tries the same release five times: one blocked release.
    out_of_the_blue = without_runbook("blue", denied, image_of(1))
    for _ in range(5):
        assert not denied.try_to("create", "-f", "-", documents=[out_of_the_blue]).ok
    seen = wait_for_history(denied, "blue", lambda h: h.get("blockedReleases") == 1, "a blocked release")
    assert seen["surprises"] == 1 and told(seen) == {("runbook.url", "denial", "open")}
    record = denied.get("workloadreadiness", "deployment-blue")
    assert record["status"]["state"] == "Blocked" and record["status"]["firstSeen"]["how"] == "denial"
    assert "uid" not in record["status"]["workload"] and "ownerReferences" not in record["metadata"]

    # Another release of it is blocked, too, and surprises nobody any more.
    assert not denied.try_to("create", "-f", "-", documents=[without_runbook("blue", denied, image_of(2))]).ok
    wait_for_history(denied, "blue", lambda h: h["blockedReleases"] == 2 and h["surprises"] == 1, "a second blocked release")

    # Put right, it comes; its record knows since when it has been seen, and how the finding ended.
    denied("create", "-f", "-", documents=[put_right(out_of_the_blue)])
    seen = wait_for_history(denied, "blue", lambda h: "Fixed" in events(h), "the finding to be fixed")
    assert told(seen) == {("runbook.url", "denial", "fixed_after_block")} and seen["firstEnforced"]
    fixed = denied.get("workloadreadiness", "deployment-blue")["status"]
    assert fixed["state"] == "Ready" and fixed["firstSeen"] == record["status"]["firstSeen"] and fixed["workload"]["uid"]

    # Warned in development first, under the same name and owner: no surprise in production.
    warned("create", "-f", "-", documents=[without_runbook("checkout", warned)])
    seen = wait_for_history(warned, "checkout", lambda h: ("runbook.url", "warning", "open") in told(h), "a warning to be kept")
    service = service_of(warned, "checkout")
    assert not denied.try_to("create", "-f", "-", documents=[without_runbook("checkout", denied)]).ok
    seen = wait_for_history(denied, "checkout", lambda h: h.get("blockedReleases") == 1, "a blocked release")
    assert seen["surprises"] == 0 and service_of(denied, "checkout") == service

    def counted(surprise):
        labels = {"policy": denied.namespace, "resource_namespace": denied.namespace, "surprise": surprise}
        now = total(plimsoll.metrics(), "plimsoll_blocked_releases_total", **labels)
        return now - total(before, "plimsoll_blocked_releases_total", **labels)

    assert (counted("true"), counted("false")) == (1, 2), "five tries of one release are one"


def test_a_dry_run_is_kept_nowhere(space, policies, plimsoll):
    warned, denied = stages(space, policies, "dry")
    for kubectl, name in ((warned, "dry"), (denied, "dry")):
        kubectl.try_to("create", "--dry-run=server", "-f", "-", documents=[without_runbook(name, kubectl)])
    # What comes later is kept, so what came before would have been.
    denied.try_to("create", "-f", "-", documents=[without_runbook("wet", denied)])
    wait_for_history(denied, "wet", lambda h: h.get("blockedReleases") == 1, "a blocked release")
    assert history(denied, "dry") == {} and history(warned, "dry") == {}


def test_what_was_told_outlives_every_replica(space, policies, plimsoll):
    warned, denied = stages(space, policies, "outlive")
    warned("create", "-f", "-", documents=[without_runbook("survivor", warned)])
    wait_for_history(warned, "survivor", told, "a warning to be kept")
    plimsoll.roll_out()
    plimsoll.wait_for_replicas()
    assert not denied.try_to("create", "-f", "-", documents=[without_runbook("survivor", denied)]).ok
    seen = wait_for_history(denied, "survivor", lambda h: h.get("blockedReleases") == 1, "a blocked release")
    assert seen["surprises"] == 0


def test_a_stamped_check_is_a_telling(space, policies, plimsoll):
    _, denied = stages(space, policies, "stamp")
    workload = without_runbook("stamped", denied)
    workload["metadata"]["annotations"].update({"plimsoll.dev/kickoff": "2026-01-05",
                                                "plimsoll.dev/checked": "2026-02-01T09:00:00Z runbook.url"})
    assert not denied.try_to("create", "-f", "-", documents=[workload]).ok
    seen = wait_for_history(denied, "stamped", lambda h: h.get("blockedReleases") == 1, "a blocked release")
    assert seen["surprises"] == 0 and told(seen) == {("runbook.url", "checked", "open")}
    first_seen = denied.get("workloadreadiness", "deployment-stamped")["status"]["firstSeen"]
    assert first_seen == {"at": "2026-01-05T00:00:00Z", "how": "kickoff"}

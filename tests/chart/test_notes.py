"""What NOTES say: what is in force, the command that shows what would be blocked, and what to mind."""

import pytest

from harness import CHART, NAMESPACE, RELEASE, run_helm, words

NOTES = {
    "as installed": ([], ["in mode enforce", "plimsoll-baseline only audits: nothing is refused because of it",
                          "kubectl get readinesspolicies", "helm test plimsoll --namespace plimsoll-system",
                          "--set starterPolicy.denyFrom="]),
    "audit": (["mode=audit"], ["in mode audit", "Nothing is refused and nobody is warned"]),
    "dated": (["starterPolicy.warnFrom=2027-01-01T00:00:00Z", "starterPolicy.denyFrom=2027-02-01T00:00:00Z"],
              ["denies from 2027-02-01T00:00:00Z and warns from 2027-01-01T00:00:00Z"]),
    "a date that does nothing": (["mode=warn", "starterPolicy.denyFrom=2027-02-01T00:00:00Z"],
                                 ["WARNING: starterPolicy.denyFrom has no effect in mode warn"]),
    "one replica": (["replicas=1"], ["WARNING: there is one replica"]),
    "Fail": (["starterPolicy.failurePolicy=Fail"], ["WARNING: starterPolicy.failurePolicy is Fail"]),
    "CRDs that go": (["crds.keep=false"], ["WARNING: crds.keep is false, so policies, waivers and records go with it"]),
    "CRDs by hand": (["crds.enabled=false"], ["WARNING: crds.enabled is false"]),
    "cert-manager": (["certManager.enabled=true"], ["Certificates are cert-manager's"]),
}


def notes(settings):
    arguments = [word for setting in settings for word in ("--set", setting)]
    done = run_helm("install", RELEASE, CHART, "--namespace", NAMESPACE, "--dry-run=client", *arguments)
    assert done.returncode == 0, done.stderr
    return words(done.stdout.split("NOTES:")[1])


@pytest.mark.parametrize("settings, expected", NOTES.values(), ids=NOTES.keys())
def test_notes_say(settings, expected):
    said = notes(settings)
    for text in expected:
        assert text in said
    wanted = sum("WARNING" in text for text in expected)
    assert said.count("WARNING") == wanted, "no more warnings than there is reason for"

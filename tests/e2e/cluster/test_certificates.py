"""The CA and the certificates that replicas make of it: exchanged while the API server calls."""

import base64

from harness.load import Load
from harness.metrics import total
from harness.plimsoll import CA_SECRET
from harness.waiting import wait_until
from harness.workloads import ready

# In a namespace where a call that fails is a creation that fails.
DRY_RUN = "/apis/apps/v1/namespaces/strict/deployments?dryRun=All"


def reported(plimsoll):
    """Which CA each replica's certificate is from, by replica."""
    leases = plimsoll.kubectl.list("leases", "-l", "plimsoll.dev/replica=true")
    return {lease["spec"]["holderIdentity"]: lease["metadata"]["annotations"]["plimsoll.dev/ca"] for lease in leases}


def bundles(plimsoll):
    """How many CAs each entry trusts."""
    return {base64.b64decode(entry["clientConfig"]["caBundle"]).count(b"BEGIN CERTIFICATE") for entry in plimsoll.entries().values()}


def test_all_replicas_have_certificates_of_one_ca(plimsoll):
    names = {replica.name for replica in plimsoll.replicas()}
    of_those = {name: ca for name, ca in reported(plimsoll).items() if name in names}
    assert set(of_those) == names
    assert len(set(of_those.values())) == 1
    for replica in plimsoll.replicas():
        assert total(plimsoll.metrics_of(replica), "plimsoll_certificate_expiry_timestamp_seconds", certificate="serving") > 0


def test_rotation_under_load_fails_no_call(strict, plimsoll, api):
    before = set(reported(plimsoll).values())
    names = {replica.name for replica in plimsoll.replicas()}
    with Load(api, "POST", DRY_RUN, ready("checkout", namespace=strict.namespace), rate=100) as load:
        wait_until(lambda: len(load.calls) > 100, "the load to flow")
        plimsoll.kubectl("annotate", "secret", CA_SECRET, "plimsoll.dev/rotate=e2e")
        wait_until(lambda: bundles(plimsoll) == {2}, "both CAs to be trusted", 20)
        assert set(reported(plimsoll).values()) == before, "what is served is trusted by everybody"

        def exchanged():
            now = reported(plimsoll)
            return all(now.get(name) not in before for name in names)

        wait_until(exchanged, "every replica to serve a certificate of the new CA", 100)
        after = len(load.calls)
        wait_until(lambda: len(load.calls) > after + 200, "calls with the new certificates")
    print(load.summary())
    assert not load.failed, f"{load.summary()}; first: {load.failed[0]}"
    assert bundles(plimsoll) == {2}, "the old CA stays trusted for a day"


def test_a_deleted_secret_is_made_anew_and_fails_no_call(strict, plimsoll, api):
    uid = plimsoll.kubectl.get("secret", CA_SECRET)["metadata"]["uid"]
    trusted = max(bundles(plimsoll))
    with Load(api, "POST", DRY_RUN, ready("checkout", namespace=strict.namespace), rate=50) as load:
        wait_until(lambda: len(load.calls) > 20, "the load to flow")
        plimsoll.kubectl("delete", "secret", CA_SECRET)
        made = wait_until(lambda: plimsoll.kubectl.get("secret", CA_SECRET), "another Secret", 20)
        assert made["metadata"]["uid"] != uid
        wait_until(lambda: bundles(plimsoll) == {trusted + 1}, "the new CA to be trusted, too", 20)
        after = len(load.calls)
        wait_until(lambda: len(load.calls) > after + 50, "calls afterwards")
    assert not load.failed, f"{load.summary()}; first: {load.failed[0]}"
    assert len(plimsoll.replicas()) == 2

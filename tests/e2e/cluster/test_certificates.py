"""The CA and the certificates that replicas make of it: exchanged while the API server calls."""

from harness.certificates import serving_certificate
from harness.load import creations
from harness.metrics import total
from harness.plimsoll import CA_SECRET, NAMESPACE, is_judged
from harness.tls_secret import write_bundles
from harness.waiting import wait_until


def reported(plimsoll):
    """Which CA each replica's certificate is from, by replica."""
    leases = plimsoll.kubectl.list("leases", "-l", "plimsoll.dev/replica=true")
    return {lease["spec"]["holderIdentity"]: lease["metadata"]["annotations"]["plimsoll.dev/ca"] for lease in leases}


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
    with creations(api, strict, rate=100) as load:
        wait_until(lambda: len(load.calls) > 100, "the load to flow")
        plimsoll.kubectl("annotate", "secret", CA_SECRET, "plimsoll.dev/rotate=e2e")
        wait_until(lambda: plimsoll.bundles() == {2}, "both CAs to be trusted", 20)
        assert set(reported(plimsoll).values()) == before, "what is served is trusted by everybody"

        def exchanged():
            now = reported(plimsoll)
            return all(now.get(name) not in before for name in names)

        wait_until(exchanged, "every replica to serve a certificate of the new CA", 100)
        after = len(load.calls)
        wait_until(lambda: len(load.calls) > after + 200, "calls with the new certificates")
    print(load.summary())
    assert not load.failed, f"{load.summary()}; first: {load.failed[0]}"
    assert plimsoll.bundles() == {2}, "the old CA stays trusted for a day"


def test_a_ca_that_somebody_else_wrote_is_put_right(strict, cluster, plimsoll):
    """Fault 12, ours: the API server would not accept our certificate, and would refuse everybody in this namespace."""
    def trusted():
        return {entry["clientConfig"].get("caBundle") for entry in plimsoll.entries().values()}

    before = trusted()
    other, _, _ = serving_certificate("plimsoll-webhook", NAMESPACE)
    write_bundles(cluster, plimsoll, other)
    wait_until(lambda: trusted() == before, "the CA to be put back", 30)
    wait_until(lambda: is_judged(strict), "verdicts", 30)

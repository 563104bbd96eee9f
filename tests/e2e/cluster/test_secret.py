"""The CA's Secret is lost. After the other tests: until another CA signs, a minute later, new replicas are not ready."""

from harness.load import creations
from harness.plimsoll import CA_SECRET
from harness.waiting import wait_until


def test_a_deleted_secret_is_made_anew_and_fails_no_call(strict, plimsoll, api):
    uid = plimsoll.kubectl.get("secret", CA_SECRET)["metadata"]["uid"]
    trusted = max(plimsoll.bundles())
    with creations(api, strict, rate=50) as load:
        wait_until(lambda: len(load.calls) > 20, "the load to flow")
        plimsoll.kubectl("delete", "secret", CA_SECRET)
        made = wait_until(lambda: plimsoll.kubectl.get("secret", CA_SECRET), "another Secret", 20)
        assert made["metadata"]["uid"] != uid
        wait_until(lambda: plimsoll.bundles() == {trusted + 1}, "the new CA to be trusted, too", 20)
        after = len(load.calls)
        wait_until(lambda: len(load.calls) > after + 50, "calls afterwards")
    assert not load.failed, f"{load.summary()}; first: {load.failed[0]}"
    assert len(plimsoll.replicas()) == 2

"""A controller whose line to the API server, whose token and whose clocks are the test's: it runs as a process in the place
of all pods, and the API server calls it."""

import http.client
import ssl
import subprocess
import time

import pytest

from harness.api_proxy import ApiProxy
from harness.certificates import certificate, serving_certificate
from harness.clock import Clock
from harness.metrics import total
from harness.misbehaving import endpoints
from harness.outside import PROGRAM, Outside, free_port, token
from harness.plimsoll import CA_SECRET, CONFIGURATION, DEPLOYMENT, LEASE, LEASE_SECONDS, NAMESPACE, is_judged, manifests
from harness.tls_secret import SECRET, inject, keep, patch, readable, write_bundles
from harness.waiting import wait_until
from harness.workloads import SAMPLES, idle

HOUR = 3600
SERVICE = "plimsoll-webhook"


@pytest.fixture(scope="module")
def no_pods(plimsoll, node):
    """Nobody else leads and answers meanwhile."""
    if not PROGRAM.exists():
        pytest.skip(f"needs {PROGRAM.name} as built here, not an image from elsewhere")
    kubectl = plimsoll.kubectl
    kubectl("scale", "deployment", DEPLOYMENT, "--replicas=0")
    plimsoll.end_replicas()
    kubectl("delete", "leases", "--all")
    yield kubectl
    kubectl("delete", "endpointslice", f"{SERVICE}-e2e", "--ignore-not-found")
    kubectl("delete", "leases", "--all")
    kubectl("scale", "deployment", DEPLOYMENT, "--replicas=2")
    plimsoll.wait()


@pytest.fixture
def outside(no_pods, tmp_path):
    """Starts controllers; the first is the one that the API server calls. They are named, and end after the test."""
    started = []

    def start(name, token_file=None, **how):
        if token_file is None:
            token_file = tmp_path / f"{name}.token"
            token_file.write_text(token(no_pods, DEPLOYMENT), encoding="utf-8")
        one = Outside(tmp_path, name, token_file, **how)
        if not started:
            no_pods.apply(endpoints(SERVICE, no_pods.namespace, one.port))
        started.append(one)
        return one

    yield start
    for one in started:
        one.end()
        no_pods("delete", "lease", LEASE, f"replica-{one.name}", "--ignore-not-found")


def leads(one):
    return total(one.metrics(), "plimsoll_leader") == 1


def wait_until_it_leads_and_is_called(one, shop):
    one.wait("to lead", lambda: leads(one))
    one.wait("to be ready", lambda: one.ready()[0])
    wait_until(lambda: is_judged(shop), "verdicts")


def wait_for_record(shop, name, seconds=40):
    shop.apply(idle(name))
    def recorded():
        # With its history, which comes a moment after a review of it: whatever is written after that was not to be written.
        record = shop.get("workloadreadiness", f"deployment-{name}")
        return record and record["status"].get("history", {}).get("firstEnforced") and record

    return wait_until(recorded, f"a record of {name}", seconds)


def heard(one):
    """When each watch has heard something last, by kind."""
    name = "plimsoll_watch_last_event_timestamp_seconds"
    return {line.split('"')[1]: float(line.split()[-1]) for line in one.metrics().splitlines() if line.startswith(f"{name}{{")}


# ---- fault 7: an idle connection ----

# After which the API server's client lets go of one by itself.
CLIENT_IDLE_SECONDS = 90


class KeptConnection:
    """To a listener of ours; it is used once, and then not until the end of this module."""

    def __init__(self, port):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self._connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=20, context=context)
        wait_until(self._connects, "the listener")
        self.asks()
        self.since = time.monotonic()

    def _connects(self):
        try:
            return self._connection.connect() is None
        except OSError:
            return False

    def asks(self):
        """What comes of a request that is no review; a connection that was closed is not opened anew."""
        self._connection.auto_open = False
        self._connection.request("POST", "/validate", "{}", {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        answer.read()
        return answer.status


@pytest.fixture(scope="module", autouse=True)
def kept_connection(no_pods, tmp_path_factory):
    port = free_port()
    with subprocess.Popen([PROGRAM, "--standalone", f"--policies={SAMPLES / 'policies'}", f"--listen=127.0.0.1:{port}",
                           f"--state={tmp_path_factory.mktemp('state')}", "--metrics-listen=127.0.0.1:0"],
                          stdout=subprocess.DEVNULL) as process:
        yield KeptConnection(port)
        process.kill()


# ---- fault 29: a storm of 429 ----

RETRY_AFTER = 2


def test_whoever_is_told_to_wait_waits_and_reviews_go_on(outside, shop):
    proxy = ApiProxy()
    try:
        one = outside("storm", server=proxy.url)
        wait_until_it_leads_and_is_called(one, shop)
        wait_for_record(shop, "before")
        with proxy.storm(RETRY_AFTER):
            # Watches of several kinds, the Lease, and whatever else has fallen due meanwhile.
            def turned_away_again():
                return sum(len(times) >= 3 for what, times in proxy.refusals.items() if ("watch", "1") in what[2]) >= 5

            one.wait("to ask again", turned_away_again)
            assert is_judged(shop), "a review needs no API server"
            refusals = proxy.refusals
        watches = {what: times for what, times in refusals.items() if ("watch", "1") in what[2]}
        for what, times in watches.items():
            # The leader watches records twice: for the audit, and as every replica for the histories.
            watchers = 2 if what[1].endswith("/workloadreadinesses") else 1
            gaps = [after - before for before, after in zip(times, times[watchers:])]
            assert all(gap >= RETRY_AFTER for gap in gaps), (what, gaps)
        # All of it, those that more than one part of the program asks for among them.
        spent = max(max(times) for times in refusals.values()) - min(min(times) for times in refusals.values())
        most = {what: len(times) for what, times in refusals.items()}
        assert max(most.values()) <= 2 * (spent / RETRY_AFTER + 1), most
        print(f"{sum(most.values())} requests turned away in {spent:.1f} s, {len(watches)} watches among them")
        one.wait("to lead", lambda: leads(one))
        wait_for_record(shop, "after")
        assert is_judged(shop)
    finally:
        proxy.close()


# ---- fault 30: a token is exchanged, and the old one ends ----

def test_a_token_that_was_revoked_is_replaced_by_the_one_in_its_file(outside, no_pods, shop, tmp_path, node):
    for name in ("old-token", "new-token"):
        no_pods.apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}})
    try:
        file = tmp_path / "token"
        file.write_text(token(no_pods, DEPLOYMENT, bound_to="old-token"), encoding="utf-8")
        one = outside("token", token_file=file)
        wait_until_it_leads_and_is_called(one, shop)
        wait_for_record(shop, "before")
        no_pods("delete", "secret", "old-token")
        # The API server remembers for ten seconds that a token was good.
        one.wait("to be refused", lambda: one.said(": 401 Unauthorized"))
        assert is_judged(shop), "a review needs no token"
        file.write_text(token(no_pods, DEPLOYMENT, bound_to="new-token"), encoding="utf-8")
        replaced = len(one.log())
        wait_for_record(shop, "after")
        one.wait("to lead", lambda: leads(one))
        # Whatever was under way with the old token is over: every watch begins anew, and none is refused.
        before, so_far = heard(one), len(one.log())
        node.component("restart", "kube-apiserver")
        one.wait("to have heard of everything again",
                 lambda: heard(one).keys() == before.keys() and all(heard(one)[kind] > before[kind] for kind in before), 90)
        wait_for_record(shop, "at-last")
        assert one.said(": 401 ", after=so_far) == []
        print(f"{len(one.said(': 401 ', after=replaced))} lines about 401 after the token was replaced")
    finally:
        no_pods("delete", "secret", "old-token", "new-token", "--ignore-not-found")


# ---- a kind that may not be listed ----

@pytest.fixture
def no_stateful_sets(cluster, no_pods):
    """The cluster role does not allow them; a function that gives it back."""
    rules = cluster.get("clusterrole", DEPLOYMENT)["rules"]
    place = next(i for i, rule in enumerate(rules) if "statefulsets" in rule["resources"])
    path = f"/rules/{place}/resources"
    allowed = rules[place]["resources"]

    def allow():
        patch(cluster, "clusterrole", DEPLOYMENT, {"op": "replace", "path": path, "value": allowed})

    patch(cluster, "clusterrole", DEPLOYMENT,
          {"op": "replace", "path": path, "value": [kind for kind in allowed if kind != "statefulsets"]})
    yield allow
    allow()


def test_a_kind_that_may_not_be_listed_is_missed_by_nobody_else(no_stateful_sets, outside, shop):
    one = outside("cut-down")
    one.wait("to lead", lambda: leads(one))
    wait_until(lambda: is_judged(shop), "verdicts")  # it says that it is not ready: the owners of some Pods are unknown
    wait_for_record(shop, "before")
    assert len(one.said("a kind is not audited, as it may not be listed", "statefulsets")) == 1
    one.wait("to show it", lambda: total(one.metrics(), "plimsoll_audit_unlisted_kinds", kind="StatefulSet") == 1)
    no_stateful_sets()
    one.wait("to list it", lambda: one.said("a kind may be listed now", "statefulsets"), 90)
    one.wait("to show that", lambda: total(one.metrics(), "plimsoll_audit_unlisted_kinds") == 0)
    assert total(one.metrics(), "plimsoll_audit_duration_seconds") > 0


# ---- fault 31: a clock jumps ----

@pytest.fixture
def proxy():
    """A line without TLS: with another hour nobody could make one to this API server, whose certificate is minutes old."""
    proxy = ApiProxy()
    yield proxy
    proxy.close()


def renewals(no_pods):
    """Who holds the Lease, how often it has changed hands, and its version."""
    lease = no_pods.get("lease", LEASE)
    spec = lease["spec"]
    return spec["holderIdentity"], spec.get("leaseTransitions", 0), lease["metadata"]["resourceVersion"]


def wait_for_renewals(no_pods, count):
    """Until the holder has renewed so often."""
    versions = set()

    def renewed():
        versions.add(renewals(no_pods)[2])
        return len(versions) > count

    wait_until(renewed, f"{count} renewals", 60)


def written(shop, cluster, no_pods):
    """All that a leader writes: records and the configuration by their versions, and the CAs. (When the last one began to sign
    is counted from now where a clock was set back: the old one stays trusted for longer, and that is written down.)"""
    records = {record["metadata"]["name"]: record["metadata"]["resourceVersion"] for record in shop.list("workloadreadiness")}
    secret = no_pods.get("secret", CA_SECRET)["data"]
    return (records, cluster.get("validatingwebhookconfiguration", CONFIGURATION)["metadata"]["resourceVersion"],
            {name: text for name, text in secret.items() if name.endswith((".crt", ".key"))})


# As many as it takes for another candidate to lose its patience, were it not renewed.
RENEWALS = LEASE_SECONDS // 2 + 1


def test_a_clock_that_is_set_changes_nobody_and_nothing(outside, no_pods, shop, cluster, proxy, tmp_path):
    clock = Clock(tmp_path)
    one = outside("set", server=proxy.url, clock=clock)
    wait_until_it_leads_and_is_called(one, shop)
    other = outside("true")
    other.wait("to be ready", lambda: other.ready()[0])
    wait_for_record(shop, "before")
    held, things = renewals(no_pods)[:2], written(shop, cluster, no_pods)
    for shift in (HOUR, -HOUR, 0):
        clock.shift(wall=shift)
        wait_for_renewals(no_pods, RENEWALS)
        lines = [line for line in one.log()[-20:] if "time" in line]
        print(f"{shift:+d} s: its last line is of {lines[-1]['time'] if lines else '?'}")
        assert leads(one) and not leads(other)
        assert renewals(no_pods)[:2] == held
        assert written(shop, cluster, no_pods) == things
        assert is_judged(shop)
        assert one.ready()[0], one.ready()[1]
    wait_for_record(shop, "after")


def test_a_leader_whose_time_has_run_out_writes_nothing(outside, no_pods, shop, cluster, proxy, tmp_path):
    """An hour that its monotonic clock counts as well, as on a machine that was moved while it stood still."""
    clock = Clock(tmp_path)
    one = outside("moved", server=proxy.url, clock=clock)
    wait_until_it_leads_and_is_called(one, shop)
    other = outside("true")
    other.wait("to be ready", lambda: other.ready()[0])
    wait_for_record(shop, "before")
    things, (_, transitions, _), so_far = written(shop, cluster, no_pods), renewals(no_pods), len(one.log())
    clock.shift(wall=HOUR, monotonic=HOUR)
    one.wait("to know that its time is over", lambda: one.said("no longer leading", after=so_far))
    wait_until(lambda: leads(one) or leads(other), "somebody to lead")
    assert not (leads(one) and leads(other))
    wait_for_renewals(no_pods, RENEWALS)
    assert renewals(no_pods)[1] <= transitions + 1
    assert written(shop, cluster, no_pods) == things
    wait_for_record(shop, "after")
    assert is_judged(shop)


# ---- fault 12: a certificate that the API server does not accept ----

def of_another_ca():
    other, _, _ = serving_certificate(SERVICE, NAMESPACE)
    _, chain, key = serving_certificate(SERVICE, NAMESPACE)
    return other, chain, key


def common_name_alone():
    return certificate(common_name=f"{SERVICE}.{NAMESPACE}.svc")


def expired():
    return serving_certificate(SERVICE, NAMESPACE, days=-1)


@pytest.mark.parametrize("make, words", [(of_another_ca, "unable to get local issuer certificate"), (common_name_alone, "hostname mismatch"),
                                         (expired, "certificate has expired")])
def test_a_certificate_that_is_not_accepted_is_told_and_asked_for_by_nobody(outside, cluster, plimsoll, shop, make, words):
    with readable(plimsoll):
        ca, chain, key = make()
        keep(plimsoll.kubectl, chain, key)
        # As it is installed: it asks for nothing.
        cluster("replace", "-f", "-", documents=[one for one in manifests() if one["kind"] == "ValidatingWebhookConfiguration"])
        one = outside("told", arguments=[f"--tls-secret={SECRET}"])
        one.wait("to lead", lambda: leads(one))
        wait_until(lambda: write_bundles(cluster, plimsoll, ca), "the CA to be trusted", 60)
        # By whoever reads the log, scrapes the metrics or looks at the pod.
        one.wait("to say it", lambda: one.said("the API server would not accept the serving certificate", words))
        assert total(one.metrics(), "plimsoll_certificate_trusted") == 0
        ready, why = one.ready()
        assert not ready and words in why
        assert all(not entry.get("rules") for entry in plimsoll.entries().values()), "nobody is refused for it"
        # Whoever keeps the Secret puts it right.
        ca, chain, key = serving_certificate(SERVICE, NAMESPACE)
        keep(plimsoll.kubectl, chain, key)
        wait_until(lambda: inject(cluster, plimsoll, ca)() and is_judged(shop), "verdicts", 60)
        one.wait("to be ready", lambda: one.ready()[0])
        assert total(one.metrics(), "plimsoll_certificate_trusted") == 1


# ---- fault 7 again: the other tests have taken as long as it takes ----

def test_our_listener_does_not_close_an_idle_connection_before_its_client(kept_connection):
    wait_until(lambda: time.monotonic() - kept_connection.since > CLIENT_IDLE_SECONDS + 5, "it to be idle", 100, 0.5)
    assert kept_connection.asks() == 400

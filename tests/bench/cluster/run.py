#!/usr/bin/env python3
"""Measures Plimsoll in a cluster: `make bench-cluster`. Writes a JSON file and prints a table.

Usage: tests/bench/cluster/run.py [--output FILE] [--workloads N] [--calls N] [--beside] [--scan]     (in the cluster's network; see hack/e2e)

--beside: each workload has a Service, a budget, a ServiceMonitor and a PrometheusRule, every tenth an autoscaler, and the
policies ask for all of them, so that every informer runs.
--scan: nothing is installed; the workloads are made, and `plimsoll scan` reads them.

What is timed with the webhook is timed without it in the same run, call by call in turns. Workloads come from a seeded
generator; they are paused, so that there are records of them and no pods. Nothing here passes or fails.
"""

import argparse
import base64
import json
import os
import pathlib
import platform
import random
import sys
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "e2e" / "cluster"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

# pylint: disable=wrong-import-position
import scan  # noqa: E402
from harness.api import Api  # noqa: E402
from harness.kubectl import Kubectl  # noqa: E402
from harness.load import creations  # noqa: E402
from harness.metrics import total  # noqa: E402
from harness.plimsoll import CA_SECRET, install, is_judged  # noqa: E402
from harness.waiting import wait_until  # noqa: E402
from harness.workloads import policy, ready, selecting, unready  # noqa: E402

SEED = 20261127
NAMESPACES = 20
WRITERS = 8
ROTATION_RATE = 50
RULES = ["health.readiness-probe", "health.liveness-probe", "health.probes-distinct", "health.probe-meaningful",
         "ownership.owner", "alerting.route", "runbook.url", "resilience.graceful-shutdown", "resources.cpu-request",
         "resources.memory-limit", "image.pinned"]
RELATED_RULES = ["resilience.pdb", "resilience.pdb-evictable", "resilience.replicas", "alerting.scraped", "alerting.rules", "runbook.alerts"]
DEPLOYMENTS = "/apis/apps/v1/namespaces/{}/deployments"
MONITORING = "monitoring.coreos.com"
# More would keep the node busy with autoscaling: each is looked at every 15 seconds.
AUTOSCALED = 10
ROLLOUT = 1000


def say(text):
    print(f"    {text}", file=sys.stderr, flush=True)


class Report:
    def __init__(self):
        self.figures = []

    def add(self, name, unit, value, note=""):
        self.figures.append({"name": name, "unit": unit, "value": value, "note": note})
        say(f"{name}: {shown(value)} {unit}")

    def table(self):
        width = max(len(figure["name"]) for figure in self.figures)
        for figure in self.figures:
            note = f"  ({figure['note']})" if figure["note"] else ""
            yield f"{figure['name']:<{width}}  {shown(figure['value']):>9} {figure['unit']}{note}"


def shown(value):
    return f"{value:.3g}" if isinstance(value, float) and abs(value) < 100 else f"{value:.0f}"


def at(values, percent):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def space(name, **labels):
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


# ---- what the API server adds ----


def timed(session, path, body):
    began = time.perf_counter()
    status, answer = session.request("POST", path, body)
    assert status in (201, 422), answer
    return (time.perf_counter() - began) * 1000


def latency(report, api, cluster, calls):
    """Creations (dry run) of the same Deployment in a namespace that is judged and in one that is not, in turns."""
    session = api.session()
    paths = {name: DEPLOYMENTS.format(name) + "?dryRun=All" for name in ("judged", "bare")}
    bodies = {kind: {name: make("web", namespace=name) for name in paths}
              for kind, make in (("accepted", ready), ("denied", unready))}
    for kind in bodies:
        times = {name: [] for name in paths}
        for i in range(calls + 50):
            for name in (sorted(paths) if i % 2 else sorted(paths, reverse=True)):
                spent = timed(session, paths[name], bodies[kind][name])
                if i >= 50:  # connections are open and caches warm
                    times[name].append(spent)
        for percent in (50, 99):
            report.add(f"create, {kind}: p{percent} with webhook", "ms", at(times["judged"], percent), f"{calls} calls")
            report.add(f"create, {kind}: p{percent} without", "ms", at(times["bare"], percent))
    session.close()
    text = cluster.raw("/metrics")
    name = "apiserver_admission_webhook_admission_duration_seconds"
    count = total(text, f"{name}_count", name="validate.plimsoll.dev")
    spent = total(text, f"{name}_sum", name="validate.plimsoll.dev")
    report.add("webhook call, mean, by the API server's metric", "ms", spent / count * 1000, f"{count:.0f} calls")


def calls_of_webhook(cluster):
    """How many calls the API server has made, and how long it waited for them."""
    text, name = cluster.raw("/metrics"), "apiserver_admission_webhook_admission_duration_seconds"
    # Of all our entries: which of them is asked changes with the policies. There are no webhooks of others.
    return tuple(total(text, f"{name}_{part}") for part in ("count", "sum"))


def mean_call(before, after):
    return (after[1] - before[1]) / max(after[0] - before[0], 1) * 1000


def rotation(report, api, cluster, plimsoll):
    """Calls while the CA is exchanged and all replicas are replaced, where one that fails is a creation that fails."""
    def authorities():
        leases = plimsoll.kubectl.list("leases", "-l", "plimsoll.dev/replica=true")
        return {lease["metadata"]["annotations"]["plimsoll.dev/ca"] for lease in leases}

    old = authorities()
    with creations(api, cluster.within("strict"), ROTATION_RATE) as load:
        wait_until(lambda: len(load.calls) > ROTATION_RATE, "the load to flow")
        before = calls_of_webhook(cluster)
        began = time.monotonic()
        plimsoll.kubectl("annotate", "--overwrite", "secret", CA_SECRET, f"plimsoll.dev/rotate={time.time()}")
        plimsoll.roll_out()
        wait_until(lambda: authorities() and not authorities() & old, "every replica to have a certificate of the new CA", 150)
        lasted = time.monotonic() - began
        waited = mean_call(before, calls_of_webhook(cluster))
    spent = [call.seconds * 1000 for call in load.calls]
    slow = [call for call in load.calls if call.seconds > 0.5]
    if slow:
        say(f"{len(slow)} calls took longer than 0.5 s, begun {slow[0].began:.1f} to {slow[-1].began:.1f} s after the first")
    report.add("rotation with a rolling restart: time", "s", lasted)
    report.add("rotation with a rolling restart: calls failed", "", len(load.failed), f"of {len(load.calls)}, {ROTATION_RATE} a second")
    report.add("rotation with a rolling restart: p50", "ms", at(spent, 50))
    report.add("rotation with a rolling restart: p99", "ms", at(spent, 99))
    report.add("rotation with a rolling restart: longest", "ms", max(spent))
    report.add("rotation with a rolling restart: webhook call, mean", "ms", waited, "by the API server's metric")


# ---- the audit ----


def generated(count):
    """Deployments as a cluster has them: some ready, most lacking something."""
    random_ = random.Random(SEED)
    for i in range(count):
        workload = (ready if random_.random() < 0.3 else unready)(f"w{i}", namespace=f"bench-{random_.randrange(NAMESPACES)}")
        workload["metadata"].setdefault("labels", {})["team"] = f"team-{random_.randrange(50)}"
        container = workload["spec"]["template"]["spec"]["containers"][0]
        container["env"] = [{"name": f"SETTING_{n}", "value": "x" * random_.randrange(8, 80)} for n in range(random_.randrange(20))]
        workload["spec"]["paused"] = True
        yield of_its_own(workload)


def of_its_own(workload):
    """The workload with labels that no other has: what selects its pods selects none else's."""
    own = {"app.kubernetes.io/name": workload["metadata"]["name"]}
    workload["spec"]["selector"] = {"matchLabels": own}
    workload["spec"]["template"]["metadata"]["labels"].update(own)
    return workload


def post_all(api, requests):
    """(path, object) each, from several threads."""
    queue = list(requests)
    lock = threading.Lock()
    problems = []

    def work():
        session = api.session()
        while True:
            with lock:
                if not queue:
                    break
                path, body = queue.pop()
            status, answer = session.request("POST", path, body)
            if status != 201:
                problems.append(answer)
        session.close()

    threads = [threading.Thread(target=work) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems, problems[0]


def create_all(api, workloads):
    post_all(api, ((DEPLOYMENTS.format(workload["metadata"]["namespace"]), workload) for workload in workloads))


# ---- what stands beside them ----

def monitoring_crds():
    """Of the Prometheus operator, as far as an API server needs to know them."""
    for kind, plural in (("ServiceMonitor", "servicemonitors"), ("PodMonitor", "podmonitors"), ("PrometheusRule", "prometheusrules")):
        yield {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": f"{plural}.{MONITORING}"},
               "spec": {"group": MONITORING, "scope": "Namespaced",
                        "names": {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"},
                        "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {
                            "type": "object", "x-kubernetes-preserve-unknown-fields": True}}}]}}


def beside(workload, number):
    """What belongs to the workload: (path, object) each."""
    name, home = workload["metadata"]["name"], workload["metadata"]["namespace"]
    labels = workload["spec"]["template"]["metadata"]["labels"]
    selector = {"matchLabels": labels}

    def one(group, plural, kind, spec):
        version = group or "v1"
        path = f"/apis/{version}/namespaces/{home}/{plural}" if "/" in version else f"/api/{version}/namespaces/{home}/{plural}"
        return path, {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": home, "labels": labels}, "spec": spec}

    yield one("policy/v1", "poddisruptionbudgets", "PodDisruptionBudget", {"maxUnavailable": 1, "selector": selector})
    yield one("", "services", "Service", {"clusterIP": "None", "selector": labels, "ports": [{"name": "http", "port": 8080}]})
    yield one(f"{MONITORING}/v1", "servicemonitors", "ServiceMonitor", {"selector": selector, "endpoints": [{"port": "http"}]})
    yield one(f"{MONITORING}/v1", "prometheusrules", "PrometheusRule", {"groups": [{"name": name, "rules": [
        {"alert": alert, "expr": f'{metric}{{namespace="{home}", {label}}} > 3', "for": "5m", "labels": {"severity": "page"},
         "annotations": {"runbook_url": f"https://wiki.corp.internal/runbooks/{name}", "summary": "It fails."}}
        for alert, metric, label in (("Down", "up", f'job="{name}"'), ("Errors", "http_errors", f'service="{name}"'),
                                     ("Crashing", "kube_pod_container_status_restarts_total", f'pod=~"{name}-.*"'))]}]})
    if number % AUTOSCALED == 0:
        yield one("autoscaling/v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", {
            "minReplicas": 2, "maxReplicas": 4, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}})


def create_beside(api, cluster, count):
    cluster.apply(*monitoring_crds())
    cluster("wait", "--for=condition=Established", "--timeout=30s", *(f"crd/{crd['metadata']['name']}" for crd in monitoring_crds()))
    say(f"creating what belongs to {count} Deployments")
    post_all(api, (pair for number, workload in enumerate(generated(count)) for pair in beside(workload, number)))


RECORDS = "/apis/plimsoll.dev/v1alpha1/workloadreadinesses"
METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
# Looking costs the API server, too.
LOOK_SECONDS = 0.5
# 50,000 at some 60 a second.
RECORDS_SECONDS = 1500


def count_records(session):
    _, page = session.request("GET", f"{RECORDS}?limit=1")
    return len(page["items"]) + page["metadata"].get("remainingItemCount", 0)


def written_since(session, version):
    """How many records were written after that resource version."""
    _, page = session.request("GET", RECORDS, accept=METADATA)
    return sum(int(item["metadata"]["resourceVersion"]) > version for item in page["items"])


def etcd_bytes(prefix):
    """Of all keys that begin so, and their values; None where etcd is not for us."""
    key, end = prefix.encode(), prefix[:-1].encode() + bytes([ord(prefix[-1]) + 1])
    body = {"key": base64.b64encode(key).decode(), "range_end": base64.b64encode(end).decode()}
    request = urllib.request.Request("http://127.0.0.1:2379/v3/kv/range", json.dumps(body).encode())
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            found = json.load(answer).get("kvs", [])
    except OSError:
        return None
    return sum(len(base64.b64decode(one["key"])) + len(base64.b64decode(one["value"])) for one in found)


def audited(plimsoll, leader, count):
    text = plimsoll.metrics_of(leader)
    return total(text, "plimsoll_workloads") == count and total(text, "plimsoll_audit_waiting_workloads") == 0 and text


def audit(report, api, cluster, plimsoll, arguments):
    count = arguments.workloads
    cluster.apply(*(space(f"bench-{i}", env="bench") for i in range(NAMESPACES)))
    say(f"creating {count} Deployments")
    create_all(api, generated(count))
    if arguments.beside:
        create_beside(api, cluster, count)
    leader = plimsoll.wait_for_leader()
    empty = total(plimsoll.metrics_of(leader), "process_resident_memory_bytes")
    cpu = total(plimsoll.metrics_of(leader), "process_cpu_seconds_total")
    began = time.monotonic()
    cluster.apply(bench_policy("Audit", arguments.beside))
    text = wait_until(lambda: audited(plimsoll, leader, count), "all of them to be judged", 300)
    report.add(f"policy to {count} workloads judged", "s", time.monotonic() - began, "listed before, for the sample policy")
    report.add("leader: CPU until they were judged", "s", total(text, "process_cpu_seconds_total") - cpu)
    session = api.session()
    wait_until(lambda: count_records(session) == count, "all records", RECORDS_SECONDS, LOOK_SECONDS)
    report.add(f"policy to {count} records written", "s", time.monotonic() - began, "at most 100 a second")
    text = plimsoll.metrics_of(leader)
    report.add("leader: CPU until they were written", "s", total(text, "process_cpu_seconds_total") - cpu)
    report.add("leader: resident memory before", "MB", empty / 1e6)
    # Once it has been told of everything that is beside them, too.
    informers = "all informers on" if arguments.beside else ""
    report.add(f"leader: resident memory with {count}", "MB", total(text, "process_resident_memory_bytes") / 1e6, informers)
    stored = etcd_bytes("/registry/plimsoll.dev/workloadreadinesses/")
    if stored is not None:
        report.add("etcd: per 1,000 records", "MB", stored / count * 1000 / 1e6)
    _, page = session.request("GET", f"{RECORDS}?limit=1")
    version = int(page["metadata"]["resourceVersion"])
    began = time.monotonic()
    cluster.apply(bench_policy("Warn", arguments.beside))
    wait_until(lambda: written_since(session, version) >= affected(count), "records to follow the policy", RECORDS_SECONDS, LOOK_SECONDS)
    session.close()
    report.add("change of the policy to every record concerned", "s", time.monotonic() - began, f"{affected(count)} records")
    new_leader(report, plimsoll, leader, count)


def affected(count):
    """Those that have a finding, whose action has changed."""
    return sum("annotations" not in workload["metadata"] for workload in generated(count))


def reviews_of(plimsoll):
    """How many reviews all replicas have answered, and how long they took over them."""
    text = plimsoll.metrics()
    return tuple(total(text, f"plimsoll_admission_duration_seconds_{part}") for part in ("count", "sum"))


def waiting(plimsoll):
    """Histories that wait to be written, and records of which the leader has still to write some part."""
    texts = [plimsoll.metrics_of(replica) for replica in plimsoll.replicas()]
    return sum(total(text, name) for text in texts for name in ("plimsoll_history_pending_records", "plimsoll_audit_waiting_records"))


def rollout(report, api, cluster, plimsoll):
    """A thousand Deployments come at once; each review is news for a history. Then the latency of a review that is asked while
    histories are written, beside that of one that is asked while nothing is. What is looked at meanwhile are metrics: to list
    ten thousand records twice a second would be measured, too."""
    def times(until):
        session, body, spent = api.session(), ready("web", namespace="judged"), []
        path = DEPLOYMENTS.format("judged") + "?dryRun=All"
        before, reviews = calls_of_webhook(cluster), reviews_of(plimsoll)
        while not until(len(spent)):
            spent.append(timed(session, path, body))
        session.close()
        return spent, mean_call(before, calls_of_webhook(cluster)), mean_call(reviews, reviews_of(plimsoll))

    wait_until(lambda: waiting(plimsoll) == 0, "histories to be written", RECORDS_SECONDS, LOOK_SECONDS)
    idle, idle_call, idle_review = times(lambda done: done >= ROLLOUT)
    workloads = [of_its_own(unready(f"r{i}", namespace=f"bench-{i % NAMESPACES}")) for i in range(ROLLOUT)]
    for workload in workloads:
        workload["spec"]["paused"] = True
    began = time.monotonic()
    create_all(api, workloads)
    created = time.monotonic() - began
    say(f"{ROLLOUT} Deployments created in {created:.1f} s")
    ended = threading.Event()
    busy = []
    thread = threading.Thread(target=lambda: busy.extend(times(lambda _: ended.is_set())))
    thread.start()
    wait_until(lambda: waiting(plimsoll) == 0, "nothing to wait to be written", RECORDS_SECONDS, LOOK_SECONDS)
    lasted = time.monotonic() - began
    ended.set()
    thread.join()
    busy, busy_call, busy_review = busy
    session = api.session()
    wait_until(lambda: with_history(session) >= ROLLOUT, "a history of each of them", 60, LOOK_SECONDS)
    session.close()
    lost = sum(total(plimsoll.metrics_of(replica), "plimsoll_history_dropped_total") for replica in plimsoll.replicas())
    report.add(f"rollout of {ROLLOUT} Deployments: created in", "s", created, "each warned about by the webhook")
    report.add(f"rollout of {ROLLOUT}: records and histories of all written in", "s", lasted, f"{2 * ROLLOUT / lasted:.0f} writes a second")
    report.add(f"rollout of {ROLLOUT}: happenings lost", "", lost)
    for percent in (50, 99):
        report.add(f"dry run while nothing is written: p{percent}", "ms", at(idle, percent), f"{len(idle)} calls")
        report.add(f"dry run while histories are written: p{percent}", "ms", at(busy, percent), f"{len(busy)} calls")
    report.add("webhook call while nothing is written, mean", "ms", idle_call, "by the API server's metric")
    report.add("webhook call while histories are written, mean", "ms", busy_call)
    report.add("review while nothing is written, mean", "ms", idle_review, "by our own metric: from the request read to its answer")
    report.add("review while histories are written, mean", "ms", busy_review)


def with_history(session):
    """How many records of the rollout say that a review has shown their findings."""
    count, token = 0, ""
    while True:
        _, page = session.request("GET", f"{RECORDS}?limit=2000{token}")
        count += sum(item["metadata"]["name"].startswith("deployment-r") and
                     any(finding["shownBy"] == "warning" for finding in item["status"].get("history", {}).get("findings", []))
                     for item in page["items"])
        token = page["metadata"].get("continue")
        if not token:
            return count
        token = f"&continue={token}"


def new_leader(report, plimsoll, leader, count):
    plimsoll.kubectl("delete", "pod", leader.name, "--wait=false")
    began = time.monotonic()
    other = plimsoll.wait_for_leader(other_than=[leader])
    wait_until(lambda: audited(plimsoll, other, count), "the new leader to have judged all", 120)
    report.add(f"leader ends to {count} judged by another", "s", time.monotonic() - began)


def first_record(report, api, cluster, plimsoll):
    """From a new object to its record."""
    session = api.session()
    times = []
    for i in range(20):
        workload = ready(f"new{i}", namespace="bench-0")
        workload["spec"]["paused"] = True
        began = time.monotonic()
        assert session.request("POST", DEPLOYMENTS.format("bench-0"), workload)[0] == 201
        path = f"/apis/plimsoll.dev/v1alpha1/namespaces/bench-0/workloadreadinesses/deployment-new{i}"
        deadline = began + 60
        while session.request("GET", path)[0] != 200 and time.monotonic() < deadline:
            pass
        times.append((time.monotonic() - began) * 1000)
    session.close()
    report.add("new Deployment to its record: median", "ms", at(times, 50))
    report.add("new Deployment to its record: longest", "ms", max(times))


def bench_policy(action, with_beside):
    return policy("bench", RULES + (RELATED_RULES if with_beside else []), match={"kinds": ["Deployment"], **selecting(env="bench")}, stages=[{"action": action}])


def measure(report, arguments):
    cluster = Kubectl()
    plimsoll = install(cluster)
    try:
        cluster.apply(space("judged", env="production"), space("strict", env="strict"), space("bare"))
        cluster.apply(policy("strict", ["runbook.url"], match=selecting(env="strict"), failurePolicy="Fail"))
        for name in ("judged", "strict"):
            wait_until(lambda: is_judged(cluster.within(name)), "the webhook to be called")  # pylint: disable=cell-var-from-loop
        with Api() as api:
            latency(report, api, cluster, arguments.calls)
            audit(report, api, cluster, plimsoll, arguments)
            rollout(report, api, cluster, plimsoll)
            first_record(report, api, cluster, plimsoll)
            plimsoll.wait_for_replicas()
            rotation(report, api, cluster, plimsoll)
    finally:
        names = ["judged", "strict", "bare", "shop", *(f"bench-{i}" for i in range(NAMESPACES))]
        # First our own namespace: the controller that empties namespaces has minutes to do with the others.
        plimsoll.remove()
        cluster("delete", "namespace", *names, "--ignore-not-found", "--wait=false")


def measure_scan(report, count):
    cluster = Kubectl()
    names = [f"bench-{i}" for i in range(NAMESPACES)]
    cluster.apply(*(space(name, env="bench") for name in names))
    try:
        say(f"creating {count} Deployments")
        with Api() as api:
            create_all(api, generated(count))
        scan.measure(report, count)
    finally:
        cluster("delete", "namespace", *names, "--ignore-not-found", "--wait=false")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "build" / "bench-cluster.json")
    parser.add_argument("--workloads", type=int, default=2000)
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--beside", action="store_true")
    parser.add_argument("--scan", action="store_true")
    arguments = parser.parse_args()
    report = Report()
    if arguments.scan:
        measure_scan(report, arguments.workloads)
    else:
        measure(report, arguments)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(
        {"cores": os.cpu_count(), "machine": platform.machine(), "figures": report.figures}, indent=2) + "\n", encoding="utf-8")
    print("\n".join(report.table()))


if __name__ == "__main__":
    main()

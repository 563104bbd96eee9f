"""Many at once, and many who want nothing: whoever has a review gets its verdict meanwhile."""

import concurrent.futures
import contextlib
import socket
import ssl

from harness.waiting import wait_until
from harness.workloads import ready

WEBHOOK_PORT = 9443
IDLE = 200
HALF = 500
PARALLEL = 100
EACH = 3
# The webhook's own limit, after which the API server gives up (design: 10 s); far above what is measured.
SECONDS = 10


def connect(address):
    return socket.create_connection((address, WEBHOOK_PORT), timeout=10)


def test_a_crowd_and_idlers_slow_nobody_down(strict, plimsoll, api, node):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    restarts = {pod["metadata"]["name"]: pod["status"]["containerStatuses"][0]["restartCount"] for pod in plimsoll.pods()}
    workload = ready("crowd", namespace="strict")
    path = "/apis/apps/v1/namespaces/strict/deployments?dryRun=All"

    def calls(_):
        session = api.session()
        answers = [session.request("POST", path, workload)[0] for _ in range(EACH)]
        session.close()
        return answers

    with contextlib.ExitStack() as open_ones, concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        for replica in plimsoll.replicas():
            for _ in range(IDLE):
                open_ones.enter_context(context.wrap_socket(connect(replica.ip)))
            for _ in range(HALF):
                half = open_ones.enter_context(connect(replica.ip))
                half.sendall(b"\x16")
        done = pool.map(calls, range(PARALLEL), timeout=SECONDS * EACH)
        answers = [answer for each in done for answer in each]
    assert answers == [201] * (PARALLEL * EACH)
    wait_until(lambda: len(plimsoll.replicas()) == 2, "both replicas to be ready")
    for pod in plimsoll.pods():
        assert pod["status"]["containerStatuses"][0]["restartCount"] == restarts[pod["metadata"]["name"]]

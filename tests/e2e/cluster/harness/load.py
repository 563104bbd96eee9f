"""A steady stream of requests while something else happens, and what became of each of them."""

import dataclasses
import http.client
import threading
import time

from .workloads import ready


@dataclasses.dataclass(frozen=True)
class Call:
    began: float
    seconds: float
    status: int
    problem: str


class Load:
    """Makes the request again and again, `rate` times a second, from `workers` threads, until the `with` block ends.

    A request that is late is made at once, and none is left out: what waits behind a slow answer is counted.
    """

    def __init__(self, api, method, path, body, rate, workers=8, expected=201):
        self._api = api
        self._request = (method, path, body)
        self._interval = workers / rate
        self._expected = expected
        self._threads = [threading.Thread(target=self._work, args=(i / rate,)) for i in range(workers)]
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._calls = []

    def __enter__(self):
        self._began = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _work(self, offset):
        session = self._api.session()
        due = self._began + offset
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            call = self._call(session, due)
            with self._lock:
                self._calls.append(call)
            due += self._interval
        session.close()

    def _call(self, session, due):
        try:
            status, answer = session.request(*self._request)
            problem = "" if status == self._expected else str(answer.get("message", answer))
        except (OSError, http.client.HTTPException, ValueError) as error:
            status, problem = 0, repr(error)
        return Call(due - self._began, time.monotonic() - due, status, problem)

    def now(self):
        """In seconds since the load began, as Call.began."""
        return time.monotonic() - self._began

    @property
    def calls(self):
        with self._lock:
            return list(self._calls)

    @property
    def failed(self):
        return [call for call in self.calls if call.problem]

    def summary(self):
        calls = sorted(self.calls, key=lambda call: call.seconds)
        if not calls:
            return "no calls"
        at = [f"p{p} {calls[min(len(calls) - 1, len(calls) * p // 100)].seconds * 1000:.0f} ms" for p in (50, 99)]
        return f"{len(calls)} calls, {len(self.failed)} failed, {', '.join(at)}, max {calls[-1].seconds * 1000:.0f} ms"


def creations(api, kubectl, rate):
    """Creations (dry run) of a ready workload. In a namespace of a policy with failurePolicy Fail, one fails where the webhook
    could not be called; elsewhere such a call is not noticed."""
    path = f"/apis/apps/v1/namespaces/{kubectl.namespace}/deployments?dryRun=All"
    return Load(api, "POST", path, ready("checkout", namespace=kubectl.namespace), rate)

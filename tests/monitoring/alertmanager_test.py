#!/usr/bin/env python3
"""The example of deploy/monitoring/alertmanager.yaml with the real Alertmanager: an owner's alert reaches that owner's receiver,
and nobody else's."""

import contextlib
import http.server
import json
import pathlib
import queue
import re
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.request

sys.dont_write_bytecode = True
from tools import ROOT, program  # noqa: E402

EXAMPLE = ROOT / "deploy" / "monitoring" / "alertmanager.yaml"
RECEIVERS = "https://alerts.corp.internal/"
DEADLINE_SECONDS = 30
# Labels that an alert has, and who is to hear of it.
ROUTES = [
    ({"alertname": "PlimsollWaiverExpiresSoon", "audience": "owner", "severity": "warning", "owner": "payments"}, "team-payments"),
    ({"alertname": "PlimsollStageBlocksSoon", "audience": "owner", "severity": "warning", "owner": "shop"}, "team-shop"),
    ({"alertname": "PlimsollWaiverExpiresSoon", "audience": "owner", "severity": "warning", "owner": "none"}, "platform"),
    ({"alertname": "PlimsollWaiverExpiresSoon", "audience": "owner", "severity": "warning", "owner": "a team of no list"}, "platform"),
    ({"alertname": "PlimsollWebhookCallsFailing", "audience": "platform", "severity": "critical"}, "platform-pager"),
    ({"alertname": "PlimsollWebhookFailingOpen", "audience": "platform", "severity": "warning"}, "platform"),
    ({"alertname": "PlimsollNoLeader", "audience": "platform", "severity": "warning"}, "platform"),
    # Not ours, whatever label it has.
    ({"alertname": "DiskFull", "severity": "critical", "owner": "payments"}, "platform"),
]


class Receiver:
    """Hears what Alertmanager sends: (which receiver, alerts)."""

    def __init__(self):
        heard = self.heard = queue.Queue()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.end_headers()
                heard.put((self.path.strip("/"), body["alerts"]))

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@contextlib.contextmanager
def alertmanager(config, folder):
    """The real one, on a free port; its address."""
    process = subprocess.Popen(
        [program("prometheus-alertmanager"), f"--config.file={config}", f"--storage.path={folder}", "--cluster.listen-address=",
         "--web.listen-address=127.0.0.1:0", "--log.format=json"], stderr=subprocess.PIPE, text=True)
    stopper = threading.Timer(DEADLINE_SECONDS, process.kill)
    stopper.start()
    said, found = [], None
    try:
        for line in process.stderr:
            said.append(line)
            found = re.search(r'"Listening on","address":"(127\.0\.0\.1:\d+)"|"address":"(127\.0\.0\.1:\d+)".*"Listening on"', line)
            if found:
                break
        else:
            raise AssertionError("Alertmanager does not listen:\n" + "".join(said))
        # Whatever it says from here on is read, so that it never waits for us.
        reader = threading.Thread(target=process.stderr.read, daemon=True)
        reader.start()
        yield f"http://{found[1] or found[2]}"
    finally:
        stopper.cancel()
        process.kill()
        process.wait()
        if found:
            reader.join()
        process.stderr.close()


def post(url, alerts):
    request = urllib.request.Request(f"{url}/api/v2/alerts", json.dumps(alerts).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=DEADLINE_SECONDS) as answer:
        assert answer.status == 200


class AlertmanagerTest(unittest.TestCase):
    def test_alertmanager_accepts_it(self):
        done = subprocess.run([program("amtool"), "check-config", EXAMPLE], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_routes(self):
        for labels, receiver in ROUTES:
            with self.subTest(labels):
                words = [f"{name}={value}" for name, value in labels.items()]
                done = subprocess.run([program("amtool"), "config", "routes", "test", f"--config.file={EXAMPLE}", *words],
                                      capture_output=True, text=True, check=False)
                self.assertEqual(done.stdout.strip(), receiver, done.stderr)

    def test_what_is_posted_reaches_its_owner(self):
        receiver = Receiver()
        self.addCleanup(receiver.close)
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            config = folder / "alertmanager.yaml"
            # The same but for where the receivers are, and without the wait for others of the group.
            text = EXAMPLE.read_text(encoding="utf-8").replace(RECEIVERS, receiver.url).replace("group_wait: 30s", "group_wait: 0s")
            config.write_text(text, encoding="utf-8")
            with alertmanager(config, folder / "data") as url:
                post(url, [{"labels": labels, "annotations": {"summary": "s"}} for labels, _ in ROUTES])
                heard = {}
                while sum(len(alerts) for alerts in heard.values()) < len(ROUTES):
                    to, alerts = receiver.heard.get(timeout=DEADLINE_SECONDS)
                    heard.setdefault(to, []).extend(tuple(sorted(alert["labels"].items())) for alert in alerts)
        wanted = {}
        for labels, to in ROUTES:
            wanted.setdefault(to, set()).add(tuple(sorted(labels.items())))
        self.assertEqual({to: set(alerts) for to, alerts in heard.items()}, wanted)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""Whatever goes wrong with the cluster, for every command that asks one: exit code 2 and one clear line with what to do."""

import concurrent.futures
import http.server
import json
import pathlib
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from every_command import ON_CLUSTER, TIMEOUT_S, BadInput  # noqa: E402


class Answering(http.server.ThreadingHTTPServer):
    """Answers everything with one status and body."""

    daemon_threads = True

    def __init__(self, status, body, content_type="application/json"):
        self.seen = []
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                server.seen.append((self.command, self.path))
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = answer

        super().__init__(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)
        self.thread.start()

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()
        self.thread.join()


def refusal(code, reason, message="no"):
    return json.dumps({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "message": message, "code": code}).encode()


class Clusters(BadInput):
    def kubeconfig(self, port, name="kubeconfig.json"):
        return self.write(name, json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{port}"}}], "users": [{"name": "u", "user": {}}]})).name

    def trouble(self, words, *more):
        """Of every command that asks a cluster. The doctor's answer is its finding."""
        before = self.listing()
        for spelled, args in ON_CLUSTER.items():
            with self.subTest(spelled):
                result = self.run_in(*spelled.split(), *args, *more)
                if spelled == "doctor" and result.stdout:
                    self.assertEqual((result.returncode, result.stderr), (2, b""))
                    self.assertIn(b"BAD      API server", result.stdout)
                    self.assertIn(b"->", result.stdout)
                else:
                    expected = words.get(spelled, words[""]) if isinstance(words, dict) else words
                    self.one_line(result, expected)
                self.assertEqual(self.listing(), before)

    def test_no_kubeconfig(self):
        self.trouble("name one with --kubeconfig or KUBECONFIG")

    def test_one_that_says_nothing(self):
        self.write("broken.yaml", "clusters: [")
        self.trouble("broken.yaml", "--kubeconfig", "broken.yaml")

    def test_a_context_that_is_not_there(self):
        self.trouble('"nowhere"', "--kubeconfig", self.kubeconfig(1), "--context", "nowhere")

    def test_nobody_listens(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            self.trouble("is the cluster up, and this the right one (--context)?", "--kubeconfig", self.kubeconfig(closed.getsockname()[1]))

    def test_credentials_that_have_expired(self):
        with Answering(401, refusal(401, "Unauthorized")) as server:
            self.trouble("the credentials of the kubeconfig are not accepted: they may have expired",
                         "--kubeconfig", self.kubeconfig(server.server_port))

    def test_what_may_not_be_asked(self):
        with Answering(403, refusal(403, "Forbidden", "may \x1b[31mnot\nat all")) as server:
            self.trouble("it takes the permission to ", "--kubeconfig", self.kubeconfig(server.server_port))

    def test_no_crds(self):
        absent = {"": "is Plimsoll installed there?", "explain": 'no file and no policy "production" there', "scan": "is this an API server?",
                  "preview": "is this an API server?", "waiver request": "who are you?",
                  **{f"waiver {verb}": "no waiver shop/one" for verb in ("approve", "renew", "end")}}
        with Answering(404, refusal(404, "NotFound")) as server:
            self.trouble(absent, "--kubeconfig", self.kubeconfig(server.server_port))

    def test_a_waiver_that_is_refused(self):
        said = "ReadinessWaiver one cannot be requested as it is written: * spec.policy: there is no policy"
        for code, reason, message, shown in ((422, "Invalid", f'admission webhook "validate-waivers.plimsoll.dev" denied the request: {said}', said),
                                             (404, "NotFound", 'namespaces "shop" not found', 'namespaces "shop" not found')):
            with Answering(code, refusal(code, reason, message)) as server:
                result = self.run_in("waiver", "request", *ON_CLUSTER["waiver request"], "--requested-by", "ana", "--kubeconfig",
                                     self.kubeconfig(server.server_port))
            self.one_line(result, shown)
            self.assertNotIn(b"is Plimsoll installed there?", result.stderr)
            self.assertNotIn(b"admission webhook", result.stderr)

    def test_a_server_that_is_broken(self):
        with Answering(500, refusal(500, "InternalError")) as server:
            self.trouble("is the cluster up", "--kubeconfig", self.kubeconfig(server.server_port))

    def test_somebody_elses_page(self):
        for body, content_type in ((b"<html>Please log in</html>", "text/html"), (b'{"items":[{"metadata"', "application/json"), (b"", "text/plain")):
            with Answering(200, body, content_type) as server:
                self.trouble({"": "", "waiver end": "is this an API server (--context)?", "explain": "is this an API server (--context)?"}, "--kubeconfig", self.kubeconfig(server.server_port))

    def test_one_that_never_answers_is_given_up_once(self):
        """Each command waits for one answer at most; all of them at a time, as each of them waits for 30 s."""
        with socket.create_server(("127.0.0.1", 0), backlog=100) as silent, concurrent.futures.ThreadPoolExecutor(len(ON_CLUSTER)) as pool:
            config = self.kubeconfig(silent.getsockname()[1])
            begun = time.monotonic()
            waiting = {spelled: pool.submit(self.run_in, *spelled.split(), *args, "--kubeconfig", config) for spelled, args in ON_CLUSTER.items()}
            for spelled, future in waiting.items():
                with self.subTest(spelled):
                    result = future.result()
                    if spelled == "doctor":
                        self.assertEqual(result.returncode, 2)
                    else:
                        self.one_line(result, "timed out")
            self.assertLess(time.monotonic() - begun, TIMEOUT_S)


if __name__ == "__main__":
    unittest.main()

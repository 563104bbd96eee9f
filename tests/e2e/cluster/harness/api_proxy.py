"""Between a controller and the API server: passes everything on, or turns everything away (429), or lets nothing stay open."""

import base64
import contextlib
import dataclasses
import http.client
import http.server
import json
import os
import socket
import ssl
import threading
import time
import urllib.parse

import yaml

# Of the connection, not of what is said on it.
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "te", "upgrade"}


@dataclasses.dataclass(frozen=True)
class Refusal:
    """A request that was turned away: what asks twice for the same has the same `what`."""

    what: tuple
    at: float


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _handle(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        proxy = self.server.proxy
        wait = proxy.turned_away(self.command, self.path, self.headers)
        if wait is not None:
            self._refuse(wait)
            return
        upstream = proxy.connect()
        with proxy.streaming(self.connection, upstream):
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
            upstream.request(self.command, self.path, body or None, headers)
            self._pass_on(upstream.getresponse())
        upstream.close()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle

    def _refuse(self, seconds):
        """As API Priority and Fairness does."""
        body = json.dumps({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "TooManyRequests",
                           "message": "Too many requests, please try again later.", "code": 429}).encode()
        self.send_response(429)
        self.send_header("Retry-After", str(seconds))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _pass_on(self, answer):
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while piece := answer.read1(65536):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_):
        pass


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Streams that end in the middle are what it is for."""


class ApiProxy:
    """In front of the API server of KUBECONFIG; plain HTTP on loopback. Whoever asks brings his own token."""

    def __init__(self):
        with open(os.environ["KUBECONFIG"], encoding="utf-8") as file:
            cluster = yaml.safe_load(file)["clusters"][0]["cluster"]
        self._upstream = urllib.parse.urlsplit(cluster["server"])
        self._context = ssl.create_default_context(
            cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
        self._lock = threading.Lock()
        self._open = set()
        self._retry_after = None
        self._refusals = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def connect(self):
        connection = http.client.HTTPSConnection(self._upstream.hostname, self._upstream.port, context=self._context)
        connection.connect()
        return connection

    @contextlib.contextmanager
    def streaming(self, client, upstream):
        pair = (client, upstream.sock)
        with self._lock:
            self._open.add(pair)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(pair)

    def turned_away(self, method, path, headers):
        """How many seconds later it may come again; None: at once."""
        resource, _, query = path.partition("?")
        # A watch is asked for again with another version and another time.
        asked = {name: value for name, value in urllib.parse.parse_qsl(query)
                 if name in ("watch", "fieldSelector", "labelSelector")}
        what = (method, resource, tuple(asked.items()), headers.get("Accept"))
        with self._lock:
            if self._retry_after is not None:
                self._refusals.append(Refusal(what, time.monotonic()))
            return self._retry_after

    @contextlib.contextmanager
    def storm(self, retry_after):
        """Everything that is open ends, and everything that comes is turned away."""
        with self._lock:
            self._retry_after, self._refusals = retry_after, []
        self.cut()
        try:
            yield
        finally:
            with self._lock:
                self._retry_after = None

    def cut(self):
        """Ends whatever is being answered."""
        with self._lock:
            pairs = list(self._open)
        for pair in pairs:
            for one in pair:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    @property
    def refusals(self):
        """When each was turned away, by what it asked for."""
        with self._lock:
            found = {}
            for refusal in self._refusals:
                found.setdefault(refusal.what, []).append(refusal.at)
            return found

    def close(self):
        self.cut()
        self._server.shutdown()
        self._server.server_close()

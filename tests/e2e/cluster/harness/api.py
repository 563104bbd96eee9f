"""Plain requests to the API server, through `kubectl proxy` on a Unix socket: it authenticates, and needs no port."""

import http.client
import json
import pathlib
import socket
import subprocess
import tempfile

from .waiting import wait_until

DEADLINE_SECONDS = 60


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=DEADLINE_SECONDS)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class ApiSession:
    """One kept-alive connection; of one thread."""

    def __init__(self, path):
        self._connection = _UnixConnection(path)

    def request(self, method, path, body=None, content_type="application/json", accept="application/json"):
        """(HTTP status, answer as an object). A broken connection is an OSError or HTTPException, and is opened anew."""
        return self.send(method, path, None if body is None else json.dumps(body), content_type, accept)

    def send(self, method, path, text, content_type="application/json", accept="application/json"):
        """The same, with a text that need not be JSON."""
        try:
            self._connection.request(method, path, body=text, headers={"Content-Type": content_type, "Accept": accept})
            answer = self._connection.getresponse()
            return answer.status, json.loads(answer.read())
        except Exception:
            self._connection.close()
            raise

    def close(self):
        self._connection.close()


class Api:
    """The proxy; a context manager."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory()
        self._path = str(pathlib.Path(self._folder.name) / "api.sock")
        self._proxy = None

    def __enter__(self):
        self._proxy = subprocess.Popen(["kubectl", "proxy", f"--unix-socket={self._path}"], stdout=subprocess.DEVNULL)
        wait_until(lambda: pathlib.Path(self._path).exists(), "kubectl proxy", 20)
        return self

    def __exit__(self, *_):
        self._proxy.terminate()
        self._proxy.wait(timeout=20)
        self._folder.cleanup()

    def session(self):
        return ApiSession(self._path)

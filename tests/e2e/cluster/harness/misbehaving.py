"""An admission webhook that does what a test wants: what the API server makes of webhooks that misbehave."""

import base64
import http.server
import json
import ssl
import tempfile
import threading

from .certificates import certificate
from .waiting import wait_until

NAME = "misbehaving.e2e.plimsoll.dev"
NAMESPACE = "misled"
SERVICE = "misbehaving"
# As the API server calls it: by the name of a Service, as it calls us.
HOST = f"{SERVICE}.{NAMESPACE}.svc"
# The node's own, where the test runs.
ADDRESS = "10.200.0.1"


def allowed(review):
    """The review that allows, as it should be."""
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
            "response": {"uid": review["request"]["uid"], "allowed": True}}


class Call:
    """One review, to be answered by a behaviour."""

    def __init__(self, handler, review, nth):
        self._handler = handler
        self.review = review
        # Of its connection: 1 for the first.
        self.nth = nth

    def answer(self, body=None, status=200, headers=None):
        """With the review that allows, unless told otherwise."""
        raw = body if isinstance(body, bytes) else json.dumps(body or allowed(self.review)).encode()
        self._handler.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(raw)), **(headers or {})}.items():
            self._handler.send_header(name, value)
        self._handler.end_headers()
        self._handler.wfile.write(raw)

    def hang_up(self):
        """No answer, and no connection any more."""
        self._handler.close_connection = True


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        self.request.settimeout(60)
        self.request = self.server.context.wrap_socket(self.request, server_side=True)
        self.nth = 0
        super().setup()

    def finish(self):
        super().finish()
        self.request.close()  # the server knows the socket below it only

    def do_POST(self):
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.nth += 1
        self.server.webhook.take(Call(self, review, self.nth))

    def log_message(self, *_):
        pass


def endpoints(service, namespace, port):
    """Says that a process of the node's network, at this port, is what a Service stands for."""
    return {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": {"name": f"{service}-e2e", "namespace": namespace,
                         "labels": {"kubernetes.io/service-name": service}},
            "endpoints": [{"addresses": [ADDRESS]}], "ports": [{"name": "https", "port": port, "protocol": "TCP"}]}


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A peer that does not like our certificate is what some tests want."""


class MisbehavingWebhook:
    """Serves until `close`; `behaviour` is a function of a Call, and may be exchanged at any time."""

    def __init__(self, trust=None):
        """`trust`: (CA, certificate, key); the API server is told to trust that CA."""
        self.ca, chain, key = trust or certificate(f"DNS:{HOST}")
        self.behaviour = Call.answer
        self._lock = threading.Lock()
        self._calls = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
            file.write(chain + key)
            file.flush()
            context.load_cert_chain(file.name)
        self._server = _Server((ADDRESS, 0), _Handler)
        self._server.context, self._server.webhook = context, self
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, call):
        with self._lock:
            self._calls.append(call)
        self.behaviour(call)

    @property
    def calls(self):
        with self._lock:
            return list(self._calls)

    def manifests(self, failure_policy):
        """Those that make the API server ask it about ConfigMaps of the namespace."""
        trusted = base64.b64encode(self.ca.encode()).decode()
        return [
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": SERVICE, "namespace": NAMESPACE},
             "spec": {"ports": [{"name": "https", "port": 443}]}},
            endpoints(SERVICE, NAMESPACE, self._server.server_address[1]),
            {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
             "metadata": {"name": NAME},
             "webhooks": [{"name": NAME, "admissionReviewVersions": ["v1"], "sideEffects": "None", "timeoutSeconds": 10,
                           "failurePolicy": failure_policy,
                           "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": NAMESPACE}},
                           "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"],
                                      "resources": ["configmaps"]}],
                           "clientConfig": {"service": {"name": SERVICE, "namespace": NAMESPACE}, "caBundle": trusted}}]}]

    def close(self):
        self._server.shutdown()
        self._server.server_close()


def create(kubectl):
    """Tries to create a ConfigMap, without leaving one."""
    return kubectl.try_to("create", "configmap", "asked", "--dry-run=server")


def wait_until_asked(kubectl, webhook):
    """Until the API server knows the configuration, and the node the Service; what came of it is not looked at."""
    wait_until(lambda: create(kubectl) and webhook.calls, "the webhook to be asked", 30)

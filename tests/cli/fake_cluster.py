"""An API server in this process, for commands that ask one: objects by path, what may not be asked, and what was asked."""

import http.server
import json
import pathlib
import threading
import urllib.parse


class Cluster:
    """`put` an object or a list; `forbid` a path; `answers` for what is no object (POST included); `requests` made."""

    def __init__(self, folder, user="ana@corp.internal"):
        self.objects = {}
        self.forbidden = set()
        self.answers = {
            "/version": {"gitVersion": "v1.37.0"},
            "/apis/authentication.k8s.io/v1/selfsubjectreviews": {"status": {"userInfo": {"username": user}}},
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews": {"status": {"allowed": True}},
        }
        self.requests = []
        self.kubeconfig = pathlib.Path(folder) / "kubeconfig"

    def put(self, path, thing):
        self.objects[path] = thing

    def forbid(self, path):
        self.forbidden.add(path)

    def __enter__(self):
        cluster = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def reply(self, status, thing):
                data = json.dumps(thing).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def fail(self, status, reason, message):
                self.reply(status, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason,
                                    "message": message, "code": status})

            def handle_any(self):
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length) if length else b""
                path = urllib.parse.urlparse(self.path).path
                cluster.requests.append((self.command, path, body))
                if path in cluster.forbidden:
                    return self.fail(403, "Forbidden", f"{path} is forbidden")
                if path in cluster.answers:
                    return self.reply(200, cluster.answers[path])
                if self.command == "POST":
                    thing = json.loads(body)
                    place = f"{path}/{thing['metadata']['name']}"
                    if place in cluster.objects:
                        return self.fail(409, "AlreadyExists", f"{place} already exists")
                    cluster.objects[place] = thing
                    return self.reply(201, thing)
                if path not in cluster.objects:
                    return self.fail(404, "NotFound", f"{path} not found")
                if self.command == "DELETE":
                    return self.reply(200, cluster.objects.pop(path))
                if self.command == "PATCH":
                    patch = json.loads(body)
                    thing = cluster.objects[path]
                    if patch["metadata"]["resourceVersion"] != thing["metadata"]["resourceVersion"]:
                        return self.fail(409, "Conflict", "it has been modified")
                    thing["spec"].update(patch["spec"])
                return self.reply(200, cluster.objects[path])

            do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = handle_any

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.kubeconfig.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "here",
            "contexts": [{"name": "here", "context": {"cluster": "here", "user": "ana", "namespace": "shop"}}],
            "clusters": [{"name": "here", "cluster": {"server": f"http://127.0.0.1:{self.server.server_port}"}}],
            "users": [{"name": "ana", "user": {}}]}))
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

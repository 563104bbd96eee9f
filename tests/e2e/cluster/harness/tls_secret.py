"""Somebody else's certificate: a Secret as cert-manager keeps it, and a caBundle as its injector writes it."""

import base64
import contextlib
import json

from .plimsoll import CONFIGURATION, DEPLOYMENT

SECRET = "plimsoll-tls"


def patch(kubectl, kind, name, *operations):
    kubectl("patch", kind, name, "--type=json", "-p", json.dumps(operations))


def keep(kubectl, certificate, key):
    """What cert-manager does: at first and at each renewal."""
    kubectl.apply({"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": {"name": SECRET},
                   "stringData": {"tls.crt": certificate, "tls.key": key}})


def write_bundles(cluster, plimsoll, bundle):
    """What its injector does: every entry trusts these CAs. Whether all of them did before."""
    wanted = base64.b64encode(bundle.encode()).decode()
    entries = plimsoll.configuration()["webhooks"]
    others = [index for index, entry in enumerate(entries) if entry["clientConfig"].get("caBundle") != wanted]
    for index in others:
        patch(cluster, "validatingwebhookconfiguration", CONFIGURATION,
              {"op": "add", "path": f"/webhooks/{index}/clientConfig/caBundle", "value": wanted})
    return bool(entries) and not others


def inject(cluster, plimsoll, bundle):
    """A probe: until every entry trusts these CAs, those of the policies among them."""
    return lambda: write_bundles(cluster, plimsoll, bundle) and len(plimsoll.configuration()["webhooks"]) > 1


@contextlib.contextmanager
def readable(plimsoll):
    """The service account may read the Secret, and it goes in the end."""
    role = plimsoll.kubectl.get("role", DEPLOYMENT)
    place = next(i for i, rule in enumerate(role["rules"]) if "resourceNames" in rule)
    patch(plimsoll.kubectl, "role", DEPLOYMENT, {"op": "add", "path": f"/rules/{place}/resourceNames/-", "value": SECRET})
    try:
        yield
    finally:
        patch(plimsoll.kubectl, "role", DEPLOYMENT, {"op": "remove", "path": f"/rules/{place}/resourceNames/1"})
        plimsoll.kubectl.delete("secret", SECRET)

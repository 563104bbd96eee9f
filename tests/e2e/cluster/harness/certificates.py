"""A CA, and a serving certificate of it for a Service, made by openssl."""

import pathlib
import subprocess
import tempfile


def _openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def serving_certificate(service, namespace):
    """(CA, certificate, key), each as PEM."""
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-x509"]
    host = f"{service}.{namespace}.svc"
    with tempfile.TemporaryDirectory() as folder:
        _openssl(folder, "req", *curve, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=e2e CA")
        _openssl(folder, "req", *curve, "-keyout", "tls.key", "-out", "tls.crt", "-subj", f"/CN={host}", "-addext",
                 f"subjectAltName=DNS:{host}", "-addext", "basicConstraints=critical,CA:FALSE", "-CA", "ca.crt", "-CAkey",
                 "ca.key")
        return tuple(pathlib.Path(folder, name).read_text(encoding="utf-8") for name in ("ca.crt", "tls.crt", "tls.key"))

"""A CA, and serving certificates of it, made by openssl: good ones, and such as nobody should accept."""

import pathlib
import subprocess
import tempfile

CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def _openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def certificate(*names, common_name="e2e", days=2):
    """(CA, certificate, key), each as PEM. Names as "DNS:web.shop.svc" or "IP:10.0.0.1"; none: a certificate that has a
    common name alone. Negative days: expired."""
    with tempfile.TemporaryDirectory() as folder:
        _openssl(folder, "req", "-x509", *CURVE, "-days", "2", "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=e2e CA")
        _openssl(folder, "req", *CURVE, "-keyout", "tls.key", "-out", "tls.csr", "-subj", f"/CN={common_name}")
        extensions = ["basicConstraints=critical,CA:FALSE"] + ([f"subjectAltName={','.join(names)}"] if names else [])
        pathlib.Path(folder, "extensions").write_text("\n".join(extensions), encoding="utf-8")
        _openssl(folder, "x509", "-req", "-in", "tls.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-days", str(days),
                 "-extfile", "extensions", "-out", "tls.crt")
        return tuple(pathlib.Path(folder, name).read_text(encoding="utf-8") for name in ("ca.crt", "tls.crt", "tls.key"))


def serving_certificate(service, namespace, **how):
    """The same for a Service, as the API server calls it."""
    host = f"{service}.{namespace}.svc"
    return certificate(f"DNS:{host}", common_name=host, **how)

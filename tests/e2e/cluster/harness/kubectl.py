"""kubectl as a person uses it: what it prints and how it exits are what the tests look at."""

import dataclasses
import json
import subprocess

import yaml

# No single call takes longer than the API server's own limit on a request.
DEADLINE_SECONDS = 90


@dataclasses.dataclass(frozen=True)
class Said:
    """What a call of kubectl said."""

    code: int
    out: str
    err: str

    @property
    def ok(self):
        return self.code == 0

    def __str__(self):
        return f"exit code {self.code}\n{self.out}{self.err}"


class Kubectl:
    """Calls kubectl on the cluster of KUBECONFIG, always in one namespace unless told otherwise."""

    def __init__(self, namespace=None):
        self._start = ["kubectl"] + (["--namespace", namespace] if namespace else [])
        self.namespace = namespace

    def within(self, namespace):
        return Kubectl(namespace)

    def try_to(self, *arguments, documents=None):
        """The call, whatever comes of it; documents become its standard input (`-f -`)."""
        text = None
        if documents is not None:
            text = documents if isinstance(documents, str) else as_stream(documents)
        done = subprocess.run([*self._start, *arguments], input=text, capture_output=True, text=True, check=False,
                              timeout=DEADLINE_SECONDS)
        return Said(done.returncode, done.stdout, done.stderr)

    def __call__(self, *arguments, documents=None):
        """The call, which must succeed; its standard output."""
        said = self.try_to(*arguments, documents=documents)
        assert said.ok, f"kubectl {' '.join(arguments)}: {said}"
        return said.out

    def apply(self, *documents):
        return self("apply", "-f", "-", documents=documents)

    def get(self, kind, name):
        """The object, or None where there is none."""
        text = self("get", kind, name, "--ignore-not-found", "-o", "json")
        return json.loads(text) if text else None

    def list(self, kind, *arguments):
        return json.loads(self("get", kind, "-o", "json", *arguments))["items"]

    def delete(self, kind, name):
        """Deletes it, waits until it is gone; it need not be there."""
        self("delete", kind, name, "--ignore-not-found", "--wait", "--timeout=60s")

    def raw(self, path):
        return self("get", "--raw", path)


def as_stream(documents):
    """Objects, or texts of YAML, as one stream of YAML documents."""
    return "\n---\n".join(d if isinstance(d, str) else yaml.safe_dump(d) for d in documents)

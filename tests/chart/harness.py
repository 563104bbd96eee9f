"""The chart as Helm renders it, and what Kubernetes' own schemas say of that."""

import functools
import json
import os
import pathlib
import re
import subprocess

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "charts" / "plimsoll"
PROGRAMS = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "plimsoll" / "programs"
RELEASE, NAMESPACE = "plimsoll", "plimsoll-system"
# Those that the chart says it runs on, and that there are schemas of.
VERSIONS = [f"1.{minor}" for minor in range(30, 38)]
VALUES = sorted((CHART / "ci").glob("*-values.yaml"))
KNOWN = ("--api-versions", "plimsoll.dev/v1alpha1/ReadinessPolicy")
# libyaml's, where there is one: the CRDs are long.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DEADLINE_SECONDS = 60


def _told_by_scripts(expression):
    """What the scripts of hack/ take it for."""
    script = f'CACHE=$1; . hack/cluster.d/programs.sh; echo "{expression}"'
    done = subprocess.run(["bash", "-c", script, "bash", PROGRAMS.parent], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@functools.cache
def helm():
    """The one that hack/cluster has built, by the hash of what it was built from."""
    return _told_by_scripts("$(programs_folder helm)/helm")


@functools.cache
def kubectl():
    """The one of the node."""
    return _told_by_scripts("$(programs_folder kubernetes)/kubectl")


@functools.cache
def schemas_folder():
    return _told_by_scripts("$SCHEMAS")


def run_helm(*arguments):
    return subprocess.run([helm(), *map(str, arguments)], capture_output=True, text=True, check=False, timeout=DEADLINE_SECONDS)


def render(*arguments, namespace=NAMESPACE, release=RELEASE):
    """The objects of `helm template`, tests and hooks among them."""
    done = run_helm("template", release, CHART, "--namespace", namespace, *arguments)
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.load_all(done.stdout, LOADER) if document]


def refusal(*settings, namespace=NAMESPACE):
    """What Helm says to values that it does not take."""
    arguments = [word for setting in settings for word in ("--set", setting)]
    done = run_helm("template", RELEASE, CHART, "--namespace", namespace, *arguments)
    assert done.returncode != 0, "these values were taken"
    return done.stderr


def find(objects, kind, name=None):
    """The one of that kind, and name."""
    found = [thing for thing in objects if thing["kind"] == kind and name in (None, thing["metadata"]["name"])]
    assert len(found) == 1, f"{len(found)} of {kind} {name or ''}"
    return found[0]


def of_hook(thing):
    return (thing["metadata"].get("annotations") or {}).get("helm.sh/hook")


class Schemas:
    """Those of one release of Kubernetes, which know no other fields than its API has."""

    def __init__(self, version):
        folder = pathlib.Path(schemas_folder(), "kubernetes_validate", "kubernetes-json-schema")
        self._folder = folder / f"v{version}.0-local-strict"
        self._definitions = json.loads((self._folder / "_definitions.json").read_text(encoding="utf-8"))
        self._validators = {}

    def problems(self, thing):
        """What is wrong with it, or None where the kind is none of Kubernetes' own."""
        group, _, version = thing["apiVersion"].rpartition("/")
        name = "-".join(filter(None, [thing["kind"].lower(), group.split(".")[0], version])) + ".json"
        if not (self._folder / name).exists():
            return None
        if name not in self._validators:
            schema = json.loads((self._folder / name).read_text(encoding="utf-8"))
            resolver = jsonschema.RefResolver(f"file://{self._folder}/{name}", schema,
                                              store={f"file://{self._folder}/_definitions.json": self._definitions},
                                              handlers={"file": lambda _: self._definitions})
            self._validators[name] = jsonschema.Draft4Validator(schema, resolver=resolver)
        errors = self._validators[name].iter_errors(thing)
        return [f"{thing['kind']} {thing['metadata']['name']}: {'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"
                for error in errors]


def own_schema(kind):
    """Of one of our kinds, from its CRD."""
    for path in (ROOT / "crds").glob("*.yaml"):
        crd = yaml.load(path.read_text(encoding="utf-8"), LOADER)
        if crd["spec"]["names"]["kind"] == kind:
            return crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    raise AssertionError(f"no CRD of {kind}")


def words(text):
    """Of a message, however its lines are broken."""
    return re.sub(r"\s+", " ", text)

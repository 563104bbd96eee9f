"""What plimsoll and its peers read: documents of the shared corpus that all of them can read, and generated manifests.

Both are made of whole text; nothing is written anew by a YAML library, so that comments, anchors and styles stay.
"""

import pathlib
import random

import yaml

SEED = 20261128
GENERATED = 10_000
KINDS = {"Deployment": "apps/v1", "StatefulSet": "apps/v1", "DaemonSet": "apps/v1"}

HEAD = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: {namespace}
  labels:
    app.kubernetes.io/name: {name}
{owner}{annotations}spec:
  replicas: {replicas}
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {name}
    spec:
      containers:
"""
CONTAINER = """\
        - name: {name}
          image: registry.corp.internal/{name}{tag}
          ports:
            - name: http  # for people and for the Service
              containerPort: 8080
"""
ENVIRONMENT = """\
            - name: SETTING_{number}
              value: "{value}"
"""
PROBE = """\
          {kind}Probe:
            httpGet: {{path: /{path}, port: http}}
            periodSeconds: 5
"""
RESOURCES = """\
          resources:
            requests: {{cpu: 100m, memory: {memory}Mi}}
            limits: {{memory: {memory}Mi}}
"""


def generated(number, random_):
    """One Deployment as teams write them: a third lacks nothing that is asked here, the others lack something."""
    ready = random_.random() < 0.3

    def has():
        return ready or random_.random() < 0.6

    name = f"service-{number}"
    text = HEAD.format(name=name, namespace=f"team-{number % 50}", replicas=random_.randrange(1, 6),
                       owner=f"    plimsoll.dev/owner: team-{number % 50}\n" if has() else "",
                       annotations=f"  annotations:\n    plimsoll.dev/runbook: https://wiki.corp.internal/{name}\n" if has() else "")
    for i in range(random_.choice((1, 1, 1, 2, 3))):
        text += CONTAINER.format(name=name if i == 0 else f"sidecar-{i}", tag=":1.4.2" if has() else random_.choice(("", ":latest")))
        settings = random_.randrange(20)
        if settings:
            text += "          env:\n" + "".join(ENVIRONMENT.format(number=n, value="x" * random_.randrange(8, 80)) for n in range(settings))
        for kind, path in (("readiness", "readyz"), ("liveness", "livez")):
            if has():
                text += PROBE.format(kind=kind, path=path)
        if has():
            text += RESOURCES.format(memory=random_.choice((64, 128, 512)))
    return text


def write_generated(folder, count=GENERATED):
    """All in one folder: kyverno does not look into those below it."""
    random_ = random.Random(SEED)
    folder.mkdir()
    for number in range(count):
        path = folder / f"{number}.yaml"
        path.write_text(generated(number, random_), encoding="utf-8")


def usable(text):
    """A whole workload that every peer knows: no patch, no template, served by today's Kubernetes."""
    try:
        documents = [document for document in yaml.safe_load_all(text) if document is not None]
    except yaml.YAMLError:
        return False
    if len(documents) != 1 or not isinstance(documents[0], dict):
        return False
    one = documents[0]
    if KINDS.get(one.get("kind")) != one.get("apiVersion") or not (one.get("metadata") or {}).get("name"):
        return False
    spec = one.get("spec") or {}
    return bool(spec.get("selector")) and bool(((spec.get("template") or {}).get("spec") or {}).get("containers"))


def is_new(text, names):
    one = next(document for document in yaml.safe_load_all(text) if document is not None)
    before = len(names)
    names.add((one["kind"], one["metadata"].get("namespace") or "default", one["metadata"]["name"]))
    return len(names) > before


def documents_of(text):
    part = ""
    for line in text.splitlines(keepends=True):
        if line.startswith("---"):
            yield part
            part = ""
        else:
            part += line
    yield part


def write_corpus(corpus, folder):
    """Each usable document of the corpus in a file of its own, the first of each name: kyverno panics at a second one."""
    count, names = 0, set()
    for path in sorted(corpus.rglob("*")):
        if path.suffix not in (".yaml", ".yml") or not path.is_file():
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for document in documents_of(text):
            if usable(document) and is_new(document, names):
                (folder / f"{count}.yaml").write_text(document, encoding="utf-8")
                count += 1
    return count


def size_of(folder: pathlib.Path):
    files = list(folder.rglob("*.yaml"))
    return len(files), sum(file.stat().st_size for file in files)

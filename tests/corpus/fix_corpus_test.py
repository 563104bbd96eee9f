#!/usr/bin/env python3
"""check --fix over real manifests: every fixed file can still be read, nothing but what a fix is about has changed, comments
and lines stay, and a second run changes nothing. What YAML means is asked of another reader than ours.

The corpus is no part of the repository: PLIMSOLL_SHARED_DIR, or ../shared beside it. PLIMSOLL names the program.
"""

import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CORPUS = pathlib.Path(os.environ.get("PLIMSOLL_SHARED_DIR", ROOT.parent / "shared")) / "corpus"
PLIMSOLL = os.environ.get("PLIMSOLL", str(ROOT / "build/dev/cmd/plimsoll/plimsoll"))
TIMEOUT_S = 240

# Lists that fixes merge by name; all others they replace.
MERGE_KEYS = {"containers": "name", "initContainers": "name", "volumes": "name", "env": "name", "ports": "containerPort",
              "volumeMounts": "mountPath", "topologySpreadConstraints": "topologyKey"}

# Asked only once there are two replicas, which is itself a fix.
FOLLOW_UPS = {("spec", "template", "spec", "topologySpreadConstraints"), ("spec", "strategy"), ("spec", "updateStrategy")}
NEW_OBJECTS = {"PodDisruptionBudget", "PodMonitor", "ServiceMonitor", "PrometheusRule"}


def paths_that_differ(a, b, path=()):
    """The places in which two values differ, lists with a merge key by it."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in {**a, **b}:
            if key not in a or key not in b:
                yield path + (key,)
            else:
                yield from paths_that_differ(a[key], b[key], path + (key,))
    elif isinstance(a, list) and isinstance(b, list):
        key = MERGE_KEYS.get(path[-1]) if path else None
        if key and all(isinstance(x, dict) and key in x for x in a + b):
            yield from paths_that_differ({str(x[key]): x for x in a}, {str(x[key]): x for x in b}, path)
        elif len(a) == len(b) and (not path or path[-1] in ("items", "")):
            for i, (x, y) in enumerate(zip(a, b)):
                yield from paths_that_differ(x, y, path + (i, ""))
        elif a != b:
            yield path
    elif a != b or type(a) is not type(b):
        yield path


def leaves(patch, path=()):
    if isinstance(patch, dict):
        for key, value in patch.items():
            yield from leaves(value, path + (key,))
        if not patch:
            yield path
    elif isinstance(patch, list) and path and path[-1] in MERGE_KEYS:
        for item in patch:
            yield from leaves(item, path + (str(item.get(MERGE_KEYS[path[-1]])),))
    else:
        yield path


class FixCorpus(unittest.TestCase):
    def check(self, *args, folder):
        result = subprocess.run([PLIMSOLL, "check", "--exit-zero", *args, "."], cwd=folder, capture_output=True, check=False,
                                timeout=TIMEOUT_S)
        self.assertIn(result.returncode, (0, 2), result.stderr[-2000:])
        return result

    def fix(self, *flags):
        import yaml
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        folder = pathlib.Path(tempfile.mkdtemp(prefix="plimsoll-fix-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        shutil.copytree(CORPUS / "manifests", folder / "m")
        folder = folder / "m"
        before = {p: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
        found = json.loads(self.check("--format", "json", folder=folder).stdout)["results"]
        said = self.check("--fix", *flags, "--format", "json", folder=folder)
        after = {p: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
        self.assertEqual(set(before), set(after))
        changed = [p for p in before if before[p] != after[p]]
        self.assertGreater(len(changed), 100)
        allowed = {}
        for one in found:
            for patch in filter(None, yaml.safe_load_all(one["fix"])) if one["fix"] else ():
                # A patch of another object goes to where that is.
                allowed.setdefault(None if "kind" in patch else one["file"], set()).update(leaves(patch))
        for path in changed:
            name = str(path.relative_to(folder))
            old, new = (list(yaml.load_all(text, Loader=loader)) for text in (before[path], after[path]))
            for document in new[len(old):]:  # what there was not
                self.assertIn(document["kind"], NEW_OBJECTS, name)
            for place in {p for a, b in zip(old, new) for p in paths_that_differ(a, b)}:
                if "" in place:  # an item of a list: the rest is the object's own place
                    place = place[len(place) - place[::-1].index(""):]
                inside = any(leaf[:len(place)] == place or place[:len(leaf)] == leaf for leaf in allowed.get(name, set()) | allowed[None] | FOLLOW_UPS)
                self.assertTrue(inside, f"{name}: {place}")
            # No comment is lost, whatever becomes of its line.
            lines = [collections.Counter(text.decode().splitlines()) for text in (before[path], after[path])]
            for line in lines[0] - lines[1]:
                if " #" in line or line.lstrip().startswith("#"):
                    self.assertIn(line.split("#", 1)[1], after[path].decode(), name)
        again = self.check("--fix", *flags, "--format", "json", folder=folder)
        self.assertEqual([p for p in after if p.read_bytes() != after[p]], [], "a second run changes nothing")
        self.assertIn(b"fixed 0 findings in 0 files", again.stderr)
        self.assertTrue(json.loads(again.stdout)["results"] == json.loads(said.stdout)["results"])
        return said.stderr.decode(), len(changed)

    def test_safe(self):
        said, changed = self.fix()
        print(changed, said.splitlines()[-1])

    def test_unsafe(self):
        said, changed = self.fix("--unsafe-fixes")
        print(changed, said.splitlines()[-1])


if __name__ == "__main__":
    try:
        import yaml  # noqa: F401
    except ImportError:
        print("skipped: python3-yaml is not installed")
        sys.exit(0)
    if not (CORPUS / "manifests").is_dir():
        print(f"skipped: no corpus in {CORPUS}")
        sys.exit(0)
    unittest.main(verbosity=2 if "-v" in sys.argv else 1)

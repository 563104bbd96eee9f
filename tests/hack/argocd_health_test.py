#!/usr/bin/env python3
"""Argo CD's health checks of our kinds, by its own tables (health_test.yaml) and a real Lua, and the ConfigMap made of them."""

import copy
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

try:
    import yaml
except ImportError:
    print("skipped: python3-yaml is not installed (hack/setup test)")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHECKS = ROOT / "deploy/gitops/argocd/resource_customizations/plimsoll.dev"
KINDS = ("ReadinessPolicy", "ReadinessWaiver", "WorkloadReadiness")
# gopher-lua, which Argo CD has, is Lua 5.1.
LUA = shutil.which("lua5.1")
STATUSES = {"Healthy", "Progressing", "Degraded", "Suspended"}
TIMEOUT_S = 20


def as_lua(value):
    """A literal of it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"[{as_lua(key)}] = {as_lua(one)}" for key, one in value.items() if one is not None) + "}"
    if isinstance(value, list):
        return "{" + ", ".join(map(as_lua, value)) + "}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return repr(value)
    # JSON's escapes of what is no ASCII are none of Lua's.
    text = json.dumps(str(value), ensure_ascii=False)
    return text.replace("\\n", "\\\n").replace("\\/", "/").replace("\\t", "\t")


def health_of(script, thing):
    """What the check says: status and message."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua", encoding="utf-8") as file:
        file.write("return " + as_lua(thing))
        file.flush()
        done = subprocess.run([LUA, ROOT / "tests/hack/argocd_sandbox.lua", script, file.name], capture_output=True, text=True,
                              timeout=TIMEOUT_S, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    status, _, message = done.stdout.partition("\n")
    return status, message.rstrip("\n")


def load(path):
    # Times stay text, as in JSON.
    return yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader) if path.name == "health_test.yaml" else json_like(path)


def json_like(path):
    class Loader(yaml.SafeLoader):
        pass
    Loader.yaml_implicit_resolvers = {first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith(":timestamp")]
                                      for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}
    return yaml.load(path.read_text(encoding="utf-8"), Loader)


def cases(kind):
    return load(CHECKS / kind / "health_test.yaml")["tests"]


@unittest.skipIf(LUA is None, "lua5.1 is not installed (hack/setup test)")
class HealthChecks(unittest.TestCase):
    def test_tables(self):
        seen = set()
        for kind in KINDS:
            folder = CHECKS / kind
            self.assertEqual({case["inputPath"] for case in cases(kind)},
                             {str(path.relative_to(folder)) for path in folder.glob("testdata/*.yaml")})
            for case in cases(kind):
                with self.subTest(kind=kind, case=case["inputPath"]):
                    thing = load(folder / case["inputPath"])
                    self.assertEqual(thing["kind"], kind)
                    status, message = health_of(folder / "health.lua", thing)
                    self.assertEqual(status, case["healthStatus"]["status"])
                    self.assertEqual(message, case["healthStatus"]["message"])
                    seen.add(status)
        self.assertEqual(seen, STATUSES)

    def test_what_has_not_been_read_is_progressing(self):
        changed = {
            "another generation": lambda thing: thing["metadata"].update(generation=thing["metadata"]["generation"] + 1),
            "no status": lambda thing: thing.pop("status"),
            "the CRD's default": lambda thing: thing.update(status={"observedGeneration": -1}),
        }
        for kind in KINDS[:2]:
            for case in cases(kind):
                for name, change in changed.items():
                    thing = copy.deepcopy(load(CHECKS / kind / case["inputPath"]))
                    change(thing)
                    with self.subTest(kind=kind, case=case["inputPath"], change=name):
                        self.assertEqual(health_of(CHECKS / kind / "health.lua", thing)[0], "Progressing")

    def test_the_sandbox_has_no_more_than_argo_cd_has(self):
        for line in ("return {status = string.upper('a')}", "return {status = ('a'):upper()}", "return {status = io.read()}",
                     "return {status = math.max(1, 2)}", "os.execute('true') return {status = ''}", "return 'Healthy'"):
            with self.subTest(line=line), tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
                file.write(line)
                file.flush()
                with self.assertRaises(RuntimeError):
                    health_of(file.name, {})


class ConfigMap(unittest.TestCase):
    def test_it_has_what_the_files_have(self):
        data = load(ROOT / "deploy/gitops/argocd/argocd-cm.yaml")["data"]
        for kind in KINDS:
            self.assertEqual(data.pop(f"resource.customizations.health.plimsoll.dev_{kind}"),
                             (CHECKS / kind / "health.lua").read_text(encoding="utf-8"))
        ignored = "resource.customizations.ignoreDifferences.admissionregistration.k8s.io_ValidatingWebhookConfiguration"
        self.assertEqual(yaml.safe_load(data.pop(ignored)), {"managedFieldsManagers": ["plimsoll-controller"]})
        self.assertEqual(data, {})

    def test_it_is_written_from_them(self):
        done = subprocess.run([sys.executable, ROOT / "hack/gen_gitops", "--check"], capture_output=True, text=True,
                              timeout=TIMEOUT_S, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""What is shipped to call plimsoll from elsewhere: it is well-formed, and its commands are ones that the program has."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from cli_test import INPUT, PLIMSOLL, READY, ROOT, TIMEOUT_S, Case, run  # noqa: E402

try:
    import yaml
except ImportError:
    yaml = None


def load(name):
    if yaml is None:
        raise unittest.SkipTest("python3-yaml is not installed")
    return list(yaml.safe_load_all((ROOT / name).read_text()))


class PreCommit(Case):
    def test_hooks(self):
        hooks = load(".pre-commit-hooks.yaml")[0]
        self.assertEqual([hook["id"] for hook in hooks], ["plimsoll-check", "plimsoll-fix", "plimsoll-docker"])
        path = self.write("a.yaml", READY)
        for hook in hooks[:2]:
            arguments = hook["entry"].split()
            self.assertEqual(arguments[0], "plimsoll")
            self.assertEqual(run(*arguments[1:], path).returncode, 0)

    def test_manifest_is_valid(self):
        if shutil.which("pre-commit") is None:
            self.skipTest("pre-commit is not installed")
        result = subprocess.run(["pre-commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml"],
                                capture_output=True, timeout=TIMEOUT_S, check=False)
        self.assertEqual(result.returncode, 0, result.stdout)


class GithubAction(Case):
    """Its one step, run as a runner runs it."""

    def run_step(self, **inputs):
        action = load("action.yml")[0]
        step = action["runs"]["steps"][0]
        given = {name: str(one["default"]) for name, one in action["inputs"].items()}
        self.assertLessEqual(set(inputs), set(given))
        given.update(inputs, plimsoll=PLIMSOLL)
        output = self.folder / "output"
        env = {"PATH": os.environ["PATH"], "GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(self.folder / "summary")}
        for name, value in step["env"].items():
            wanted = value.removeprefix("${{ inputs.").removesuffix(" }}")
            env[name] = given[wanted]
        result = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", step["run"]], cwd=self.folder, env=env,
                                capture_output=True, timeout=TIMEOUT_S, check=False)
        return result, output.read_text()

    def test_inputs_arrive(self):
        shutil.copytree(INPUT / "policies", self.folder / "policies")
        shutil.copytree(INPUT / "manifests", self.folder / "two words")
        result, output = self.run_step(paths="two words", policy="policies", args="--as-of\n2027-03-01", sarif="out.sarif")
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertEqual(output, "exit-code=1\n")
        self.assertIn(b"::error file=two words/base/checkout.yaml", result.stdout)
        self.assertEqual(json.loads((self.folder / "out.sarif").read_text())["version"], "2.1.0")
        self.assertIn("## Readiness", (self.folder / "summary").read_text())
        result, output = self.run_step(paths="two words")
        self.assertEqual((result.returncode, output), (0, "exit-code=1\nexit-code=0\n"))

    def test_nothing_in_an_input_is_a_command(self):
        result, _ = self.run_step(paths="$(touch owned)\n; touch owned\n`touch owned`")
        self.assertEqual(result.returncode, 2)
        self.assertFalse((self.folder / "owned").exists())


class Gitlab(Case):
    def test_the_command_is_one(self):
        job = load("deploy/ci/gitlab.yml")[0]["plimsoll"]
        self.write("m/a.yaml", READY)
        script = job["script"][0].replace("plimsoll check", f"{PLIMSOLL} check")
        result = subprocess.run(["sh", "-e", "-c", script], cwd=self.folder, capture_output=True, check=False,
                                env={"PLIMSOLL_ARGS": "--exit-zero", "PLIMSOLL_PATHS": "m"}, timeout=TIMEOUT_S)
        self.assertEqual(result.returncode, 0, result.stderr)
        for name in job["artifacts"]["reports"].values():
            self.assertGreater((self.folder / name).stat().st_size, 0)


class ArgoCd(Case):
    def test_the_job_is_ready_itself_and_its_command_is_one(self):
        job = load("deploy/gitops/argocd/presync-job.yaml")[0]
        container = job["spec"]["template"]["spec"]["containers"][0]
        self.assertEqual(container["command"], ["/usr/bin/plimsoll"])
        # It may fail here for want of a cluster only.
        result = run(*container["args"], env={"HOME": str(self.folder), "KUBECONFIG": str(self.folder / "none")})
        self.assertEqual(result.returncode, 2)
        self.assertNotIn(b"--help", result.stderr)
        report = self.check_json(ROOT / "deploy/gitops/argocd/presync-job.yaml")
        self.assertEqual(report["errors"], [])

    def test_it_may_read_what_the_program_reads(self):
        roles = [one for one in load("deploy/gitops/argocd/presync-job.yaml") if one["kind"] in ("ClusterRole", "Role")]
        allowed = {(resource, verb) for role in roles for rule in role["rules"] for resource in rule["resources"]
                   for verb in rule["verbs"]}
        self.assertEqual(allowed, {("readinesspolicies", "list"), ("readinesswaivers", "list"), ("namespaces", "list"),
                                   ("configmaps", "get")})


class EditorSchemas(Case):
    def test_they_are_what_the_crds_say(self):
        if yaml is None:
            self.skipTest("python3-yaml is not installed")
        result = subprocess.run([sys.executable, ROOT / "hack/gen_schemas.py", "--check"], capture_output=True,
                                timeout=TIMEOUT_S, check=False)
        self.assertEqual(result.returncode, 0, result.stderr.decode())

    def test_samples_follow_them_and_a_slip_does_not(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        for name, files in (("readinesspolicy", ["deploy/samples/policies/production.yaml", "src/policy/baseline.yaml"]),
                            ("readinesswaiver", ["deploy/samples/waivers/checkout-runbook.yaml"])):
            schema = json.loads((ROOT / f"docs/schemas/{name}.schema.json").read_text())
            jsonschema.Draft7Validator.check_schema(schema)
            validator = jsonschema.Draft7Validator(schema)
            for file in files:
                for document in load(file):
                    if document is None or not document["kind"].startswith("Readiness"):
                        continue
                    self.assertEqual([e.message for e in validator.iter_errors(document)], [])
                    document["spec"]["ruels"] = []
                    self.assertFalse(validator.is_valid(document))


if __name__ == "__main__":
    unittest.main(verbosity=2 if "-v" in sys.argv else 1)

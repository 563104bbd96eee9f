"""The overlays: the base, with one thing changed."""

import pathlib
import subprocess

import pytest
import yaml

from harness import LOADER, ROOT, find, kubectl


def build(folder):
    program = kubectl()
    if not pathlib.Path(program).exists():
        pytest.skip(f"{program} is not there; hack/cluster build")
    done = subprocess.run([program, "kustomize", ROOT / "deploy" / "kustomize" / folder], capture_output=True, text=True,
                          check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.load_all(done.stdout, LOADER) if document]


@pytest.mark.parametrize("mode", ["audit", "enforce"])
def test_an_overlay_changes_the_mode_and_nothing_else(mode):
    base, overlay = build("base"), build(f"overlays/{mode}")
    arguments = find(base, "Deployment")["spec"]["template"]["spec"]["containers"][0]["args"]
    assert arguments.count("--mode=enforce") == 1
    arguments[arguments.index("--mode=enforce")] = f"--mode={mode}"
    assert overlay == base


def test_the_base_is_what_is_applied_without_kustomize():
    def by_name(objects):
        return {(thing["kind"], thing["metadata"].get("namespace"), thing["metadata"]["name"]): thing for thing in objects}

    with open(ROOT / "deploy" / "install.yaml", encoding="utf-8") as file:
        assert by_name(build("base")) == by_name(thing for thing in yaml.load_all(file, LOADER) if thing)

"""Programs of Prometheus, as hack/setup brings them."""

import os
import pathlib
import shutil

ROOT = pathlib.Path(__file__).resolve().parents[2]
RULES = ROOT / "deploy" / "monitoring" / "plimsoll.rules.yaml"
DOCS = "https://plimsoll.dev/docs/"


def program(name):
    """Its path."""
    path = os.pathsep.join((str(ROOT / "build" / "tools" / "bin"), os.environ.get("PATH", "")))
    found = shutil.which(name, path=path)
    assert found, f"there is no {name}: hack/setup test"
    return found


def documented(url):
    """The file of this repository that an address of our documentation leads to."""
    assert url.startswith(DOCS), url
    path, _, anchor = url.removeprefix(DOCS).partition("#")
    assert not anchor, url
    return ROOT / "docs" / path

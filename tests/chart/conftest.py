"""The tests need Helm and Kubernetes' schemas, which `hack/chart --check` sees to; where they are not there, `make test` goes on
without them and says so."""

import pathlib

import pytest

from harness import helm, schemas_folder

# What ctest takes for "skipped".
SKIPPED = 77


def pytest_configure():
    for what in (helm(), schemas_folder()):
        if not pathlib.Path(what).exists():
            pytest.exit(f"skipped: {what} is not there yet; hack/chart --check builds and tests everything", returncode=SKIPPED)

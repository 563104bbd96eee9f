"""The docs on a real cluster: every command block of README.md, CONTRIBUTING.md and docs/, as a reader types it. `hack/e2e` runs
this last, when nothing of Plimsoll is left there; blocks of a page go on from one another."""

import pytest

import blocks
from harness.kubectl import Kubectl
from world import World, make_folder

FATES = pytest.StashKey()


@pytest.fixture(scope="session")
def cluster():
    kubectl = Kubectl()
    kubectl.raw("/readyz")
    return kubectl


@pytest.fixture(scope="session")
def world(cluster, tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    make_folder(folder)
    world = World(cluster, folder)
    yield world
    world.end()


@pytest.fixture(scope="module")
def page(request, tmp_path_factory):
    """The folder of the page that a block is of, made with its first block."""
    folders = {}

    def begin(name, prepare):
        if name not in folders:
            folder = folders[name] = tmp_path_factory.mktemp("page")
            make_folder(folder)
            prepare()
        return folders[name]

    return begin


@pytest.fixture
def fate(request):
    """What became of a block, for the table at the end."""
    fates = request.config.stash.setdefault(FATES, [])
    return lambda block, word: fates.append((block, word))


def pytest_terminal_summary(terminalreporter, config):
    fates = config.stash.get(FATES, [])
    if not fates:
        return
    terminalreporter.section("command blocks of the docs")
    count = {word: sum(1 for _, had in fates if had == word) for word in ("run", "run by CI itself", "not run")}
    commands = sum(len(block.commands) for block, word in fates if word == "run")
    terminalreporter.write_line(f"{len(fates)} blocks of {len({block.page for block, _ in fates})} pages: {count['run']} run "
                                f"({commands} commands), {count['run by CI itself']} run by CI itself, {count['not run']} not run")
    for block, word in fates:
        if word == "not run":
            terminalreporter.write_line(f"  not run: {block.place}: {block.not_run}")

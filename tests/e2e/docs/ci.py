"""Commands of the docs that CI itself calls; to run them here would be to run CI in CI."""

import re

from blocks import ROOT

CI = (ROOT / ".ci" / "run", ROOT / "hack" / "e2e")
MAKE = re.compile(r"make ([a-z0-9-]+)\s*(#.*)?")
WHOLE = re.compile(r"\.ci/run\s*(#.*)?")


def is_ci(command):
    return bool(MAKE.fullmatch(command.text) or WHOLE.fullmatch(command.text))


def mistake_of(command):
    """Why CI does not run it; empty where it does."""
    if WHOLE.fullmatch(command.text):
        return ""
    target = MAKE.fullmatch(command.text)[1]
    recipe = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    if not recipe:
        return f"there is no target {target} in Makefile"
    words = [f"make --no-print-directory {target}", *(line.strip("\t@") for line in recipe[1].splitlines())]
    return "" if any(_calls(word) for word in words) else f"neither {' nor '.join(path.name for path in CI)} calls make {target}"


def _calls(words):
    """Whether a line of CI does; what is said about it in a comment does not count."""
    lines = [line.partition("#")[0] for path in CI for line in path.read_text(encoding="utf-8").splitlines()]
    return any(re.search(rf"(^|[\s\"']){re.escape(words)}($|[\s\"'])", line) for line in lines)

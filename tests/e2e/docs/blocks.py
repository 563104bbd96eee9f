"""The command blocks of README.md, CONTRIBUTING.md and docs/: where each stands, what is typed there, and what the page says
of it to the test.

A fence without a language, or with that of a shell, is a command block. Marks are HTML comments on the lines right above it,
which a reader of the page does not see:

    <!-- not run: REASON -->           it is not run, and why
    <!-- fails N: COMMAND -->          the command that begins so ends with exit code N; without `: COMMAND`, the only one
    <!-- may find nothing -->          it looks for trouble: a grep without a match, or no output at all, is good news
    <!-- makes: FILE -->              it writes that file, and need not say anything
    <!-- as: USER -->                  somebody else than the administrator types it
    <!-- in: WORLD -->                 it takes another world than the usual one (world.py, WORLDS)
    <!-- goes on: TEXT -->             it runs until it is ended, and has begun once it has said TEXT

A block without a mark is run as it stands (but for the placeholders of world.py), and every command of it must succeed."""

import dataclasses
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[3]
COMMAND_LANGUAGES = ("", "sh", "bash", "shell", "console")
FENCE = re.compile(r"^(?P<indent>\s*)```(?P<language>[\w-]*)\s*$")
MARK = re.compile(r"^\s*<!--\s*(?P<text>.*?)\s*-->\s*$")
KINDS = re.compile(r"(?P<kind>not run|fails (?P<code>\d+)|may find nothing|makes|as|in|goes on)(?::\s*(?P<value>.*))?")
# They say nothing without a value.
WITH_VALUE = ("not run", "makes", "as", "in", "goes on")


@dataclasses.dataclass(frozen=True)
class Command:
    text: str
    shown: tuple = ()  # lines of output that the page shows below it
    code: int = 0


@dataclasses.dataclass
class Block:
    page: str
    line: int  # of its first command
    text: str
    marks: list  # as they are written
    commands: list = dataclasses.field(default_factory=list)
    not_run: str = ""
    may_find_nothing: bool = False
    makes: str = ""
    user: str = ""
    world: str = ""
    goes_on: str = ""
    mistakes: list = dataclasses.field(default_factory=list)

    @property
    def place(self):
        return f"{self.page}:{self.line}"


def pages():
    """Those with commands for people; decisions are no instructions."""
    docs = sorted(path for path in (ROOT / "docs").rglob("*.md") if "adr" not in path.parts)
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *docs]


def blocks_of(page, text):
    """The command blocks of a page."""
    found, marks, fence, lines = [], [], None, []
    for number, line in enumerate(text.splitlines(), 1):
        edge = FENCE.match(line)
        if fence and edge and not edge["language"]:
            if fence["language"] in COMMAND_LANGUAGES:
                found.append(_block(page, number - len(lines), lines, marks))
            fence, marks = None, []
        elif fence:
            lines.append(line[len(fence["indent"]):])
        elif edge:
            fence, lines = edge, []
        else:
            mark = MARK.match(line)
            marks = [*marks, mark["text"]] if mark else []
    return found


def _block(page, line, lines, marks):
    block = Block(page, line, "\n".join(lines), marks)
    fails = {}
    for mark in marks:
        read = KINDS.fullmatch(mark)
        if not read or (read["kind"] in WITH_VALUE and not read["value"]):
            block.mistakes.append(f"cannot read the mark <!-- {mark} -->")
        elif read["code"]:
            fails[read["value"] or ""] = int(read["code"])
        else:
            _set(block, read["kind"], read["value"])
    commands = _session(lines) if any(line.startswith("$ ") for line in lines) else _script(lines)
    block.commands = [_failing(command, fails) for command in commands]
    block.mistakes += [f"<!-- fails: --> names no single command: {left or 'which one?'}" for left in fails]
    return block


def _set(block, kind, value):
    field = {"as": "user", "in": "world"}.get(kind, kind.replace(" ", "_"))
    setattr(block, field, value or True)


def _failing(command, fails):
    """The command with the exit code that a mark names for it; such a mark is used up."""
    for begin in fails:
        if command.text.startswith(begin):
            return dataclasses.replace(command, code=fails.pop(begin))
    return command


def _session(lines):
    """Commands behind prompts, each with the output that is shown for it."""
    commands = []
    for line in lines:
        if line.startswith("$ "):
            commands.append(Command(line[2:]))
        elif commands:
            commands[-1] = dataclasses.replace(commands[-1], shown=(*commands[-1].shown, line))
    return commands


def _script(lines):
    """Commands as the shell reads them: a line, or as many as it takes."""
    commands, waiting = [], []
    for line in lines:
        waiting.append(line)
        text = "\n".join(waiting)
        if not line.endswith("\\") and _is_complete(text):
            if text.strip() and not text.strip().startswith("#"):
                commands.append(Command(text.strip("\n")))
            waiting = []
    if waiting:
        commands.append(Command("\n".join(waiting)))  # the shell will say what is wrong
    return commands


def _is_complete(text):
    read = subprocess.run(["bash", "-n", "-c", text], capture_output=True, check=False)
    # Of a here-document without an end it only warns.
    return read.returncode == 0 and not read.stderr


def all_blocks():
    return [block for page in pages()
            for block in blocks_of(str(page.relative_to(ROOT)), page.read_text(encoding="utf-8"))]

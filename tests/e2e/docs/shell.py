"""Types the commands of a block into one shell, as a reader does who copies them."""

import dataclasses
import os
import re
import signal
import subprocess
import time

DEADLINE_SECONDS = 120
# What a page leaves out of a line, or of what lies between two.
GAP = re.compile(r"…|\.\.\.")
# `kubectl ... | head -1`: the reader has seen enough.
CLOSED_EARLY = 128 + signal.SIGPIPE
TROUBLE = re.compile(r"^(error|Error|bash:|\S+: line \d+:)", re.M)


@dataclasses.dataclass(frozen=True)
class Said:
    command: object
    code: int
    out: str  # standard output and error, as they came

    def __str__(self):
        return f"$ {self.command.text}\n{self.out}[exit code {self.code}]"


def script_of(commands, may_find_nothing):
    """One shell for all of them: a variable of one is there for the next."""
    lines = ["set -o pipefail"]
    if may_find_nothing:
        lines.append('grep() { command grep "$@" || [ $? -eq 1 ]; }')
    for number, command in enumerate(commands):
        lines += ["{", command.text, f'}} >"$SAID/{number}" 2>&1 </dev/null', f'echo $? >"$SAID/{number}.code"']
    return "\n".join(lines) + "\n"


def run(commands, folder, said, environment, may_find_nothing=False):
    """What each of them said; one that never ended has the exit code 124."""
    said.mkdir(parents=True)
    shell = subprocess.Popen(["bash", "-c", script_of(commands, may_find_nothing)], cwd=folder, start_new_session=True,
                             env={**environment, "SAID": str(said)}, stdin=subprocess.DEVNULL, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        outside, _ = shell.communicate(timeout=DEADLINE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(shell.pid, signal.SIGKILL)
        outside, _ = shell.communicate()
    return [_said(command, said / str(number), outside) for number, command in enumerate(commands)]


def _said(command, path, outside):
    code = path.with_name(path.name + ".code")
    out = path.read_text(encoding="utf-8", errors="replace") if path.exists() else outside
    return Said(command, int(code.read_text(encoding="utf-8")) if code.exists() else 124, out)


def start_and_end(command, folder, environment, until):
    """A command that goes on until it is ended, which is when it has said `until`."""
    path = folder / "goes-on.log"
    with open(path, "w", encoding="utf-8") as log:
        running = subprocess.Popen(["bash", "-c", "exec " + command.text], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                                   stdout=log, stderr=subprocess.STDOUT)
    deadline = time.monotonic() + DEADLINE_SECONDS
    while until not in path.read_text(encoding="utf-8") and running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.1)
    begun = running.poll() is None
    # The first says that it may take its time, the second that it may not.
    while running.poll() is None and time.monotonic() < deadline:
        running.terminate()
        time.sleep(0.1)
    code = running.wait()
    return Said(command, (0 if code == -signal.SIGTERM else code) if begun else 124, path.read_text(encoding="utf-8"))


def mistakes_in(said, may_find_nothing):
    """What is wrong with what the commands of a block said; empty where nothing is."""
    found = []
    for one in said:
        if one.code != one.command.code and one.code != CLOSED_EARLY:
            found.append(f"exit code {one.code}, expected {one.command.code}:\n{one}")
        elif one.command.code == 0 and TROUBLE.search(one.out):
            found.append(f"it succeeds, and speaks of an error:\n{one}")
        missing = first_missing(one.command.shown, one.out)
        if missing is not None:
            found.append(f"the page shows a line that it did not say: {missing}\n{one}")
    if not may_find_nothing and not any(one.out.strip() for one in said):
        found.append("it says nothing at all:\n" + "\n".join(map(str, said)))
    return found


def first_missing(shown, out):
    """The first line that the page shows and that did not come in that order, or None."""
    lines = iter(out.splitlines())
    for wanted in shown:
        if not wanted.strip() or GAP.fullmatch(wanted.strip()):
            continue
        pattern = re.compile(".*".join(re.escape(part) for part in GAP.split(wanted.strip())))
        if not any(pattern.fullmatch(line.strip()) for line in lines):
            return wanted
    return None

"""That a block which nobody has thought of cannot slip through (of test_docs.py)."""

import datetime

import pytest

import ci
import shell
from blocks import Command, blocks_of
from world import filled_in, with_dates_to_come


def block(*lines, fence="```"):
    found, = blocks_of("page.md", "\n".join([*lines[:-1], fence, lines[-1], "```"]))
    return found


def test_what_is_a_command_block():
    text = "```yaml\na: b\n```\n```text\nx\n```\n- item\n   ```sh\n   ls\n   ```\n```\npwd\n```\n"
    assert [(one.line, one.commands[0].text) for one in blocks_of("page.md", text)] == [(9, "ls"), (12, "pwd")]


@pytest.mark.parametrize("mark", ["not run", "not run:", "not run:  ", "skip: it is slow", "fails", "fails x", "as:", "in:"])
def test_a_mark_that_says_nothing_is_a_mistake(mark):
    assert block(f"<!-- {mark} -->", "ls").mistakes


def test_marks_count_right_above_a_block_only():
    assert block("<!-- not run: no -->", "ls").not_run == "no"
    assert not block("<!-- not run: no -->", "", "ls").not_run


def test_commands_are_what_the_shell_reads():
    text = "for a in 1 2; do\n  echo $a\ndone\n# a word\nls \\\n  -l  # long\n\npwd |\n  cat\ncat <<'END'\nls\nEND"
    assert [command.text for command in block(text).commands] == \
        ["for a in 1 2; do\n  echo $a\ndone", "ls \\\n  -l  # long", "pwd |\n  cat", "cat <<'END'\nls\nEND"]


def test_an_exit_code_is_of_one_command():
    assert [command.code for command in block("<!-- fails 3: b -->", "a\nb\nc").commands] == [0, 3, 0]
    assert block("<!-- fails 1: d -->", "a").mistakes


def test_what_is_shown_must_have_been_said():
    assert shell.first_missing(["a…", "...", "c"], "abc\nx\nc\n") is None
    assert shell.first_missing(["c", "a…"], "abc\nc\n") == "a…", "in that order"


@pytest.mark.parametrize("text, words", [
    ("false", "exit code 1"), ("false | cat", "exit code 1"), ("echo error: no; true", "speaks of an error"), ("true", "says nothing"),
    ("nonesuch | cat", "exit code 127")])
def test_what_goes_wrong_is_told(tmp_path, text, words):
    said = shell.run([Command(text)], tmp_path, tmp_path / "said", {"PATH": "/usr/bin:/bin"})
    assert words in "\n".join(shell.mistakes_in(said, False))


def test_one_shell_types_all_of_a_block(tmp_path):
    said = shell.run([Command("A=1"), Command("echo $A; exit 7"), Command("echo 2")], tmp_path, tmp_path / "said", {"PATH": "/usr/bin:/bin"})
    assert [one.code for one in said] == [0, 124, 124], "what comes after the end was not typed"
    assert said[1].out == "1\n"


def test_what_a_reader_puts_in(monkeypatch):
    monkeypatch.setenv("PLIMSOLL_IMAGE", "registry/plimsoll:7")
    assert filled_in("get -n NAMESPACE deployment-NAME $NAME --set image.repository=REGISTRY/plimsoll") == \
        "get -n shop deployment-checkout $NAME --set image.repository=registry/plimsoll --set image.tag=7"


def test_dates_stay_to_come():
    assert with_dates_to_come("2027-02-01T00:00:00Z 2026-01-01", datetime.date(2026, 12, 8)) == "2027-02-11T00:00:00Z 2026-01-01"


def test_what_ci_runs_is_looked_for_there():
    assert [ci.is_ci(Command(text)) for text in ("make test", "make e2e   # x", "make x y", ".ci/run", "ls")] == [True, True, False, True, False]
    assert not ci.mistake_of(Command("make run"))
    assert ci.mistake_of(Command("make clean")) and ci.mistake_of(Command("make nonesuch"))

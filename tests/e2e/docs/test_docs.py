"""Each command block of the docs, in the order of the pages; blocks.py says what their marks mean."""

import dataclasses

import pytest

import ci
import shell
from blocks import all_blocks
from world import WORLDS, filled_in

BLOCKS = all_blocks()


@pytest.mark.parametrize("block", BLOCKS, ids=[block.place for block in BLOCKS])
def test_block(block, fate, request, page, tmp_path):
    assert not block.mistakes, "\n".join(block.mistakes)
    assert block.commands, "it has no command; is it of another language than the shell's?"
    assert block.world in ("", *WORLDS), f"there is no world {block.world!r}"
    if block.not_run:
        fate(block, "not run")
        return
    for_ci = [command for command in block.commands if ci.is_ci(command)]
    assert not list(filter(None, map(ci.mistake_of, for_ci)))
    commands = [dataclasses.replace(command, text=filled_in(command.text)) for command in block.commands if command not in for_ci]
    if not commands:
        fate(block, "run by CI itself")
        return
    world = request.getfixturevalue("world")
    folder = page(block.page, world.installed)
    if block.world:
        WORLDS[block.world](world)
    fate(block, "run")
    environment = world.environment(block.user)
    if block.goes_on:
        assert len(commands) == 1, "one that goes on stands alone"
        said = [shell.start_and_end(commands[0], folder, environment, block.goes_on)]
    else:
        said = shell.run(commands, folder, tmp_path / "said", environment, block.may_find_nothing)
    mistakes = shell.mistakes_in(said, block.may_find_nothing or bool(block.makes))
    if block.makes and not ((folder / block.makes).exists() and (folder / block.makes).stat().st_size):
        mistakes.append(f"it has not made {block.makes}")
    assert not mistakes, f"{block.place}:\n" + "\n\n".join(mistakes)
    print("\n\n".join(map(str, said)))

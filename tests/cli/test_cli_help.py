"""What ``--help`` says: of every option choices or an example, and its default; of every command a line to try."""

from __future__ import annotations

import re
import shlex

import click
import pytest

from asymptotix.cli.commands import _cli
from asymptotix.simulate.data import INPUTS
from asymptotix.simulate.run import METHODS

OPTIONS = [
    pytest.param(command, option, id=f"{name} {option.opts[0]}")
    for name, command in _cli.commands.items()
    for option in command.params
    if isinstance(option, click.Option)
]


def help_of(command: click.Command) -> str:
    with click.Context(_cli, info_name="asymptotix", show_default=True) as above:
        return command.get_help(
            click.Context(command, parent=above, info_name=command.name, terminal_width=80)
        )


@pytest.mark.parametrize(("command", "option"), OPTIONS)
def test_an_option_says_what_it_takes_and_what_happens_without_it(
    command: click.Command, option: click.Option
) -> None:
    with click.Context(_cli, show_default=True) as above:
        names, said = option.get_help_record(click.Context(command, parent=above)) or ("", "")
    if option.is_flag:
        assert said
        return
    assert re.search(r"\bas in \S|\[.*\|.*\]", f"{names} {said}"), "no example and no choices"
    assert re.search(r"\[(default: \S.*|required|this or .*|one of these three)\]", said), "no default"
    assert said.count("[default") <= 1


@pytest.mark.parametrize("name", list(_cli.commands))
def test_a_command_has_an_example_that_parses(name: str) -> None:
    text = help_of(_cli.commands[name])
    assert max(map(len, text.splitlines())) <= 80
    example = text.partition("Example:")[2].replace("\\\n", " ")
    words = shlex.split(example)
    assert words[:2] == ["asymptotix", name]
    _cli.commands[name].make_context(name, words[2:])


def test_the_choices_in_words_are_all_there_are() -> None:
    text = " ".join(help_of(_cli.commands["simulate"]).split())
    assert all(re.search(rf"\b{name}\b", text.partition("How to train")[2]) for name in METHODS)
    assert all(re.search(rf"\b{name}\b", text.partition("Law of the inputs")[2]) for name in INPUTS)

"""The help of every command: names that people know, at 80 columns."""

from collections.abc import Iterator

import pytest
import typer
from typer.core import TyperGroup
from typer.testing import CliRunner

from deployments.cli import app
from deployments.commands.run_command import BAD_INPUT
from local_azure.command_line import app as local_azure

COLUMNS = 80


def commands(group: TyperGroup, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words of each command, groups included; local-azure passes its arguments on."""
    yield above
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands(command, (*above, name))
        elif name != "local-azure":
            yield (*above, name)


GROUP = typer.main.get_command(app)
assert isinstance(GROUP, TyperGroup)
HELPS = {" ".join(words): (app, words) for words in commands(GROUP)} | {"local-azure": (local_azure, ())}


@pytest.mark.parametrize("name", HELPS)
def test_help_names_no_types_of_python(name: str) -> None:
    """`--json`, not `--json <bool>`; `REQUEST`, not `{REQUEST} <path>`; no line is longer than the terminal."""
    program, words = HELPS[name]
    shown = CliRunner().invoke(program, [*words, "--help"], env={"COLUMNS": str(COLUMNS), "TERMINAL_WIDTH": "80"})

    assert shown.exit_code == 0
    assert not set("<>{}") & set(shown.output.replace("1<=x<=", "").replace("x>=", ""))
    assert "[[" not in shown.output
    assert max(map(len, shown.output.splitlines())) <= COLUMNS


@pytest.mark.parametrize(
    "words", [("runs", "--quiet"), ("runs", "--full"), ("runs", "-o", "markdown"), ("show", "--full"), ("export", "-q")]
)
def test_an_option_without_effect_is_refused(words: tuple[str, ...]) -> None:
    """A list has no verdict, and facts have no longer report: the option would be accepted and do nothing."""
    said = CliRunner().invoke(app, words)

    assert said.exit_code == BAD_INPUT
    assert words[1] in said.output

"""Write docs/reference/commands.md: the help of every command, as Typer prints it.

python docs/tools/commands.py
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the repository, which is where docs is

import typer
from typer.cli import get_docs_for_click

from deployments.cli import app
from local_azure.command_line import PROGRAM
from local_azure.command_line import app as local_azure

PAGE = Path(__file__).resolve().parents[1] / "reference" / "commands.md"


def page() -> str:
    """Return the page."""
    text = _help_of(app, "acr-relocate").replace("# `acr-relocate`", "# Commands", 1)
    own, rest = text.split(f"## `{PROGRAM}`")
    _, _, after = rest.partition("\n## ")
    options = _help_of(local_azure, PROGRAM)  # it has a parser of its own
    return f"{own}#{options}\n## {after}".rstrip() + "\n"


def _help_of(commands: typer.Typer, name: str) -> str:
    command = typer.main.get_command(commands)
    return get_docs_for_click(obj=command, ctx=typer.Context(command), name=name).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

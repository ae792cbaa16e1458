"""Write docs/reference/commands.md: the help of every command, as Typer prints it.

python docs/tools/commands.py
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the repository, which is where docs is

import typer
from typer.cli import get_docs_for_click

from deployments.cli import app

PAGE = Path(__file__).resolve().parents[1] / "reference" / "commands.md"


def page() -> str:
    """Return the page."""
    command = typer.main.get_command(app)
    text = get_docs_for_click(obj=command, ctx=typer.Context(command), name="acr-relocate")
    return text.replace("# `acr-relocate`", "# Commands", 1).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

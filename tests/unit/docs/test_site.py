"""The documentation is complete, generated pages are current, and every link leads somewhere."""

import re
import runpy
from itertools import chain
from pathlib import Path

import pytest
import typer
import yaml
from typer.core import TyperGroup

from deployments.cli import app
from deployments.commands.panels import PANELS
from tests.support.architecture import ROOT

DOCS = ROOT / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md"))
LINK = re.compile(r"\[[^\]\n]+\]\((?!https?:|mailto:)([^)#\s]*)(?:#[^)\s]*)?\)")


def test_the_page_of_commands_is_current() -> None:
    """The help of a command is its documentation; if not: python docs/tools/commands.py."""
    page = runpy.run_path(str(DOCS / "tools" / "commands.py"))["page"]()

    assert (DOCS / "reference" / "commands.md").read_text() == page, "run: python docs/tools/commands.py"


def test_every_command_has_a_panel() -> None:
    """The help of the program lists the commands in the order of a relocation."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)

    assert sorted(group.list_commands(typer.Context(group))) == sorted(chain(*PANELS.values()))


def test_every_page_is_in_the_navigation() -> None:
    """A page that no menu leads to is not found."""
    text = (ROOT / "mkdocs.yml").read_text()

    named = set(re.findall(r"[\w./-]+\.md", str(yaml.safe_load(text)["nav"])))

    assert named == {path.relative_to(DOCS).as_posix() for path in PAGES if path.parent.name != "decisions"}


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md"], ids=lambda path: path.name)
def test_links_lead_to_files_that_exist(page: Path) -> None:
    """A document that is named in the documentation exists in the repository, or is public."""
    targets = [link[1] for link in LINK.finditer(page.read_text()) if link[1]]

    assert [target for target in targets if not (page.parent / target).exists()] == []

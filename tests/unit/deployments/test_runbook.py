"""docs/operating.md has a section for every error and a row for every reason, and for nothing else."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import get_args

import acr_relocate
import deployments
import flows
import tasks
from acr_relocate.core.content.import_outcome import FailureReason, SkipReason
from acr_relocate.core.errors import RETRYABLE, RelocationError
from tests.support.architecture import ROOT

PAGE = (ROOT / "docs" / "operating.md").read_text()
SECTIONS = dict(re.findall(r"^### `(\w+)`\n(.+?)(?=\n\n|\Z)", PAGE, re.MULTILINE | re.DOTALL))


def errors_of(parent: type[RelocationError]) -> Iterator[type[RelocationError]]:
    for error in parent.__subclasses__():
        yield error
        yield from errors_of(error)


def all_errors() -> dict[str, type[RelocationError]]:
    """Every error of the service, wherever it is defined."""
    for package in (acr_relocate, deployments, flows, tasks):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    ours = ("acr_relocate", "deployments", "flows", "tasks")
    return {error.__name__: error for error in errors_of(RelocationError) if error.__module__.startswith(ours)}


def test_every_error_has_a_section_that_says_what_to_do() -> None:
    """An error's name in the UI is found here."""
    assert set(SECTIONS) == set(all_errors())
    assert [name for name, text in SECTIONS.items() if len(text) < 40] == []


def test_what_is_tried_again_is_marked() -> None:
    """So that a person does not repeat minutes of automatic retries."""
    assert {name for name, text in SECTIONS.items() if text.startswith("\\*")} == {
        name for name, error in all_errors().items() if issubclass(error, RETRYABLE)
    }


def test_every_reason_of_the_import_table_has_a_row() -> None:
    """Each reason in the table has its remedy here."""
    rows = re.findall(r"^\| `(\w+)` \|", PAGE.partition("## Reasons in the table of imports")[2], re.MULTILINE)

    assert rows == [*get_args(FailureReason), *get_args(SkipReason)]

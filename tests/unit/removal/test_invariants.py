"""The ledger of invariants names functions and tests that are there, and its page is current."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

from acr_relocate.core.removal.invariants import LEDGER, Enforcement, invariants_page

ROOT = Path(__file__).parents[3]
ENFORCED = [each for one in LEDGER for each in one.enforced]


@pytest.mark.parametrize("each", ENFORCED, ids=lambda each: each.where)
def test_each_invariant_is_enforced_and_shown_where_the_ledger_says(each: Enforcement) -> None:
    """The function is there, and so is the test that fails without it."""
    module, _, name = each.where.partition(":")
    file, _, test = each.shown_by.partition("::")

    assert callable(getattr(import_module(module), name))
    found = ast.walk(ast.parse((ROOT / file).read_text()))
    assert test in {one.name for one in found if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_all_five_are_in_the_ledger_and_the_page_is_current() -> None:
    """To bring it up to date: python -m acr_relocate.core.removal.invariants > docs/explanation/invariants.md."""
    assert [one.letter for one in LEDGER] == list("abcde")
    assert (ROOT / "docs/explanation/invariants.md").read_text() == invariants_page()


def test_registries_are_deleted_in_three_places_only() -> None:
    """Beside a rehearsal's, our replica and cache rules. A fourth has to check first that one whole copy exists."""
    deleting = sorted(
        str(path.relative_to(ROOT))
        for path in (ROOT / "acr_relocate" / "azure").rglob("*.py")
        if "arm.delete(" in path.read_text()
    )

    assert deleting == [
        "acr_relocate/azure/changes/cut_over.py",
        "acr_relocate/azure/changes/discard.py",
        "acr_relocate/azure/changes/rehearsals.py",
        "acr_relocate/azure/changes/source_deletion.py",
        "acr_relocate/azure/changes/source_replica.py",
        "acr_relocate/azure/changes/switched/downstream_rules.py",
        "acr_relocate/azure/resources/deployment_notes.py",
    ]

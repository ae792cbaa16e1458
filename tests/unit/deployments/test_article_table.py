"""The table of the article (docs/reference/article.md) and the table of its steps name the same rows, which exist."""

import ast
import inspect
from pathlib import Path

import pytest

from tests.contract.differences.registry import PLANTED
from tests.contract.faults import FAULTS
from tests.mutation.remove_step import function_of, take_out
from tests.mutation.table import ROWS, Step

ROOT = Path(__file__).parents[3]
STEPS = [pytest.param(step, id=step.code) for steps in ROWS.values() for step in steps]


def rows_of_the_page() -> list[str]:
    """Return the first cell of each row of the table, as it is written."""
    section = (ROOT / "docs" / "reference" / "article.md").read_text()
    cells = [line.split(" | ")[0].removeprefix("| ") for line in section.splitlines() if line.startswith("| ")]
    return [cell for cell in cells if cell != "step of the article"]


def test_both_tables_have_the_same_rows() -> None:
    """No row of the page is without a test that fails when its step is taken out: `make test-mutation`."""
    assert rows_of_the_page() == list(ROWS)
    assert all(ROWS.values())


@pytest.mark.parametrize("step", STEPS)
def test_each_step_and_its_test_are_there(step: Step) -> None:
    """A function that was renamed, or a test, would be taken for one that is seen."""
    test, _, case = step.test.partition("[")
    path, *names, last = test.split("::")
    scope: list[ast.stmt] = ast.parse((ROOT / path).read_text()).body
    for name in names:
        [found] = [one for one in scope if isinstance(one, ast.ClassDef) and one.name == name]
        scope = found.body

    assert function_of(step.code)
    assert not case or case.removesuffix("]") in {*FAULTS, *PLANTED}
    assert last in {one.name for one in scope if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}


def greet(name: str, *, loudly: bool = False) -> str:
    return f"Hello, {name}{'!' if loudly else '.'}"


async def greet_later(name: str) -> str:
    return f"Hello, {name}."


async def test_a_step_that_is_taken_out_does_nothing_for_whoever_has_it() -> None:
    """Also for those who imported it before; it is still called with the same parameters, and awaited if it was."""
    held = [greet]

    take_out(f"{__name__}:greet", "name")
    take_out(f"{__name__}:greet_later", "None")

    assert held[0]("Ann", loudly=True) == "Ann"
    assert inspect.iscoroutinefunction(greet_later)
    assert await greet_later("Ann") is None

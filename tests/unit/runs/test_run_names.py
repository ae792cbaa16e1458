"""A name that a person typed stays in the name of the run; one that Prefect made up does not."""

import pytest

from tasks.runs.run_names import named

SAID = "relocate-shop-to-shopnorth"


@pytest.mark.parametrize(
    ("present", "name"),
    [
        ("ergonomic-olingo", SAID),
        ("Ergonomic-Olingo", SAID),
        ("", SAID),
        ("CHG-77", f"{SAID} (CHG-77)"),
        ("  move of\nthe shop ", f"{SAID} (move of the shop)"),
        ("x" * 100, f"{SAID} ({'x' * 60})"),
        (SAID, SAID),
        (f"{SAID} (CHG-77)", f"{SAID} (CHG-77)"),
    ],
)
def test_a_typed_name_is_kept(present: str, name: str) -> None:
    """Also when the run goes on after an approval, with the name that it has by then."""
    assert named(SAID, present) == name

"""A name that a person typed stays in the name of the run; one that Prefect made up does not."""

import pytest
from prefect.utilities.names import generate_slug

from tasks.runs.run_names import named

SAID = "relocate-shop-to-shopnorth"


@pytest.mark.parametrize(
    ("present", "name"),
    [
        ("chirpy-lion", SAID),
        ("Ergonomic-Olingo", SAID),
        ("Incredible-Locust", SAID),
        ("friday-night", f"{SAID} (friday-night)"),
        ("shop-move", f"{SAID} (shop-move)"),
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


def test_every_name_that_prefect_makes_up_is_known() -> None:
    """With the installed version of its generator."""
    assert {named(SAID, generate_slug(2)) for _ in range(500)} == {SAID}

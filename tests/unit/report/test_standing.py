"""`status` of the dependents: how many still use the source, and how many were switched."""

from datetime import UTC, datetime
from typing import Any

import pytest

from acr_relocate.core.report.standing import Standing


def standing(**facts: Any) -> Standing:
    known = {"source": "old", "target": "new", "source_exists": True, "target_exists": True}
    return Standing(**(known | facts), now=datetime(2026, 11, 30, tzinfo=UTC))


def lines(**facts: Any) -> dict[str, str]:
    return dict(standing(**facts).lines)


@pytest.mark.parametrize(
    ("users", "said"),
    [
        ((), "no dependent of old"),
        (("shop",), "1 dependent of old: shop"),
        (tuple("abcdefg"), "7 dependents of old: a, b, c, d, e and 2 more"),
    ],
)
def test_the_users_of_the_source_are_counted_down(users: tuple[str, ...], said: str) -> None:
    assert lines(users=users)["Users"] == said


def test_switched_dependents_are_told_as_long_as_there_are_any() -> None:
    assert lines(switched=2)["Switched"] == "2 dependents"
    assert "Switched" not in lines()


def test_without_a_target_nothing_is_said_of_users() -> None:
    assert "Users" not in lines(target_exists=False)


@pytest.mark.parametrize(
    ("planned", "verdict", "command"), [(False, "not planned", "plan REQUEST"), (True, "planned", "run REQUEST")]
)
def test_a_relocation_is_planned_only_once_a_plan_was_made(planned: bool, verdict: str, command: str) -> None:
    """Before that the next command is the plan."""
    found = standing(target_exists=False, is_planned=planned)

    assert found.verdict.partition(":")[0] == verdict
    assert found.next_command == f"acr-relocate {command}"

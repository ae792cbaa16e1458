"""`status` of the dependents: how many still use the source, and how many were switched."""

from datetime import UTC, datetime
from typing import Any

import pytest

from acr_relocate.core.report.standing import Standing


def lines(**facts: Any) -> dict[str, str]:
    known = {"source": "old", "target": "new", "source_exists": True, "target_exists": True}
    found = Standing(**(known | facts), now=datetime(2026, 11, 30, tzinfo=UTC))
    return {line.partition(":")[0]: line.partition(":")[2].strip() for line in found.lines}


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

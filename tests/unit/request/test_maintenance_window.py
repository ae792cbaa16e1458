"""A maintenance window opens by the clock of its time zone, also in the weeks when that is put forward or back."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from acr_relocate.core.request.maintenance_window import Window, describe_window, is_open, opening, opening_as_cron

SATURDAYS = Window(start="22:00", minutes=240, weekdays=["saturday"], time_zone="Europe/Amsterdam")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-28T20:59", False),  # 21:59 in Amsterdam
        ("2026-11-28T21:00", True),
        ("2026-11-29T00:59", True),  # still the window of Saturday, after midnight
        ("2026-11-29T01:00", False),
        ("2026-11-27T21:30", False),  # a Friday
        ("2026-07-04T20:00", True),  # summer: 22:00 is two hours ahead of UTC
        ("2026-07-04T19:59", False),
    ],
)
def test_it_is_open_by_its_own_clock(now: str, *, expected: bool) -> None:
    """Four hours from 22:00 in Amsterdam, on Saturdays."""
    assert is_open(SATURDAYS, at(now)) is expected


def test_the_hour_that_is_skipped_in_spring_shortens_nothing() -> None:
    """The night of 28 March 2026: the clock goes from 02:00 to 03:00, and the window is open for four real hours."""
    assert is_open(SATURDAYS, at("2026-03-29T00:59"))
    assert not is_open(SATURDAYS, at("2026-03-29T01:00"))


def test_without_a_start_it_is_always_open() -> None:
    """The default is any time."""
    assert is_open(Window(), at("2026-11-26T03:00"))


def test_a_person_reads_when_it_opens_next() -> None:
    """With the day and the time zone; during the window that is now."""
    assert describe_window(SATURDAYS, at("2026-11-26T03:00")) == "Saturday 28 November 22:00 (Europe/Amsterdam)"
    assert opening(SATURDAYS, at("2026-11-28T23:30")) == at("2026-11-28T23:30")


def test_a_window_of_a_week_is_always_open() -> None:
    """From Saturday to Saturday, with no gap."""
    week = SATURDAYS.model_copy(update={"minutes": 7 * 24 * 60})
    assert all(is_open(week, at(f"2026-11-{day:02}T12:00")) for day in range(1, 31))


@pytest.mark.parametrize(
    "fields",
    [
        {"start": "24:00"},
        {"start": "9:00"},
        {"time_zone": "Mars/Olympus"},
        {"minutes": 0},
        {"start": "", "weekdays": ["saturday"]},
    ],
)
def test_what_no_clock_shows_is_refused(fields: dict[str, object]) -> None:
    """Before anything is called."""
    with pytest.raises(ValidationError):
        Window.model_validate({"start": "22:00", **fields})


@pytest.mark.parametrize(
    ("window", "cron"),
    [
        (Window(start="22:30"), "30 22 * * *"),
        (Window(start="02:00", weekdays=["sunday", "saturday"], time_zone="Europe/Amsterdam"), "0 2 * * 6,0"),
    ],
)
def test_a_schedule_can_begin_when_it_opens(window: Window, cron: str) -> None:
    """As cron has it, where the week begins with Sunday as 0."""
    assert opening_as_cron(window) == cron

"""Maintenance windows: when a cut-over may begin. Pure: the clock is passed in."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Final, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from acr_relocate.core.model import FormModel
from acr_relocate.core.request.constrained_text import ConstrainedText

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: Final[tuple[Weekday, ...]] = get_args(Weekday)
Clock = Annotated[str, ConstrainedText("(([01][0-9]|2[0-3]):[0-5][0-9])?", "a time of the day, such as 22:00")]
ZONE: Final = ConstrainedText(r"UTC|[A-Z][A-Za-z]+/[A-Za-z0-9_+/-]+", "a time zone such as UTC or Europe/Amsterdam")


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f'"{name}" is not a time zone such as UTC or Europe/Amsterdam') from None
    return name


class Window(FormModel):
    """When a cut-over may begin. Without a start: at any time."""

    start: Clock = Field(
        default="",
        title="Opens at",
        description="Time of the day, such as 22:00, in the time zone below. Empty: a cut-over may begin at any time.",
    )
    minutes: int = Field(
        default=240,
        strict=True,
        ge=1,
        le=7 * 24 * 60,
        title="Open for (minutes)",
        description="A cut-over that has begun continues after the window has closed.",
    )
    weekdays: list[Weekday] = Field(
        default=[],
        title="Days",
        description="The days on which it opens. Empty: every day.",
    )
    time_zone: Annotated[str, ZONE, AfterValidator(_time_zone)] = Field(
        default="UTC",
        title="Time zone",
        description="An IANA name such as Europe/Amsterdam; daylight saving time is its own.",
    )

    @model_validator(mode="after")
    def _opens(self) -> Window:
        if self.weekdays and not self.start:
            raise ValueError("start: at what time does it open on these days? From 00:00 for 1440 minutes is all day")
        return self


def opening(window: Window, now: datetime) -> datetime:
    """Return when the window is open next: `now` if it is open. `now` has a time zone; the answer is in UTC.

    On a given day the longest window may still be open from a week ago, and the next may be a week away.
    """
    now = now.astimezone(UTC)
    if not window.start:
        return now
    zone, hour = ZoneInfo(window.time_zone), time.fromisoformat(window.start)
    today = now.astimezone(zone).date()
    for days in range(-8, 9):
        day = today + timedelta(days=days)
        if window.weekdays and WEEKDAYS[day.weekday()] not in window.weekdays:
            continue
        opens = datetime.combine(day, hour, zone).astimezone(UTC)
        if now < opens + timedelta(minutes=window.minutes):
            return max(opens, now)
    raise AssertionError("a week has every day of the week")


def opening_as_cron(window: Window) -> str:
    """Return when the window opens as a cron expression in its time zone: `30 22 * * 6,0`. It has to have a start."""
    opens = time.fromisoformat(window.start)
    days = [str((WEEKDAYS.index(day) + 1) % 7) for day in WEEKDAYS if day in window.weekdays]
    return f"{opens.minute} {opens.hour} * * {','.join(days) or '*'}"


def is_open(window: Window, now: datetime) -> bool:
    """Return whether a cut-over may begin now."""
    return opening(window, now) <= now


def describe_window(window: Window, now: datetime) -> str:
    """Return when the window opens, in words: `Saturday 28 November 22:00 (Europe/Amsterdam)`."""
    opens = opening(window, now).astimezone(ZoneInfo(window.time_zone))
    return f"{opens:%A %-d %B %H:%M} ({window.time_zone})"

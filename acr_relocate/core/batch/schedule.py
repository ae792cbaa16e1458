"""What is to be started now, from what became of each registry so far; and when there is nothing left to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import Final, Literal

from acr_relocate.core.batch.expand import Member
from acr_relocate.core.batch.request import BatchRequest
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.report.report import Report

Standing = Literal[
    "not_started", "waiting_for_a_worker", "running", "waiting_for_approval",
    "done", "prepared", "blocked", "failed", "crashed", "cancelled",
]  # fmt: skip
ACTIVE: Final = frozenset({"waiting_for_a_worker", "running"})
WELL: Final = frozenset({"done", "prepared"})
BADLY: Final = frozenset({"blocked", "failed", "crashed"})
CRASHES: Final = 3
"""A run whose worker was lost says nothing about its registry: it is begun again, but not without end."""


class Attempt(FrozenModel):
    """A run of one registry, as far as it has come. `report`: where it came to one."""

    number: int
    standing: Standing
    message: str = ""
    url: str = ""
    report: Report | None = None


class MemberStatus(FrozenModel):
    """A registry in the batch, with what became of it. `before`: so many attempts had ended before this batch run."""

    member: Member
    attempts: tuple[Attempt, ...] = ()
    before: int = 0

    @property
    def latest(self) -> Attempt:
        """The last attempt; one of the number 0 if there is none."""
        return self.attempts[-1] if self.attempts else Attempt(number=0, standing="not_started")

    @property
    def standing(self) -> Standing:
        """Where the registry stands."""
        return self.latest.standing

    @property
    def may_start(self) -> bool:
        """Whether another attempt is due: what ended badly before this batch run is tried again, once.

        What a person has cancelled or rejected is not begun again behind their back.
        """
        if self.standing == "not_started":
            return True
        if self.standing == "crashed":
            streak = takewhile(lambda attempt: attempt.standing == "crashed", reversed(self.attempts))
            return self.latest.number <= self.before or len(list(streak)) < CRASHES
        return self.standing in {"failed", "blocked", "prepared"} and self.latest.number <= self.before


def to_start(batch: BatchRequest, places: Sequence[MemberStatus]) -> tuple[MemberStatus, ...]:
    """Return the registries to begin with now: of the first wave that has any, as many as may run at once."""
    if batch.after_failure == "stop" and any(_has_failed(place) for place in places):
        return ()
    room = max(0, batch.at_once - sum(place.standing in ACTIVE for place in places))
    for wave in sorted({place.member.wave for place in places}):
        inside = [place for place in places if place.member.wave == wave]
        if due := [place for place in inside if place.may_start]:
            return tuple(due[:room])
        if not _lets_the_next_begin(batch, inside):
            return ()
    return ()


def is_over(batch: BatchRequest, places: Sequence[MemberStatus]) -> bool:
    """Return whether nothing is under way and nothing more is to be started without a person."""
    return not any(place.standing in ACTIVE for place in places) and not to_start(batch, places)


def unfinished(places: Iterable[MemberStatus]) -> tuple[MemberStatus, ...]:
    """Return the registries that are neither done nor waiting for a person or a window."""
    return tuple(place for place in places if place.standing not in WELL | {"waiting_for_approval"})


def _has_failed(place: MemberStatus) -> bool:
    return place.standing in BADLY and not place.may_start


def _lets_the_next_begin(batch: BatchRequest, wave: Sequence[MemberStatus]) -> bool:
    if batch.after_failure == "go_on":
        return not any(place.standing in ACTIVE for place in wave)
    return all(place.standing in WELL for place in wave)

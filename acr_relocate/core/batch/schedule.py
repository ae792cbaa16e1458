"""The next registries to start, from the state of each one so far; and the end of the batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import Final, Literal

from acr_relocate.core.batch.expand import BatchMember
from acr_relocate.core.batch.request import BatchRequest
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.report.report import Report

MemberStanding = Literal[
    "not_started", "waiting_for_a_worker", "running", "waiting_for_approval",
    "done", "prepared", "blocked", "failed", "crashed", "cancelled",
]  # fmt: skip
ACTIVE_STANDINGS: Final = frozenset({"waiting_for_a_worker", "running"})
WELL: Final = frozenset({"done", "prepared"})
BADLY: Final = frozenset({"blocked", "failed", "crashed"})
CRASHES: Final = 3
"""A lost worker says nothing about its registry: the run is started again, up to this limit."""


class Attempt(FrozenModel):
    """A run of one registry, as far as it has come. `report`: its report, if it has one."""

    number: int
    standing: MemberStanding
    message: str = ""
    url: str = ""
    report: Report | None = None


class MemberStatus(FrozenModel):
    """A registry in the batch with its attempts. `before`: the attempts that had ended before this batch run."""

    member: BatchMember
    attempts: tuple[Attempt, ...] = ()
    before: int = 0

    @property
    def latest(self) -> Attempt:
        """Return the last attempt; attempt 0 before the first."""
        return self.attempts[-1] if self.attempts else Attempt(number=0, standing="not_started")

    @property
    def standing(self) -> MemberStanding:
        """Return the state of the registry."""
        return self.latest.standing

    @property
    def may_start(self) -> bool:
        """Return whether to start another attempt: one that ended badly before this batch run is retried once.

        A run that a person cancelled or rejected is not started again.
        """
        if self.standing == "not_started":
            return True
        if self.standing == "crashed":
            streak = takewhile(lambda attempt: attempt.standing == "crashed", reversed(self.attempts))
            return self.latest.number <= self.before or len(list(streak)) < CRASHES
        return self.standing in {"failed", "blocked", "prepared"} and self.latest.number <= self.before


def members_to_start(batch: BatchRequest, places: Sequence[MemberStatus]) -> tuple[MemberStatus, ...]:
    """Return the registries to start now: of the first wave with unstarted ones, up to the limit."""
    if batch.after_failure == "stop" and any(_has_failed(place) for place in places):
        return ()
    room = max(0, batch.max_parallel - sum(place.standing in ACTIVE_STANDINGS for place in places))
    for wave in sorted({place.member.wave for place in places}):
        inside = [place for place in places if place.member.wave == wave]
        if due := [place for place in inside if place.may_start and _has_its_turn(place, places)]:
            return tuple(due[:room])
        if not _lets_the_next_begin(batch, inside):
            return ()
    return ()


def _has_its_turn(place: MemberStatus, places: Sequence[MemberStatus]) -> bool:
    """Return whether the sources before it in the same target are moved; one without others is never kept waiting."""
    request = place.member.request
    shared = request.consolidation
    first = {ref.name for ref in shared.before(request.source.name)} if shared.sources else set()
    return all(
        one.standing in WELL
        for one in places
        if one.member.request.source.name in first and one.member.request.target_id == request.target_id
    )


def is_over(batch: BatchRequest, places: Sequence[MemberStatus]) -> bool:
    """Return whether nothing is in progress and nothing more can start without a person."""
    return not any(place.standing in ACTIVE_STANDINGS for place in places) and not members_to_start(batch, places)


def unfinished(places: Iterable[MemberStatus]) -> tuple[MemberStatus, ...]:
    """Return the registries that are neither done nor waiting for a person or a window."""
    return tuple(place for place in places if place.standing not in WELL | {"waiting_for_approval"})


def _has_failed(place: MemberStatus) -> bool:
    return place.standing in BADLY and not place.may_start


def _lets_the_next_begin(batch: BatchRequest, wave: Sequence[MemberStatus]) -> bool:
    if batch.after_failure == "continue":
        return not any(place.standing in ACTIVE_STANDINGS for place in wave)
    return all(place.standing in WELL for place in wave)

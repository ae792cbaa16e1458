"""Times that a rehearsal or a run measured: an import whatever its size, bytes a second, the deployment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from statistics import median
from typing import Final

from acr_relocate.core.content.import_outcome import ImportOutcome
from acr_relocate.core.plan.estimate import MeasuredTimes, estimate
from acr_relocate.core.registry.inventory import Content, Repository
from acr_relocate.core.report.report import PhaseResult, ReplicaEffect

LARGE: Final = "rehearsal/large"
_BEFORE: Final = "rehearsal/large-before"
IMPORTED_FIRST: Final = "rehearsal/image"
"""The small artifact that is imported with a large one before there is a replica."""
_TELLING_SECONDS: Final = 0.5
"""By how much longer the large import has to take than the others for its bytes to be told from the call."""


_MEGABYTE: Final = 1_000_000
_SMALL, _LARGE = 50 * _MEGABYTE, 500 * _MEGABYTE
"""The sizes up to which an import's time is the call's, and from which it is the bytes'."""
_BY_BYTES: Final = 1.3
"""By what factor the imports have to outlast their calls, so that their bytes decided."""


def measured_times(outcomes: Iterable[ImportOutcome], phases: Sequence[PhaseResult]) -> MeasuredTimes:
    """Return the figures of the imports that succeeded; what cannot be told is 0."""
    imported = [one for one in outcomes if one.kind == "created" and not one.item.pushed]
    fixed = _fixed(imported)
    return MeasuredTimes(
        import_seconds=round(fixed, 3),
        bytes_a_second=_rate(LARGE, imported, fixed),
        deploy_seconds=round(_deployed(phases), 3),
    )


def with_arrivals(outcomes: Iterable[ImportOutcome], held: Content) -> tuple[ImportOutcome, ...]:
    """Return the outcomes with the durations of the large imports by the target's own clock.

    Azure tells of the end of an import when it is asked again after ten seconds, in which it copies hundreds of
    megabytes. The manifests at the target say when they arrived: the large one so much later than the first other of
    the imports that began with it.
    """
    outcomes = tuple(outcomes)
    arrived = {one.name: max(at for at in _moments(one)) for one in held.repositories if any(_moments(one))}
    early = {_BEFORE, IMPORTED_FIRST} if _BEFORE in arrived else set()
    late = [arrived[name] for name in arrived.keys() - early - {LARGE}]
    first = {LARGE: min(late, default=None), _BEFORE: arrived.get(IMPORTED_FIRST)}
    fixed = _fixed(one for one in outcomes if one.kind == "created")
    return tuple(_timed(one, fixed, arrived, first.get(one.item.repository)) for one in outcomes)


def _timed(
    outcome: ImportOutcome, fixed: float, arrived: Mapping[str, datetime], first: datetime | None
) -> ImportOutcome:
    moment = arrived.get(outcome.item.repository)
    if first is None or moment is None:
        return outcome
    return replace(outcome, seconds=fixed + max(0.0, (moment - first).total_seconds()))


def _moments(repository: Repository) -> list[datetime]:
    return [one.updated for one in repository.manifests if one.updated]


def replica_effect(outcomes: Iterable[ImportOutcome]) -> ReplicaEffect | None:
    """Return the rates of the large imports before the replica and by way of it; None if none was before it."""
    imported = [one for one in outcomes if one.kind == "created" and not one.item.pushed]
    if not any(one.item.repository == _BEFORE for one in imported):
        return None
    fixed = _fixed(imported)
    return ReplicaEffect(without=_rate(_BEFORE, imported, fixed), by_replica=_rate(LARGE, imported, fixed))


def _fixed(imported: Iterable[ImportOutcome]) -> float:
    own = [one.seconds for one in imported if one.item.repository not in {LARGE, _BEFORE}]
    return median(own) if own else 0.0


def _rate(repository: str, imported: Iterable[ImportOutcome], fixed: float) -> int:
    """Return the bytes a second of the large import there; 0 if they cannot be told from the call."""
    large = [one for one in imported if one.item.repository == repository]
    longer = large[0].seconds - fixed if large else 0.0
    return round(large[0].item.size_bytes / longer) if longer > _TELLING_SECONDS else 0


def times_of_run(outcomes: Iterable[ImportOutcome], seconds: float, phases: Sequence[PhaseResult]) -> MeasuredTimes:
    """Return the figures of a run of imports that took `seconds` in all; what cannot be told is 0.

    The rate of all imports together can be told only if the bytes, not the number of calls, decided how long it took.
    """
    imported = [one for one in outcomes if one.kind == "created" and not (one.item.pushed or one.item.small)]
    own = [one.seconds for one in imported if one.item.size_bytes <= _SMALL]
    fixed = median(own) if own else 0.0
    rates = [
        one.item.size_bytes / (one.seconds - fixed)
        for one in imported
        if one.item.size_bytes >= _LARGE and one.seconds - fixed > _TELLING_SECONDS
    ]
    copied, calls = sum(one.item.size_bytes for one in imported), estimate(len(imported)).import_seconds
    together = copied / seconds if rates and seconds > _BY_BYTES * calls else 0.0
    return MeasuredTimes(
        import_seconds=round(fixed, 3),
        bytes_a_second=round(max(rates, default=0.0)),
        bytes_together=round(together),
        deploy_seconds=round(_deployed(phases), 3),
    )


def _deployed(phases: Iterable[PhaseResult]) -> float:
    return sum(phase.seconds for phase in phases if phase.name == "deploy" and phase.status == "done")

"""Times that a rehearsal or a run measured: an import whatever its size, bytes a second, the deployment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Final

from acr_relocate.core.content.import_outcome import ImportOutcome
from acr_relocate.core.plan.estimate import MeasuredTimes, estimate
from acr_relocate.core.report.report import PhaseResult

LARGE: Final = "rehearsal/large"
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
    own = [one.seconds for one in imported if one.item.repository != LARGE]
    fixed = median(own) if own else 0.0
    large = [one for one in imported if one.item.repository == LARGE]
    longer = large[0].seconds - fixed if large else 0.0
    rate = large[0].item.size_bytes / longer if longer > _TELLING_SECONDS else 0.0
    return MeasuredTimes(
        import_seconds=round(fixed, 3), bytes_a_second=round(rate), deploy_seconds=round(_deployed(phases), 3)
    )


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

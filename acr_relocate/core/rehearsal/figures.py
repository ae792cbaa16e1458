"""What a rehearsal measured: how long an import takes whatever its size, how many bytes a second, the deployment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Final

from acr_relocate.core.content.import_outcome import ImportOutcome
from acr_relocate.core.plan.estimate import MeasuredTimes
from acr_relocate.core.report.report import PhaseResult

LARGE: Final = "rehearsal/large"
_TELLING_SECONDS: Final = 0.5
"""By how much longer the large import has to take than the others for its bytes to be told from the call."""


def measured_times(outcomes: Iterable[ImportOutcome], phases: Sequence[PhaseResult]) -> MeasuredTimes:
    """Return the figures of the imports that succeeded; what cannot be told is 0."""
    imported = [one for one in outcomes if one.kind == "created" and not one.item.pushed]
    own = [one.seconds for one in imported if one.item.repository != LARGE]
    fixed = median(own) if own else 0.0
    large = [one for one in imported if one.item.repository == LARGE]
    longer = large[0].seconds - fixed if large else 0.0
    rate = large[0].item.size_bytes / longer if longer > _TELLING_SECONDS else 0.0
    deployed = [phase.seconds for phase in phases if phase.name == "deploy" and phase.status == "done"]
    return MeasuredTimes(
        import_seconds=round(fixed, 3), bytes_a_second=round(rate), deploy_seconds=round(sum(deployed), 3)
    )

"""The imports of a run in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from acr_relocate.core.content.import_outcome import ImportOutcome
from acr_relocate.core.content.import_plan import ImportPlan
from acr_relocate.core.progress import Progress
from acr_relocate.core.report.measured_times import times_of_run
from acr_relocate.core.report.report import ImportSummary, PhaseResult


def summarise_imports(
    plan: ImportPlan, outcomes: Sequence[ImportOutcome], progress: Progress, phases: Sequence[PhaseResult]
) -> ImportSummary:
    """Return the counts of the imports, and the times that they took."""
    count = Counter(outcome.kind for outcome in outcomes)
    return ImportSummary(
        total=len(outcomes),
        created=count["created"],
        already_there=plan.already_there + count["already_there"],
        skipped=count["skipped"],
        failed=count["failed"],
        tags=sum(len(outcome.item.tags) for outcome in outcomes if outcome.ok),
        throttled=progress.throttled,
        seconds=progress.seconds,
        times=times_of_run(outcomes, progress.seconds, phases),
    )

"""Reports of earlier runs about a source that no longer exists."""

from __future__ import annotations

from collections.abc import Iterable

from acr_relocate.core.errors import NotFound
from acr_relocate.core.report.report import Report
from acr_relocate.core.request.relocation import RelocationRequest


def finish_in_words(request: RelocationRequest, reports: Iterable[Report]) -> str:
    """Return in words when the relocation was finished by deleting its source, from the latest such report.

    Raises NotFound without such a report: the source is gone, and there is no evidence that it had been moved in full.
    """
    deletions = [report.ended_at for report in reports if report.verdict == "deleted" and _is_of(request, report)]
    if deletions:
        return f"finished: {request.source.name} was deleted on {max(deletions)}, once {request.target.name} was level"
    raise NotFound(
        f"{request.source.name} is gone, and {request.target.name} has the tags of its relocation. The Prefect server "
        "has no report of who deleted it, and so of whether everything had been moved before",
        code="SourceGone",
        resource=request.source.resource_id,
        remedy="Look for the report of the deletion where you keep them; nothing more can be moved.",
    )


def _is_of(request: RelocationRequest, report: Report) -> bool:
    """Compare the ids without case."""
    return (report.source_id.lower(), report.target_id.lower()) == (
        request.source.resource_id.lower(),
        request.target_id.lower(),
    )

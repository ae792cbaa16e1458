"""The batch on paper: a row for each registry, with what it needs next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from acr_relocate.core.batch.conduct import Attempt, Place
from acr_relocate.core.markdown import plural
from acr_relocate.core.model import Frozen

AGAIN: Final = "run the batch again"
NEXT: Final = {
    "waiting_for_a_worker": "a worker takes it",
    "running": "nothing",
    "done": "nothing",
    "crashed": f"its worker was lost: {AGAIN}",
}


class Row(Frozen):
    """One registry of the batch, for a person who has to decide what is next."""

    registry: str
    target: str
    wave: str
    state: str
    next_step: str
    attempts: int
    run: str


class BatchReport(Frozen):
    """What a batch came to so far. Readers of the JSON may rely on `schema_version`, as with a report."""

    schema_version: int = 1
    name: str
    rows: tuple[Row, ...]

    @property
    def summary(self) -> str:
        """In a few words: `18 done, 1 blocked, 1 waiting for approval`."""
        states = [row.state for row in self.rows]
        counts = sorted({state: states.count(state) for state in states}.items(), key=lambda each: -each[1])
        said = ", ".join(f"{count} {state.replace('failed at', 'failed at')}" for state, count in counts)
        return f"{plural(len(self.rows), 'registry')}: {said}" if self.rows else "no registry"


def report(name: str, places: Sequence[Place]) -> BatchReport:
    """Return the table of a batch."""
    return BatchReport(name=name, rows=tuple(_row(place) for place in places))


def _row(place: Place) -> Row:
    request, latest = place.member.request, place.latest
    return Row(
        registry=request.source.name,
        target=f"{request.target.name} ({request.target.location})",
        wave=place.member.wave_name,
        state=_state(latest),
        next_step=_next_step(place),
        attempts=len(place.attempts),
        run=latest.url,
    )


def _state(attempt: Attempt) -> str:
    if attempt.standing == "failed" and (phase := _failed_phase(attempt)):
        return f"failed at {phase}"
    return attempt.standing.replace("_", " ")


def _next_step(place: Place) -> str:
    latest = place.latest
    if latest.standing in NEXT:
        return NEXT[latest.standing]
    if latest.standing == "not_started":
        return "its turn, after those before it"
    if latest.standing == "waiting_for_approval":
        return f"approve or reject: {latest.url}"
    if latest.standing == "blocked" and latest.report:
        remedies = dict.fromkeys(
            finding.remedy or finding.message for finding in latest.report.findings if finding.severity == "blocker"
        )
        return f"{' '.join(remedies)} Then {AGAIN}"
    if latest.standing == "cancelled":
        return f"{latest.message or 'cancelled'}; run it by itself, or leave it out"
    if latest.standing == "prepared":
        return latest.message
    return f"{_reason(latest)}: {AGAIN}"


def _failed_phase(attempt: Attempt) -> str:
    phases = attempt.report.phases if attempt.report else ()
    return next((phase.name for phase in phases if phase.status == "failed"), "")


def _reason(attempt: Attempt) -> str:
    failures = attempt.report.failures if attempt.report else ()
    first = failures[0].message if failures else attempt.message
    return " ".join(first.split())[:300].rstrip(".")

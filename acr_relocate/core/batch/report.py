"""The batch report: a row for each registry, with its next step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from acr_relocate.core.batch.schedule import Attempt, MemberStatus
from acr_relocate.core.documents.document import Document, Table, section
from acr_relocate.core.errors import NotRelocated
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.report.summary import LINES, SUMMARY_COLUMNS
from acr_relocate.core.wording import plural

AGAIN: Final = "run the batch again"
NEXT: Final = {
    "not_started": "its turn, after those before it",
    "waiting_for_a_worker": "a worker takes it",
    "running": "nothing",
    "done": "nothing",
    "prepared": f"its cut-over: {AGAIN} in its maintenance window",
    "crashed": f"its worker was lost: {AGAIN}",
}


_SHOWN: Final = LINES - 3


class Row(FrozenModel):
    """One registry of the batch, for a person who decides about the next step."""

    registry: str
    target: str
    wave: str
    state: str
    next_step: str
    attempts: int
    run: str


class BatchReport(FrozenModel):
    """The result of a batch so far. Readers of the JSON may rely on `schema_version`, as with a report."""

    schema_version: int = 1
    name: str
    rows: tuple[Row, ...]

    @property
    def ended_badly(self) -> list[Row]:
        """Return the registries that need attention."""
        return [row for row in self.rows if row.state.startswith(("failed", "blocked", "crashed", "cancelled"))]

    def require_success(self) -> None:
        """Raise NotRelocated with the registries that ended badly, if any."""
        if bad := self.ended_badly:
            listed = "; ".join(f"{row.registry}: {row.state}" for row in bad)
            raise NotRelocated(
                f"{plural(len(bad), 'registry')} of the batch {self.name} could not be relocated. {listed}",
                code="BatchUnfinished",
                remedy="Do what the table says, then run the batch again: only unfinished registries continue.",
            )

    @property
    def summary(self) -> str:
        """Return a short summary: `18 done, 1 blocked, 1 waiting for approval`."""
        counts = Counter(row.state for row in self.rows).most_common()
        said = ", ".join(f"{count} {state}" for state, count in counts)
        return f"{plural(len(self.rows), 'registry')}: {said}"


def batch_report(name: str, places: Sequence[MemberStatus]) -> BatchReport:
    """Return the table of a batch."""
    return BatchReport(name=name, rows=tuple(_row(place) for place in places))


def batch_document(report: BatchReport) -> Document:
    """Return the batch report as a document, verdict first."""
    done = all(row.state == "done" for row in report.rows)
    header = ("registry", "target", "state", "next step")
    rows = tuple((row.registry, row.target, row.state, row.next_step) for row in report.rows)
    return Document(
        title=f"The batch {report.name} is {'' if done else 'not '}finished: {report.summary}",
        tone="good" if done else "bad" if report.ended_badly else "plain",
        lead=(),
        sections=section("Registries", Table(header, rows)),
    )


def batch_verdict(report: BatchReport) -> str:
    """Return the last line of the command: `batch night: 20 registries: 18 done, 1 blocked, 1 prepared`."""
    return f"batch {report.name}: {report.summary}"


def batch_summary(report: BatchReport) -> str:
    """Return in at most 15 lines what a batch came to: each registry that is not done, what it needs, the verdict."""
    unfinished = [row for row in report.rows if row.state != "done"]
    shown = unfinished[:_SHOWN]
    lines = [_cut(f"{row.registry}: {row.state}. Next: {row.next_step}") for row in shown]
    rest = len(unfinished) - len(shown)
    return "\n".join(
        [
            *lines,
            *([f"and {plural(rest, 'more registry')}"] if rest else []),
            f"Table: acr-relocate report batch-{report.name}",
            batch_verdict(report),
        ]
    )


def _cut(line: str) -> str:
    flat = " ".join(line.split())
    return flat if len(flat) <= SUMMARY_COLUMNS else f"{flat[: SUMMARY_COLUMNS - 1].rstrip()}…"


def rows_for_display(report: BatchReport) -> list[dict[str, str | int]]:
    """Return the rows as a narrow page shows them: what to do and where come first, what is cut off least matters."""
    return [
        {
            "registry": row.registry,
            "state": row.state,
            "next step": row.next_step,
            "run": row.run,
            "target": row.target,
            "wave": row.wave,
            "attempts": row.attempts,
        }
        for row in report.rows
    ]


def _row(place: MemberStatus) -> Row:
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


def _next_step(place: MemberStatus) -> str:
    latest = place.latest
    match latest.standing:
        case "waiting_for_approval":
            step = f"approve or reject: {latest.url}"
        case "blocked":
            step = f"{_remedies(place)} Then {AGAIN}"
        case "cancelled":
            step = f"{latest.message or 'cancelled'}; run it alone, or leave it out"
        case "failed":
            step = f"{_reason(latest)}: {AGAIN}"
        case _:
            step = NEXT[latest.standing]
    return step


def _remedies(place: MemberStatus) -> str:
    """Return the remedies; of those that are lines to paste the names of the findings, because a table has one line."""
    attempt, request = place.latest, place.member.request
    findings = attempt.report.findings if attempt.report else ()
    blockers = [finding for finding in findings if finding.severity == "blocker"]
    remedies = dict.fromkeys(finding.remedy or finding.message for finding in blockers)
    if any("\n" in remedy for remedy in remedies):
        run = f"relocate-{request.source.name}-to-{request.target.name}"
        return f"`acr-relocate report {run}` ({', '.join(dict.fromkeys(one.code for one in blockers))})."
    return " ".join(remedies) or attempt.message


def _failed_phase(attempt: Attempt) -> str:
    phases = attempt.report.phases if attempt.report else ()
    return next((phase.name for phase in phases if phase.status == "failed"), "")


def _reason(attempt: Attempt) -> str:
    failures = attempt.report.failures if attempt.report else ()
    first = failures[0].message if failures else attempt.message
    return " ".join(first.split())[:300].rstrip(".")

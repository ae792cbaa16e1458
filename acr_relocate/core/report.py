"""The report of a run: for the operator who has to decide what is next."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from acr_relocate.core.approval import Approval
from acr_relocate.core.errors import Failure
from acr_relocate.core.findings import Finding
from acr_relocate.core.images import Blocked, TagConflict
from acr_relocate.core.left_behind import LeftBehind
from acr_relocate.core.markdown import at_most, document, duration, plural, section, table
from acr_relocate.core.model import Frozen
from acr_relocate.core.outcomes import Outcome
from acr_relocate.core.plan import Step
from acr_relocate.core.report_approval import approvals_markdown
from acr_relocate.core.verification import Difference, unclean

Verdict = Literal["relocated", "not_relocated", "blocked"]
PhaseStatus = Literal["done", "nothing_to_do", "failed", "not_reached"]


class PhaseResult(Frozen):
    """One phase: what it came to, in a few words, and how long it took."""

    name: str
    status: PhaseStatus
    summary: str = ""
    seconds: float = 0.0


class ImportSummary(Frozen):
    """The imports in numbers. `throttled` counts the times that Azure asked for patience."""

    total: int = 0
    created: int = 0
    already_there: int = 0
    skipped: int = 0
    failed: int = 0
    tags: int = 0
    throttled: int = 0
    seconds: float = 0.0


class LeftToPeople(Frozen):
    """Something that this service does not do: `why` not, and `how` a person does it, as lines to paste."""

    what: str
    why: str = ""
    how: str = ""


class Report(Frozen):
    """What a run came to: what was planned, done, by whom approved, verified, and what is left to people.

    `left_behind`: the images that did not arrive, to be tried again by `acr-relocate sync REQUEST --only FILE`.

    `started_at` and `ended_at` are moments in ISO 8601, in UTC. Readers of the JSON may rely on `schema_version`: it
    changes when a field goes away or changes its meaning, not when one is added.
    """

    schema_version: Literal[1] = 1
    flow: str = ""
    plan_id: str
    embedded: bool
    verdict: Verdict
    source_id: str
    target_id: str
    phases: tuple[PhaseResult, ...] = ()
    imports: ImportSummary = ImportSummary()
    differences: tuple[Difference, ...] = ()
    failures: tuple[Failure, ...] = ()
    conflicts: tuple[TagConflict, ...] = ()
    blocked: tuple[Blocked, ...] = ()
    left_behind: tuple[LeftBehind, ...] = ()
    findings: tuple[Finding, ...] = ()
    planned: tuple[Step, ...] = ()
    approvals: tuple[Approval, ...] = ()
    cut_over: tuple[Outcome, ...] = ()
    left_to_people: tuple[LeftToPeople, ...] = ()
    started_at: str = ""
    ended_at: str = ""
    seconds: float = 0.0


EMBEDDED: Final = (
    "> **Embedded Azure.** This ran against `local_azure` on this computer. Nothing in Azure was read or changed."
)


def to_markdown(report: Report) -> str:
    """Return the report, verdict first."""
    source, target = _registry(report.source_id), _registry(report.target_id)
    return document(
        f"# {_verdict(report, source, target)}",
        EMBEDDED if report.embedded else "",
        f"Plan `{report.plan_id}`, {duration(report.seconds)}.",
        f"- from `{report.source_id}`\n- to `{report.target_id}`",
        section("What is in the way", _failures(report.failures), _findings(_grave(report.findings))),
        section("Differences", _differences(unclean(report.differences))),
        section("Tags that name another digest at the target", _conflicts(report.conflicts)),
        section("By hand", _blocked(report.blocked)),
        section("Approvals", approvals_markdown(report.approvals)),
        section("Phases", _phases(report.phases)),
        section("Imports", _imports(report)),
        section("To know", _findings(_light(report.findings)), _extra(report.differences)),
    )


def _verdict(report: Report, source: str, target: str) -> str:
    if report.verdict == "relocated":
        return f"{source} is relocated to {target}"
    if report.verdict == "blocked":
        return f"{source} is not relocated: something is in the way, and nothing was changed"
    remaining = (plural(len(unclean(report.differences)), "difference"), plural(len(report.failures), "failure"))
    return f"{source} is not relocated: {' and '.join(remaining)}"


def _registry(resource_id: str) -> str:
    return resource_id.rpartition("/")[2]


def _grave(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity in {"blocker", "decision"}]


def _light(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity in {"warning", "note"}]


def _findings(findings: Iterable[Finding]) -> str:
    rows = [(finding.severity, finding.message, finding.remedy) for finding in findings]
    return at_most(rows, ("", "what", "what to do"))


def _failures(failures: Iterable[Failure]) -> str:
    rows = [(failure.resource, failure.message, failure.code, failure.remedy) for failure in failures]
    return at_most(rows, ("what failed", "why", "code", "what to do"))


def _differences(differences: Iterable[Difference]) -> str:
    return at_most([(difference.kind, difference.message) for difference in differences], ("kind", "difference"))


def _extra(differences: Iterable[Difference]) -> str:
    extra = [difference for difference in differences if difference.kind == "extra"]
    return f"The target also holds {plural(len(extra), 'thing')} that the source does not." if extra else ""


def _conflicts(conflicts: Iterable[TagConflict]) -> str:
    rows = [(f"{c.repository}:{c.tag}", f"`{c.source_digest}`", f"`{c.target_digest}`") for c in conflicts]
    listed = at_most(rows, ("tag", "at the source", "at the target"))
    return f"{listed}\n\nTo move these tags at the target, run again with `force: true`." if listed else ""


def _blocked(blocked: Iterable[Blocked]) -> str:
    rows = [(f"{b.repository}@{b.digest}", ", ".join(b.tags), b.reason, b.remedy) for b in blocked]
    return at_most(rows, ("digest", "tags", "why", "what to do"))


def _phases(phases: Iterable[PhaseResult]) -> str:
    rows = [(p.name, p.status.replace("_", " "), p.summary, duration(p.seconds)) for p in phases]
    return at_most(rows, ("phase", "", "result", "time"))


def _imports(report: Report) -> str:
    imports = report.imports
    if not imports.total:
        return "Nothing was missing at the target." if report.verdict == "relocated" else ""
    numbers = ("total", "created", "already_there", "skipped", "failed", "tags", "throttled")
    rows = [(name.replace("_", " "), f"{getattr(imports, name):,}") for name in numbers]
    rate = imports.total / imports.seconds if imports.seconds else 0.0
    return table(("", "imports"), [*rows, ("time", f"{duration(imports.seconds)}, {rate:.1f} a second")])

"""The report of a run, for the operator who has to decide what is next."""

from __future__ import annotations

from typing import Literal

from acr_relocate.core.errors import Failure
from acr_relocate.core.findings import Finding
from acr_relocate.core.images import Blocked, TagConflict
from acr_relocate.core.model import Frozen
from acr_relocate.core.plan import Plan
from acr_relocate.core.verification import Difference

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


class Report(Frozen):
    """What a run came to."""

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
    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0


def to_markdown(report: Report) -> str:
    """Return the report, verdict first."""
    raise NotImplementedError


def plan_markdown(plan: Plan, *, embedded: bool) -> str:
    """Return the plan, verdict first."""
    raise NotImplementedError

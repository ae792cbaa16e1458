"""The plan: what a relocation will do, as data that a person can read and approve."""

from __future__ import annotations

from typing import Literal

from acr_relocate.core.findings import Finding
from acr_relocate.core.images import ImportPlan
from acr_relocate.core.inventory import Content, Registry
from acr_relocate.core.model import Frozen
from acr_relocate.core.request import RelocationRequest

Action = Literal["read", "create", "import", "update", "verify"]


class Counts(Frozen):
    """How much there is to move. `imports` are importImage calls; `size_bytes` is an upper bound."""

    repositories: int = 0
    tags: int = 0
    manifests: int = 0
    size_bytes: int = 0
    imports: int = 0
    already_there: int = 0
    conflicts: int = 0
    blocked: int = 0


class Step(Frozen):
    """One step, in the words of the article."""

    number: int
    action: Action
    title: str
    description: str


class Estimate(Frozen):
    """How long the imports take at best, in seconds: Azure's budget for writes is the limit."""

    import_seconds: float
    basis: str


class Plan(Frozen):
    """What will be done. `plan_id` says which relocation this is; an approval applies to it."""

    plan_id: str
    request: RelocationRequest
    source: Registry
    counts: Counts
    findings: tuple[Finding, ...]
    steps: tuple[Step, ...]
    estimate: Estimate

    @property
    def blockers(self) -> tuple[Finding, ...]:
        """The findings that stop the relocation."""
        return tuple(finding for finding in self.findings if finding.severity == "blocker")


def plan_id(request: RelocationRequest) -> str:
    """Which relocation this is: 12 hexadecimal digits."""
    raise NotImplementedError


def build(
    request: RelocationRequest, source: Registry, want: Content, imports: ImportPlan, findings: tuple[Finding, ...]
) -> Plan:
    """Return the plan for what the source holds and the target lacks now."""
    raise NotImplementedError

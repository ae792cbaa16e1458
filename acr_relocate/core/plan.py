"""The plan: what a relocation will do, as data that a person can read and approve."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from acr_relocate.core.checks.evidence import Evidence, Unknown
from acr_relocate.core.findings import SEVERITIES, Finding
from acr_relocate.core.images import ImportPlan, needed
from acr_relocate.core.inventory import Content, Registry
from acr_relocate.core.model import Frozen
from acr_relocate.core.plan_id import PLAN_TAG, SOURCE_TAG, plan_id
from acr_relocate.core.request import RelocationRequest
from acr_relocate.core.selection import selected

__all__ = ["PLAN_TAG", "SOURCE_TAG", "Counts", "Estimate", "Plan", "Step", "build", "plan_id"]

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
    """How long the imports take at best, in seconds, and why."""

    import_seconds: float
    basis: str


class Plan(Frozen):
    """What will be done. `plan_id` says which relocation this is; an approval applies to it.

    `counts` is None where the content could not be listed: that is never taken for none.
    """

    plan_id: str
    request: RelocationRequest
    source: Registry
    counts: Counts | None
    findings: tuple[Finding, ...]
    steps: tuple[Step, ...]
    estimate: Estimate

    @property
    def blockers(self) -> tuple[Finding, ...]:
        """The findings that stop the relocation."""
        return tuple(finding for finding in self.findings if finding.severity == "blocker")


def draw_up(evidence: Evidence, findings: Iterable[Finding]) -> Plan:
    """Return the plan that the evidence leads to; a target that is not there holds nothing yet."""
    request, want, have = evidence.request, evidence.content, evidence.target_content
    if isinstance(want, Unknown) or isinstance(have, Unknown):
        return build(request, evidence.source, None, ImportPlan(), tuple(findings))
    imports = needed(want, have or Content(login_server=""), request.selection, force=request.force)
    return build(request, evidence.source, want, imports, tuple(findings))


def build(
    request: RelocationRequest,
    source: Registry,
    want: Content | None,
    imports: ImportPlan,
    findings: tuple[Finding, ...],
) -> Plan:
    """Return the plan for what the source holds (None: not known) and the target lacks now. Findings by severity."""
    counts = _count(request, want, imports) if want else None
    return Plan(
        plan_id=plan_id(request),
        request=request,
        source=source,
        counts=counts,
        findings=tuple(sorted(dict.fromkeys(findings), key=lambda finding: SEVERITIES.index(finding.severity))),
        steps=_steps(request, source, counts),
        estimate=estimate(counts.imports if counts else 0),
    )


# Azure Resource Manager lets one subscription write 200 times at once and 10 times a second from then on
# (request-limits-and-throttling); an importImage call is one write.
BURST: Final = 200
WRITES_A_SECOND: Final = 10
LONGEST_IMPORT_SECONDS: Final = 10  # seen for registries of one cloud: 0.2 to 10 s (dotnet/docker-tools#2143)


def estimate(imports: int) -> Estimate:
    """Return the least time that Azure's write budget allows for so many imports, and one import's own time."""
    waiting = max(0, imports - BURST) / WRITES_A_SECOND
    return Estimate(
        import_seconds=waiting + LONGEST_IMPORT_SECONDS if imports else 0.0,
        basis=f"Azure accepts {BURST} importImage calls at once and then {WRITES_A_SECOND} a second; "
        f"one takes up to {LONGEST_IMPORT_SECONDS} s, longer for very large images",
    )


def _count(request: RelocationRequest, want: Content, imports: ImportPlan) -> Counts:
    chosen = want.model_copy(update={"repositories": tuple(selected(want, request.selection))})
    return Counts(
        repositories=len(chosen.repositories),
        tags=chosen.tag_count,
        manifests=chosen.manifest_count,
        size_bytes=chosen.size_bytes,
        imports=len(imports.items),
        already_there=imports.already_there,
        conflicts=len(imports.conflicts),
        blocked=len(imports.blocked),
    )


def _steps(request: RelocationRequest, source: Registry, counts: Counts | None) -> tuple[Step, ...]:
    target = request.target
    content = (
        f"{counts.imports} imports for {counts.tags} tags and {counts.manifests} manifests "
        f"in {counts.repositories} repositories; {counts.already_there} digests are there already."
        if counts
        else "How much is not known, because the content could not be listed."
    )
    steps: tuple[tuple[Action, str, str], ...] = (
        ("read", "Check", "Look for what would stop the relocation or needs a decision."),
        ("create", "Create resource group", f"{target.resource_group} in {target.location}, if it is not there."),
        (
            "read",
            "Export and modify template",
            f"The settings and children of {source.name}, rewritten for {target.name}.",
        ),
        ("create", "Redeploy", f"Registry {target.name} in {target.location}, {source.sku}, unless it is there."),
        ("import", "Import registry content", content),
        (
            "update",
            "Replay locks",
            "The lock attributes of repositories, tags and manifests, which imports do not carry.",
        ),
        ("verify", "Verify", "Compare both registries: settings, tags, digests, untagged manifests, referrers, locks."),
    )
    return tuple(
        Step(number=number, action=action, title=title, description=description)
        for number, (action, title, description) in enumerate(steps, start=1)
    )

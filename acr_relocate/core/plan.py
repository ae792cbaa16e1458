"""The plan: what a relocation will do, as data that a person can read and approve."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from acr_relocate.core.checks.evidence import Evidence, Unknown
from acr_relocate.core.dependencies import DependencyMap
from acr_relocate.core.estimate import Alternative, Estimate, Method, estimate, geo_replication, methods
from acr_relocate.core.findings import SEVERITIES, Finding
from acr_relocate.core.images import ImportPlan, needed
from acr_relocate.core.inventory import Content, Registry
from acr_relocate.core.model import Frozen
from acr_relocate.core.network_layout import NetworkLayout
from acr_relocate.core.plan_id import PLAN_TAG, SOURCE_TAG, plan_id
from acr_relocate.core.request import RelocationRequest
from acr_relocate.core.selection import selected

__all__ = ["PLAN_TAG", "SOURCE_TAG", "Counts", "Estimate", "Plan", "Step", "build", "estimate", "plan_id"]

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
    """One step, in the words of the article. `changes` says what it changes and where; empty: nothing, it only reads.

    `writes` are the calls that change something, at most: what is there already is not made again.
    """

    number: int
    action: Action
    title: str
    description: str
    changes: str = ""
    writes: int = 0


class Plan(Frozen):
    """What will be done. `plan_id` says which relocation this is; an approval applies to it.

    `counts` is None where the content could not be listed: that is never taken for none. `dependencies`: who is tied
    to the registry. `network`: both sides, and what the target's network has to have; None where it was not looked at.
    `undo`: how to take the relocation back, in order.
    """

    plan_id: str
    request: RelocationRequest
    source: Registry
    counts: Counts | None
    findings: tuple[Finding, ...]
    steps: tuple[Step, ...]
    estimate: Estimate
    dependencies: DependencyMap = DependencyMap()
    network: NetworkLayout | None = None
    methods: tuple[Method, ...] = ()
    alternative: Alternative | None = None
    undo: tuple[str, ...] = ()

    @property
    def decisions(self) -> tuple[Finding, ...]:
        """The findings that a person has to decide about."""
        return tuple(finding for finding in self.findings if finding.severity == "decision")

    @property
    def blockers(self) -> tuple[Finding, ...]:
        """The findings that stop the relocation."""
        return tuple(finding for finding in self.findings if finding.severity == "blocker")


def draw_up(
    evidence: Evidence,
    findings: Iterable[Finding],
    *,
    dependencies: DependencyMap | None = None,
    network: NetworkLayout | None = None,
) -> Plan:
    """Return the plan that the evidence leads to; a target that is not there holds nothing yet."""
    request, want, have = evidence.request, evidence.content, evidence.target_content
    if isinstance(want, Unknown) or isinstance(have, Unknown):
        known, imports = None, ImportPlan()
    else:
        known, imports = want, needed(want, have or Content(login_server=""), request.selection, force=request.force)
    return build(request, evidence.source, known, imports, tuple(findings), dependencies=dependencies, network=network)


def build(
    request: RelocationRequest,
    source: Registry,
    want: Content | None,
    imports: ImportPlan,
    findings: tuple[Finding, ...],
    *,
    dependencies: DependencyMap | None = None,
    network: NetworkLayout | None = None,
) -> Plan:
    """Return the plan for what the source holds (None: not known) and the target lacks now. Findings by severity."""
    counts = _count(request, want, imports) if want else None
    calls = counts.imports if counts else 0
    expected = estimate(calls)
    return Plan(
        plan_id=plan_id(request),
        request=request,
        source=source,
        counts=counts,
        findings=tuple(sorted(dict.fromkeys(findings), key=lambda finding: SEVERITIES.index(finding.severity))),
        steps=_steps(request, source, counts),
        estimate=expected,
        dependencies=dependencies or DependencyMap(),
        network=network,
        methods=methods(expected, calls),
        alternative=geo_replication(source, request),
        undo=_undo(request, source),
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
    target, group = request.target, request.target.resource_group
    content = (
        f"{counts.imports} imports for {counts.tags} tags and {counts.manifests} manifests "
        f"in {counts.repositories} repositories; {counts.already_there} digests are there already."
        if counts
        else "How much is not known, because the content could not be listed."
    )
    steps: tuple[tuple[Action, str, str, str, int], ...] = (
        ("read", "Check", "Look for what would stop the relocation or needs a decision.", "", 0),
        ("create", "Create resource group", f"{group} in {target.location}.", f"{group}, if it is not there", 1),
        ("read", "Export and modify template", f"The settings of {source.name}, rewritten for {target.name}.", "", 0),
        ("read", "Validate", "Azure checks the template against its rules and policies.", "", 0),
        (
            "create",
            "Redeploy",
            f"Registry {target.name} in {target.location}, {source.sku}.",
            f"{target.name} and its children, unless they are as they should be",
            1,
        ),
        ("import", "Import registry content", content, f"content of {target.name}", counts.imports if counts else 0),
        (
            "update",
            "Replay locks",
            "The lock attributes of repositories, tags and manifests, which imports do not carry.",
            f"lock attributes at {target.name}, where they differ",
            0,
        ),
        (
            "verify",
            "Verify",
            "Compare both registries: settings, tags, digests, untagged manifests, referrers, locks.",
            "",
            0,
        ),
    )
    return tuple(
        Step(number=number, action=action, title=title, description=description, changes=changes, writes=writes)
        for number, (action, title, description, changes, writes) in enumerate(steps, start=1)
    )


def _undo(request: RelocationRequest, source: Registry) -> tuple[str, ...]:
    target = request.target
    subscription = f"--subscription {request.target_subscription_id}"
    delete = f"az acr delete --name {target.name} --resource-group {target.resource_group} {subscription}"
    delete_group = f"az group delete --name {target.resource_group} {subscription}"
    return (
        f"Until something is pointed at {target.name}: nothing. {source.name} is only read and goes on serving.",
        f"After that: point what was re-wired at {source.name} again, by the same commands with its name.",
        f"Then delete the target: `{delete}`",
        f"If the relocation made the resource group and nothing else is in it: `{delete_group}`",
    )

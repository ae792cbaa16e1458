"""The plan: what a relocation will do, as data that a person can read and approve."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from acr_relocate.core.content.import_ledger import needed_by
from acr_relocate.core.content.import_plan import ImportPlan
from acr_relocate.core.content.selection import selected_content
from acr_relocate.core.content.source_freeze import own_state
from acr_relocate.core.cut_over import CutOver
from acr_relocate.core.dependencies import DependencyMap
from acr_relocate.core.evidence.evidence import Evidence
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.findings import SEVERITIES, Finding
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.network.layout import NetworkLayout
from acr_relocate.core.plan import planned_writes
from acr_relocate.core.plan.estimate import Alternative, Estimate, Method, estimate, geo_replication, methods
from acr_relocate.core.plan.planned_writes import PlannedChanges, PlannedWrite
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.request.identity import PLAN_TAG, SOURCE_TAG, plan_id
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.template import TargetTemplate

__all__ = ["PLAN_TAG", "SOURCE_TAG", "Counts", "Estimate", "Plan", "Step", "build", "estimate", "plan_id"]

Action = Literal["read", "create", "import", "update", "verify"]


class Counts(FrozenModel):
    """How much there is to move. `imports` are importImage calls; `size_bytes` is an upper bound.

    `pushed`: indexes of more manifests than an import takes, which follow their parts.
    """

    repositories: int = 0
    tags: int = 0
    manifests: int = 0
    size_bytes: int = 0
    imports: int = 0
    pushed: int = 0
    already_there: int = 0
    conflicts: int = 0
    blocked: int = 0


class Step(FrozenModel):
    """One step, in the words of the article. `changes` says what it changes and where; empty: nothing, it only reads.

    `writes` is the number of calls that change something, and `calls` says which.
    """

    number: int
    action: Action
    title: str
    description: str
    changes: str = ""
    writes: int = 0
    calls: tuple[PlannedWrite, ...] = ()


class Plan(FrozenModel):
    """What will be done. `plan_id` says which relocation this is; an approval applies to it.

    `counts` is None where the content could not be listed: that is never taken for none. `dependencies`: who is tied
    to the registry. `network`: both sides, and what the target's network has to have; None where it was not looked at.
    `undo`: how to take the relocation back, in order. `target`: what is deployed, and `difference`: how that differs
    from what Azure exports of the source. `in_place`: the target is so already. `cut_over`: what is done for those who
    are tied to the registry, with the undo of each.

    Readers of the JSON may rely on `schema_version`: it changes when a field goes away or changes its meaning, not
    when one is added.
    """

    schema_version: Literal[1] = 1
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
    target: TargetTemplate = TargetTemplate(template={})
    difference: str = ""
    in_place: bool = False
    cut_over: CutOver = CutOver()

    @property
    def decisions(self) -> tuple[Finding, ...]:
        """The findings that a person has to decide about."""
        return tuple(finding for finding in self.findings if finding.severity == "decision")

    @property
    def blockers(self) -> tuple[Finding, ...]:
        """The findings that stop the relocation."""
        return tuple(finding for finding in self.findings if finding.severity == "blocker")


def build_plan(
    evidence: Evidence,
    findings: Iterable[Finding],
    foresight: PlannedChanges,
    *,
    dependencies: DependencyMap | None = None,
    network: NetworkLayout | None = None,
) -> Plan:
    """Return the plan that the evidence leads to; a target that is not there holds nothing yet."""
    request, want, have = evidence.request, evidence.content, evidence.target_content
    if isinstance(want, Unknown) or isinstance(have, Unknown):
        known, imports, foreseen = None, ImportPlan(), foresight
    else:
        there = have or Content(login_server="")
        known, imports = want, needed_by(request, want, there, evidence.brought)
        frozen = () if isinstance(evidence.freezes, Unknown) else evidence.freezes
        own = own_state(want, (each.freeze for each in frozen), there)
        locks = planned_writes.locks_to_replay(own, there, imports, request)
        foreseen = foresight.model_copy(update={"locks": locks})
    return build(
        request,
        evidence.source,
        known,
        imports,
        tuple(findings),
        dependencies=dependencies,
        network=network,
        foresight=foreseen,
    )


def build(  # noqa: PLR0913 - a plan is made of everything that was found out
    request: RelocationRequest,
    source: Registry,
    want: Content | None,
    imports: ImportPlan,
    findings: tuple[Finding, ...],
    *,
    dependencies: DependencyMap | None = None,
    network: NetworkLayout | None = None,
    foresight: PlannedChanges | None = None,
) -> Plan:
    """Return the plan for what the source holds (None: not known) and the target lacks now. Findings by severity."""
    counts = _count(request, want, imports) if want else None
    foreseen = foresight or PlannedChanges()
    calls = counts.imports if counts else 0
    expected = estimate(calls)
    return Plan(
        plan_id=plan_id(request),
        request=request,
        source=source,
        counts=counts,
        findings=tuple(sorted(dict.fromkeys(findings), key=lambda finding: SEVERITIES.index(finding.severity))),
        steps=_steps(request, source, counts, _calls(request, imports, foreseen)),
        estimate=expected,
        dependencies=dependencies or DependencyMap(),
        network=network,
        methods=methods(expected, calls),
        alternative=geo_replication(source, request),
        undo=_undo(request, source),
        target=foreseen.target.model_copy(update={"notes": ()}),  # they are among the findings
        difference=foreseen.difference,
        in_place=foreseen.in_place,
        cut_over=foreseen.cut_over,
    )


def _calls(
    request: RelocationRequest, imports: ImportPlan, foreseen: PlannedChanges
) -> dict[str, tuple[PlannedWrite, ...]]:
    return {
        "Create resource group": planned_writes.of_group(request, foreseen),
        "Redeploy": planned_writes.of_deployment(request, foreseen),
        "Import registry content": tuple(planned_writes.of_imports(request, imports)),
        "Replay locks": planned_writes.of_locks(foreseen),
        "Cut over": planned_writes.of_cut_over(foreseen.cut_over.actions, foreseen),
        "Set what was held back": planned_writes.of_cut_over(foreseen.cut_over.held_back, foreseen),
    }


def _count(request: RelocationRequest, want: Content, imports: ImportPlan) -> Counts:
    moved = selected_content(want, request.selection)
    return Counts(
        repositories=len(moved.repositories),
        tags=moved.tag_count,
        manifests=moved.manifest_count,
        size_bytes=moved.size_bytes,
        imports=len(imports.items) - len(imports.pushed),
        pushed=len(imports.pushed),
        already_there=imports.already_there,
        conflicts=len(imports.conflicts),
        blocked=len(imports.blocked),
    )


def _steps(
    request: RelocationRequest, source: Registry, counts: Counts | None, calls: dict[str, tuple[PlannedWrite, ...]]
) -> tuple[Step, ...]:
    return tuple(
        Step(
            number=number,
            action=action,
            title=title,
            description=description,
            changes=changes,
            calls=calls.get(title, ()),
            writes=sum(call.times for call in calls.get(title, ())),
        )
        for number, (action, title, description, changes) in enumerate(_words(request, source, counts), start=1)
    )


def _words(
    request: RelocationRequest, source: Registry, counts: Counts | None
) -> tuple[tuple[Action, str, str, str], ...]:
    """Return each step's action, title, description, and what it changes."""
    target, group = request.target, request.target.resource_group
    content = (
        f"{counts.imports} imports for {counts.tags} tags and {counts.manifests} manifests "
        f"in {counts.repositories} repositories; {counts.already_there} digests are there already."
        if counts
        else "How much is not known, because the content could not be listed."
    )
    if not request.content:
        content = "Nothing: the request leaves the content behind."
    registry = f"Registry {target.name} in {target.location}, {source.sku}."
    unless = f"{target.name} and its children, unless they are as they should be"
    locks = "The lock attributes of repositories, tags and manifests, which imports do not carry."
    additions = f"what depends on {source.name} may use {target.name} too; nothing is taken from {source.name}"
    held_back = "Policies that delete, hide or close; tasks that run by themselves; locks."
    compare = "Compare both registries: settings, tags, digests, untagged manifests, referrers, locks."
    return (
        ("read", "Check", "Look for what would stop the relocation or needs a decision.", ""),
        ("create", "Create resource group", f"{group} in {target.location}.", f"{group}, if it is not there"),
        ("read", "Export and modify template", f"The settings of {source.name}, rewritten for {target.name}.", ""),
        ("read", "Validate", "Azure checks the template against its rules and policies.", ""),
        ("create", "Redeploy", registry, unless),
        ("import", "Import registry content", content, f"content of {target.name}"),
        ("update", "Replay locks", locks, f"lock attributes at {target.name}, where they differ"),
        ("create", "Cut over", _cut_over_in_words(request), additions),
        ("verify", "Verify", compare, ""),
        ("update", "Set what was held back", held_back, f"{target.name}, after a clean verification only"),
    )


def _cut_over_in_words(request: RelocationRequest) -> str:
    if not request.cut_over:
        return "Not now: the request leaves it to `acr-relocate cut-over`."
    return "Roles, links of DNS zones, alert rules, events, passwords of tokens, for everything that depends on it."


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

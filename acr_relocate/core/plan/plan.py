"""The plan: the changes of a relocation, as data that a person can read and approve."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal

from acr_relocate.core.checks.pending import known_freezes
from acr_relocate.core.checks.pushing import may_push, scene_of
from acr_relocate.core.content.import_ledger import needed_by
from acr_relocate.core.content.import_plan import ImportPlan
from acr_relocate.core.content.pulls import count_pulls
from acr_relocate.core.content.selection import selected_content
from acr_relocate.core.content.small_artifacts import each_push_writes, seconds_saved, with_pushes
from acr_relocate.core.content.source_freeze import own_state
from acr_relocate.core.cut_over import CutOver
from acr_relocate.core.dependencies import DependencyMap
from acr_relocate.core.evidence.evidence import Evidence
from acr_relocate.core.evidence.unknown import NOT_ASKED, Unknown
from acr_relocate.core.findings import SEVERITIES, Finding
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.network.layout import NetworkLayout
from acr_relocate.core.plan import planned_writes
from acr_relocate.core.plan.costs import Cost, relocation_costs
from acr_relocate.core.plan.estimate import (
    NOT_MEASURED,
    Alternative,
    Estimate,
    MeasuredTimes,
    Method,
    estimate,
    geo_replication,
    methods,
)
from acr_relocate.core.plan.name_keeping import NameKeeping, name_keeping, users_as_they_are
from acr_relocate.core.plan.planned_writes import PlannedChanges
from acr_relocate.core.plan.steps import Counts, RepositorySize, Step, count_changes, makes_replica, plan_steps
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.request.identity import plan_id
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.template import TargetTemplate

_LARGEST: Final = 10


class Plan(FrozenModel):
    """The planned changes. `plan_id` identifies the relocation; an approval applies to it.

    `counts` is None if the content could not be listed: that is never taken for zero. `dependencies`: the resources
    tied to the registry. `network`: both sides, and the requirements on the target's network; None if not read.
    `undo`: how to roll back, in order. `target`: the resources to deploy, and `difference`: how they differ
    from Azure's export of the source. `in_place`: the target already has this state. `cut_over`: the actions for the
    dependencies, with the undo of each. `name_keeping`: the cost of the source's name, if the request keeps it.

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
    costs: tuple[Cost, ...] = ()
    alternative: Alternative | None = None
    undo: tuple[str, ...] = ()
    target: TargetTemplate = TargetTemplate(template={})
    difference: str = ""
    in_place: bool = False
    cut_over: CutOver = CutOver()
    name_keeping: NameKeeping | None = None

    @property
    def changes(self) -> int:
        """Return the number of resources, images and settings to create or change; 0 after a finished relocation."""
        return count_changes(self.steps)

    @property
    def decisions(self) -> tuple[Finding, ...]:
        """Return the optional decisions: a run takes their defaults."""
        return tuple(finding for finding in self.findings if finding.severity == "decision" and not finding.required)

    @property
    def required_decisions(self) -> tuple[Finding, ...]:
        """Return the decisions without a default: a run stops for them."""
        return tuple(finding for finding in self.findings if finding.severity == "decision" and finding.required)

    @property
    def with_users_as_they_are(self) -> Plan:
        """Return the plan without manual steps at users of the registry: a move under the same name asks none."""
        return self.model_copy(update={"dependencies": users_as_they_are(self.dependencies)})

    @property
    def blockers(self) -> tuple[Finding, ...]:
        """Return the findings that stop the relocation."""
        return tuple(finding for finding in self.findings if finding.severity == "blocker")


def build_plan(
    evidence: Evidence,
    findings: Iterable[Finding],
    foresight: PlannedChanges,
    *,
    dependencies: DependencyMap | None = None,
    network: NetworkLayout | None = None,
    measured: MeasuredTimes = NOT_MEASURED,
    running: Iterable[str] = (),
) -> Plan:
    """Return the plan for the evidence; an absent target holds nothing yet.

    `running`: the images that clusters ran lately, for the time without them if the name is kept.
    """
    request, want, have = evidence.request, evidence.content, evidence.target_content
    if isinstance(want, Unknown) or isinstance(have, Unknown):
        known, imports, foreseen = None, ImportPlan(), foresight
    else:
        there = have or Content(login_server="")
        known, imports = want, needed_by(request, want, there, evidence.brought)
        imports = with_pushes(imports, request, allowed=may_push(scene_of(evidence, want, there)))
        own = own_state(want, known_freezes(evidence.pending), there)
        locks = planned_writes.locks_to_replay(own, there, imports, request)
        foreseen = foresight.model_copy(update={"locks": locks})
    whole = needed_by(request, known, Content(login_server=""), evidence.brought) if known else ImportPlan()
    plan = build(
        request,
        evidence.source,
        known,
        imports,
        tuple(findings),
        dependencies=dependencies,
        network=network,
        foresight=foreseen,
        measured=measured,
        usage=evidence.usage,
    )
    kept = name_keeping(request, evidence.source, whole, running, measured)
    return plan.with_users_as_they_are.model_copy(update={"name_keeping": kept}) if kept else plan


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
    measured: MeasuredTimes = NOT_MEASURED,
    usage: Mapping[str, tuple[int, int]] | Unknown = NOT_ASKED,
) -> Plan:
    """Return the plan for the source's content (None: unknown) and the target's gaps. Findings by severity."""
    counts = _count(request, want, imports, usage) if want else None
    foreseen = foresight or PlannedChanges()
    sizes, writes = [item.size_bytes for item in imports.items], sum(each_push_writes(imports.small))
    calls, stored = (counts.imports, counts.stored_bytes) if counts else (0, 0)
    steps = plan_steps(request, source, counts, imports, foreseen)
    expected = estimate(calls, sizes, measured, request.concurrency, writes, stored)
    return Plan(
        plan_id=plan_id(request),
        request=request,
        source=source,
        counts=counts,
        findings=tuple(sorted(dict.fromkeys(findings), key=lambda finding: SEVERITIES.index(finding.severity))),
        steps=steps,
        estimate=expected,
        dependencies=dependencies or DependencyMap(),
        network=network,
        methods=methods(expected, calls),
        costs=relocation_costs(request, source, counts, replica=makes_replica(steps)),
        alternative=geo_replication(source, request),
        undo=_undo(request, source),
        target=foreseen.target.model_copy(update={"notes": ()}),  # they are among the findings
        difference=foreseen.difference,
        in_place=foreseen.in_place,
        cut_over=foreseen.cut_over,
    )


def _count(
    request: RelocationRequest, want: Content, imports: ImportPlan, usage: Mapping[str, tuple[int, int]] | Unknown
) -> Counts:
    moved = selected_content(want, request.selection)
    stored, included = (0, 0) if isinstance(usage, Unknown) else usage.get("Size", (0, 0))
    sizes = (
        RepositorySize(repository=one.name, size_bytes=one.size_bytes, tags=len(one.tags)) for one in moved.repositories
    )
    return Counts(
        repositories=len(moved.repositories),
        tags=moved.tag_count,
        manifests=moved.manifest_count,
        size_bytes=moved.size_bytes,
        missing_bytes=min(imports.size_bytes, stored or imports.size_bytes),
        stored_bytes=stored,
        included_bytes=max(0, included),
        largest=tuple(sorted(sizes, key=lambda one: -one.size_bytes)[:_LARGEST]),
        imports=imports.import_calls,
        pushed=len(imports.pushed),
        already_there=imports.already_there,
        conflicts=len(imports.conflicts),
        blocked=len(imports.blocked),
        small=len(imports.small),
        pulls=count_pulls(want, request.selection),
        renamed=len(request.names.moved(one.name for one in moved.repositories)),
        saved_seconds=seconds_saved(imports) if imports.small else 0.0,
    )


def _undo(request: RelocationRequest, source: Registry) -> tuple[str, ...]:
    """Return how to roll back: by `discard`, which reads the state at that time. No `az … delete` is printed."""
    old, new = source.name, request.target.name
    return (
        f"Before the cut-over there is nothing to undo at {old}: it is only read and keeps serving.",
        f"After the cut-over, point the workloads that you changed back at {old}: the same commands, with its name.",
        (
            "To roll back: `acr-relocate discard REQUEST`. It lists what the relocation created, asks you to type the "
            f"name {new}, and deletes these resources and no others. It stops while anything still uses {new}."
        ),
    )

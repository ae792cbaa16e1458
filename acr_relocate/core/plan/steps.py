"""The steps of a relocation as a diff: what each creates, changes or leaves, from the present state."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Literal

from acr_relocate.core.content.import_plan import ImportPlan
from acr_relocate.core.content.pulls import NO_PULLS_ASKED, PullCounts
from acr_relocate.core.content.source_replica import has_replica, wants_replica
from acr_relocate.core.cut_over import CutOverAction
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.plan import planned_writes
from acr_relocate.core.plan.planned_writes import Change, PlannedChanges, PlannedWrite, ResourceChange
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.wording import plural

Action = Literal["read", "create", "import", "update", "verify"]

EXPORT, REDEPLOY, IMPORT, LOCKS = "Export and modify template", "Redeploy", "Import registry content", "Replay locks"
REPLICATE = "Replicate the source"
CUT_OVER, DEFERRED, SWITCH = "Cut over", "Enable deferred settings", "Switch dependents"
_READ_ONLY = "reads only"


class RepositorySize(FrozenModel):
    """The size of a repository, at most, and its number of tags."""

    repository: str
    size_bytes: int
    tags: int


class Counts(FrozenModel):
    """The amount of content to move. `imports` are importImage calls; `size_bytes` is an upper bound.

    `pushed`: indexes of more manifests than an import takes, which follow their parts. `small`: missing tags and small
    artifacts that are pushed beside the imports, and `saved_seconds` by how much sooner all ends therefore. `renamed`:
    repositories with another name at the target. `missing_bytes`: of what the target lacks, at most. `stored_bytes`:
    what the whole source stores, layers that images share counted once, and `included_bytes` what its SKU includes; 0
    if Azure does not say. `largest`: repositories. `pulls`: what a selection of the recently pulled leaves out.
    """

    repositories: int = 0
    tags: int = 0
    manifests: int = 0
    size_bytes: int = 0
    missing_bytes: int = 0
    stored_bytes: int = 0
    included_bytes: int = 0
    largest: tuple[RepositorySize, ...] = ()
    imports: int = 0
    pushed: int = 0
    already_there: int = 0
    conflicts: int = 0
    blocked: int = 0
    small: int = 0
    saved_seconds: float = 0.0
    renamed: int = 0
    pulls: PullCounts = NO_PULLS_ASKED


class Step(FrozenModel):
    """One step, in the words of the article. `changes` says what it changes and where; empty: it only reads.

    `change`: its effect on the present state (`nothing`: complete, or it only reads; `unknown`: the content could
    not be listed). `resources`: the same for each resource. `writes` is the number of calls that change something;
    `calls` lists them.
    """

    number: int
    action: Action
    title: str
    description: str
    changes: str = ""
    change: Change = "nothing"
    resources: tuple[ResourceChange, ...] = ()
    writes: int = 0
    calls: tuple[PlannedWrite, ...] = ()

    @property
    def size(self) -> int:
        """Return the number of resources, images and settings that it creates or changes."""
        return sum(resource.change != "nothing" for resource in self.resources) or max(self.writes, 1)


def plan_steps(
    request: RelocationRequest,
    source: Registry,
    counts: Counts | None,
    imports: ImportPlan,
    foreseen: PlannedChanges,
) -> tuple[Step, ...]:
    """Return the steps in their order. Creating an existing resource group is not a step."""
    steps = chain(
        (_step("read", "Check", "Check for blockers and decisions."),),
        _group(request, foreseen),
        (
            _step("read", EXPORT, f"The settings of {source.name}, rewritten for {request.target.name}."),
            _step("read", "Validate", "Azure checks the template against its rules and policies."),
            _redeploy(request, source, foreseen),
        ),
        _replica(request, source, counts, foreseen),
        (
            _import(request, counts, imports),
            _locks(request, foreseen),
            _cut_over(request, source, foreseen),
            _step("verify", "Verify", "Compare settings, tags, digests, untagged manifests, referrers and locks."),
            _deferred(request, foreseen),
        ),
        _switch(request, foreseen),
    )
    return tuple(step.model_copy(update={"number": number}) for number, step in enumerate(steps, start=1))


def count_changes(steps: Iterable[Step]) -> int:
    """Return the number of resources, images and settings that the steps create or change."""
    return sum(step.size for step in steps if step.change in {"create", "change"})


def makes_replica(steps: Iterable[Step]) -> bool:
    """Return whether one of the steps creates a replica of the source for the imports."""
    return any(step.title == REPLICATE and step.change == "create" for step in steps)


def _step(
    action: Action,
    title: str,
    description: str,
    changes: str = "",
    change: Change = "nothing",
    calls: Iterable[PlannedWrite] = (),
    resources: Iterable[ResourceChange] = (),
) -> Step:
    calls = tuple(calls)
    return Step(
        number=0,
        action=action,
        title=title,
        description=description,
        changes=changes,
        change=change,
        resources=tuple(resources),
        calls=calls,
        writes=sum(call.times for call in calls),
    )


def _group(request: RelocationRequest, foreseen: PlannedChanges) -> Iterable[Step]:
    calls = planned_writes.of_group(request, foreseen)
    if calls:
        group = request.target.resource_group
        where = f"{group} in {request.target.location}."
        made = ResourceChange(change="create", resource=f"resource group {group}")
        yield _step("create", "Create resource group", where, f"resource group {group}", "create", calls, (made,))


def _redeploy(request: RelocationRequest, source: Registry, foreseen: PlannedChanges) -> Step:
    target = request.target
    registry = f"Registry {target.name} in {target.location}, {source.sku}."
    calls, resources = planned_writes.of_deployment(request, foreseen), foreseen.resources
    if not calls:
        return _step("create", REDEPLOY, f"{registry} It has the planned state.", resources=resources)
    made = sum(one.change == "create" for one in resources)
    changed = sum(one.change == "change" for one in resources)
    said = [f"{plural(made, 'resource')} to create"] if made else []
    said += [f"{plural(changed, 'resource')} to change"] if changed else []
    said = said or ["deployed again with the tag of this relocation"]
    change: Change = "change" if foreseen.target_exists else "create"
    return _step("create", REDEPLOY, registry, f"{target.name}: {', '.join(said)}", change, calls, resources)


def _replica(
    request: RelocationRequest, source: Registry, counts: Counts | None, foreseen: PlannedChanges
) -> Iterable[Step]:
    if not request.via_replica or not request.content:
        return
    region = request.target.location
    if has_replica(source, region):
        yield _step("create", REPLICATE, f"{source.name} has a replica in {region}. It stays.")
    elif foreseen.no_replica:
        yield _step(
            "create", REPLICATE, f"Not possible: {foreseen.no_replica}. The imports read from {source.location}."
        )
    elif counts and wants_replica(request, source, counts.missing_bytes, counts.size_bytes):
        what = f"A replica in {region} for the imports, removed after them. Its time is not in the estimate."
        made = ResourceChange(change="create", resource=f"replications/{region} of {source.name}")
        calls = planned_writes.of_replica(request, source)
        yield _step("create", REPLICATE, what, f"a replica of {source.name} in {region}", "create", calls, (made,))
    else:
        yield _step("create", REPLICATE, "Not needed for the little that the target lacks.")


def _import(request: RelocationRequest, counts: Counts | None, imports: ImportPlan) -> Step:
    target = request.target.name
    if not request.content:
        return _step("import", IMPORT, "Not moved: `content` is false in the request.")
    if counts is None:
        unknown = "How much is not known: the content could not be listed."
        return _step("import", IMPORT, unknown, f"content of {target}", "unknown")
    there = f"{counts.already_there:,} of the digests are at the target already."
    there += f" {plural(counts.renamed, 'repository')} under another name." if counts.renamed else ""
    calls = tuple(planned_writes.of_imports(request, imports))
    if not calls:
        return _step("import", IMPORT, f"Nothing is missing: {there}")
    of = ", ".join((plural(counts.repositories, "repository"), plural(counts.tags, "tag")))
    ways = plural(counts.imports, "import") + (
        f" and {plural(counts.small, 'pushed artifact')}" if counts.small else ""
    )
    content = f"{ways} for {of} and {plural(counts.manifests, 'manifest')}; {there}"
    change: Change = "change" if counts.already_there else "create"
    return _step("import", IMPORT, content, f"content of {target}", change, calls)


def _locks(request: RelocationRequest, foreseen: PlannedChanges) -> Step:
    what = "The lock attributes of repositories, tags and manifests, which imports do not carry."
    calls = planned_writes.of_locks(request, foreseen)
    changes = f"lock attributes in {plural(len(calls), 'repository')} of {request.target.name}" if calls else ""
    return _step("update", LOCKS, what, changes, "change" if calls else "nothing", calls)


def _cut_over(request: RelocationRequest, source: Registry, foreseen: PlannedChanges) -> Step:
    if not request.cut_over:
        return _step("create", CUT_OVER, "Not now: run `acr-relocate cut-over` later.")
    what = "Roles, links of DNS zones, alert rules, events and token passwords for everything that uses the registry."
    changes = f"access to {request.target.name} is added; nothing is removed from {source.name}"
    return _actions("create", CUT_OVER, what, changes, foreseen.cut_over.actions, foreseen)


def _deferred(request: RelocationRequest, foreseen: PlannedChanges) -> Step:
    what = "Retention and other policies, scheduled tasks and locks that would interfere with the imports."
    changes = f"{request.target.name}, after a verification without differences"
    actions = foreseen.cut_over.deferred if request.cut_over else ()
    return _actions("update", DEFERRED, what, changes, actions, foreseen)


def _switch(request: RelocationRequest, foreseen: PlannedChanges) -> Iterable[Step]:
    if not (request.switch.enabled and request.cut_over):
        return
    switches = [action for action in foreseen.cut_over.switches if not action.refused]
    what = f"Point {plural(len(switches), 'dependent')} at {request.target.name}, each proven healthy or restored."
    changes = f"the images and registry entries of dependents name {request.target.name}"
    yield _actions("update", SWITCH, what, changes, switches, foreseen)


def _actions(
    action: Action,
    title: str,
    what: str,
    changes: str,
    actions: Iterable[CutOverAction],
    foreseen: PlannedChanges,
) -> Step:
    actions = tuple(actions)
    calls = planned_writes.of_cut_over(actions, foreseen)
    if not calls:
        return _step(action, title, what if not actions else f"{what} All is done.")
    change: Change = "create" if action == "create" else "change"
    to_do = (one for one in actions if one.id in foreseen.to_do and one.call.method != "GET")
    resources = tuple(ResourceChange(change=change, resource=f"{one.kind} {one.subject}") for one in to_do)
    return _step(action, title, what, changes, change, calls, resources)

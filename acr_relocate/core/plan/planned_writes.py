"""The writes of a relocation, call by call, before they are made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from acr_relocate.core.checks.source_replica import replica_obstacle
from acr_relocate.core.content.copy_roots import CopyRoots
from acr_relocate.core.content.import_plan import ImportPlan
from acr_relocate.core.content.locks import AttributeChange, lock_changes
from acr_relocate.core.content.remaining_import import references_to_probe
from acr_relocate.core.content.selection import copy_roots
from acr_relocate.core.content.small_artifacts import each_push_writes
from acr_relocate.core.content.source_replica import replica_for
from acr_relocate.core.cut_over import CutOver, CutOverAction
from acr_relocate.core.evidence.azure_facts import TargetResourceGroup
from acr_relocate.core.evidence.evidence import Evidence
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.plan.in_place import is_in_place, settings_to_deploy
from acr_relocate.core.registry.inventory import UNLOCKED, Content, Manifest, Registry, Repository, Tag
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.registry.restore_record import record_name, record_text
from acr_relocate.core.request.identity import deployment_name, relocation_id
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.edited_template import target_template
from acr_relocate.core.target.template import TargetTemplate
from acr_relocate.core.target.template_diff import diff_for_display
from acr_relocate.core.target.template_expressions import Opaque, value_of
from acr_relocate.core.verification import Difference


class PlannedWrite(FrozenModel):
    """Calls of one method to one path that change something. `creates`: ids that a deployment creates or confirms."""

    method: Literal["PUT", "PATCH", "POST", "DELETE"]
    path: str
    what: str
    times: int = 1
    creates: tuple[str, ...] = ()


Change = Literal["create", "change", "nothing", "unknown"]


class ResourceChange(FrozenModel):
    """The change of one resource of the target. `detail`: the settings that change."""

    change: Change
    resource: str
    detail: str = ""


class PlannedChanges(FrozenModel):
    """The known state of the target before anything is written.

    `in_place`: it already has the planned state, so nothing is deployed. `group_exists`: its resource group exists.
    `target_exists`: so does the target registry. `resources`: the change of each resource to deploy.
    `difference`: how `target` differs from Azure's export of the source, or why that is unknown.
    `to_do`: the ids of the cut-over actions that are not done yet. `no_replica`: why the source gets no replica.
    """

    target: TargetTemplate = TargetTemplate(template={})
    in_place: bool = False
    group_exists: bool = False
    target_exists: bool = False
    resources: tuple[ResourceChange, ...] = ()
    difference: str = ""
    locks: tuple[AttributeChange, ...] = ()
    cut_over: CutOver = CutOver()
    to_do: frozenset[str] = frozenset()
    no_replica: str = ""


def plan_changes(
    evidence: Evidence, exported: Mapping[str, Any], problems: Iterable[str], edited: dict[str, Any] | None
) -> PlannedChanges:
    """Return the resources to deploy, created or edited, and whether they exist already. Locks come later."""
    request, source, target = evidence.request, evidence.source, evidence.target
    made = target_template(exported or None, source, request, edited)
    there = target if isinstance(target, Registry) else None
    recorded = not request.consolidation.sources or relocation_id(request) in evidence.parts
    in_place = is_in_place(there, source, request, edited, recorded=recorded)
    differing = () if in_place or there is None else settings_to_deploy(there, source, request, edited)
    ids = _ids(made.template, ResourceId(request.target_id).group_id)
    return PlannedChanges(
        target=made,
        in_place=in_place,
        target_exists=there is not None,
        resources=tuple(_resource_change(each, there, differing, in_place=in_place) for each in ids),
        group_exists=isinstance(evidence.group, TargetResourceGroup),
        difference=diff_for_display(exported, problems, made.template, source, request),
        no_replica=replica_obstacle(request, source, evidence.locks),
    )


def future_content(evidence: Evidence) -> Content | None:
    """Return the content that the target will have, under its login server; None if unknown."""
    if not isinstance(evidence.content, Content):
        return None
    target, (_, _, domain) = evidence.target, evidence.source.login_server.partition(".")
    host = target.login_server if isinstance(target, Registry) else f"{evidence.request.target.name}.{domain}"
    return evidence.content.model_copy(update={"login_server": host})


def _resource_change(
    resource_id: str, target: Registry | None, differing: Iterable[Difference], *, in_place: bool
) -> ResourceChange:
    """Return the deployment's effect on a resource, from the target registry's present state."""
    kind, name = resource_id.rsplit("/", 2)[-2:]
    is_registry = kind == "registries"
    resource = f"registry {name}" if is_registry else f"{kind}/{name}"
    if in_place:
        return ResourceChange(change="nothing", resource=resource)
    children = {f"{child.kind}/{child.name}".lower() for child in target.children} if target else set()
    if target is None or not (is_registry or resource.lower() in children):
        return ResourceChange(change="create", resource=resource)
    names = [each.subject for each in differing if _belongs(each.subject, "" if is_registry else resource)]
    return ResourceChange(change="change" if names else "nothing", resource=resource, detail=", ".join(names))


def _belongs(subject: str, resource: str) -> bool:
    """Return whether a difference is in this child (`webhooks/ci`), or, for an empty name, in the registry itself."""
    place = subject.partition(".")[0].lower()
    return place == resource.lower() if resource else "/" not in place


def of_group(request: RelocationRequest, foresight: PlannedChanges) -> tuple[PlannedWrite, ...]:
    """Return the creation of the target's resource group, if it is still to be done."""
    if foresight.in_place or foresight.group_exists:
        return ()
    group = request.target.resource_group
    path = f"/subscriptions/{request.target_subscription_id}/resourcegroups/{group}"
    return (PlannedWrite(method="PUT", path=path, what=f"resource group {group} in {request.target.location}"),)


def of_deployment(request: RelocationRequest, foresight: PlannedChanges) -> tuple[PlannedWrite, ...]:
    """Return the deployment of the target, if it is still to be done, with its resources."""
    if foresight.in_place:
        return ()
    scope = ResourceId(request.target_id).group_id
    path = f"{scope}/providers/Microsoft.Resources/deployments/{deployment_name(request)}"
    creates = tuple(_ids(foresight.target.template, scope))
    what = f"{len(creates)} resources of {request.target.name}, incrementally"
    return (PlannedWrite(method="PUT", path=path, what=what, creates=creates),)


def of_replica(request: RelocationRequest, source: Registry) -> tuple[PlannedWrite, ...]:
    """Return the creation and the removal of a replica of the source. Its record has the run's name, not yet known."""
    path, where = replica_for(request, source).id, f"a replica of {source.name} in {request.target.location}"
    return (
        PlannedWrite(method="PUT", path=path, what=where),
        PlannedWrite(method="DELETE", path=path, what=f"remove it when the imports have ended: {where}"),
    )


def of_imports(request: RelocationRequest, imports: ImportPlan) -> Iterator[PlannedWrite]:
    """Yield the imports, all to the same path, and the pushes: of indexes that no import takes, and of small ones."""
    if calls := imports.import_calls:
        path = f"{request.target_id}/importImage"
        yield PlannedWrite(method="POST", path=path, what="one digest each, with its tags", times=calls)
    for item in imports.pushed:
        for reference in references_to_probe(item):
            path = f"/v2/{request.names.to_target(item.repository)}/manifests/{reference}"
            yield PlannedWrite(
                method="PUT", path=path, what=f"an index of more manifests than an import takes: {item.label}"
            )
    writes = Counter[str]()
    for item, times in zip(imports.small, each_push_writes(imports.small), strict=True):
        writes[item.repository] += times
    for repository, times in sorted(writes.items()):
        what = "missing tags and small artifacts in this repository"
        yield PlannedWrite(method="PUT", path=f"/v2/{request.names.to_target(repository)}", what=what, times=times)


def of_locks(request: RelocationRequest, foresight: PlannedChanges) -> tuple[PlannedWrite, ...]:
    """Return the changes of lock attributes, by repository."""
    counts = Counter(change.repository for change in foresight.locks)
    return tuple(
        PlannedWrite(
            method="PATCH",
            path=f"/acr/v1/{request.names.to_target(repository)}",
            what="lock attributes in this repository",
            times=times,
        )
        for repository, times in sorted(counts.items())
    )


def of_cut_over(actions: Iterable[CutOverAction], foresight: PlannedChanges) -> tuple[PlannedWrite, ...]:
    """Return the calls of the cut-over actions that are still to be done."""
    return tuple(write for action in actions if action.id in foresight.to_do for write in _writes(action))


def _writes(action: CutOverAction) -> Iterator[PlannedWrite]:
    if former := action.former:
        place = ResourceId(former.registry_id).group_id
        record = record_name(former.record_kind, former.registry_id, record_text(former))
        path = f"{place}/providers/Microsoft.Resources/deployments/{record}"
        yield PlannedWrite(method="PUT", path=path, what=f"record the former value of {action.subject}")
    if action.call.method != "GET":
        times = former.changes if former else 1
        yield PlannedWrite(method=action.call.method, path=action.call.path, what=action.what, times=times)
    if mark := action.mark:
        yield PlannedWrite(method=mark.method, path=mark.path, what=f"record that it has been done: {action.subject}")
    if secret := action.secret:
        yield PlannedWrite(method="PUT", path=f"/secrets/{secret.name}", what=f"secret in the key vault {secret.vault}")


def locks_to_replay(
    want: Content, have: Content, imports: ImportPlan, request: RelocationRequest
) -> tuple[AttributeChange, ...]:
    """Return the lock attributes to set once all imports have succeeded: imported content arrives unlocked."""
    there = {repository.name: repository for repository in have.repositories}
    arriving = [
        _after(source, travel, there.get(source.name), imports)
        for source, travel in copy_roots(want, request.selection)
    ]
    return lock_changes(want, Content(login_server=have.login_server, repositories=tuple(arriving)))


def _after(source: Repository, travel: CopyRoots, target: Repository | None, imports: ImportPlan) -> Repository:
    """Return the repository's state at the target after the imports."""
    before = target or Repository(name=source.name)
    stays = {item.digest for item in imports.blocked if item.repository == source.name}
    known = {manifest.digest for manifest in before.manifests}
    tags = {tag.name: tag for tag in before.tags}
    for item in imports.items:
        if item.repository == source.name:
            tags |= {name: tags.get(name, Tag(name=name, digest=item.digest)) for name in item.tags}
    arriving = tuple(
        Manifest(digest=digest, attributes=UNLOCKED)
        for digest in sorted(travel.digests - known - stays)
        if travel.root_of(digest) not in stays
    )
    return before.model_copy(update={"manifests": (*before.manifests, *arriving), "tags": tuple(tags.values())})


def _ids(template: dict[str, Any], scope: str) -> Iterator[str]:
    """Yield the id of each resource of the template, if its name is known."""
    parameters = template.get("parameters", {})
    values = {name: one["defaultValue"] for name, one in parameters.items() if "defaultValue" in one}
    for resource in template.get("resources", ()):
        try:
            names = str(value_of(resource["name"], values, scope)).split("/")
            above = value_of(resource.get("scope", scope), values, scope)
        except Opaque:
            continue
        yield _id(str(above), resource["type"], names)


def _id(above: str, resource_type: str, names: Iterable[str]) -> str:
    namespace, *kinds = resource_type.split("/")
    path = "/".join(f"{kind}/{name}" for kind, name in zip(kinds, names, strict=True))
    return f"{above}/providers/{namespace}/{path}"

"""Read other owners' references to a registry: other registries, policies, groups of the directory."""

from __future__ import annotations

from typing import Final

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.client.task_group import together
from acr_relocate.azure.client.unknown import as_unknown
from acr_relocate.azure.discovery.odd_answers import each_or_odd, or_odd
from acr_relocate.azure.resources.log_analytics import literal
from acr_relocate.azure.resources.registries import login_server
from acr_relocate.azure.resources.resource_graph import GRAPH_COLUMNS, Json, query_graph
from acr_relocate.core.dependencies.downstream import pulls_from
from acr_relocate.core.dependencies.governance import allows_host
from acr_relocate.core.dependencies.odd_rows import ODD, UNREADABLE, marked, no_object, those_that
from acr_relocate.core.errors import RelocationError
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.resource_types import STABLE
from acr_relocate.core.switching.downstream_rules import STAR, fills, first_filled, reduced_rule
from acr_relocate.core.switching.downstream_tasks import TaskNames, reduced_task

_AUTHORIZATION: Final = "2022-04-01"
_REGISTRIES: Final = "microsoft.containerregistry/registries"
_POLICIES: Final = "'microsoft.authorization/policyassignments', 'microsoft.authorization/policydefinitions'"


async def downstream(azure: AzureConnection, registry: Registry) -> tuple[Json, ...]:
    """Return the cache rules and tasks of other registries that name this one, without what else a task holds.

    Resource Graph has tasks, but no cache rules: those are asked of each registry that the identity may see.
    """
    async with together() as group:
        tasks = group.create_task(
            query_graph(azure, f"resources | where type =~ '{_REGISTRIES}/tasks' | {GRAPH_COLUMNS}, tags")
        )
        others = group.create_task(query_graph(azure, f"resources | where type =~ '{_REGISTRIES}' | project id"))
    rows = list(those_that(others.result(), lambda row: row["id"].lower() != registry.id.lower()))
    async with together() as group:
        reading = [group.create_task(each_or_odd(_cache_rules(azure, row), row)) for row in rows if ODD not in row]
    rules = those_that((rule for task in reading for rule in task.result()), lambda one: pulls_from(one, registry))
    names = TaskNames(registry.login_server, registry.id)
    named = [_reduced(one, names) for one in those_that(tasks.result(), lambda one: pulls_from(one, registry))]
    filled = [one for rule in rules if (one := await or_odd(_with_filled(azure, rule), rule))]
    return (*filled, *named, *(row for row in rows if ODD in row))


async def _cache_rules(azure: AzureConnection, registry: Json) -> list[Json]:
    path, doing = f"{registry['id']}/cacheRules", "Reading the cache rules"
    return await azure.arm.list(path, STABLE, doing=doing, stand_in=no_object)


async def _with_filled(azure: AzureConnection, rule: Json) -> Json | None:
    return rule if ODD in rule else reduced_rule(rule, await _filled(azure, rule))


def _reduced(task: Json, names: TaskNames) -> Json:
    try:
        return task if ODD in task else reduced_task(task, names)
    except UNREADABLE as error:
        return marked(task, type(error).__name__)


async def _filled(azure: AzureConnection, rule: Json) -> str | Unknown | None:
    """Return what the rule has filled. A registry of others that is out of reach stops nothing: it is Unknown."""
    try:
        return await filled_by(azure, rule)
    except RelocationError as error:
        return as_unknown(error)


async def filled_by(azure: AzureConnection, rule: Json) -> str | None:
    """Return a repository that the cache rule fills and that its registry has, or None."""
    pattern = fills(rule)
    plane = azure.data_plane(await login_server(azure, str(rule["id"]).partition("/cacheRules/")[0]))
    if pattern.endswith(STAR):
        return first_filled(pattern, await plane.repositories())
    return pattern if await plane.repository(pattern) is not None else None


async def host_rules(azure: AzureConnection, registry: Registry) -> tuple[Json, ...]:
    """Return the policies whose text names the registry's login server, wherever they are assigned or defined."""
    named = f"tostring(properties) contains {literal(registry.login_server.partition('.')[0])}"
    found = await query_graph(
        azure, f"policyresources | where type in~ ({_POLICIES}) | where {named} | {GRAPH_COLUMNS}"
    )
    return tuple(those_that(found, lambda rule: allows_host(rule, registry.login_server)))


async def through_groups(
    azure: AzureConnection, registry: Registry, assignments: tuple[Json, ...], clusters: tuple[Json, ...]
) -> dict[str, str]:
    """Return node identity -> the group through which it has a role, of clusters without a role of their own.

    Azure Resource Manager resolves nested memberships, however deep: no right in the directory is needed
    (role-based-access-control/role-assignments-list-rest, `assignedTo()`).
    """
    held = {_field(one, "principalId").lower() for one in assignments}
    groups = {_field(one, "principalId").lower() for one in assignments if _field(one, "principalType") == "Group"}
    nodes = {_node_identity(cluster) for cluster in clusters} - held - {""} if groups else set[str]()
    async with together() as group:
        reading = {one: group.create_task(_assigned_to(azure, registry, one)) for one in sorted(nodes)}
    found = {node: [holder for holder in task.result() if holder in groups] for node, task in reading.items()}
    return {node: holders[0] for node, holders in found.items() if holders}


async def _assigned_to(azure: AzureConnection, registry: Registry, principal: str) -> list[str]:
    path = f"{registry.id}/providers/Microsoft.Authorization/roleAssignments"
    doing = f"Reading through which groups {principal} has a role at {registry.name}"
    asked = f"$filter=atScope()+and+assignedTo('{principal}')"
    return [
        _field(one, "principalId").lower()
        for one in await azure.arm.list(path, _AUTHORIZATION, doing=doing, query=asked)
    ]


def _field(assignment: Json, name: str) -> str:
    return str((assignment.get("properties") or {}).get(name) or "")


def _node_identity(cluster: Json) -> str:
    kubelet = ((cluster.get("properties") or {}).get("identityProfile") or {}).get("kubeletidentity") or {}
    return str(kubelet.get("objectId") or "").lower()

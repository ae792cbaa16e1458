"""Read the surroundings of a registry from Azure Resource Graph and Azure Resource Manager."""

from __future__ import annotations

from collections.abc import Awaitable, Coroutine, Mapping
from typing import Any, Final, TypeVar

from acr_relocate.azure.client.errors import readable_answers
from acr_relocate.azure.client.long_running import StandIn
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.client.task_group import together
from acr_relocate.azure.discovery import elsewhere, sites
from acr_relocate.azure.discovery.cluster_images import images_running
from acr_relocate.azure.discovery.odd_answers import each_or_odd, or_odd
from acr_relocate.azure.resources import networks, scopes
from acr_relocate.azure.resources.log_analytics import literal, literals
from acr_relocate.azure.resources.resource_graph import GRAPH_COLUMNS, Json, query_graph
from acr_relocate.core.cut_over.odd_dependents import without_odd_dependents
from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.dependencies.alerts import ALERTS_BY_TYPE as WATCHING
from acr_relocate.core.dependencies.lookups import identities_of, mentioned, zone_ids
from acr_relocate.core.dependencies.odd_rows import ODD, no_object, those_that, with_rows
from acr_relocate.core.errors import NotFound, RelocationError, is_retryable
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.mentions import may_name

DependentFact = TypeVar("DependentFact")

_AUTHORIZATION: Final = "2022-04-01"
BATCH_API: Final = "2024-07-01"
_DIAGNOSTICS: Final = "2021-05-01-preview"
_EVENT_GRID: Final = "2022-06-15"
POLICY: Final = "2023-04-01"


async def read_surroundings(azure: AzureConnection, registry: Registry) -> Surroundings:
    """Return the surroundings of the registry. An unreadable part is Unknown with the reason."""
    readings: dict[str, Coroutine[Any, Any, Any]] = {
        "naming": _naming(azure, registry),
        "clusters": _of_type(azure, "microsoft.containerservice/managedclusters"),
        "sites": sites.sites(azure),
        "downstream": elsewhere.downstream(azure, registry),
        "host_rules": elsewhere.host_rules(azure, registry),
        "batch_pools": _batch_pools(azure),
        "role_assignments": role_assignments(azure, registry.id, no_object),
        "granted": _granted(azure, registry),
        "diagnostic_settings": diagnostic_settings(azure, registry.id, no_object),
        "alerts": _alerts(azure),
        "policies": _policies(azure, registry),
        "locks": scopes.locks(azure, registry.id),
    }
    first = without_odd_dependents(registry, await _with(Surroundings(), readings))
    return without_odd_dependents(registry, await _followed(azure, registry, first))


async def _with(found: Surroundings, readings: Mapping[str, Coroutine[Any, Any, Any]]) -> Surroundings:
    """Return the surroundings with the parts that these readings bring, all at once."""
    async with together() as group:
        parts = {part: group.create_task(_known(reading)) for part, reading in readings.items()}
    return with_rows(found, {part: task.result() for part, task in parts.items()})


async def _followed(azure: AzureConnection, registry: Registry, found: Surroundings) -> Surroundings:
    """Return the surroundings with second-level reads: endpoints in detail, event subscriptions, references."""
    assigned, clusters = _rows(found.role_assignments), _rows(found.clusters)
    readings: dict[str, Coroutine[Any, Any, Any]] = {
        "endpoints": _endpoints(azure, registry, found),
        "event_subscriptions": _event_subscriptions(azure, registry, found),
        "running": _running(azure, registry, clusters),
        "through_groups": elsewhere.through_groups(azure, registry, assigned, clusters),
    }
    more = await _with(found, readings)
    more = without_odd_dependents(registry, more)
    return await _with(more, {"zones": _zones(azure, registry, more), "others": _mentioned(azure, registry, more)})


async def _running(
    azure: AzureConnection, registry: Registry, clusters: tuple[Json, ...]
) -> dict[str, tuple[str, ...] | Unknown]:
    found = await _known(images_running(azure, registry.login_server, clusters))
    return {one["id"].lower(): found for one in clusters} if isinstance(found, Unknown) else found


async def role_assignments(azure: AzureConnection, scope: str, stand_in: StandIn | None = None) -> tuple[Json, ...]:
    """Return the role assignments at this scope and above it."""
    path = f"{scope}/providers/Microsoft.Authorization/roleAssignments"
    doing = f"Reading the role assignments of {scope.rsplit('/', 1)[-1]}"
    query = "$filter=atScope()"
    return tuple(await azure.arm.list(path, _AUTHORIZATION, doing=doing, query=query, stand_in=stand_in))


async def diagnostic_settings(
    azure: AzureConnection, resource_id: str, stand_in: StandIn | None = None
) -> tuple[Json, ...]:
    """Return the resource's diagnostic settings."""
    path = f"{resource_id}/providers/Microsoft.Insights/diagnosticSettings"
    doing = f"Reading the diagnostic settings of {resource_id.rsplit('/', 1)[-1]}"
    return tuple(await azure.arm.list(path, _DIAGNOSTICS, doing=doing, stand_in=stand_in))


async def _naming(azure: AzureConnection, registry: Registry) -> tuple[Json, ...]:
    """Return every resource, of any type, whose settings name the registry by its id or its login server.

    Graph also finds the id of a registry whose name begins with this one's; such resources are left out. A table of its
    own has the settings of Flux and of extensions, of Azure's clusters and those connected by Arc.
    """
    text = "tostring(properties)"
    named = f"{text} contains {literal(registry.id)} or {text} contains {literal(registry.login_server)}"
    async with together() as group:
        reading = [
            group.create_task(
                query_graph(
                    azure, f"{table} | where {named} | where id !~ {literal(registry.id)} | {GRAPH_COLUMNS}, tags"
                )
            )
            for table in ("resources", "kubernetesconfigurationresources")
        ]
    rows = (row for task in reading for row in task.result())
    return tuple(those_that(rows, lambda row: may_name(registry, row["properties"])))


async def _of_type(azure: AzureConnection, kind: str) -> tuple[Json, ...]:
    return await query_graph(azure, f"resources | where type =~ {literal(kind)} | {GRAPH_COLUMNS}")


async def _alerts(azure: AzureConnection) -> tuple[Json, ...]:
    """Return all alert rules: one for a whole group or subscription does not name the registry."""
    kinds = literals(tuple(WATCHING))
    return await query_graph(azure, f"resources | where type in~ ({kinds}) | {GRAPH_COLUMNS}, tags")


async def _batch_pools(azure: AzureConnection) -> tuple[Json, ...]:
    accounts = await _of_type(azure, "microsoft.batch/batchaccounts")
    async with together() as group:
        reading = [group.create_task(each_or_odd(_pools(azure, one), one)) for one in accounts]
    return tuple(pool for task in reading for pool in task.result())


async def _pools(azure: AzureConnection, account: Json) -> list[Json]:
    path, doing = f"{account['id']}/pools", "Reading the Batch pools"
    return await azure.arm.list(path, BATCH_API, doing=doing, stand_in=no_object)


async def _granted(azure: AzureConnection, registry: Registry) -> tuple[Json, ...]:
    """Return the roles of the registry's own identities, at any scope."""
    principals = identities_of(registry)
    if not principals:
        return ()
    wanted = f"tostring(properties.principalId) in~ ({literals(principals)})"
    kind = "type =~ 'microsoft.authorization/roleassignments'"
    return await query_graph(
        azure, f"authorizationresources | where {kind} | where {wanted} | project id, name, properties"
    )


async def _policies(azure: AzureConnection, registry: Registry) -> tuple[Json, ...]:
    path = f"{registry.id}/providers/Microsoft.Authorization/policyAssignments"
    doing = f"Reading the policies assigned to {registry.name}"
    return tuple(await azure.arm.list(path, POLICY, doing=doing, stand_in=no_object))


async def _event_subscriptions(azure: AzureConnection, registry: Registry, found: Surroundings) -> tuple[Json, ...]:
    """Return the subscriptions at the registry itself, and those of its system topics; each once."""
    topics = [
        entry["id"] for entry in _rows(found.naming) if entry["type"].lower() == "microsoft.eventgrid/systemtopics"
    ]
    paths = [f"{registry.id}/providers/Microsoft.EventGrid/eventSubscriptions"]
    paths += [f"{topic}/eventSubscriptions" for topic in topics]
    doing = "Reading the Event Grid subscriptions"
    async with together() as group:
        reading = [
            group.create_task(azure.arm.list(path, _EVENT_GRID, doing=doing, stand_in=no_object)) for path in paths
        ]
    every = [entry for task in reading for entry in task.result()]
    return tuple({str(entry.get("name", number)).lower(): entry for number, entry in enumerate(every)}.values())


async def _endpoints(azure: AzureConnection, registry: Registry, found: Surroundings) -> tuple[Json, ...]:
    """Return the registry's private endpoints with their DNS zone groups and network interfaces."""
    rows = [entry for entry in _rows(found.naming) if entry["type"].lower() == "microsoft.network/privateendpoints"]
    named = {row["id"].lower(): row["id"] for row in rows}
    connected = (
        child.properties.get("privateEndpoint") or {} for child in registry.children_of("privateEndpointConnections")
    )
    named |= {str(one["id"]).lower(): str(one["id"]) for one in connected if one.get("id")}
    async with together() as group:
        reading = [
            group.create_task(or_odd(networks.private_endpoint(azure, one), {"id": one})) for one in named.values()
        ]
    return tuple(endpoint for task in reading if (endpoint := task.result()))


async def _zones(azure: AzureConnection, registry: Registry, found: Surroundings) -> tuple[Json, ...]:
    """Return the zones that the endpoints' zone groups name, and those with manual records of the registry's name."""
    label, _, suffix = registry.login_server.partition(".")
    grouped = {zone.lower(): zone for zone in zone_ids(_rows(found.endpoints))}
    named = f"type =~ 'microsoft.network/privatednszones' and name =~ {literal(f'privatelink.{suffix}')}"
    rows = await query_graph(azure, f"resources | where {named} | project id") if _rows(found.endpoints) else ()
    known = list(those_that(rows, lambda row: bool(row["id"].strip())))
    every = {row["id"].lower(): row["id"] for row in known if ODD not in row} | grouped
    async with together() as group:
        reading = {
            key: group.create_task(or_odd(networks.dns_zone(azure, zone), {"id": zone}))
            for key, zone in sorted(every.items())
        }
    zones = {key: zone for key, task in reading.items() if (zone := task.result())}
    read = [zone for key, zone in zones.items() if key in grouped or _names(zone, label)]
    return (*read, *(row for row in known if ODD in row))


def _names(zone: Json, label: str) -> bool:
    return ODD in zone or any(str(record.get("name")).lower() == label.lower() for record in zone["A"])


async def _mentioned(azure: AzureConnection, registry: Registry, found: Surroundings) -> tuple[Json, ...]:
    """Return the resources that the rest refers to: by id, by principal, by vault address."""
    ids, principals, vaults = mentioned(registry, found)
    wanted = [
        f"{column} in~ ({literals(values)})"
        for column, values in (
            ("id", ids),
            ("tostring(identity.principalId)", principals),
            ("tostring(properties.principalId)", principals),
            ("tostring(properties.vaultUri)", vaults),
        )
        if values
    ]
    return await query_graph(azure, f"resources | where {' or '.join(wanted)} | {GRAPH_COLUMNS}") if wanted else ()


def _rows(found: tuple[Json, ...] | Unknown) -> tuple[Json, ...]:
    return () if isinstance(found, Unknown) else found


async def _known(reading: Awaitable[DependentFact]) -> DependentFact | Unknown:
    """Return the fact, or Unknown with the reason. A transient error is raised for a retry."""
    try:
        with readable_answers():
            return await reading
    except RelocationError as error:
        if is_retryable(error):
            raise
        return Unknown(reason="it is gone" if isinstance(error, NotFound) else error.message)

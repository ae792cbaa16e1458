"""Resources linked to a registry: its private endpoints, and the regions of resources that it names."""

from __future__ import annotations

from collections.abc import Iterable

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.client.task_group import together
from acr_relocate.azure.resources import networks
from acr_relocate.azure.resources.resource_graph import query_graph
from acr_relocate.core.errors import RelocationError, is_retryable
from acr_relocate.core.registry.inventory import Child, Registry
from acr_relocate.core.target.external_references import external_ids


async def with_surroundings(azure: AzureConnection, registry: Registry) -> Registry:
    """Return the registry with its private endpoints among its children, and with the regions of resources it names.

    Unreadable parts are listed in `unread`; an unknown region is omitted.
    """
    endpoints, unread = await _private_endpoints(azure, registry)
    known = registry.model_copy(
        update={"children": (*registry.children, *endpoints), "unread": {**registry.unread, **unread}}
    )
    return known.model_copy(update={"regions": await _regions(azure, external_ids(known))})


async def _private_endpoints(azure: AzureConnection, registry: Registry) -> tuple[tuple[Child, ...], dict[str, str]]:
    connections = registry.children_of("privateEndpointConnections")
    ids = [str((connection.properties.get("privateEndpoint") or {}).get("id", "")) for connection in connections]
    async with together() as group:
        reading = {one: group.create_task(_private_endpoint(azure, one)) for one in dict.fromkeys(ids) if one}
    read = {endpoint_id: task.result() for endpoint_id, task in reading.items()}
    unread = {f"private endpoint {one.rsplit('/', 1)[-1]}": why for one, why in read.items() if isinstance(why, str)}
    return tuple(child for child in read.values() if isinstance(child, Child)), unread


async def _private_endpoint(azure: AzureConnection, endpoint_id: str) -> Child | str | None:
    try:
        found = await networks.private_endpoint(azure, endpoint_id)
    except RelocationError as error:
        if is_retryable(error):
            raise
        return error.message
    if found is None:
        return None
    groups = {"privateDnsZoneGroups": found["privateDnsZoneGroups"], "id": endpoint_id}
    return Child(
        kind="privateEndpoints",
        name=found["name"],
        location=found.get("location"),
        properties=(found.get("properties") or {}) | groups,
        tags=found.get("tags") or {},
    )


async def _regions(azure: AzureConnection, resource_ids: Iterable[str]) -> dict[str, str]:
    """Return the region of each resource, by its id in lower case, as far as Azure Resource Graph shows it."""
    ids = sorted({one.lower() for one in resource_ids})
    if not ids:
        return {}
    names = ", ".join(f"'{one}'" for one in ids)
    try:
        rows = await query_graph(azure, f"resources | where id in~ ({names}) | project id, location")
    except RelocationError as error:
        if is_retryable(error):
            raise
        return {}
    return {row["id"].lower(): row["location"] for row in rows if row.get("location") not in {None, "", "global"}}

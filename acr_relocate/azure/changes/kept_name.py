"""Between the deletion of a registry and the next one of its name: what is left of it, and whether the name is free."""

from __future__ import annotations

from typing import Any, Final

from acr_relocate.azure.changes.discard import remove
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.resources.log_analytics import literal
from acr_relocate.azure.resources.registries import check_name
from acr_relocate.azure.resources.resource_graph import query_graph
from acr_relocate.core.errors import TemporaryFailure
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.removal.target import REMOVABLE, OwnedResource

DEAD_KIND: Final = "microsoft.network/privateendpoints"
GONE: Final = "Disconnected"


async def require_free_name(azure: AzureConnection, target_id: str, remedy: str) -> None:
    """Raise TemporaryFailure, which is worth another try, while the name is not free.

    Azure does not say whether it still holds the name of a deleted registry, or somebody else has it.
    """
    place = ResourceId(target_id)
    answer = await check_name(azure, place.subscription, place.name)
    if not answer.available:
        raise TemporaryFailure(
            f"The name {place.name} is not free yet: {answer.message or 'Azure gives no reason'}",
            code="NameNotFree",
            resource=target_id,
            remedy=remedy,
        )


async def remove_dead_endpoints(azure: AzureConnection, registry_id: str) -> tuple[str, ...]:
    """Delete the private endpoints that lead to the deleted registry and nowhere else; return their names.

    With them go their DNS records: later they would take those of the next registry of that name along.
    """
    found = f"resources | where type =~ '{DEAD_KIND}' | where tostring(properties) contains {literal(registry_id)}"
    doing = f"Looking for private endpoints of the deleted registry {ResourceId(registry_id).name}"
    removed: list[str] = []
    for row in await query_graph(azure, f"{found} | project id", doing=doing):
        one = await azure.arm.find(row["id"], REMOVABLE[DEAD_KIND], doing=doing)
        if one is not None and _leads_nowhere(one, registry_id):
            await remove(azure, OwnedResource(id=one["id"], type=DEAD_KIND))
            removed.append(str(one["name"]))
    return tuple(removed)


def _leads_nowhere(endpoint: dict[str, Any], registry_id: str) -> bool:
    """Return whether all of its connections led to that registry, and Azure has cut them."""
    properties = endpoint.get("properties") or {}
    kinds = ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections")
    connections = [one.get("properties") or {} for kind in kinds for one in properties.get(kind) or ()]
    return bool(connections) and all(
        str(one.get("privateLinkServiceId")).lower() == registry_id.lower()
        and (one.get("privateLinkServiceConnectionState") or {}).get("status") == GONE
        for one in connections
    )

"""What holds at a subscription, a resource group or a resource: regions, providers, permissions, locks."""

from __future__ import annotations

from typing import Any, Final

from acr_relocate.azure.session import Azure
from acr_relocate.core.checks.evidence import Lock, PermissionSet, RegionOffer

PROVIDERS: Final = "2021-04-01"
AUTHORIZATION: Final = "2022-04-01"
LOCKS: Final = "2020-05-01"


async def provider_state(azure: Azure, subscription_id: str) -> str:
    """The registrationState of Microsoft.ContainerRegistry in the subscription, such as Registered."""
    return str((await _provider(azure, subscription_id)).get("registrationState", ""))


async def region_offer(azure: Azure, subscription_id: str, location: str) -> RegionOffer:
    """What Azure offers for registries in that region."""
    provider = await _provider(azure, subscription_id)
    types = {entry.get("resourceType"): entry for entry in provider.get("resourceTypes", ())}
    registries = types.get("registries", {})
    zones = [
        zone
        for mapping in registries.get("zoneMappings") or ()
        if _region(mapping.get("location", "")) == _region(location)
        for zone in mapping.get("zones") or ()
    ]
    offered = {_region(name) for name in registries.get("locations") or ()}
    return RegionOffer(registries=_region(location) in offered, zones=tuple(sorted(zones)))


async def permissions(azure: Azure, scope: str) -> tuple[PermissionSet, ...]:
    """What this identity may do at the scope."""
    path = f"{scope}/providers/Microsoft.Authorization/permissions"
    entries = await azure.arm.list(path, AUTHORIZATION, doing=f"Reading the permissions at {scope}")
    return tuple(
        PermissionSet(actions=tuple(entry.get("actions") or ()), not_actions=tuple(entry.get("notActions") or ()))
        for entry in entries
    )


async def locks(azure: Azure, resource_id: str) -> tuple[Lock, ...]:
    """The management locks in force on the resource or resource group, inherited ones included."""
    subscription_id = resource_id.split("/")[2]
    path = f"/subscriptions/{subscription_id}/providers/Microsoft.Authorization/locks"
    entries = await azure.arm.list(path, LOCKS, doing=f"Reading the locks on {resource_id.rsplit('/', 1)[-1]}")
    found = (_lock(entry) for entry in entries)
    return tuple(lock for lock in found if _is_within(resource_id, lock.scope))


async def _provider(azure: Azure, subscription_id: str) -> dict[str, Any]:
    path = f"/subscriptions/{subscription_id}/providers/Microsoft.ContainerRegistry"
    return await azure.arm.get(path, PROVIDERS, doing="Reading what Azure offers for registries")


def _lock(entry: dict[str, Any]) -> Lock:
    scope = entry["id"].rpartition("/providers/Microsoft.Authorization/locks/")[0]
    return Lock(scope=scope, name=entry["name"], level=entry["properties"]["level"])


def _is_within(resource_id: str, scope: str) -> bool:
    return f"{resource_id}/".lower().startswith(f"{scope}/".lower())


def _region(name: str) -> str:
    """`West Europe` and `westeurope` alike."""
    return name.replace(" ", "").lower()

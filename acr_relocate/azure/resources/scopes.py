"""Facts about a subscription, a resource group or a resource: offers, providers, permissions, locks."""

from __future__ import annotations

from typing import Any, Final

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.client.unknown import or_unknown
from acr_relocate.core.errors import NotFound
from acr_relocate.core.evidence.azure_facts import Lock, PermissionSet, RegionOffer, Subscription, TargetResourceGroup
from acr_relocate.core.registry.resource_ids import ResourceId

PROVIDERS: Final = "2021-04-01"
SUBSCRIPTIONS: Final = "2022-12-01"
ROLES_API: Final = "2022-04-01"
LOCKS_API: Final = "2020-05-01"
CHILDREN: Final = "registries/"


async def subscription(azure: AzureConnection, subscription_id: str) -> Subscription:
    """Return the subscription as this identity sees it. Raises NotFound, also without a role in it."""
    path, doing = f"/subscriptions/{subscription_id}", f"Reading the subscription {subscription_id}"
    found = await azure.arm.get(path, SUBSCRIPTIONS, doing=doing)
    return Subscription(
        id=subscription_id,
        tenant_id=found.get("tenantId", ""),
        state=found.get("state", "Enabled"),
        quota_id=(found.get("subscriptionPolicies") or {}).get("quotaId", ""),
    )


async def group(azure: AzureConnection, group_id: str) -> TargetResourceGroup:
    """Return the resource group, with the number of deployments in its history. Raises NotFound."""
    name = group_id.rsplit("/", 1)[-1]
    found = await azure.arm.get(group_id, PROVIDERS, doing=f"Reading the resource group {name}")
    history = azure.arm.list(
        f"{group_id}/providers/Microsoft.Resources/deployments", PROVIDERS, doing=f"Reading the deployments of {name}"
    )
    deployments = await or_unknown(history, f"the deployments of {name}")
    return TargetResourceGroup(
        id=group_id,
        location=found["location"],
        state=(found.get("properties") or {}).get("provisioningState", "Succeeded"),
        deployments=len(deployments) if isinstance(deployments, list) else deployments,
    )


async def provider_state(azure: AzureConnection, subscription_id: str) -> str:
    """Return the registrationState of Microsoft.ContainerRegistry in the subscription, such as Registered."""
    return str((await provider(azure, subscription_id)).get("registrationState", ""))


async def region_offer(azure: AzureConnection, subscription_id: str, location: str) -> RegionOffer:
    """Return Azure's offer for registries in that region."""
    offered = await provider(azure, subscription_id)
    types = {entry.get("resourceType", ""): entry for entry in offered.get("resourceTypes", ())}
    zones = [
        zone
        for mapping in types.get("registries", {}).get("zoneMappings") or ()
        if _region(mapping.get("location", "")) == _region(location)
        for zone in mapping.get("zones") or ()
    ]
    lacking = {name for name, entry in types.items() if not _is_offered(entry, location)}
    return RegionOffer(
        registries="registries" in types and "registries" not in lacking,
        zones=tuple(sorted(zones)),
        lacking=tuple(sorted(name.removeprefix(CHILDREN) for name in lacking if name.startswith(CHILDREN))),
    )


async def permissions(azure: AzureConnection, scope: str) -> tuple[PermissionSet, ...]:
    """Return the permissions of this identity at the scope."""
    path = f"{scope}/providers/Microsoft.Authorization/permissions"
    entries = await azure.arm.list(path, ROLES_API, doing=f"Reading the permissions at {scope}")
    return tuple(
        PermissionSet(
            actions=tuple(entry.get("actions") or ()),
            not_actions=tuple(entry.get("notActions") or ()),
            data_actions=tuple(entry.get("dataActions") or ()),
            not_data_actions=tuple(entry.get("notDataActions") or ()),
        )
        for entry in entries
    )


async def permissions_in_group(azure: AzureConnection, group_id: str) -> tuple[PermissionSet, ...]:
    """Return the same for a resource group; a missing one will inherit its subscription's."""
    try:
        return await permissions(azure, group_id)
    except NotFound:
        return await permissions(azure, ResourceId(group_id).subscription_id)


async def locks(azure: AzureConnection, resource_id: str) -> tuple[Lock, ...]:
    """Return the management locks in force on the resource or resource group, inherited ones included."""
    subscription_id = ResourceId(resource_id).subscription
    path = f"/subscriptions/{subscription_id}/providers/Microsoft.Authorization/locks"
    entries = await azure.arm.list(path, LOCKS_API, doing=f"Reading the locks on {resource_id.rsplit('/', 1)[-1]}")
    found = (_lock(entry) for entry in entries)
    return tuple(lock for lock in found if _is_within(resource_id, lock.scope))


async def provider(azure: AzureConnection, subscription_id: str) -> dict[str, Any]:
    """Return Azure's offer for registries: types with their regions and api-versions."""
    path = f"/subscriptions/{subscription_id}/providers/Microsoft.ContainerRegistry"
    return await azure.arm.get(path, PROVIDERS, doing="Reading Azure's offer for registries")


def _lock(entry: dict[str, Any]) -> Lock:
    scope = entry["id"].rpartition("/providers/Microsoft.Authorization/locks/")[0]
    own = entry["properties"]
    return Lock(scope=scope, name=entry["name"], level=own["level"], notes=own.get("notes") or "")


def _is_within(resource_id: str, scope: str) -> bool:
    return f"{resource_id}/".lower().startswith(f"{scope}/".lower())


def _is_offered(entry: dict[str, Any], location: str) -> bool:
    """Return whether a type is offered in the region; one without regions is offered wherever its parent is."""
    names = entry.get("locations") or ()
    return not names or _region(location) in {_region(name) for name in names}


def _region(name: str) -> str:
    """Normalise `West Europe` and `westeurope`."""
    return name.replace(" ", "").lower()

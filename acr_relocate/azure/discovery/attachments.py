"""Resources that a registry needs: identities, the key and its vault, log sinks, event subscriptions, endpoints."""

from __future__ import annotations

import time
from typing import Any, Final

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.client.task_group import together
from acr_relocate.azure.client.unknown import or_none, or_unknown
from acr_relocate.azure.discovery.dependents import diagnostic_settings
from acr_relocate.azure.resources.scopes import PROVIDERS, ROLES_API
from acr_relocate.core.evidence.azure_facts import (
    DiagnosticSink,
    KeyVault,
    SourceEndpoint,
    UserAssignedIdentity,
    VaultKey,
)
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.registry.spelling import says

Json = dict[str, Any]

_IDENTITIES: Final = "2023-01-31"
_VAULTS: Final = "2023-07-01"
_EVENT_GRID: Final = "2022-06-15"
_ENDPOINTS: Final = "2024-05-01"
# Property of a diagnostic setting -> api-version of the resource that it names.
_SINKS: Final = {
    "storageAccountId": "2023-05-01",
    "eventHubAuthorizationRuleId": "2024-01-01",
    "workspaceId": "2022-10-01",
}
_ANYWHERE: Final = frozenset({"workspaceId"})
# Built-in roles that may read a key, wrap and unwrap with it (key-vault/general/rbac-guide).
KEY_ROLES: Final = frozenset(
    {
        "e147488a-f6f5-4113-8e2d-b22465e65bf6",  # Key Vault Crypto Service Encryption User
        "12338af0-0e69-4776-bea7-57ae8d297424",  # Key Vault Crypto User
        "14b46e9e-c2b7-41b4-b07b-48a6ebf60603",  # Key Vault Crypto Officer
        "00482a5a-887f-4fb3-b363-3b7fe8e74483",  # Key Vault Administrator
    }
)
KEY_PERMISSIONS: Final = frozenset({"get", "wrapkey", "unwrapkey"})


async def identity(azure: AzureConnection, identity_id: str) -> UserAssignedIdentity:
    """Return the user-assigned identity. Raises NotFound."""
    name = identity_id.rsplit("/", 1)[-1]
    entry = await azure.arm.get(identity_id, _IDENTITIES, doing=f"Reading the identity {name}")
    properties = entry.get("properties") or {}
    return UserAssignedIdentity(
        id=identity_id,
        location=entry.get("location", ""),
        client_id=properties.get("clientId", ""),
        principal_id=properties.get("principalId", ""),
    )


async def vault(azure: AzureConnection, name: str, key: str, subscription_ids: tuple[str, ...]) -> KeyVault | None:
    """Return the key vault of that name, with the key and its users; None if no subscription shows one."""
    for subscription_id in subscription_ids:
        doing = f"Looking for the key vault {name}"
        query = f"$filter=resourceType eq 'Microsoft.KeyVault/vaults' and name eq '{name}'".replace(" ", "%20")
        entries = await azure.arm.list(
            f"/subscriptions/{subscription_id}/resources", PROVIDERS, doing=doing, query=query
        )
        if entries:
            return await _vault(azure, str(entries[0]["id"]), key)
    return None


async def sinks(azure: AzureConnection, registry_id: str) -> tuple[DiagnosticSink, ...]:
    """Return the destinations of the registry's diagnostic settings, with their regions."""
    settings = await diagnostic_settings(azure, registry_id)
    named = [(entry, kind) for entry in settings for kind in _SINKS if (entry.get("properties") or {}).get(kind)]
    async with together() as group:
        tasks = [group.create_task(_sink(azure, entry, kind)) for entry, kind in named]
    return tuple(task.result() for task in tasks)


async def event_subscriptions(azure: AzureConnection, registry_id: str) -> tuple[str, ...]:
    """Return the ids of the Event Grid subscriptions to the registry's events."""
    path = f"{registry_id}/providers/Microsoft.EventGrid/eventSubscriptions"
    entries = await azure.arm.list(path, _EVENT_GRID, doing="Reading the event subscriptions of the registry")
    return tuple(str(entry["id"]) for entry in entries)


async def endpoint(azure: AzureConnection, endpoint_id: str) -> SourceEndpoint:
    """Return the private endpoint. Raises NotFound."""
    name = endpoint_id.rsplit("/", 1)[-1]
    entry = await azure.arm.get(endpoint_id, _ENDPOINTS, doing=f"Reading the private endpoint {name}")
    return SourceEndpoint(id=endpoint_id, location=entry.get("location", ""))


async def _vault(azure: AzureConnection, vault_id: str, key: str) -> KeyVault:
    name = vault_id.rsplit("/", 1)[-1]
    entry = await azure.arm.get(vault_id, _VAULTS, doing=f"Reading the key vault {name}")
    properties = entry.get("properties") or {}
    return KeyVault(
        id=vault_id,
        location=entry.get("location", ""),
        soft_delete=properties.get("enableSoftDelete") is not False,
        purge_protection=bool(properties.get("enablePurgeProtection")),
        trusted_services=_lets_trusted_services_in(properties),
        grantees=await _grantees(azure, vault_id, properties),
        key=await or_none(_key(azure, f"{vault_id}/keys/{key}"), f"the key {key} of {name}"),
    )


def _lets_trusted_services_in(properties: Json) -> bool:
    rules = properties.get("networkAcls") or {}
    closed = says(rules.get("defaultAction"), "Deny") or says(properties.get("publicNetworkAccess"), "Disabled")
    return not closed or rules.get("bypass", "AzureServices") == "AzureServices"


async def _grantees(azure: AzureConnection, vault_id: str, properties: Json) -> tuple[str, ...] | Unknown:
    """Return the users of the keys: by access policy, or, if the vault uses roles, by a role at it or above it."""
    if not properties.get("enableRbacAuthorization"):
        policies = properties.get("accessPolicies") or ()
        return tuple(str(policy["objectId"]) for policy in policies if _may_use_keys(policy))
    path = f"{vault_id}/providers/Microsoft.Authorization/roleAssignments"
    doing = f"Reading the role assignments of {vault_id.rsplit('/', 1)[-1]}"
    reading = azure.arm.list(path, ROLES_API, doing=doing, query="$filter=atScope()")
    entries = await or_unknown(reading, f"who may use the keys of {vault_id.rsplit('/', 1)[-1]}")
    if isinstance(entries, Unknown):
        return entries
    return tuple(str(entry["properties"]["principalId"]) for entry in entries if _role(entry) in KEY_ROLES)


def _may_use_keys(policy: Json) -> bool:
    allowed = {str(one).lower() for one in (policy.get("permissions") or {}).get("keys") or ()}
    return "all" in allowed or allowed >= KEY_PERMISSIONS


def _role(assignment: Json) -> str:
    return str(assignment["properties"].get("roleDefinitionId", "")).rsplit("/", 1)[-1].lower()


async def _key(azure: AzureConnection, key_id: str) -> VaultKey:
    entry = await azure.arm.get(key_id, _VAULTS, doing=f"Reading the key {key_id.rsplit('/', 1)[-1]}")
    properties = entry.get("properties") or {}
    attributes = properties.get("attributes") or {}
    expires = float(attributes.get("exp") or 0)
    return VaultKey(
        kind=properties.get("kty", ""),
        enabled=attributes.get("enabled") is not False,
        expired=0 < expires < time.time(),
    )


async def _sink(azure: AzureConnection, setting: Json, kind: str) -> DiagnosticSink:
    sink_id = str(setting["properties"][kind])
    owner = sink_id.lower().partition("/authorizationrules/")[0]
    resource = sink_id[: len(owner)]
    entry = await azure.arm.find(resource, _SINKS[kind], doing=f"Reading the log sink {resource.rsplit('/', 1)[-1]}")
    if entry is None:
        return DiagnosticSink(setting=setting["name"], id=resource, location=None)
    location = "" if kind in _ANYWHERE else entry.get("location", "")
    return DiagnosticSink(setting=setting["name"], id=resource, location=location)

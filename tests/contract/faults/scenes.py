"""Beginnings that faults of several topics share."""

from __future__ import annotations

from typing import Any, Final

from local_azure.state.settings import READER_OBJECT_ID
from tests.contract.planting import NET, SOURCE_ID, WEST, Planting

OTHER: Final = "99999999-9999-9999-9999-999999999999"
SECRET: Final = {"type": "EncodedTask", "encodedTaskContent": "dmVyc2lvbjogdjEuMS4wCg=="}
KEY: Final = "https://contosokeys.vault.azure.net/keys/acr"
DECIDE: Final = "customer_managed_key_needs_decision"
UNASKED: Final = "could_not_be_read"  # whether the template would be accepted, by who may not ask
IDENTITY: Final = f"{NET}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/puller"
VAULT: Final = f"{NET}/providers/Microsoft.KeyVault/vaults/contosokeys"


async def token(p: Planting) -> str:
    token = f"{SOURCE_ID}/tokens/ci-token"
    await p.child("scopeMaps/readers", actions=["repositories/app/content/read"])
    await p.child("tokens/ci-token", scopeMapId=f"{SOURCE_ID}/scopeMaps/readers")
    return token


async def own_task(p: Planting) -> None:
    path = f"{SOURCE_ID}/tasks/nightly"
    identity = {"type": "SystemAssigned"}
    await p.put(path, "2025-03-01-preview", location="westeurope", identity=identity, properties={"step": SECRET})


async def logs(p: Planting, location: str) -> str:
    storage = f"{WEST}/providers/Microsoft.Storage/storageAccounts/contosologs"
    await p.put(storage, "2023-05-01", location=location, properties={})
    setting = f"{SOURCE_ID}/providers/Microsoft.Insights/diagnosticSettings/logs"
    p.force(setting, properties={"storageAccountId": storage, "logs": []})
    return storage


async def attributes(p: Planting, path: str, **attributes: Any) -> None:
    """Lock attributes, or what is kept with them."""
    name = path.partition("/_")[0]
    token = await p.plane._tokens.access(f"repository:{name}:metadata_read,metadata_write")
    reply = await p.plane._wire.send(
        "PATCH",
        f"/acr/v1/{path}",
        kind="writes",
        doing="Locking",
        headers={"Authorization": f"Bearer {token}"},
        json=attributes,
    )
    assert reply.status == 200


async def encrypt(p: Planting, *, granted: bool = True, key: str = KEY, **vault: Any) -> dict[str, Any]:
    """The source has a customer-managed key, in a vault that is as it should be but for the changes."""
    identity = await p.identity()
    location = vault.pop("location", "northeurope")
    policy = {
        "objectId": identity["properties"]["principalId"],
        "permissions": {"keys": ["get", "wrapKey", "unwrapKey"]},
    }
    properties = {"enablePurgeProtection": True, "accessPolicies": [policy] if granted else []} | vault
    await p.put(VAULT, "2023-07-01", location=location, properties=properties)
    await p.put(f"{VAULT}/keys/acr", "2023-07-01", properties={"kty": "RSA", "attributes": {"enabled": True}})
    used = {"keyIdentifier": key, "identity": identity["properties"]["clientId"]}
    p.force(properties={"encryption": {"status": "enabled", "keyVaultProperties": used}})
    return used


def private_endpoint(p: Planting, **properties: Any) -> None:
    endpoint = f"{WEST}/providers/Microsoft.Network/privateEndpoints/pe"
    card = f"{WEST}/providers/Microsoft.Network/networkInterfaces/pe.nic"
    p.force(card, location="westeurope", properties={"ipConfigurations": []})
    made = {"networkInterfaces": [{"id": card}], "customDnsConfigs": [], "privateLinkServiceConnections": []}
    p.force(endpoint, location="westeurope", properties=made | properties)
    approved = {"privateLinkServiceConnectionState": {"status": "Approved"}}
    connection = {"privateEndpoint": {"id": endpoint}, "provisioningState": "Succeeded"} | approved
    p.force(f"{SOURCE_ID}/privateEndpointConnections/pe.1", properties=connection)


def subscription(p: Planting, **body: Any) -> None:
    """Another subscription, in which both principals are what they are in the first."""
    p.force(f"/subscriptions/{OTHER}", **({"displayName": "Other", "state": "Enabled"} | body))
    [role] = [one for one in p.emulator.resources("Microsoft.Authorization/roleAssignments") if _is_owner(one)]
    properties = role["properties"] | {"scope": f"/subscriptions/{OTHER}"}
    p.force(f"/subscriptions/{OTHER}/providers/Microsoft.Authorization/roleAssignments/{OTHER}", properties=properties)
    p.force(f"/subscriptions/{OTHER}/resourceGroups/contoso-north", location="northeurope", properties={})
    p.target["subscription_id"] = OTHER


def _is_owner(assignment: dict[str, Any]) -> bool:
    return assignment["properties"]["principalId"] != READER_OBJECT_ID

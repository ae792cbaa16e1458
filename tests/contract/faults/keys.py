"""Keys and identities."""

from __future__ import annotations

from tests.contract.faults.planted import fault
from tests.contract.faults.scenes import DECIDE, IDENTITY, KEY, OTHER, VAULT, encrypt
from tests.contract.planting import Planting


@fault(DECIDE)
async def _(p: Planting) -> None:
    await encrypt(p)


@fault("key_vault_missing", DECIDE)
async def _(p: Planting) -> None:
    await encrypt(p, key=KEY.replace("contosokeys", "otherkeys"))


@fault("key_vault_lacks_purge_protection", DECIDE)
async def _(p: Planting) -> None:
    await encrypt(p, enablePurgeProtection=False)


@fault("key_vault_keeps_trusted_services_out", DECIDE)
async def _(p: Planting) -> None:
    await encrypt(p, networkAcls={"defaultAction": "Deny", "bypass": "None"})


@fault("key_unusable", DECIDE)
async def _(p: Planting) -> None:
    await encrypt(p)
    p.force(f"{VAULT}/keys/acr", properties={"kty": "EC"})


@fault("key_grant_missing", DECIDE)
async def _(p: Planting) -> None:
    await encrypt(p, granted=False, enableRbacAuthorization=True)


@fault("key_identity_not_user_assigned", DECIDE)
async def _(p: Planting) -> None:
    used = await encrypt(p)
    p.force(properties={"encryption": {"status": "enabled", "keyVaultProperties": used | {"identity": OTHER}}})


@fault("key_version_is_pinned", DECIDE)
async def _(p: Planting) -> None:
    await encrypt(p, key=f"{KEY}/0123456789abcdef0123456789abcdef")


@fault("key_vault_in_another_region", DECIDE)
async def _(p: Planting) -> None:
    await encrypt(p, location="westeurope")


@fault("user_assigned_identity_missing")
async def _(p: Planting) -> None:
    p.force(identity={"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}})


@fault("identity_in_another_region")
async def _(p: Planting) -> None:
    await p.identity("westeurope")


@fault("system_identity_changes")
async def _(p: Planting) -> None:
    p.force(identity={"type": "SystemAssigned", "principalId": OTHER})

"""Settings of the registry."""

from __future__ import annotations

from typing import Final

from tests.contract.faults.planted import fault
from tests.contract.faults.scenes import DECIDE, encrypt
from tests.contract.planting import Planting

READS_ABAC: Final = "Contributor;Container Registry Repository Reader;Container Registry Repository Catalog Lister"


@fault("export_disabled")
async def _(p: Planting) -> None:
    p.force_policy(exportPolicy="disabled")


@fault("retention_deferred")
async def _(p: Planting) -> None:
    await p.set(policies={"retentionPolicy": {"days": 30, "status": "enabled"}})


@fault("soft_deleted_stay_behind")
async def _(p: Planting) -> None:
    await p.set(policies={"softDeletePolicy": {"retentionDays": 30, "status": "enabled"}})


@fault("quarantine_deferred")
async def _(p: Planting) -> None:
    await p.set(policies={"quarantinePolicy": {"status": "enabled"}})


@fault("content_trust_cannot_be_enabled")
async def _(p: Planting) -> None:
    await p.set(policies={"trustPolicy": {"type": "Notary", "status": "enabled"}})


@fault("content_trust_with_customer_managed_key", "content_trust_cannot_be_enabled", DECIDE)
async def _(p: Planting) -> None:
    await encrypt(p)
    p.force_policy(trustPolicy="enabled")


@fault("abac_mode")
async def _(p: Planting) -> None:
    await p.set(roleAssignmentMode="AbacRepositoryPermissions")
    await p.as_reader(west=READS_ABAC, north=READS_ABAC)


@fault("anonymous_pull")
async def _(p: Planting) -> None:
    await p.set(anonymousPullEnabled=True)


@fault("admin_passwords_change")
async def _(p: Planting) -> None:
    await p.set(adminUserEnabled=True)


@fault("not_premium")
async def _(p: Planting) -> None:
    p.force(sku={"name": "Standard", "tier": "Standard"})


@fault("classic_sku", "not_premium")
async def _(p: Planting) -> None:
    p.force(sku={"name": "Classic", "tier": "Classic"})


@fault("premium_needed", "not_premium")
async def _(p: Planting) -> None:
    p.force(sku={"name": "Standard", "tier": "Standard"}, properties={"dataEndpointEnabled": False})
    await p.subnet()


@fault("unknown_property")
async def _(p: Planting) -> None:
    await p.set(somethingNew="here")

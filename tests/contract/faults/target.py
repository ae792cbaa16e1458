"""The target and its surroundings."""

from __future__ import annotations

from acr_relocate.core.request.identity import PLAN_TAG
from tests.contract.faults.planted import fault
from tests.contract.faults.scenes import OTHER, SECRET, subscription
from tests.contract.planting import HERE, NORTH, Planting


@fault("target_not_handed_over")
async def _(p: Planting) -> None:
    await p.put(p.request.target_id, "2025-11-01", location="northeurope", sku={"name": "Premium"})


@fault("target_holds_another_relocation")
async def _(p: Planting) -> None:
    held = {PLAN_TAG: "0123456789ab"}
    await p.put(p.request.target_id, "2025-11-01", location="northeurope", sku={"name": "Premium"}, tags=held)


@fault("name_taken")
async def _(p: Planting) -> None:
    taken = p.request.target_id.replace("contoso-north", "contoso-west")
    await p.put(taken, "2025-11-01", location="westeurope", sku={"name": "Basic"})


@fault("another_cloud", "region_lacks_registries", "template_not_validated")
async def _(p: Planting) -> None:
    p.target |= {"location": "chinanorth3", "resource_group": "not-there-yet"}


@fault("another_tenant")
async def _(p: Planting) -> None:
    subscription(p, tenantId=OTHER)


@fault("subscription_missing")
async def _(p: Planting) -> None:
    p.target["subscription_id"] = OTHER


@fault("subscription_not_enabled")
async def _(p: Planting) -> None:
    p.force(HERE, state="Disabled")


@fault("free_credit_pauses_tasks")
async def _(p: Planting) -> None:
    subscription(p, subscriptionPolicies={"quotaId": "FreeTrial_2014-09-01"})
    await p.child("tasks/nightly", "westeurope", step=SECRET)


@fault("region_lacks_registries")
async def _(p: Planting) -> None:
    p.emulator.arm_fault("not-offered", type="registries", location="North Europe", times="always")


@fault("region_lacks_feature", "by_hand")
async def _(p: Planting) -> None:
    await p.child("agentPools/pool1", "westeurope", count=1)
    await p.group("contoso-uk", "uksouth")
    p.target |= {"location": "uksouth", "resource_group": "contoso-uk"}


@fault("region_lacks_zones")
async def _(p: Planting) -> None:
    await p.set(zoneRedundancy="Enabled")
    await p.group("contoso-chicago", "northcentralus")
    p.target |= {"location": "northcentralus", "resource_group": "contoso-chicago"}


@fault("same_region")
async def _(p: Planting) -> None:
    p.target |= {"location": "westeurope", "resource_group": "contoso-west"}


@fault("target_group_being_deleted")
async def _(p: Planting) -> None:
    p.force(NORTH, properties={"provisioningState": "Deleting"})


@fault("target_group_in_another_region")
async def _(p: Planting) -> None:
    p.target["resource_group"] = "contoso-west"


@fault("source_is_a_target")
async def _(p: Planting) -> None:
    p.force(tags={PLAN_TAG: "0123456789ab"})


@fault("registry_is_changing")
async def _(p: Planting) -> None:
    p.force(properties={"provisioningState": "Updating"})

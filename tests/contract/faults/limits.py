"""Limits."""

from __future__ import annotations

from tests.contract.faults.planted import fault
from tests.contract.planting import SOURCE_ID, Planting


@fault("children_beyond_sku", "not_premium", "premium_needed", "old_home_has_no_replica")
async def _(p: Planting) -> None:
    _hooks(p, 11)
    p.force(sku={"name": "Standard", "tier": "Standard"})


@fault("network_rules_beyond_limit", "address_rules_name_the_old_region")
async def _(p: Planting) -> None:
    rules = [{"action": "Allow", "value": f"10.0.0.{number}"} for number in range(201)]
    p.force(properties={"networkRuleSet": {"defaultAction": "Allow", "ipRules": rules}})


@fault("scope_map_beyond_limit")
async def _(p: Planting) -> None:
    actions = [f"repositories/r{number}/*/content/read" for number in range(501)]
    await p.child("scopeMaps/large", actions=actions)


@fault("template_beyond_limit", "old_home_has_no_replica")
async def _(p: Planting) -> None:
    _hooks(p, 128)


@fault("by_hand_beyond_limit", "by_hand")
async def _(p: Planting) -> None:
    for number in range(51):
        p.force(f"{SOURCE_ID}/connectedRegistries/edge{number}", properties={"mode": "ReadOnly"})


def _hooks(p: Planting, count: int) -> None:
    """Webhooks at a replica: there they stay, so that there is nothing to say of them."""
    p.force(f"{SOURCE_ID}/replications/francecentral", location="francecentral", properties={})
    for number in range(count):
        hook = {"status": "enabled", "actions": ["push"], "scope": ""}
        p.force(f"{SOURCE_ID}/webhooks/hook{number}", location="francecentral", properties=hook)


@fault("resource_tags_beyond_limit")
async def _(p: Planting) -> None:
    tags = {f"tag{number}": "x" for number in range(49)}
    await p.azure.arm.patch(SOURCE_ID, "2025-11-01", {"tags": tags}, doing="Tagging")

"""Each registry setting there and back: at two api-versions nothing differs but what was announced."""

import json
from typing import Any

import pytest

from acr_relocate.azure.changes import cut_over
from acr_relocate.core.cut_over import build_cut_over
from acr_relocate.core.dependencies import Surroundings
from tests.contract.comparing import found
from tests.contract.moving import (
    NORTH,
    PREVIEW,
    WEST,
    Mover,
    identity,
    subnet,
)

Json = dict[str, Any]

SETTINGS: dict[str, tuple[Json, tuple[str, ...]]] = {
    "nothing": ({}, ()),
    "admin user": ({"adminUserEnabled": True}, ()),
    "anonymous pull": ({"anonymousPullEnabled": True}, ()),
    "data endpoint": ({"dataEndpointEnabled": True}, ()),
    "no bypass": ({"networkRuleBypassOptions": "None"}, ()),
    "bypass for tasks": ({"networkRuleBypassAllowedForTasks": True}, ()),
    "no public access": ({"publicNetworkAccess": "Disabled"}, ()),
    "repository permissions": ({"roleAssignmentMode": "AbacRepositoryPermissions"}, ()),
    "zones": ({"zoneRedundancy": "Enabled"}, ()),
    "ip rules": (
        {"networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"action": "Allow", "value": "203.0.113.0/24"}]}},
        (),
    ),
    "no ARM tokens": ({"policies": {"azureADAuthenticationAsArmPolicy": {"status": "disabled"}}}, ()),
    "retention": (
        {"policies": {"retentionPolicy": {"days": 30, "status": "enabled"}}},
        ("policies.retentionPolicy.days", "policies.retentionPolicy.status"),
    ),
    "quarantine": (
        {"policies": {"quarantinePolicy": {"status": "enabled"}}},
        ("policies.quarantinePolicy.status",),
    ),
    "soft delete": (
        {"policies": {"softDeletePolicy": {"retentionDays": 14, "status": "enabled"}}},
        ("policies.softDeletePolicy.retentionDays", "policies.softDeletePolicy.status"),
    ),
    "no export": (
        {"policies": {"exportPolicy": {"status": "disabled"}}, "publicNetworkAccess": "Disabled"},
        ("policies.exportPolicy.status",),
    ),
    "content trust": (
        {"policies": {"trustPolicy": {"type": "Notary", "status": "enabled"}}},
        ("policies.trustPolicy.status",),
    ),
    "regional endpoints": ({"regionalEndpoints": "Enabled"}, ()),
    "metadata search": ({"metadataSearch": "Enabled"}, ()),
    "dual stack": ({"endpointProtocol": "IPv4AndIPv6"}, ()),
    "writable cache": ({"writableCacheRepos": "Enabled"}, ()),
}


@pytest.mark.parametrize("name", SETTINGS)
async def test_a_setting_arrives_or_is_withheld(name: str, mover: Mover) -> None:
    """At both api-versions nothing differs but what the plan says: held back, or noted."""
    properties, announced = SETTINGS[name]

    moved = await mover.move(properties=properties)

    assert {path.removeprefix("properties.") for path in await found(moved)} == set(announced)
    said = json.dumps(moved.target.deferred) + " ".join(note.message for note in moved.target.notes)
    assert all(path.split(".")[1] in said or "Content trust" in said for path in announced)


@pytest.mark.parametrize("sku", ["Basic", "Standard"])
async def test_a_smaller_registry_stays_what_it_is(sku: str, mover: Mover) -> None:
    """The target has the source's SKU, and nothing that needs another."""
    moved = await mover.move(sku={"name": sku}, tags={"env": "prod", "odd": "[not an expression]"})

    assert await found(moved) == set()


async def test_tags_and_identities_arrive(mover: Mover) -> None:
    """Tags as they are; the same user-assigned identity, and a new one of its own."""
    both = {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {identity(WEST): {}}}

    moved = await mover.move(identity=both, tags={"team": "platform"}, request={"replacements": {}})

    assert await found(moved) == set()
    assert [note.resource for note in moved.target.notes if note.code == "stays_in_old_region"] == [identity(WEST)]


async def test_an_identity_of_the_old_region_is_replaced(mover: Mover) -> None:
    """The request names another one: nothing of the old region is left, and nothing more is said of it."""
    moved = await mover.move(
        identity={"type": "UserAssigned", "userAssignedIdentities": {identity(WEST): {}}},
        request={"replacements": {identity(WEST): identity(NORTH)}},
    )

    assert await found(moved) == set()
    assert not {"stays_in_old_region", "shared_with_source"} & {note.code for note in moved.target.notes}
    assert "round-west" not in json.dumps(moved.made.identity)


async def test_a_customer_managed_key_arrives(mover: Mover) -> None:
    """The key and the identity that reads it are the target's own, as the request says."""
    west, north = [(await mover.identity_of(side)) for side in (WEST, NORTH)]
    key = "https://vault-{}.vault.azure.net/keys/registry"
    moved = await mover.move(
        identity={"type": "UserAssigned", "userAssignedIdentities": {identity(WEST): {}}},
        properties={
            "encryption": {
                "status": "enabled",
                "keyVaultProperties": {"keyIdentifier": key.format("west"), "identity": west},
            }
        },
        request={
            "replacements": {identity(WEST): identity(NORTH), key.format("west"): key.format("north"), west: north}
        },
    )

    assert await found(moved) == set()
    assert moved.made.properties["encryption"]["keyVaultProperties"]["keyIdentifier"] == key.format("north")


async def test_virtual_network_rules_arrive_at_a_version_that_has_them(mover: Mover) -> None:
    """The cut-over lets the mapped subnet in, once the imports are done; one without mapping is a decision, left out.

    The way back takes it away again.
    """
    rules = [{"action": "Allow", "virtualNetworkSubnetResourceId": subnet(WEST, name)} for name in ("apps", "agents")]

    moved = await mover.move(
        properties={"networkRuleSet": {"defaultAction": "Deny", "virtualNetworkRules": rules}},
        request={"subnets": {subnet(WEST).upper().replace("/SUBSCRIPTIONS", "/subscriptions"): subnet(NORTH)}},
    )

    [action] = build_cut_over(moved.source, Surroundings(), moved.request).actions
    waiting = moved.made.properties["networkRuleSet"]
    outcome = await cut_over.apply_action(moved.azure, action)
    again = await cut_over.apply_action(moved.azure, action)
    _, there = await moved.pair("", PREVIEW)
    await cut_over.undo(moved.azure, action, moved.request)
    _, back = await moved.pair("", PREVIEW)

    assert await found(moved) == {"properties.networkRuleSet.virtualNetworkRules"}
    assert (outcome.kind, again.kind) == ("created", "already_there")
    assert subnet(NORTH) in json.dumps(there["properties"]["networkRuleSet"])
    assert not waiting.get("virtualNetworkRules")
    assert not back["properties"]["networkRuleSet"]["virtualNetworkRules"]
    said = [note.resource for note in moved.target.notes if note.code == "virtual_network_rule_without_mapping"]
    assert said == [subnet(WEST, "agents")]

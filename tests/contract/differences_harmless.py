"""What Azure writes in more than one way, or adds by itself: no difference."""

from __future__ import annotations

from tests.contract.differences import DIAGNOSTICS, OTHER, ZONE, harmless, subscription
from tests.contract.relocated_pair import NORTH, READER, SOURCE, TARGET, WEST, Relocated


@harmless("regions are spelled out")
def _(p: Relocated) -> None:
    p.emulator.plant(TARGET, location="North Europe")
    p.emulator.plant(f"{TARGET}/replications/francecentral", location="France Central")


@harmless("lists are in another order")
def _(p: Relocated) -> None:
    rules = p.resource(TARGET)["properties"]["networkRuleSet"]
    p.force(networkRuleSet=rules | {"ipRules": rules["ipRules"][::-1]})
    p.force("scopeMaps/shop-pull", actions=p.resource(f"{TARGET}/scopeMaps/shop-pull")["properties"]["actions"][::-1])


@harmless("a single address has a mask")
def _(p: Relocated) -> None:
    rules = p.resource(TARGET)["properties"]["networkRuleSet"]
    masked = [one if "/" in one["value"] else one | {"value": f"{one['value']}/32"} for one in rules["ipRules"]]
    assert masked != rules["ipRules"]
    p.force(networkRuleSet=rules | {"ipRules": masked})


@harmless("switches have capitals")
def _(p: Relocated) -> None:
    policies = p.resource(TARGET)["properties"]["policies"]
    p.force(policies={name: one | {"status": str(one["status"]).capitalize()} for name, one in policies.items()})
    p.force("webhooks/deployfrontend", status="Enabled")
    p.force("tasks/purge-sandbox", status="disabled")


@harmless("kinds of identity are listed without a space", "source")
def _(p: Relocated) -> None:
    users = {f"{WEST}/Microsoft.ManagedIdentity/userAssignedIdentities/puller": {"principalId": OTHER}}
    both = {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": users}
    p.emulator.plant(SOURCE, identity=both | {"principalId": READER})
    p.emulator.plant(TARGET, identity=both | {"type": "SystemAssigned,UserAssigned"})


@harmless("defaults of the preview are there")
def _(p: Relocated) -> None:
    p.force(metadataSearch="Disabled", endpointProtocol="IPv4", regionalEndpoints="Disabled", encryption={})


@harmless("a new category of logs is off")
def _(p: Relocated) -> None:
    logs = p.resource(f"{TARGET}/{DIAGNOSTICS}")["properties"]["logs"]
    p.force(DIAGNOSTICS, logs=[*logs, {"category": "ContainerRegistryNew", "enabled": False}])


@harmless("an event subscription shows its defaults")
def _(p: Relocated) -> None:
    retry = {"maxDeliveryAttempts": 30, "eventTimeToLiveInMinutes": 1440}
    p.emulator.plant(subscription(p), properties={"retryPolicy": retry, "eventDeliverySchema": "EventGridSchema"})


@harmless("the zone is linked to a network more, and keeps its names longer")
def _(p: Relocated) -> None:
    hub = {"virtualNetwork": {"id": f"{NORTH}/Microsoft.Network/virtualNetworks/hub"}, "registrationEnabled": False}
    p.emulator.plant(f"{ZONE}/virtualNetworkLinks/hub", location="global", properties=hub)
    p.emulator.plant(f"{ZONE}/A/contosonorth", properties={"ttl": 3600})


@harmless("a lock of the same level has another name")
def _(p: Relocated) -> None:
    p.uproot("providers/Microsoft.Authorization/locks/keep")
    p.emulator.plant(f"{TARGET}/providers/Microsoft.Authorization/locks/mine", properties={"level": "CanNotDelete"})


@harmless("ids of a role assignment are in capitals")
def _(p: Relocated) -> None:
    role = p.role("8311e382-0749-4cb8-b61a-304f252e45ec")
    held = p.resource(role)["properties"]
    capitals = {name: held[name].upper() for name in ("principalId", "roleDefinitionId", "scope")}
    p.emulator.plant(role, properties=capitals)

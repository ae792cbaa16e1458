"""Spellings and additions of Azure's own: no difference."""

from __future__ import annotations

import json

from tests.contract.differences import DIAGNOSTICS, ENDPOINT, OTHER, ZONE, harmless, subscription
from tests.contract.relocated_pair import ALERT, NORTH, READER, SOURCE, TARGET, WEST, Relocated

PUSH = "8311e382-0749-4cb8-b61a-304f252e45ec"


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


@harmless("words of Azure's have other capitals")
def _(p: Relocated) -> None:
    rules = p.resource(TARGET)["properties"]["networkRuleSet"]
    allowed = [one | {"action": "allow"} for one in rules["ipRules"]]
    p.force(networkRuleSet=rules | {"defaultAction": "deny", "ipRules": allowed})
    p.force(publicNetworkAccess="enabled", networkRuleBypassOptions="azureservices", zoneRedundancy="enabled")
    p.emulator.plant(TARGET, sku={"name": "premium", "tier": "Premium"})
    p.emulator.plant(TARGET, identity=p.resource(TARGET)["identity"] | {"type": "systemAssigned"})
    p.force("tasks/purge-sandbox", platform={"os": "linux", "architecture": "AMD64"})


@harmless("a range of addresses is written by another of them")
def _(p: Relocated) -> None:
    rules = p.resource(TARGET)["properties"]["networkRuleSet"]
    other = [one | {"value": one["value"].replace(".0/24", ".9/24")} for one in rules["ipRules"]]
    assert other != rules["ipRules"]
    p.force(networkRuleSet=rules | {"ipRules": other})


@harmless("names of children have other capitals")
def _(p: Relocated) -> None:
    for path, name in (("tokens", "ingest-ci"), ("tasks", "purge-sandbox"), ("scopeMaps", "shop-pull")):
        held = p.resource(f"{TARGET}/{path}/{name}")
        p.uproot(f"{path}/{name}")
        p.emulator.plant(
            f"{TARGET}/{path}/{name.upper()}", **{key: held[key] for key in held if key not in ("id", "name", "type")}
        )


@harmless("something is said twice")
def _(p: Relocated) -> None:
    actions = p.resource(f"{TARGET}/scopeMaps/shop-pull")["properties"]["actions"]
    p.force("scopeMaps/shop-pull", actions=[*actions, actions[0]])


@harmless("a trigger does not say that it is on")
def _(p: Relocated) -> None:
    trigger = json.loads(json.dumps(p.resource(f"{TARGET}/tasks/purge-sandbox")["properties"]["trigger"]))
    for timer in trigger["timerTriggers"]:
        del timer["status"]
    p.force("tasks/purge-sandbox", trigger=trigger | {"sourceTriggers": [], "baseImageTrigger": None})


@harmless("a task has no context, as it says")
def _(p: Relocated) -> None:
    step = p.resource(f"{TARGET}/tasks/purge-sandbox")["properties"]["step"]
    p.force("tasks/purge-sandbox", step=step | {"contextPath": "/dev/null", "values": []})


@harmless("a policy that is off has other days", "source")
def _(p: Relocated) -> None:
    for registry, days in ((SOURCE, 30), (TARGET, 7)):
        policies = p.resource(registry)["properties"]["policies"]
        off = {"retentionPolicy": {"status": "disabled", "days": days}}
        p.emulator.plant(registry, properties={"policies": policies | off})


@harmless("logs go to Azure's own tables, as it says, and ids have other capitals")
def _(p: Relocated) -> None:
    workspace = p.resource(f"{TARGET}/{DIAGNOSTICS}")["properties"]["workspaceId"]
    other = workspace.replace("/subscriptions/", "/Subscriptions/")
    p.force(DIAGNOSTICS, logAnalyticsDestinationType="AzureDiagnostics", workspaceId=other)


@harmless("a private endpoint has an empty message")
def _(p: Relocated) -> None:
    endpoint = p.of_type("Microsoft.Network/privateEndpoints", ENDPOINT)
    (held,) = p.resource(endpoint)["properties"]["privateLinkServiceConnections"]
    silent = held | {"properties": held["properties"] | {"requestMessage": ""}}
    p.emulator.plant(endpoint, properties={"privateLinkServiceConnections": [silent]})


@harmless("a condition of a role is set in other lines", "source")
def _(p: Relocated) -> None:
    p.emulator.plant(p.role(PUSH, SOURCE), properties={"condition": "((@Request[name]  StringEquals 'a b'))"})
    p.emulator.plant(p.role(PUSH), properties={"condition": "(\n  (@Request[name] stringEquals 'a b')\n)"})


@harmless("an alert rule shows its defaults")
def _(p: Relocated) -> None:
    actions = [one | {"webHookProperties": {}} for one in p.resource(f"{ALERT}-contosonorth")["properties"]["actions"]]
    p.emulator.plant(f"{ALERT}-contosonorth", properties={"actions": actions, "autoMitigate": True, "description": ""})


@harmless("an event subscription is being updated")
def _(p: Relocated) -> None:
    p.emulator.plant(subscription(p), properties={"provisioningState": "Updating"})

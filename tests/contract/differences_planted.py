"""Differences planted in a relocated pair, one at a time, each with what verification has to say of it.

`PLANTED`: what it is, in words -> how it is planted, the kind of the difference and what its message names.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from acr_relocate.core.plan_id import PLAN_TAG, SOURCE_TAG, relocation_id
from acr_relocate.core.verification import DifferenceKind
from tests.contract.relocated_pair import NORTH, REQUEST, SOURCE, TARGET, WEST, Plant, Relocated

GATEWAY, MONOLITH, SANDBOX = "platform/gateway", "legacy/monolith", "team-a/sandbox/experiments"
ENDPOINT: Final = "contoso-acr-pe-contosonorth"
ZONE: Final = f"{WEST}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
TOPIC: Final = "Microsoft.EventGrid/systemTopics"
OTHER: Final = "99999999-9999-9999-9999-999999999999"
OWN_TAGS: Final = {PLAN_TAG: relocation_id(REQUEST), SOURCE_TAG: SOURCE}


class Expected(NamedTuple):
    """How it is planted, and what is said of it."""

    plant: Plant
    kind: DifferenceKind
    names: str
    where: str


PLANTED: Final[dict[str, Expected]] = {}


def planted(what: str, kind: DifferenceKind, names: str, where: str = "target") -> Callable[[Plant], Plant]:
    """The function plants what the words say. `where`: target, source or blobs, by what has to be read for it."""

    def register(plant: Plant) -> Plant:
        PLANTED[what] = Expected(plant, kind, names, where)
        return plant

    return register


async def plant(pair: Relocated, expected: Expected) -> None:
    """It is there."""
    done = expected.plant(pair)
    if inspect.isawaitable(done):
        await done


# Content


@planted("a tag is deleted", "tag", f"{GATEWAY}:2.1")
async def _(p: Relocated) -> None:
    await p.delete(f"{GATEWAY}/_tags/2.1")


@planted("a tag is moved", "tag", f"{GATEWAY}:latest")
async def _(p: Relocated) -> None:
    await p.tag(GATEWAY, p.digest(GATEWAY, "2.1"), "latest")


@planted("an untagged manifest is deleted", "manifest", SANDBOX)
async def _(p: Relocated) -> None:
    await p.delete(f"{SANDBOX}/_manifests/{p.untagged(SANDBOX)}")


@planted("a platform's image in an index is deleted", "child", GATEWAY)
async def _(p: Relocated) -> None:
    await p.delete(f"{GATEWAY}/_manifests/{p.child(GATEWAY, '2.1')}")


@planted("a referrer is deleted", "referrer", GATEWAY)
async def _(p: Relocated) -> None:
    await p.delete(f"{GATEWAY}/_manifests/{p.referrer(GATEWAY)}")


@planted("a repository is deleted", "repository", SANDBOX)
async def _(p: Relocated) -> None:
    await p.delete(SANDBOX)


@planted("a blob is missing", "blob", MONOLITH, "blobs")
async def _(p: Relocated) -> None:
    p.emulator.lose("contosonorth", MONOLITH, await p.layer(MONOLITH, "v2"))


@planted("a blob is damaged", "blob", MONOLITH, "blobs")
async def _(p: Relocated) -> None:
    p.emulator.damage("contosonorth", MONOLITH, await p.layer(MONOLITH, "v2"))


@planted("an image is pushed to the source under a new tag", "tag", f"{GATEWAY}:9.9", "source")
async def _(p: Relocated) -> None:
    await p.push(p.here).image(GATEWAY, "9.9", text="new")


@planted("a tag is moved at the source", "tag", f"{SANDBOX}:dev", "source")
async def _(p: Relocated) -> None:
    await p.push(p.here).image(SANDBOX, "dev", text="newer")


@planted("a signature is attached at the source", "referrer", GATEWAY, "source")
async def _(p: Relocated) -> None:
    await p.push(p.here).referrer(GATEWAY, p.digest(GATEWAY, "latest"))


@planted("a repository is new at the source", "repository", "team-a/new", "source")
async def _(p: Relocated) -> None:
    await p.push(p.here).image("team-a/new", "v1", text="new")


@planted("a tag is locked", "attributes", f"{GATEWAY}:2.1")
async def _(p: Relocated) -> None:
    await p.lock(GATEWAY, "2.1", write_enabled=False)


@planted("a tag is no longer locked", "attributes", f"{MONOLITH}:v1")
async def _(p: Relocated) -> None:
    await p.lock(MONOLITH, "v1")


@planted("a manifest is no longer locked", "attributes", MONOLITH)
async def _(p: Relocated) -> None:
    await p.lock(MONOLITH, p.digest(MONOLITH, "v0"))


@planted("a manifest cannot be pulled", "attributes", GATEWAY)
async def _(p: Relocated) -> None:
    await p.lock(GATEWAY, p.digest(GATEWAY, "2.1"), read_enabled=False)


@planted("a repository is no longer locked", "attributes", MONOLITH)
async def _(p: Relocated) -> None:
    await p.lock(MONOLITH)


@planted("a repository hides from the catalogue", "repository", SANDBOX)
async def _(p: Relocated) -> None:
    await p.lock(SANDBOX, list_enabled=False)


# Settings of the registry


def setting(what: str, names: str, properties: dict[str, Any]) -> None:
    """The target has these properties."""
    planted(what, "setting", names)(lambda p: p.force(**properties))


def policy(what: str, name: str, **value: Any) -> None:
    """The target has this policy, and the others that it had."""

    @planted(what, "setting", f"policies.{name}")
    def _(p: Relocated) -> None:
        policies = p.resource(TARGET)["properties"]["policies"]
        p.force(policies=policies | {name: policies.get(name, {}) | value})


def rules(what: str, names: str, **value: Any) -> None:
    """The target has these network rules, and the others that it had."""

    @planted(what, "setting", f"networkRuleSet.{names}")
    def _(p: Relocated) -> None:
        p.force(networkRuleSet=p.resource(TARGET)["properties"]["networkRuleSet"] | value)


setting("the admin user is enabled", "adminUserEnabled", {"adminUserEnabled": True})
setting("anybody may pull", "anonymousPullEnabled", {"anonymousPullEnabled": True})
setting("data endpoints are off", "dataEndpointEnabled", {"dataEndpointEnabled": False})
setting("trusted services are kept out", "networkRuleBypassOptions", {"networkRuleBypassOptions": "None"})
setting(
    "tasks may bypass the network rules", "networkRuleBypassAllowedForTasks", {"networkRuleBypassAllowedForTasks": True}
)
setting("zone redundancy is off", "zoneRedundancy", {"zoneRedundancy": "Disabled"})
setting("roles hold for repositories", "roleAssignmentMode", {"roleAssignmentMode": "AbacRepositoryPermissions"})
setting("regional endpoints are on", "regionalEndpoints", {"regionalEndpoints": "Enabled"})
policy("retention is off", "retentionPolicy", status="disabled")
policy("retention has other days", "retentionPolicy", days=7)
policy("export is forbidden", "exportPolicy", status="disabled")
policy("images are quarantined", "quarantinePolicy", status="enabled")
policy("soft delete is on", "softDeletePolicy", status="enabled", retentionDays=7)
policy("ARM tokens are refused", "azureADAuthenticationAsArmPolicy", status="disabled")
rules("the firewall is open", "defaultAction", defaultAction="Allow")
rules("an address is not let in", "ipRules", ipRules=[{"action": "Allow", "value": "203.0.113.0/24"}])
rules("another address is let in", "ipRules", ipRules=[{"action": "Allow", "value": "203.0.0.0/16"}])
rules("a subnet is not let in", "virtualNetworkRules", virtualNetworkRules=[])


@planted("the tier is another", "setting", "sku")
def _(p: Relocated) -> None:
    p.emulator.plant(TARGET, sku={"name": "Standard", "tier": "Standard"})


@planted("it has no identity", "setting", "identity")
def _(p: Relocated) -> None:
    p.emulator.plant(TARGET, identity={"type": "None"})


@planted("a tag of the resource is lost", "setting", "tags.owner")
def _(p: Relocated) -> None:
    tags = p.resource(TARGET)["tags"]
    p.emulator.plant(TARGET, tags={name: value for name, value in tags.items() if name != "owner"})


@planted("a tag of the resource says something else", "setting", "tags.env")
def _(p: Relocated) -> None:
    p.emulator.plant(TARGET, tags=p.resource(TARGET)["tags"] | {"env": "test"})


# Children


def missing(what: str, path: str) -> None:
    """The target's child at the path is gone."""
    planted(what, "setting", path)(lambda p: p.uproot(path))


def child(what: str, path: str, names: str, **properties: Any) -> None:
    """The target's child at the path has these properties."""
    planted(what, "setting", f"{path}.{names}")(lambda p: p.force(path, **properties))


missing("a replica is missing", "replications/francecentral")
child("a replica serves no pulls", "replications/francecentral", "regionEndpointEnabled", regionEndpointEnabled=False)
missing("a webhook is missing", "webhooks/deployfrontend")
child("a webhook is disabled", "webhooks/deployfrontend", "status", status="disabled")
child("a webhook hears of less", "webhooks/deployfrontend", "actions", actions=["push"])
child("a webhook hears of other repositories", "webhooks/deployfrontend", "scope", scope="contoso/shop/cart:*")
missing("a token is missing", "tokens/edge-site-1")
child("a token is disabled", "tokens/edge-site-1", "status", status="disabled")
child("a token has other rights", "tokens/edge-site-1", "scopeMapId", scopeMapId=f"{TARGET}/scopeMaps/ingest-ci")
child("a scope map allows less", "scopeMaps/shop-pull", "actions", actions=["repositories/contoso/shop/*/content/read"])
child(
    "a scope map allows more", "scopeMaps/shop-pull", "actions", actions=["repositories/contoso/shop/*/content/delete"]
)
missing("a cache rule is missing", "cacheRules/busybox")
child(
    "a cache rule caches something else",
    "cacheRules/busybox",
    "sourceRepository",
    sourceRepository="docker.io/library/busybox",
)
missing("a task is missing", "tasks/purge-sandbox")
child("a task that did not run runs", "tasks/purge-sandbox", "status", status="Enabled")
child("a task gives up sooner", "tasks/purge-sandbox", "timeout", timeout=600)


DIAGNOSTICS: Final = "providers/Microsoft.Insights/diagnosticSettings/contosoregistry-diagnostic-settings"
LOGGED: Final = "diagnosticSettings/contosoregistry-diagnostic-settings"


@planted("its logs go nowhere", "setting", LOGGED)
def _(p: Relocated) -> None:
    p.uproot(DIAGNOSTICS)


@planted("a category of its logs is off", "setting", f"{LOGGED}.logs")
def _(p: Relocated) -> None:
    p.force(DIAGNOSTICS, logs=[{"category": "ContainerRegistryRepositoryEvents", "enabled": True}])


@planted("its logs go elsewhere", "setting", f"{LOGGED}.workspaceId")
def _(p: Relocated) -> None:
    p.force(DIAGNOSTICS, workspaceId=f"{NORTH}/Microsoft.OperationalInsights/workspaces/other")


# Network


def connection(p: Relocated) -> str:
    """The id of the target's private endpoint connection."""
    return p.of_type("Microsoft.ContainerRegistry/registries/privateEndpointConnections", TARGET)


@planted("its private endpoint is gone", "setting", f"privateEndpoints/{ENDPOINT}")
def _(p: Relocated) -> None:
    p.emulator.uproot(p.of_type("Microsoft.Network/privateEndpoints", ENDPOINT))
    p.emulator.uproot(connection(p))


@planted("its private endpoint is not approved", "network", ENDPOINT)
def _(p: Relocated) -> None:
    p.emulator.plant(connection(p), properties={"privateLinkServiceConnectionState": {"status": "Pending"}})


@planted("its private endpoint was rejected", "network", ENDPOINT)
def _(p: Relocated) -> None:
    p.emulator.plant(connection(p), properties={"privateLinkServiceConnectionState": {"status": "Rejected"}})


@planted("an A record has another address", "network", "contosonorth.azurecr.io")
def _(p: Relocated) -> None:
    p.emulator.plant(f"{ZONE}/A/contosonorth", properties={"aRecords": [{"ipv4Address": "10.9.9.9"}]})


@planted("the A record of a data endpoint is missing", "network", "contosonorth.northeurope.data.azurecr.io")
def _(p: Relocated) -> None:
    p.emulator.uproot(f"{ZONE}/A/contosonorth.northeurope.data")


@planted("an A record has an address too many", "network", "contosonorth.azurecr.io")
def _(p: Relocated) -> None:
    records = p.resource(f"{ZONE}/A/contosonorth")["properties"]["aRecords"]
    p.emulator.plant(f"{ZONE}/A/contosonorth", properties={"aRecords": [*records, {"ipv4Address": "10.9.9.9"}]})


@planted("its private endpoint has another address than the one that is fixed", "network", "fixes 10.20.1.51")
def _(p: Relocated) -> None:
    interface = p.of_type("Microsoft.Network/networkInterfaces", ENDPOINT)
    held = p.resource(interface)["properties"]["ipConfigurations"]
    for one in held:
        if one["properties"]["privateIPAddress"] == "10.20.1.51":
            one["properties"]["privateIPAddress"] = "10.20.1.77"
    p.emulator.plant(interface, properties={"ipConfigurations": held})


@planted("the zone is not linked to the target's network", "network", "privatelink.azurecr.io is not linked")
def _(p: Relocated) -> None:
    p.emulator.uproot(p.of_type("Microsoft.Network/privateDnsZones/virtualNetworkLinks", "contoso-vnet-north"))


# Dependents


@planted("a cluster's role is missing", "dependent", "AcrPull")
def _(p: Relocated) -> None:
    p.emulator.uproot(p.role("7f951dda-4ed3-4680-a7ca-43fe172d538d"))


@planted("a role is held by somebody else", "dependent", "AcrPush")
def _(p: Relocated) -> None:
    p.emulator.plant(p.role("8311e382-0749-4cb8-b61a-304f252e45ec"), properties={"principalId": OTHER})


@planted("a role has a condition", "dependent", "AcrPush")
def _(p: Relocated) -> None:
    condition = "@Request[Microsoft.ContainerRegistry/registries/repositories:name] StringEquals 'a'"
    p.emulator.plant(p.role("8311e382-0749-4cb8-b61a-304f252e45ec"), properties={"condition": condition})


@planted("a role is given at the source since", "dependent", "AcrPull", "source")
def _(p: Relocated) -> None:
    role = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
    definition = f"{SOURCE.partition('/resourceGroups')[0]}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    given = {"principalId": OTHER, "roleDefinitionId": definition, "scope": SOURCE, "principalType": "Group"}
    p.emulator.plant(f"{SOURCE}/providers/Microsoft.Authorization/roleAssignments/{OTHER}", properties=given)


def subscription(p: Relocated) -> str:
    """The id of the subscription to the target's events."""
    return p.of_type(f"{TOPIC}/eventSubscriptions", "contoso-acr-events-contosonorth")


@planted("an event subscription is missing", "dependent", "scan-on-push")
def _(p: Relocated) -> None:
    p.emulator.uproot(subscription(p))


@planted("an event subscription hears of less", "dependent", "scan-on-push")
def _(p: Relocated) -> None:
    only = {"includedEventTypes": ["Microsoft.ContainerRegistry.ChartPushed"]}
    p.emulator.plant(subscription(p), properties={"filter": only})


@planted("a lock is missing", "dependent", "lock keep")
def _(p: Relocated) -> None:
    p.uproot("providers/Microsoft.Authorization/locks/keep")


@planted("a lock forbids less", "dependent", "lock keep", "source")
def _(p: Relocated) -> None:
    p.emulator.plant(f"{SOURCE}/providers/Microsoft.Authorization/locks/keep", properties={"level": "ReadOnly"})


@planted("a token of the source has a password, the target's has none", "dependent", "edge-site-1", "source")
def _(p: Relocated) -> None:
    p.emulator.plant(f"{SOURCE}/tokens/edge-site-1", properties={"credentials": {"passwords": [{"name": "password1"}]}})


@planted("an export pipeline of the source is nowhere", "dependent", "exportPipelines/out", "source")
def _(p: Relocated) -> None:
    target = {"type": "AzureStorageBlobContainer", "uri": "https://a.blob.core.windows.net/c"}
    properties = {"target": target, "provisioningState": "Succeeded"}
    p.emulator.plant(f"{SOURCE}/exportPipelines/out", location="westeurope", properties=properties)


# Mentions of the source


@planted("a tag of the resource names the source", "mention", "tags.mirror")
def _(p: Relocated) -> None:
    p.emulator.plant(TARGET, tags=p.resource(TARGET)["tags"] | {"mirror": "contosoregistry.azurecr.io"})


@planted("a cache rule caches the source", "mention", "cacheRules/busybox")
def _(p: Relocated) -> None:
    p.force("cacheRules/busybox", sourceRepository="contosoregistry.azurecr.io/cache/busybox")


@planted("a task works on the source", "mention", "tasks/purge-sandbox")
def _(p: Relocated) -> None:
    step = p.resource(f"{TARGET}/tasks/purge-sandbox")["properties"]["step"]
    p.force("tasks/purge-sandbox", step=step | {"contextPath": "oci://contosoregistry.azurecr.io/contoso/context:1"})


@planted("a webhook's scope names the source's data endpoint", "mention", "webhooks/deployfrontend")
def _(p: Relocated) -> None:
    p.force("webhooks/deployfrontend", scope="contosoregistry.westeurope.data.azurecr.io/app:*")

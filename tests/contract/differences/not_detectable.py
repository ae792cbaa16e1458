"""Planted differences that Azure does not show, in manually created children, and in alert rules."""

from __future__ import annotations

from typing import Any, Final

from acr_relocate.azure.resources.children import STABLE
from tests.contract.differences import GATEWAY, MONOLITH, harmless, planted, subscription
from tests.contract.relocated_pair import ALERT, NORTH, RULE, SOURCE, TARGET, WEST, Relocated

EDGE: Final[dict[str, Any]] = {
    "mode": "ReadOnly",
    "parent": {"syncProperties": {"tokenId": "{}/tokens/edge-site-1", "schedule": "0 * * * *", "messageTtl": "P2D"}},
    "clientTokenIds": ["{}/tokens/edge-site-1"],
    "logging": {"logLevel": "Information", "auditLogStatus": "Disabled"},
    "notificationsList": ["app:*:push"],
}
LASTING: Final = "2099-01-01T00:00:00Z"
PASSWORDS: Final = [{"name": "password1"}, {"name": "password2", "expiry": LASTING}]


HOOK: Final = "webhooks/deployfrontend"


async def calling(p: Relocated, registry: str, **config: Any) -> None:
    """The registry's webhook calls so, by the rules: nothing else sets what is never shown."""
    await p.azure.arm.patch(f"{registry}/{HOOK}", STABLE, {"properties": config}, doing="Planting")


@planted("a webhook calls another address", "setting", f"{HOOK} calls another address")
async def _(p: Relocated) -> None:
    await calling(p, TARGET, serviceUri="https://elsewhere.example.com/hook")


@planted("a webhook does not send a header", "setting", f"{HOOK} sends the headers none")
async def _(p: Relocated) -> None:
    await calling(p, TARGET, customHeaders={})


@planted("a webhook sends another value of a header", "setting", "another value of authorization", "source")
async def _(p: Relocated) -> None:
    await calling(p, SOURCE, customHeaders={"Authorization": "Bearer first"})
    await calling(p, TARGET, customHeaders={"Authorization": "Bearer second"})


@planted("what a webhook calls names the source", "mention", HOOK, "source")
async def _(p: Relocated) -> None:
    for registry in (SOURCE, TARGET):
        await calling(p, registry, serviceUri="https://ci.example.com/?of=contosoregistry.azurecr.io")


@harmless("what a webhook calls names its own registry", "source")
async def _(p: Relocated) -> None:
    for registry in (SOURCE, TARGET):
        await calling(p, registry, serviceUri=f"https://ci.example.com/?of={registry.rpartition('/')[2]}.azurecr.io")


@planted("the name of a tag of the resource names the source", "mention", "tags.contosoregistry.azurecr.io")
def _(p: Relocated) -> None:
    p.emulator.plant(TARGET, tags=p.resource(TARGET)["tags"] | {"contosoregistry.azurecr.io": "old"})


@planted("a task signs in to the source", "mention", "customRegistries.contosoregistry.azurecr.io")
def _(p: Relocated) -> None:
    login = {"contosoregistry.azurecr.io": {"identity": "[system]"}}
    p.force("tasks/purge-sandbox", credentials={"customRegistries": login})


@harmless("headers of a webhook have other capitals", "source")
async def _(p: Relocated) -> None:
    await calling(p, SOURCE, customHeaders={"Authorization": "Bearer first"})
    await calling(p, TARGET, customHeaders={"authorization": "Bearer first"})


def of(registry: str, value: Any) -> Any:
    """The value with the registry's id in place of the braces."""
    if isinstance(value, dict):
        return {name: of(registry, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [of(registry, inner) for inner in value]
    return value.format(registry) if isinstance(value, str) else value


def at_the_edge(p: Relocated, **changed: Any) -> None:
    """Both have a connected registry; the target's is changed."""
    for registry, properties in ((SOURCE, EDGE), (TARGET, EDGE | changed)):
        p.emulator.plant(f"{registry}/connectedRegistries/edge", properties=of(registry, properties))


def synchronised(what: str, **changed: Any) -> None:
    """The target's connected registry synchronises in another way."""
    parent = {"syncProperties": EDGE["parent"]["syncProperties"] | changed}
    planted(what, "dependent", "connectedRegistries/edge", "source")(lambda p: at_the_edge(p, parent=parent))


def connected(what: str, **changed: Any) -> None:
    """The target's connected registry is another."""
    planted(what, "dependent", "connectedRegistries/edge", "source")(lambda p: at_the_edge(p, **changed))


synchronised("a connected registry synchronises at another hour", schedule="0 5 * * *")
synchronised("a connected registry keeps messages for less", messageTtl="P1D")
synchronised("a connected registry synchronises with another token", tokenId="{}/tokens/other")
connected("a connected registry lets no client in", clientTokenIds=[])
connected("a connected registry logs less", logging={"logLevel": "Error", "auditLogStatus": "Disabled"})
connected("a connected registry tells of less", notificationsList=[])
connected("a connected registry is below another one", parent=EDGE["parent"] | {"id": "{}/connectedRegistries/hub"})


@harmless("a connected registry is recreated, and has not called yet", "source")
def _(p: Relocated) -> None:
    at_the_edge(p, connectionState="Offline", activation={"status": "Inactive"}, version=None, lastActivityTime=None)


def pipelines(p: Relocated, kind: str, end: str, there: dict[str, Any]) -> None:
    """Both have a pipeline with a storage container at this end; the target's is another."""
    here = {
        "type": "AzureStorageBlobContainer",
        "uri": "https://a.blob.core.windows.net/c",
        "keyVaultUri": "https://contosovault.vault.azure.net/secrets/sas",
    }
    for registry, container in ((SOURCE, here), (TARGET, here | there)):
        p.emulator.plant(f"{registry}/{kind}/ship", location="westeurope", properties={end: container})


@planted("an export pipeline fills another container", "dependent", "exportPipelines/ship", "source")
def _(p: Relocated) -> None:
    pipelines(p, "exportPipelines", "target", {"uri": "https://b.blob.core.windows.net/c"})


@planted("an import pipeline reads another container", "dependent", "importPipelines/ship", "source")
def _(p: Relocated) -> None:
    pipelines(p, "importPipelines", "source", {"uri": "https://b.blob.core.windows.net/c"})


@planted("an export pipeline signs in with another secret", "dependent", "exportPipelines/ship", "source")
def _(p: Relocated) -> None:
    pipelines(p, "exportPipelines", "target", {"keyVaultUri": "https://contosovault.vault.azure.net/secrets/other"})


@planted("an export pipeline is at the target alone", "extra", "exportPipelines/ship")
def _(p: Relocated) -> None:
    p.emulator.plant(f"{TARGET}/exportPipelines/ship", location="northeurope", properties={"target": {}})


@planted("an event subscription is at the target alone", "extra", "scan-on-pushing")
def _(p: Relocated) -> None:
    p.emulator.plant(f"{subscription(p)}ing", properties=p.resource(subscription(p))["properties"])


@planted("an event subscription could not be made", "dependent", "scan-on-push")
def _(p: Relocated) -> None:
    p.emulator.plant(subscription(p), properties={"provisioningState": "Failed"})


@planted("an alert rule's alerts stay after their cause has gone", "dependent", "autoMitigate")
def _(p: Relocated) -> None:
    p.emulator.plant(f"{ALERT}-contosonorth", properties={"autoMitigate": False})


@planted("a referrer's referrer is attached at the source", "referrer", GATEWAY, "source")
async def _(p: Relocated) -> None:
    await p.push(p.here).referrer(GATEWAY, p.referrer(GATEWAY))


@planted("a configuration is damaged", "blob", MONOLITH, "blobs")
async def _(p: Relocated) -> None:
    body = await p.there.manifest(MONOLITH, p.digest(MONOLITH, "v2")) or {}
    p.emulator.damage("contosonorth", MONOLITH, body["config"]["digest"])


def token(p: Relocated, here: list[dict[str, Any]], there: list[dict[str, Any]]) -> None:
    """A token with these passwords at the source and those at the target."""
    for registry, passwords in ((SOURCE, here), (TARGET, there)):
        p.emulator.plant(f"{registry}/tokens/edge-site-1", properties={"credentials": {"passwords": passwords}})


@planted("a token has lost its second password", "dependent", "password2", "source")
def _(p: Relocated) -> None:
    token(p, PASSWORDS, PASSWORDS[:1])


@planted("a token has a second password at the target alone", "extra", "password2", "source")
def _(p: Relocated) -> None:
    token(p, PASSWORDS[:1], PASSWORDS)


@planted("a token's password ends sooner", "dependent", "password2", "source")
def _(p: Relocated) -> None:
    token(p, PASSWORDS, [PASSWORDS[0], PASSWORDS[1] | {"expiry": "2098-01-01T00:00:00Z"}])


@planted("a token's password never ends", "extra", "password2", "source")
def _(p: Relocated) -> None:
    token(p, PASSWORDS, [PASSWORDS[0], {"name": "password2"}])


@harmless("a token's passwords are the same ones, and those of the source have expired besides", "source")
def _(p: Relocated) -> None:
    token(p, [*PASSWORDS[:1], {"name": "password2", "expiry": "2020-01-01T00:00:00Z"}], PASSWORDS[:1])


def linked(p: Relocated, **state: str) -> None:
    """The link of the zone to the target's network is in this state."""
    link = p.of_type("Microsoft.Network/privateDnsZones/virtualNetworkLinks", "contoso-vnet-north")
    p.emulator.plant(link, properties=state)


@planted("the zone's link to the target's network has failed", "network", "privatelink.azurecr.io")
def _(p: Relocated) -> None:
    linked(p, provisioningState="Failed", virtualNetworkLinkState="InProgress")


@planted("the zone's link to the target's network is not complete", "network", "privatelink.azurecr.io")
def _(p: Relocated) -> None:
    linked(p, provisioningState="Succeeded", virtualNetworkLinkState="InProgress")


@planted("a role is delegated to another managed identity", "dependent", "AcrPush")
def _(p: Relocated) -> None:
    identity = f"{NORTH}/Microsoft.ManagedIdentity/userAssignedIdentities/delegate"
    role = p.role("8311e382-0749-4cb8-b61a-304f252e45ec")
    p.emulator.plant(role, properties={"delegatedManagedIdentityResourceId": identity})


@planted("an alert rule is bound to another region", "dependent", "alert rule storage-is-full")
def _(p: Relocated) -> None:
    p.emulator.plant(f"{ALERT}-contosonorth", properties={"targetResourceRegion": "westeurope"})


@harmless("an alert rule's region is spelled out")
def _(p: Relocated) -> None:
    p.emulator.plant(f"{ALERT}-contosonorth", properties={"targetResourceRegion": "North Europe"})


@planted("a rule about alerts does not hold for the target", "dependent", "alert rule no-noise")
def _(p: Relocated) -> None:
    p.emulator.uproot(f"{RULE}-contosonorth")


@planted("a rule about alerts holds at other hours", "dependent", "alert rule no-noise")
def _(p: Relocated) -> None:
    schedule = {"recurrences": [{"recurrenceType": "Daily", "startTime": "06:00:00", "endTime": "07:00:00"}]}
    p.emulator.plant(f"{RULE}-contosonorth", properties={"schedule": schedule})


@planted("a rule about alerts is off", "dependent", "alert rule no-noise")
def _(p: Relocated) -> None:
    p.emulator.plant(f"{RULE}-contosonorth", properties={"enabled": False})


@harmless("a rule about alerts for the whole subscription holds for the target, too")
def _(p: Relocated) -> None:
    everywhere = p.resource(f"{RULE}-contosonorth")["properties"] | {"scopes": [WEST.partition("/resourceGroups")[0]]}
    p.emulator.plant(RULE, location="Global", properties=everywhere)
    p.emulator.uproot(f"{RULE}-contosonorth")


@harmless("tags of the resource have other capitals")
def _(p: Relocated) -> None:
    tags = p.resource(TARGET)["tags"]
    p.emulator.plant(TARGET, tags={name.upper(): value for name, value in tags.items()})
    p.emulator.plant(f"{TARGET}/webhooks/deployfrontend", tags={"TEAM": "shop"})


@harmless("its private endpoint is approved in lower case")
def _(p: Relocated) -> None:
    one = p.of_type("Microsoft.ContainerRegistry/registries/privateEndpointConnections", TARGET)
    p.emulator.plant(one, properties={"privateLinkServiceConnectionState": {"status": "approved"}})


@harmless("a task shows its defaults")
def _(p: Relocated) -> None:
    p.force("tasks/purge-sandbox", agentConfiguration={"cpu": 2}, isSystemTask=False)


@planted("a task has more processors", "setting", "tasks/purge-sandbox.agentConfiguration.cpu")
def _(p: Relocated) -> None:
    p.force("tasks/purge-sandbox", agentConfiguration={"cpu": 4})


@harmless("the zone's link says that it is complete")
def _(p: Relocated) -> None:
    linked(p, provisioningState="Succeeded", virtualNetworkLinkState="Completed")

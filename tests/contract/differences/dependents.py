"""Planted differences of its network, of who depends on it, and of what names the source."""

from __future__ import annotations

from tests.contract.differences import ENDPOINT, OTHER, ZONE, connection, planted, subscription
from tests.contract.relocated_pair import SOURCE, TARGET, Relocated


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


@planted("its private endpoint has another address than the one that is fixed", "network", "sets 10.20.1.51")
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

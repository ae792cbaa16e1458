"""Planted differences where Azure has something of that name, and where what is wrong is easily taken for right."""

from __future__ import annotations

from typing import Any

from tests.contract.differences import (
    DIAGNOSTICS,
    ENDPOINT,
    GATEWAY,
    LOGGED,
    MONOLITH,
    ZONE,
    child,
    planted,
    policy,
    setting,
    subscription,
)
from tests.contract.relocated_pair import ALERT, SOURCE, TARGET, Relocated

ENDPOINTS = "Microsoft.Network/privateEndpoints"
PUSH = "8311e382-0749-4cb8-b61a-304f252e45ec"
CONDITION = "@Request[Microsoft.ContainerRegistry/registries/repositories:name] StringEquals '{}'"


@planted("a repository cannot be pulled", "attributes", GATEWAY)
async def _(p: Relocated) -> None:
    await p.lock(GATEWAY, read_enabled=False)


@planted("a platform's image in an index is locked", "attributes", GATEWAY)
async def _(p: Relocated) -> None:
    await p.lock(GATEWAY, p.child(GATEWAY, "2.1"), write_enabled=False)


@planted("an index is deleted with its tags", "manifest", GATEWAY)
async def _(p: Relocated) -> None:
    await p.delete(f"{GATEWAY}/_manifests/{p.digest(GATEWAY, '2.1')}")


@planted("a tag differs by its case alone", "extra", f"{GATEWAY}:LATEST")
async def _(p: Relocated) -> None:
    await p.tag(GATEWAY, p.digest(GATEWAY, "2.1"), "LATEST")


@planted("the configuration of an image is missing", "blob", MONOLITH, "blobs")
async def _(p: Relocated) -> None:
    body = await p.there.manifest(MONOLITH, p.digest(MONOLITH, "v2")) or {}
    p.emulator.lose("contosonorth", MONOLITH, body["config"]["digest"])


@planted("a layer of a platform's image in an index is missing", "blob", GATEWAY, "blobs")
async def _(p: Relocated) -> None:
    body = await p.there.manifest(GATEWAY, p.child(GATEWAY, "2.1")) or {}
    p.emulator.lose("contosonorth", GATEWAY, body["layers"][0]["digest"])


setting("it speaks IPv6, too", "endpointProtocol", {"endpointProtocol": "IPv4AndIPv6"})
setting("repositories of a cache can be written", "writableCacheRepos", {"writableCacheRepos": ["cache/*"]})
policy("content trust is on", "trustPolicy", status="enabled")


@planted("export is forbidden, of which the source says nothing", "setting", "policies.exportPolicy", "source")
def _(p: Relocated) -> None:
    policies = p.resource(SOURCE)["properties"]["policies"]
    p.emulator.plant(SOURCE, properties={"policies": policies | {"exportPolicy": None}})
    p.force(policies=p.resource(TARGET)["properties"]["policies"] | {"exportPolicy": {"status": "disabled"}})


child("a task runs in an agent pool", "tasks/purge-sandbox", "agentPoolName", agentPoolName="big")
child("a task runs for another processor", "tasks/purge-sandbox", "platform", platform={"architecture": "arm64"})
child("a webhook hears of all repositories", "webhooks/deployfrontend", "scope", scope="")
child("a credential set signs in elsewhere", "credentialSets/dockerhub", "loginServer", loginServer="quay.io")


@planted("its private endpoint is of another group", "setting", f"{ENDPOINT}.privateLinkServiceConnections")
def _(p: Relocated) -> None:
    endpoint = p.of_type(ENDPOINTS, ENDPOINT)
    (held,) = p.resource(endpoint)["properties"]["privateLinkServiceConnections"]
    other = held | {"properties": held["properties"] | {"groupIds": ["registry_data_northeurope"]}}
    p.emulator.plant(endpoint, properties={"privateLinkServiceConnections": [other]})


@planted("its private endpoint leads to the source", "mention", ENDPOINT)
def _(p: Relocated) -> None:
    endpoint = p.of_type(ENDPOINTS, ENDPOINT)
    (held,) = p.resource(endpoint)["properties"]["privateLinkServiceConnections"]
    other = held | {"properties": held["properties"] | {"privateLinkServiceId": SOURCE}}
    p.emulator.plant(endpoint, properties={"privateLinkServiceConnections": [other]})


@planted("the zone has the data endpoint of a replica that is gone", "network", "contosonorth.uksouth.data.azurecr.io")
def _(p: Relocated) -> None:
    p.emulator.plant(f"{ZONE}/A/contosonorth.uksouth.data", properties={"aRecords": [{"ipv4Address": "10.9.9.9"}]})


@planted("an A record has become a CNAME", "network", "contosonorth.azurecr.io is not recorded")
def _(p: Relocated) -> None:
    p.emulator.uproot(f"{ZONE}/A/contosonorth")
    p.emulator.plant(f"{ZONE}/CNAME/contosonorth", properties={"cnameRecord": {"cname": "elsewhere.example"}})


@planted("a condition of a role names a repository in another case", "dependent", "AcrPush", "source")
def _(p: Relocated) -> None:
    p.emulator.plant(p.role(PUSH, SOURCE), properties={"condition": CONDITION.format("App")})
    p.emulator.plant(p.role(PUSH), properties={"condition": CONDITION.format("app")})


@planted("a token of the source has a certificate, the target's a password", "dependent", "no certificate", "source")
def _(p: Relocated) -> None:
    credentials: dict[str, Any] = {"certificates": [{"name": "certificate1", "thumbprint": "ab"}]}
    p.emulator.plant(f"{SOURCE}/tokens/edge-site-1", properties={"credentials": credentials})
    password = {"passwords": [{"name": "password1"}]}
    p.emulator.plant(f"{TARGET}/tokens/edge-site-1", properties={"credentials": password})


@planted("a connected registry may be written to", "dependent", "connectedRegistries/edge", "source")
def _(p: Relocated) -> None:
    for registry, mode in ((SOURCE, "ReadOnly"), (TARGET, "ReadWrite")):
        p.emulator.plant(f"{registry}/connectedRegistries/edge", properties={"mode": mode})


@planted("an event subscription gives up sooner", "dependent", "scan-on-push")
def _(p: Relocated) -> None:
    p.emulator.plant(subscription(p), properties={"retryPolicy": {"maxDeliveryAttempts": 1}})


@planted("an event subscription expires", "dependent", "scan-on-push")
def _(p: Relocated) -> None:
    p.emulator.plant(subscription(p), properties={"expirationTimeUtc": "2099-01-01T00:00:00Z"})


@planted("an event subscription hears of other tags", "dependent", "scan-on-push")
def _(p: Relocated) -> None:
    kept = p.resource(subscription(p))["properties"]["filter"]
    only = {"operatorType": "StringContains", "key": "data.target.tag", "values": ["prod"]}
    p.emulator.plant(subscription(p), properties={"filter": kept | {"advancedFilters": [only]}})


@planted("a category of its logs is there and off", "setting", f"{LOGGED}.logs")
def _(p: Relocated) -> None:
    first, *others = p.resource(f"{TARGET}/{DIAGNOSTICS}")["properties"]["logs"]
    p.force(DIAGNOSTICS, logs=[first | {"enabled": False}, *others])


@planted("its logs go to tables of their own", "setting", f"{LOGGED}.logAnalyticsDestinationType")
def _(p: Relocated) -> None:
    p.force(DIAGNOSTICS, logAnalyticsDestinationType="Dedicated")


@planted("an alert rule is of less weight", "dependent", "alert rule storage-is-full")
def _(p: Relocated) -> None:
    p.emulator.plant(f"{ALERT}-contosonorth", properties={"severity": 4})

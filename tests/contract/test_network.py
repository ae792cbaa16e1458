"""Networks are read as they are: service endpoints with their state, private endpoints with their DNS."""

from typing import Any

import pytest

from acr_relocate.azure import dependents, network
from acr_relocate.azure.registries import read_registry
from acr_relocate.core.dependencies import dependents as depend
from tests.contract.workshop import GROUP, SUBSCRIPTION, Workshop

GROUP_ID = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}"
NETWORK = f"{GROUP_ID}/providers/Microsoft.Network/virtualNetworks/contract-vnet"
ENDPOINT = f"{GROUP_ID}/providers/Microsoft.Network/privateEndpoints/contract-pe"
ZONE = f"{GROUP_ID}/providers/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"


@pytest.fixture(name="networked")
async def _networked(workshop: Workshop) -> Workshop:
    """A virtual network with one subnet that has the registries' service endpoint, and one that has not."""
    await workshop.registry()
    endpoints = [{"service": "Microsoft.ContainerRegistry"}]
    subnets = [
        {"name": "allowed", "properties": {"addressPrefix": "10.0.0.0/24", "serviceEndpoints": endpoints}},
        {"name": "plain", "properties": {"addressPrefix": "10.0.1.0/24"}},
    ]
    properties = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": subnets}
    await put(workshop, NETWORK, "2024-05-01", location="westeurope", properties=properties)
    return workshop


async def put(workshop: Workshop, path: str, version: str, **body: Any) -> None:
    await workshop.azure.arm.put(path, version, body, doing=f"Making {path.rsplit('/', 1)[-1]}")


async def test_a_subnet_tells_its_service_endpoints_and_region(networked: Workshop) -> None:
    """With the provisioning state of each endpoint; the case of the id does not matter."""
    found = await network.subnet(networked.azure, f"{NETWORK}/subnets/ALLOWED")

    assert found
    assert found.location == "westeurope"
    assert found.service_endpoints == {"Microsoft.ContainerRegistry": "Succeeded"}


async def test_a_subnet_without_endpoints_has_none(networked: Workshop) -> None:
    """An empty answer, not an error."""
    found = await network.subnet(networked.azure, f"{NETWORK}/subnets/plain")

    assert found
    assert found.service_endpoints == {}


@pytest.mark.parametrize("path", [f"{NETWORK}/subnets/other", f"{NETWORK}2/subnets/allowed"])
async def test_an_absent_subnet_is_absent(networked: Workshop, path: str) -> None:
    """Whether the subnet or its whole network is missing."""
    assert await network.subnet(networked.azure, path) is None


async def test_a_private_endpoint_is_read_with_its_dns(networked: Workshop) -> None:
    """The endpoint, its zone group, and the zone's records; and it counts as a dependent of its registry."""
    ref = await networked.registry()
    connection = {"name": "c", "properties": {"privateLinkServiceId": ref.resource_id, "groupIds": ["registry"]}}
    properties = {"subnet": {"id": f"{NETWORK}/subnets/plain"}, "privateLinkServiceConnections": [connection]}
    await put(networked, ENDPOINT, "2024-05-01", location="westeurope", properties=properties)
    await put(networked, ZONE, "2024-06-01", location="global", properties={})
    config = {"name": "acr", "properties": {"privateDnsZoneId": ZONE}}
    group = {"privateDnsZoneConfigs": [config]}
    await put(networked, f"{ENDPOINT}/privateDnsZoneGroups/default", "2024-05-01", properties=group)

    endpoint = await network.private_endpoint(networked.azure, ENDPOINT)
    zone = await network.dns_zone(networked.azure, ZONE)

    assert endpoint
    assert [entry["name"] for entry in endpoint["privateDnsZoneGroups"]] == ["default"]
    assert zone
    assert {record["name"] for record in zone["A"]} >= {ref.name}


async def test_an_absent_endpoint_and_zone_are_absent(networked: Workshop) -> None:
    """None, because Azure says so."""
    assert await network.private_endpoint(networked.azure, f"{ENDPOINT}2") is None
    assert await network.dns_zone(networked.azure, ZONE.replace("privatelink", "other")) is None


async def test_who_uses_a_registry_is_found(networked: Workshop) -> None:
    """A cluster by its nodes' identity, a private endpoint, a role assignment, a diagnostic setting."""
    azure, ref = networked.azure, await networked.registry()
    kubelet = "99999999-9999-9999-9999-999999999999"
    cluster = f"{GROUP_ID}/providers/Microsoft.ContainerService/managedClusters/contract-aks"
    identity = {"identityProfile": {"kubeletidentity": {"objectId": kubelet}}}
    await put(networked, cluster, "2025-05-01", location="westeurope", properties={"dnsPrefix": "x", **identity})
    await networked.grant(ref, "7f951dda-4ed3-4680-a7ca-43fe172d538d", kubelet)
    workspace = f"{GROUP_ID}/providers/Microsoft.OperationalInsights/workspaces/w"
    sink = {"workspaceId": workspace, "logs": [{"categoryGroup": "allLogs", "enabled": True}]}
    path = f"{ref.resource_id}/providers/Microsoft.Insights/diagnosticSettings/to-workspace"
    await put(networked, path, "2021-05-01-preview", properties=sink)

    registry = await read_registry(azure, ref)
    found = depend(registry, await dependents.read_usage(azure, registry))

    assert [dependent.kind for dependent in found] == ["cluster", "diagnostic_setting", "role_assignment"]
    assert {dependent.name for dependent in found} >= {"contract-aks", "to-workspace"}
    assert all(kubelet in dependent.how or workspace in dependent.how for dependent in found)

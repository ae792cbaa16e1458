"""Networks are read as they are: service endpoints with their state, private endpoints with their DNS."""

from typing import Any

import pytest

from acr_relocate.azure.resources import networks
from tests.contract.registry_factory import GROUP, SUBSCRIPTION, RegistryFactory

GROUP_ID = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}"
NETWORK = f"{GROUP_ID}/providers/Microsoft.Network/virtualNetworks/contract-vnet"
ENDPOINT = f"{GROUP_ID}/providers/Microsoft.Network/privateEndpoints/contract-pe"
ZONE = f"{GROUP_ID}/providers/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"


@pytest.fixture(name="networked")
async def _networked(factory: RegistryFactory) -> RegistryFactory:
    """A virtual network with one subnet that has the registries' service endpoint, and one that has not."""
    await factory.registry()
    endpoints = [{"service": "Microsoft.ContainerRegistry"}]
    subnets = [
        {"name": "allowed", "properties": {"addressPrefix": "10.0.0.0/24", "serviceEndpoints": endpoints}},
        {"name": "plain", "properties": {"addressPrefix": "10.0.1.0/24"}},
    ]
    properties = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": subnets}
    await put(factory, NETWORK, "2024-05-01", location="westeurope", properties=properties)
    return factory


async def put(factory: RegistryFactory, path: str, version: str, **body: Any) -> None:
    await factory.azure.arm.put(path, version, body, doing=f"Making {path.rsplit('/', 1)[-1]}")


async def test_a_subnet_tells_its_service_endpoints_and_region(networked: RegistryFactory) -> None:
    """With the provisioning state of each endpoint; the case of the id does not matter."""
    found = await networks.subnet(networked.azure, f"{NETWORK}/subnets/ALLOWED")

    assert found
    assert found.location == "westeurope"
    assert found.service_endpoints == {"Microsoft.ContainerRegistry": "Succeeded"}


async def test_a_subnet_without_endpoints_has_none(networked: RegistryFactory) -> None:
    """An empty answer, not an error."""
    found = await networks.subnet(networked.azure, f"{NETWORK}/subnets/plain")

    assert found
    assert found.service_endpoints == {}


@pytest.mark.parametrize("path", [f"{NETWORK}/subnets/other", f"{NETWORK}2/subnets/allowed"])
async def test_an_absent_subnet_is_absent(networked: RegistryFactory, path: str) -> None:
    """Whether the subnet or its whole network is missing."""
    assert await networks.subnet(networked.azure, path) is None


async def test_a_private_endpoint_is_read_with_its_dns(networked: RegistryFactory) -> None:
    """The endpoint with its interface and zone group, and the zone with its records."""
    ref = await networked.registry()
    connection = {"name": "c", "properties": {"privateLinkServiceId": ref.resource_id, "groupIds": ["registry"]}}
    properties = {"subnet": {"id": f"{NETWORK}/subnets/plain"}, "privateLinkServiceConnections": [connection]}
    await put(networked, ENDPOINT, "2024-05-01", location="westeurope", properties=properties)
    await put(networked, ZONE, "2024-06-01", location="global", properties={})
    config = {"name": "acr", "properties": {"privateDnsZoneId": ZONE}}
    group = {"privateDnsZoneConfigs": [config]}
    await put(networked, f"{ENDPOINT}/privateDnsZoneGroups/default", "2024-05-01", properties=group)

    endpoint = await networks.private_endpoint(networked.azure, ENDPOINT)
    zone = await networks.dns_zone(networked.azure, ZONE)

    assert endpoint
    assert [entry["name"] for entry in endpoint["privateDnsZoneGroups"]] == ["default"]
    assert len(endpoint["interfaces"][0]["properties"]["ipConfigurations"]) == 2
    assert zone
    assert {record["name"] for record in zone["A"]} >= {ref.name}


async def test_an_absent_endpoint_and_zone_are_absent(networked: RegistryFactory) -> None:
    """None, because Azure says so."""
    assert await networks.private_endpoint(networked.azure, f"{ENDPOINT}2") is None
    assert await networks.dns_zone(networked.azure, ZONE.replace("privatelink", "other")) is None

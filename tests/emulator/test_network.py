"""Virtual networks, private endpoints and private DNS through the real SDK."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.identity import DefaultAzureCredential
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient

from local_azure.launcher import Emulator
from local_azure.state import settings
from tests.emulator.conftest import SUBSCRIPTION, Send

ACR = "Microsoft.ContainerRegistry/registries"
Group = str


@pytest.fixture
def network(emulator: Emulator) -> Iterator[NetworkManagementClient]:
    """The SDK's client, as Owner."""
    with (
        DefaultAzureCredential() as credential,
        NetworkManagementClient(credential, settings.SUBSCRIPTION_ID) as client,
    ):
        yield client


@pytest.fixture
def group(resources: ResourceManagementClient, group_name: str) -> Group:
    """A resource group of its own in West Europe."""
    resources.resource_groups.create_or_update(group_name, {"location": "westeurope"})
    return group_name


@pytest.fixture
def registry(send: Send, group: Group) -> str:
    """The id of a Premium registry with a replica in North Europe."""
    registry_id = f"{SUBSCRIPTION}/resourceGroups/{group}/providers/{ACR}/{group.replace('-', '')}"
    body = {"location": "westeurope", "sku": {"name": "Premium"}}
    assert send("PUT", registry_id, "2025-11-01", body).status_code == 201
    replica = {"location": "northeurope"}
    assert send("PUT", f"{registry_id}/replications/northeurope", "2025-11-01", replica).status_code in (200, 201)
    return registry_id


@pytest.fixture
def subnet(network: NetworkManagementClient, group: Group) -> Callable[..., Any]:
    """Makes the network `vnet` with a subnet of some prefix; answers the subnet."""

    def make(prefix: str = "10.0.1.0/24", location: str = "westeurope", **properties: Any) -> Any:
        body = {
            "location": location,
            "properties": {
                "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
                "subnets": [{"name": "endpoints", "properties": {"addressPrefix": prefix, **properties}}],
            },
        }
        made = network.virtual_networks.begin_create_or_update(group, "vnet", body).result()
        return (made.subnets or [])[0]

    return make


def endpoint_body(registry: str, subnet_id: str, location: str = "westeurope", **properties: Any) -> dict[str, Any]:
    """The body of a private endpoint for a registry."""
    link = {"name": "link", "properties": {"privateLinkServiceId": registry, "groupIds": ["registry"]}}
    return {
        "location": location,
        "properties": {"subnet": {"id": subnet_id}, "privateLinkServiceConnections": [link], **properties},
    }


def refusal(error: pytest.ExceptionInfo[HttpResponseError]) -> str:
    """The code that the SDK found in an error."""
    assert error.value.error is not None
    return str(error.value.error.code)


def test_a_subnet_keeps_its_service_endpoints_and_policies(
    network: NetworkManagementClient, subnet: Any, group: Group
) -> None:
    """A preflight check asks for service endpoints with their state, and for the policy of private endpoints."""
    subnet(serviceEndpoints=[{"service": "Microsoft.ContainerRegistry"}])
    found = network.subnets.get(group, "vnet", "endpoints").as_dict()["properties"]
    assert found["serviceEndpoints"] == [
        {"service": "Microsoft.ContainerRegistry", "provisioningState": "Succeeded", "locations": ["*"]}
    ]
    assert found["privateEndpointNetworkPolicies"] == "Disabled"
    assert found["provisioningState"] == "Succeeded"


@pytest.mark.parametrize(
    ("prefix", "code"),
    [
        ("192.168.0.0/24", "NetcfgSubnetRangeOutsideVnet"),
        ("10.0.1.128/25", "NetcfgSubnetRangesOverlap"),
        ("10.0.9.7/24", "InvalidCIDRNotation"),
    ],
)
def test_subnets_must_fit_their_network(
    network: NetworkManagementClient, subnet: Any, group: Group, prefix: str, code: str
) -> None:
    """Inside the address space, beside each other, in proper notation."""
    subnet()
    with pytest.raises(HttpResponseError) as error:
        network.subnets.begin_create_or_update(group, "vnet", "second", {"properties": {"addressPrefix": prefix}})
    assert refusal(error) == code


def test_a_network_put_again_replaces_its_subnets(network: NetworkManagementClient, subnet: Any, group: Group) -> None:
    """Listed subnets are there afterwards and no others; without a list none is touched."""
    subnet()
    extra = {"properties": {"addressPrefix": "10.0.2.0/24"}}
    network.subnets.begin_create_or_update(group, "vnet", "extra", extra).result()
    space: dict[str, Any] = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
    body = {"location": "westeurope", "properties": space}
    kept = network.virtual_networks.begin_create_or_update(group, "vnet", body).result()
    assert {one.name for one in kept.subnets or []} == {"endpoints", "extra"}
    space["subnets"] = [{"name": "extra", **extra}]
    replaced = network.virtual_networks.begin_create_or_update(group, "vnet", body).result()
    assert [one.name for one in replaced.subnets or []] == ["extra"]


def test_a_private_endpoint_has_an_address_for_the_registry_and_one_for_each_region(
    network: NetworkManagementClient, subnet: Any, group: Group, registry: str
) -> None:
    """The interface names every member; the first free address of the subnet is the fifth."""
    body = endpoint_body(registry, subnet().id)
    made = network.private_endpoints.begin_create_or_update(group, "pe", body).result()
    assert made.network_interfaces is not None
    nic = network.network_interfaces.get(group, str(made.network_interfaces[0].id).rpartition("/")[2]).as_dict()
    found = {
        one["properties"]["privateLinkConnectionProperties"]["requiredMemberName"]: one["properties"][
            "privateIPAddress"
        ]
        for one in nic["properties"]["ipConfigurations"]
    }
    assert found == {
        "registry": "10.0.1.4",
        "registry_data_northeurope": "10.0.1.5",
        "registry_data_westeurope": "10.0.1.6",
    }
    name = registry.rpartition("/")[2]
    assert {one["fqdn"]: one["ipAddresses"] for one in made.as_dict()["properties"]["customDnsConfigs"]} == {
        f"{name}.azurecr.io": ["10.0.1.4"],
        f"{name}.northeurope.data.azurecr.io": ["10.0.1.5"],
        f"{name}.westeurope.data.azurecr.io": ["10.0.1.6"],
    }


def test_a_private_endpoint_is_known_at_both_ends_and_gone_at_both(
    network: NetworkManagementClient, subnet: Any, group: Group, registry: str, send: Send
) -> None:
    """The registry has the connection and data endpoints of its own; the subnet is in use until the endpoint goes."""
    made = network.private_endpoints.begin_create_or_update(group, "pe", endpoint_body(registry, subnet().id)).result()
    shown = send("GET", registry, "2025-11-01").json()["properties"]
    assert [one["properties"]["privateEndpoint"]["id"] for one in shown["privateEndpointConnections"]] == [made.id]
    assert shown["dataEndpointEnabled"] is True
    usage = next(iter(network.virtual_networks.list_usage(group, "vnet"))).as_dict()
    assert (usage["currentValue"], usage["limit"]) == (3, 251)
    with pytest.raises(HttpResponseError, match="InUseSubnetCannotBeDeleted"):
        network.subnets.begin_delete(group, "vnet", "endpoints").result()
    network.private_endpoints.begin_delete(group, "pe").result()
    assert send("GET", registry, "2025-11-01").json()["properties"]["privateEndpointConnections"] == []
    assert list(network.network_interfaces.list(group)) == []
    network.subnets.begin_delete(group, "vnet", "endpoints").result()
    network.virtual_networks.begin_delete(group, "vnet").result()


def test_static_addresses_are_taken_as_given(
    network: NetworkManagementClient, subnet: Any, group: Group, registry: str
) -> None:
    """ipConfigurations fix the address of a member."""
    static = {"groupId": "registry", "memberName": "registry", "privateIPAddress": "10.0.1.50"}
    body = endpoint_body(registry, subnet().id, ipConfigurations=[{"name": "one", "properties": static}])
    made = network.private_endpoints.begin_create_or_update(group, "pe", body).result().as_dict()["properties"]
    addresses = {one["fqdn"].partition(".")[2]: one["ipAddresses"][0] for one in made["customDnsConfigs"]}
    assert addresses["azurecr.io"] == "10.0.1.50"
    assert addresses["westeurope.data.azurecr.io"] == "10.0.1.5"


@pytest.mark.parametrize(
    ("member", "address", "code"),
    [
        ("registry", "10.0.2.50", "PrivateIPAddressNotInSubnet"),
        ("registry", "10.0.1.3", "PrivateIPAddressInReservedRange"),
        ("registry", "10.0.1.255", "PrivateIPAddressInReservedRange"),
        ("registry", "10.0.1.4", "PrivateIPAddressIsAllocated"),
        ("registry_data_uksouth", "10.0.1.50", "InvalidPrivateLinkServiceMemberName"),
    ],
)
def test_a_static_address_that_cannot_be_had_is_refused(
    network: NetworkManagementClient,
    subnet: Any,
    group: Group,
    registry: str,
    member: str,
    address: str,
    code: str,
) -> None:
    """Not of the subnet, kept by Azure, somebody else's, or for no member."""
    network.private_endpoints.begin_create_or_update(group, "first", endpoint_body(registry, subnet().id)).result()
    static = {"groupId": "registry", "memberName": member, "privateIPAddress": address}
    body = endpoint_body(registry, subnet().id, ipConfigurations=[{"name": "one", "properties": static}])
    with pytest.raises(HttpResponseError) as error:
        network.private_endpoints.begin_create_or_update(group, "second", body)
    assert refusal(error) == code


def test_a_network_says_whether_an_address_is_free(
    network: NetworkManagementClient, subnet: Any, group: Group, registry: str
) -> None:
    """And which others are, where it is taken or kept by Azure."""
    network.private_endpoints.begin_create_or_update(group, "pe", endpoint_body(registry, subnet().id)).result()

    def ask(address: str) -> Any:
        return network.virtual_networks.check_ip_address_availability(group, "vnet", ip_address=address).as_dict()

    assert ask("10.0.1.50") == {"available": True, "isPlatformReserved": False}
    taken, kept = ask("10.0.1.5"), ask("10.0.1.1")
    assert (taken["available"], taken["availableIPAddresses"][0]) == (False, "10.0.1.7")
    assert (kept["available"], kept["isPlatformReserved"]) == (False, True)


@pytest.mark.parametrize(
    ("prefix", "location", "code"),
    [
        ("10.0.1.0/30", "westeurope", "SubnetIsFull"),
        ("10.0.1.0/24", "northeurope", "InvalidResourceReference"),
    ],
)
def test_a_private_endpoint_needs_room_and_a_network_in_its_own_region(
    network: NetworkManagementClient,
    subnet: Any,
    group: Group,
    registry: str,
    prefix: str,
    location: str,
    code: str,
) -> None:
    """The registry may be anywhere, the network may not; three members need three addresses."""
    body = endpoint_body(registry, subnet(prefix=prefix).id, location)
    with pytest.raises(HttpResponseError) as error:
        network.private_endpoints.begin_create_or_update(group, "pe", body)
    assert refusal(error) == code


def test_a_zone_group_keeps_the_records_of_the_endpoint(
    network: NetworkManagementClient,
    resources: ResourceManagementClient,
    subnet: Any,
    group: Group,
    registry: str,
    send: Send,
) -> None:
    """A records for the registry and each data endpoint, in the zone as long as the group is there."""
    made = network.private_endpoints.begin_create_or_update(group, "pe", endpoint_body(registry, subnet().id)).result()
    zone = f"{SUBSCRIPTION}/resourceGroups/{group}/providers/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
    assert send("PUT", zone, "2024-06-01", {"location": "global"}).status_code == 202
    vnet = f"{SUBSCRIPTION}/resourceGroups/{group}/providers/Microsoft.Network/virtualNetworks/vnet"
    link = {"location": "global", "properties": {"virtualNetwork": {"id": vnet}, "registrationEnabled": False}}
    assert send("PUT", f"{zone}/virtualNetworkLinks/link", "2024-06-01", link).status_code == 202
    config = {"name": "acr", "properties": {"privateDnsZoneId": zone}}
    body = {"properties": {"privateDnsZoneConfigs": [config]}}
    network.private_dns_zone_groups.begin_create_or_update(group, "pe", "default", body).result()
    name = registry.rpartition("/")[2]
    records = {one["name"]: one["properties"] for one in send("GET", f"{zone}/A", "2024-06-01").json()["value"]}
    assert set(records) == {name, f"{name}.westeurope.data", f"{name}.northeurope.data"}
    assert records[name]["aRecords"] == [{"ipv4Address": "10.0.1.4"}]
    assert network.private_endpoints.get(group, "pe").as_dict()["properties"]["customDnsConfigs"] == []
    shown = network.private_dns_zone_groups.get(group, "pe", "default").as_dict()["properties"]
    assert len(shown["privateDnsZoneConfigs"][0]["properties"]["recordSets"]) == 3
    network.private_endpoints.begin_delete(group, str(made.name)).result()
    assert send("GET", f"{zone}/A", "2024-06-01").json()["value"] == []
    with pytest.raises(HttpResponseError, match="nested resources"):
        resources.resources.begin_delete_by_id(zone, api_version="2024-06-01").result()


def test_a_new_replica_gets_an_address_and_a_record(
    network: NetworkManagementClient, subnet: Any, group: Group, registry: str, send: Send
) -> None:
    """Every private endpoint of a registry follows its regions."""
    network.private_endpoints.begin_create_or_update(group, "pe", endpoint_body(registry, subnet().id)).result()
    replica = {"location": "francecentral"}
    assert send("PUT", f"{registry}/replications/francecentral", "2025-11-01", replica).status_code == 201
    found = network.private_endpoints.get(group, "pe").as_dict()["properties"]["customDnsConfigs"]
    assert [one["ipAddresses"] for one in found if ".francecentral." in one["fqdn"]] == [["10.0.1.7"]]


def test_a_replica_that_a_private_endpoint_cannot_follow_is_not_created(
    network: NetworkManagementClient, subnet: Any, group: Group, registry: str, send: Send
) -> None:
    """Static addresses: the operation fails with Azure's words, and the replica is gone again. An older one stays."""
    static = {"groupId": "registry", "memberName": "registry", "privateIPAddress": "10.0.1.50"}
    body = endpoint_body(registry, subnet().id, ipConfigurations=[{"name": "one", "properties": static}])
    network.private_endpoints.begin_create_or_update(group, "pe", body).result()
    replica = f"{registry}/replications/francecentral"
    accepted = send("PUT", replica, "2025-11-01", {"location": "francecentral"})
    outcome = send("GET", accepted.headers["Azure-AsyncOperation"].partition("?")[0], "2025-11-01").json()
    assert "contains static ipconfigurations" in outcome["error"]["message"]
    assert send("GET", replica, "2025-11-01").status_code == 404
    before = f"{registry}/replications/northeurope"
    assert send("PUT", before, "2025-11-01", {"location": "northeurope"}).status_code in (200, 201)
    assert send("GET", before, "2025-11-01").json()["properties"]["provisioningState"] == "Succeeded"


def test_a_network_security_group_has_its_lists(network: NetworkManagementClient, group: Group) -> None:
    """Light: enough to be found and referred to."""
    made = network.network_security_groups.begin_create_or_update(group, "nsg", {"location": "westeurope"}).result()
    assert made.as_dict()["properties"]["securityRules"] == []

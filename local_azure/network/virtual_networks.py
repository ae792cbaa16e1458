"""Virtual networks, their subnets, and network security groups."""

from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from local_azure.arm.resource_types import Body, ResourceType
from local_azure.network.addresses import (
    capacity,
    free_addresses,
    in_subnet,
    is_reserved,
    network_of,
    prefixes_of,
    taken,
)
from local_azure.network.versioning import WIRE, guid_of, refusal, show_versioned, weak_etag
from local_azure.state.directory import Principal
from local_azure.state.responses import answer
from local_azure.state.store import Resource, parse_id
from local_azure.wire.routing import Call, Routes

if TYPE_CHECKING:
    from local_azure.state.world import World

ROUTES = Routes()

VNET = "Microsoft.Network/virtualNetworks"
SUBNET = f"{VNET}/subnets"
PATH = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network/virtualNetworks/{network}"
POLICIES_DISABLED_SINCE = "2022-07"  # the default of privateEndpointNetworkPolicies; Enabled in older api-versions
POOLS_SINCE = "2024-01"  # the api-versions whose subnets show their pools of addresses, none here
DELEGATIONS_SINCE: Final = "2018-08"
POLICIES_SINCE = "2019-04"  # the api-versions that have policies of private endpoints at all
VM_PROTECTION_UNTIL = "2021"  # later api-versions show only a true one
FEW = 5  # as many others as Azure proposes for an address that is not free
READ_ONLY = ("ipConfigurations", "privateEndpoints", "resourceGuid", "provisioningState")


def prepare_network(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Check a network whose address space contains all of its subnets; those are resources of their own."""
    properties = {key: value for key, value in body.get("properties", {}).items() if key not in READ_ONLY}
    prefixes = (properties.get("addressSpace") or {}).get("addressPrefixes") or []
    if not prefixes:
        message = f"The virtual network {resource_id} must have at least one address prefix."
        raise refusal("MissingAddressPrefix", message)
    subnets = properties.pop("subnets", None)
    for prefix in prefixes:
        network_of(prefix, resource_id)
    properties |= {
        "provisioningState": "Succeeded",
        "enableDdosProtection": properties.get("enableDdosProtection", False),
        **({"dhcpOptions": {"dnsServers": []} | properties["dhcpOptions"]} if "dhcpOptions" in properties else {}),
    }
    network = Resource(resource_id, {**_without_identity(body), "properties": properties})
    if subnets is not None:
        network.hidden["subnets"] = subnets
        _check_listed(world, network, subnets)
    del principal, existing
    return network


def _without_identity(body: Body) -> Body:
    return {key: value for key, value in body.items() if key not in ("id", "name", "type", "etag")}


def _check_listed(world: "World", network: Resource, subnets: list[dict[str, Any]]) -> None:
    """Check the listed subnets: each inside the network, none overlapping, none in use omitted."""
    planned = [_subnet(network.id, one["name"], one) for one in subnets]
    for index, subnet in enumerate(planned):
        _check_ranges(subnet, network, planned[:index])
    kept = {subnet.id.lower() for subnet in planned}
    for old in world.resources.children(network.id, SUBNET):
        if old.id.lower() not in kept:
            check_unused(world, old)


async def create_subnets(world: "World", network: Resource) -> None:
    """Create the network's listed subnets, and remove the others. Without a list, change none."""
    listed = network.hidden.pop("subnets", None)
    if listed is None:
        return
    kept = {f"{network.id}/subnets/{one['name']}".lower() for one in listed}
    for old in world.resources.children(network.id, SUBNET):
        if old.id.lower() not in kept:
            world.resources.delete(old.id)
    for one in listed:
        world.resources.put(_subnet(network.id, one["name"], one))


def prepare_subnet(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Check a subnet inside its network's address space, beside the other subnets."""
    subnet = _subnet(parse_id(resource_id).parent, parse_id(resource_id).name, body)
    network = world.resources.get(subnet.parent)
    if network is not None:
        others = [one for one in world.resources.children(network.id, SUBNET) if one.id.lower() != subnet.id.lower()]
        _check_ranges(subnet, network, others)
    del principal, existing
    return subnet


def _subnet(network_id: str, name: str, body: Body) -> Resource:
    properties = {key: value for key, value in (body.get("properties") or {}).items() if key not in READ_ONLY}
    if not properties.get("addressPrefix") and not properties.get("addressPrefixes"):
        raise refusal("NetcfgInvalidSubnet", f"Subnet '{name}' is not valid: it has no address prefix.")
    for endpoint in properties.get("serviceEndpoints") or []:
        endpoint["provisioningState"] = "Succeeded"
        endpoint.setdefault("locations", ["*"])
    properties.setdefault("delegations", [])
    properties.setdefault("privateLinkServiceNetworkPolicies", "Enabled")
    return Resource(f"{network_id}/subnets/{name}", {"properties": properties | {"provisioningState": "Succeeded"}})


def _check_ranges(subnet: Resource, network: Resource, others: list[Resource]) -> None:
    space = [network_of(prefix, network.id) for prefix in network.properties["addressSpace"]["addressPrefixes"]]
    for prefix in prefixes_of(subnet):
        own = network_of(prefix, subnet.id)
        if not any(own.subnet_of(part) for part in space):
            raise refusal(
                "NetcfgSubnetRangeOutsideVnet",
                f"Subnet '{subnet.name}' is not valid because its IP address range is outside the IP address range of "
                f"virtual network '{network.name}'.",
            )
        if any(own.overlaps(network_of(taken_, other.id)) for other in others for taken_ in prefixes_of(other)):
            raise refusal(
                "NetcfgSubnetRangesOverlap",
                f"Subnet '{subnet.name}' is not valid because its IP address range overlaps with that of an existing "
                f"subnet in virtual network '{network.name}'.",
            )


def show_network(resource: Resource, api_version: str, world: "World") -> Body:
    """Return the network with its subnets inside, also those still being created."""
    state = resource.properties["provisioningState"]
    there = world.resources.children(resource.id, SUBNET)
    listed = resource.hidden.get("subnets")
    planned = there if listed is None else [_subnet(resource.id, one["name"], one) for one in listed]
    subnets = [show_subnet(one, api_version, world) for one in planned]
    for one in subnets if listed is not None else ():
        one["properties"] = one["properties"] | {"provisioningState": state}
    inside = {"subnets": subnets, "virtualNetworkPeerings": [], "resourceGuid": guid_of(resource)}
    properties = resource.properties | inside
    if api_version >= VM_PROTECTION_UNTIL and not properties.get("enableVmProtection"):
        properties.pop("enableVmProtection", None)
    return resource.view() | {"etag": weak_etag(resource), "properties": properties}


def show_subnet(resource: Resource, api_version: str, world: "World") -> Body:
    """Return the subnet with its users."""
    policies = "Disabled" if api_version >= POLICIES_DISABLED_SINCE else "Enabled"
    found = in_subnet(world, resource.id)
    endpoints = sorted(
        {nic.properties["privateEndpoint"]["id"] for nic, _ in found if "privateEndpoint" in nic.properties}
    )
    used = {"ipConfigurations": [{"id": one["id"]} for _, one in found]} if found else {}
    linked = {"privateEndpoints": [{"id": one} for one in endpoints]} if endpoints else {}
    properties = {"privateEndpointNetworkPolicies": policies} | resource.properties | used | linked
    if api_version < POLICIES_SINCE:
        properties = {name: one for name, one in properties.items() if not name.endswith("NetworkPolicies")}
    if api_version < DELEGATIONS_SINCE and not properties["delegations"]:
        del properties["delegations"]
    if services := properties.get("serviceEndpoints"):
        state = properties["provisioningState"]
        properties["serviceEndpoints"] = [one | {"provisioningState": state} for one in services]
    pools: Body = {"ipamPoolPrefixAllocations": []} if api_version >= POOLS_SINCE else {}
    return resource.view() | {"etag": weak_etag(resource), "properties": pools | properties}


def is_light(old: Resource, new: Resource) -> bool:
    """Return whether nothing of a subnet changes but its policies, which recordings show as done at once."""
    before, after = (
        {name: value for name, value in one.properties.items() if not name.endswith("NetworkPolicies")}
        for one in (old, new)
    )
    return before == after


def check_all_unused(world: "World", network: Resource) -> None:
    """Raise AzureError if one of the network's subnets is in use."""
    for subnet in world.resources.children(network.id, SUBNET):
        check_unused(world, subnet)


def check_unused(world: "World", subnet: Resource) -> None:
    """Raise AzureError if something in the subnet has an address."""
    users = [one["id"] for _, one in in_subnet(world, subnet.id)]
    if users:
        raise refusal(
            "InUseSubnetCannotBeDeleted",
            f"Subnet {subnet.name} is in use by {', '.join(users)} and cannot be deleted. In order to delete the "
            "subnet, delete all the resources within the subnet. See aka.ms/deletesubnet.",
        )


@ROUTES.route("GET", f"{PATH}/usages")
async def usages(call: Call) -> web.StreamResponse:
    """Answer with the number of used addresses of each subnet."""
    network = call.world.resources.require(call.path.rpartition("/")[0])
    name = {"localizedValue": "Subnet size and usage", "value": "SubnetSpace"}
    value = [
        {
            "id": subnet.id,
            "currentValue": len(taken(call.world, subnet.id)),
            "limit": capacity(subnet),
            "name": name,
            "unit": "Count",
        }
        for subnet in call.world.resources.children(network.id, SUBNET)
    ]
    return answer({"value": value})


@ROUTES.route("GET", f"{PATH}/CheckIPAddressAvailability")
async def address_availability(call: Call) -> web.StreamResponse:
    """Answer whether an address of the network is free, and which others are (IPAddressAvailabilityResult)."""
    network = call.world.resources.require(call.path.rpartition("/")[0])
    address = call.query.get("ipaddress", "")
    subnet = _subnet_of(call.world, network, address)
    if subnet is None:
        message = f"The address {address} is not in a subnet of the virtual network {network.name}."
        raise refusal("PrivateIPAddressNotInAnySubnet", message)
    inside = [one for prefix in prefixes_of(subnet) if IPv4Address(address) in (one := network_of(prefix, subnet.id))]
    reserved = is_reserved(address, inside[0])
    available = not reserved and IPv4Address(address) not in taken(call.world, subnet.id)
    others = {} if available else {"availableIPAddresses": free_addresses(call.world, subnet, FEW)}
    return answer({"available": available, "isPlatformReserved": reserved} | others)


def _subnet_of(world: "World", network: Resource, address: str) -> Resource | None:
    for subnet in world.resources.children(network.id, SUBNET):
        if any(IPv4Address(address) in network_of(prefix, subnet.id) for prefix in prefixes_of(subnet)):
            return subnet
    return None


def prepare_security_group(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Check a security group with its rules."""
    del world, principal, existing
    properties = {"securityRules": [], "defaultSecurityRules": [], **(body.get("properties") or {})}
    return Resource(
        resource_id, {**_without_identity(body), "properties": properties | {"provisioningState": "Succeeded"}}
    )


TYPES: Final = (
    ResourceType(
        VNET,
        prepare=prepare_network,
        view=show_network,
        after_put=create_subnets,
        check_delete=check_all_unused,
        create_seconds=4,
        update_seconds=4,
        delete_seconds=10,
        tracked=True,
        **WIRE,
    ),
    ResourceType(
        SUBNET,
        prepare=prepare_subnet,
        view=show_subnet,
        check_delete=check_unused,
        is_light=is_light,
        create_seconds=4,
        update_seconds=4,
        delete_seconds=10,
        **WIRE,
    ),
    ResourceType(
        "Microsoft.Network/networkSecurityGroups",
        prepare=prepare_security_group,
        view=show_versioned,
        create_seconds=4,
        delete_seconds=10,
        tracked=True,
        **WIRE,
    ),
)

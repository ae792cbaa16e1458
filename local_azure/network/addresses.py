"""Addresses in subnets: which are taken, by what, and which come next. Azure keeps five of each subnet for itself."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Any

from local_azure.network.versioning import refusal
from local_azure.state.errors import AzureError
from local_azure.state.store import Resource

if TYPE_CHECKING:
    from local_azure.state.world import World

NIC = "Microsoft.Network/networkInterfaces"
RESERVED_FIRST = 4  # network address, gateway, two for DNS
RESERVED = RESERVED_FIRST + 1  # and the broadcast address


def network_of(prefix: str, owner: str) -> IPv4Network:
    """Return the address range of a CIDR prefix. Raises AzureError for an invalid one."""
    try:
        network = IPv4Network(prefix, strict=False)
    except ValueError as error:
        message = (
            f"Address prefix {prefix} of resource {owner} is not formatted correctly. It should follow CIDR notation."
        )
        raise refusal("InvalidAddressPrefixFormat", message) from error
    if network.network_address != IPv4Address(prefix.partition("/")[0]):
        raise refusal(
            "InvalidCIDRNotation", f"The address prefix {prefix} in resource {owner} has an invalid CIDR notation."
        )
    return network


def prefixes_of(subnet: Resource) -> list[str]:
    """Return the prefixes of a subnet, however they were written."""
    properties = subnet.properties
    return list(properties.get("addressPrefixes") or [properties["addressPrefix"]])


def in_subnet(world: "World", subnet_id: str) -> list[tuple[Resource, dict[str, Any]]]:
    """Return every IP configuration in a subnet, with its network interface."""
    return [
        (nic, configuration)
        for nic in world.resources.select(NIC)
        for configuration in nic.properties.get("ipConfigurations", [])
        if configuration["properties"]["subnet"]["id"].lower() == subnet_id.lower()
    ]


def taken(world: "World", subnet_id: str) -> set[IPv4Address]:
    """Return the addresses in use in a subnet."""
    return {IPv4Address(one["properties"]["privateIPAddress"]) for _, one in in_subnet(world, subnet_id)}


def capacity(subnet: Resource) -> int:
    """Return the number of addresses in a subnet."""
    return sum(network_of(prefix, subnet.name).num_addresses - RESERVED for prefix in prefixes_of(subnet))


def free_addresses(world: "World", subnet: Resource, count: int, keep: Iterable[str] = ()) -> list[str]:
    """Return the next `count` free addresses besides `keep`. Raises AzureError SubnetIsFull."""
    used = taken(world, subnet.id) | {IPv4Address(address) for address in keep}
    found: list[str] = []
    for prefix in prefixes_of(subnet):
        network = network_of(prefix, subnet.name)
        for offset in range(RESERVED_FIRST, network.num_addresses - 1):
            if len(found) == count:
                return found
            if network[offset] not in used:
                found.append(str(network[offset]))
    if len(found) < count:
        raise subnet_is_full(subnet, count)
    return found


def check_fixed(world: "World", subnet: Resource, address: str, own: set[str]) -> None:
    """Raise AzureError if this address of the subnet is not available; `own` are those already assigned to the caller.

    The codes are those that Azure has for network interfaces; whether private endpoints have the same is not known.
    """
    networks = [network_of(prefix, subnet.name) for prefix in prefixes_of(subnet)]
    inside = [network for network in networks if IPv4Address(address) in network]
    if not inside:
        message = f"Private static IP address {address} does not belong to the range of subnet prefix {networks[0]}."
        raise refusal("PrivateIPAddressNotInSubnet", message)
    if is_reserved(address, inside[0]):
        message = f"Private static IP address {address} falls within reserved IP range of subnet prefix {inside[0]}."
        raise refusal("PrivateIPAddressInReservedRange", message)
    if address not in own and IPv4Address(address) in taken(world, subnet.id):
        message = f"IP configuration cannot be created because the IP address {address} is already allocated."
        raise refusal("PrivateIPAddressIsAllocated", message)


def is_reserved(address: str, network: IPv4Network) -> bool:
    """Return whether Azure keeps the address of the range for itself."""
    host = int(IPv4Address(address)) - int(network.network_address)
    return host < RESERVED_FIRST or host == network.num_addresses - 1


def subnet_is_full(subnet: Resource, count: int) -> AzureError:
    """Return the 400 for a subnet without enough free addresses."""
    return refusal(
        "SubnetIsFull",
        f"Subnet {subnet.name} with address prefix {', '.join(prefixes_of(subnet))} does not have enough capacity for "
        f"{count} IP addresses.",
    )


def missing_reference(referenced: str, resource_id: str) -> AzureError:
    """Return the 400 for an unknown id, or one in another region."""
    return refusal(
        "InvalidResourceReference",
        f"Resource {referenced} referenced by resource {resource_id} was not found. Please make sure that the "
        "referenced resource exists, and that both resources are in the same region.",
    )

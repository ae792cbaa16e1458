"""Virtual networks, private endpoints and private DNS: what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from acr_relocate.azure.client.errors import contact
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.core.errors import NotFound
from acr_relocate.core.evidence.azure_facts import Subnet
from acr_relocate.core.network.layout import SubnetRoom

if TYPE_CHECKING:
    from azure.mgmt.network.aio import NetworkManagementClient

Json = dict[str, Any]

DNS_ZONES_API: Final = "2024-06-01"


async def subnet(azure: AzureConnection, subnet_id: str) -> Subnet | None:
    """The subnet with its service endpoints and its network's region, or None if it does not exist."""
    _, subscription_id, group, network, name = _parts(subnet_id)
    try:
        with contact(f"Reading the virtual network {network}", subnet_id):
            found = (await _client(azure, subscription_id).virtual_networks.get(group, network)).as_dict()
    except NotFound:
        return None
    entries = {entry["name"].lower(): entry for entry in (found.get("properties") or {}).get("subnets") or ()}
    entry = entries.get(name.lower())
    if entry is None:
        return None
    endpoints = _properties(entry).get("serviceEndpoints") or ()
    states = {endpoint["service"]: endpoint.get("provisioningState", "") for endpoint in endpoints}
    location = found.get("location", "")
    return Subnet(id=entry["id"], location=location, prefixes=_prefixes(entry), service_endpoints=states)


async def is_free(azure: AzureConnection, subnet_id: str, address: str) -> bool:
    """Whether Azure could give this address of the subnet's network to somebody."""
    _, subscription_id, group, network, _ = _parts(subnet_id)
    with contact(f"Asking whether {address} is free in the virtual network {network}", subnet_id):
        client = _client(azure, subscription_id).virtual_networks
        return bool((await client.check_ip_address_availability(group, network, ip_address=address)).available)


async def subnet_room(azure: AzureConnection, subnet_id: str) -> SubnetRoom | None:
    """The subnet with its policies and how many addresses it has left, or None if it does not exist."""
    _, subscription_id, group, network, name = _parts(subnet_id)
    client = _client(azure, subscription_id)
    try:
        with contact(f"Reading the subnet {name}", subnet_id):
            found = (await client.subnets.get(group, network, name)).as_dict()
            used = [usage.as_dict() async for usage in client.virtual_networks.list_usage(group, network)]
    except NotFound:
        return None
    properties = found.get("properties") or {}
    counts = {str(usage.get("id") or "").lower(): usage for usage in used}
    usage = counts.get(subnet_id.lower(), {})
    return SubnetRoom(
        id=found["id"],
        prefixes=_prefixes(found),
        capacity=int(usage["limit"]) if "limit" in usage else None,
        used=int(usage["currentValue"]) if "currentValue" in usage else None,
        endpoint_policies=str(properties.get("privateEndpointNetworkPolicies") or "Disabled"),
        delegations=tuple(
            str(_properties(one).get("serviceName") or one["name"]) for one in properties.get("delegations") or ()
        ),
    )


async def private_endpoint(azure: AzureConnection, endpoint_id: str) -> Json | None:
    """The private endpoint, with its `privateDnsZoneGroups` and its `interfaces`; None if it does not exist."""
    _, subscription_id, group, name, _ = _parts(endpoint_id)
    client = _client(azure, subscription_id)
    try:
        with contact(f"Reading the private endpoint {name}", endpoint_id):
            found: Json = (await client.private_endpoints.get(group, name)).as_dict()
            groups = [entry.as_dict() async for entry in client.private_dns_zone_groups.list(name, group)]
            interfaces = [
                await _interface(azure, entry["id"]) for entry in _properties(found).get("networkInterfaces") or ()
            ]
    except NotFound:
        return None
    return {**found, "privateDnsZoneGroups": groups, "interfaces": interfaces}


async def dns_zone(azure: AzureConnection, zone_id: str) -> Json | None:
    """The private DNS zone with its `A` records and its `virtualNetworkLinks`; None if it does not exist."""
    name = zone_id.rsplit("/", 1)[-1]
    zone = await azure.arm.find(zone_id, DNS_ZONES_API, doing=f"Reading the private DNS zone {name}")
    if zone is None:
        return None
    records = await azure.arm.list(f"{zone_id}/A", DNS_ZONES_API, doing=f"Reading the records of {name}")
    links = await azure.arm.list(f"{zone_id}/virtualNetworkLinks", DNS_ZONES_API, doing=f"Reading the links of {name}")
    return {**zone, "A": records, "virtualNetworkLinks": links}


def _prefixes(entry: Json) -> tuple[str, ...]:
    """The address ranges of a subnet, however they were written."""
    own = _properties(entry)
    return tuple(own.get("addressPrefixes") or filter(None, [own.get("addressPrefix")]))


async def _interface(azure: AzureConnection, interface_id: str) -> Json:
    _, subscription_id, group, name, _ = _parts(interface_id)
    return (await _client(azure, subscription_id).network_interfaces.get(group, name)).as_dict()


def _properties(entry: Json) -> Json:
    return entry.get("properties") or {}


def _client(azure: AzureConnection, subscription_id: str) -> NetworkManagementClient:
    # Here, because importing it costs 53 MB, which a worker that only imports images should not pay.
    from azure.mgmt.network.aio import NetworkManagementClient as Client  # noqa: PLC0415

    return azure.arm.typed(Client, subscription_id)


def _parts(resource_id: str) -> tuple[str, str, str, str, str]:
    """Of the id of a network resource: "", subscription, resource group, name, and name of the child or ""."""
    segments = resource_id.split("/")
    return "", segments[2], segments[4], segments[8], segments[10] if len(segments) > 10 else ""

"""Read virtual networks, private endpoints and private DNS.

By plain calls: importing Azure's own client for networks takes half a second and 53 MB.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.core.cut_over.dns import NETWORK_API
from acr_relocate.core.evidence.azure_facts import Subnet
from acr_relocate.core.network.layout import SubnetRoom

Json = dict[str, Any]

DNS_ZONES_API: Final = "2024-06-01"


async def subnet(azure: AzureConnection, subnet_id: str) -> Subnet | None:
    """Return the subnet with its service endpoints and its network's region, or None if it does not exist."""
    network_id, name = _network(subnet_id)
    found = await azure.arm.find(network_id, NETWORK_API, doing=f"Reading the virtual network {_name(network_id)}")
    if found is None:
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
    """Return whether Azure could assign this address of the subnet's network."""
    network_id, _ = _network(subnet_id)
    doing = f"Asking whether {address} is free in the virtual network {_name(network_id)}"
    path, query = f"{network_id}/CheckIPAddressAvailability", f"ipAddress={quote(address)}"
    answer = await azure.arm.call("GET", path, NETWORK_API, doing=doing, query=query)
    return bool(answer.document(doing, path).get("available"))


async def subnet_room(azure: AzureConnection, subnet_id: str) -> SubnetRoom | None:
    """Return the subnet with its policies and its number of free addresses, or None if it does not exist."""
    network_id, name = _network(subnet_id)
    found = await azure.arm.find(subnet_id, NETWORK_API, doing=f"Reading the subnet {name}")
    if found is None:
        return None
    used = await azure.arm.list(f"{network_id}/usages", NETWORK_API, doing=f"Reading the use of {_name(network_id)}")
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
    """Return the private endpoint, with its `privateDnsZoneGroups` and `interfaces`; None if it does not exist."""
    name = _name(endpoint_id)
    found = await azure.arm.find(endpoint_id, NETWORK_API, doing=f"Reading the private endpoint {name}")
    if found is None:
        return None
    path = f"{endpoint_id}/privateDnsZoneGroups"
    groups = await azure.arm.list(path, NETWORK_API, doing=f"Reading the DNS zone groups of {name}")
    named = [entry["id"] for entry in _properties(found).get("networkInterfaces") or ()]
    interfaces = [await azure.arm.get(each, NETWORK_API, doing=f"Reading the interfaces of {name}") for each in named]
    return {**found, "privateDnsZoneGroups": groups, "interfaces": interfaces}


async def dns_zone(azure: AzureConnection, zone_id: str) -> Json | None:
    """Return the private DNS zone with its `A` records and `virtualNetworkLinks`; None if it does not exist."""
    name = zone_id.rsplit("/", 1)[-1]
    zone = await azure.arm.find(zone_id, DNS_ZONES_API, doing=f"Reading the private DNS zone {name}")
    if zone is None:
        return None
    records = await azure.arm.list(f"{zone_id}/A", DNS_ZONES_API, doing=f"Reading the records of {name}")
    links = await azure.arm.list(f"{zone_id}/virtualNetworkLinks", DNS_ZONES_API, doing=f"Reading the links of {name}")
    return {**zone, "A": records, "virtualNetworkLinks": links}


def _prefixes(entry: Json) -> tuple[str, ...]:
    """Return the address ranges of a subnet, in either property."""
    own = _properties(entry)
    return tuple(own.get("addressPrefixes") or filter(None, [own.get("addressPrefix")]))


def _properties(entry: Json) -> Json:
    return entry.get("properties") or {}


def _network(subnet_id: str) -> tuple[str, str]:
    """Return the id of a subnet's virtual network, and the subnet's name."""
    segments = subnet_id.split("/")
    return "/".join(segments[:9]), segments[10]


def _name(resource_id: str) -> str:
    return resource_id.rpartition("/")[2]

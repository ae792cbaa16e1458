"""How a client in a virtual network gets to a registry: what its network answers for the name, and who is there."""

from typing import TYPE_CHECKING

from local_azure.network.dns import LINK, RECORD
from local_azure.network.private_endpoints import (
    ENDPOINT,
    connections,
    interface_id,
    names_and_addresses,
    other_end,
)
from local_azure.state.store import Resource
from local_azure.wire.routing import EndpointAddress

if TYPE_CHECKING:
    from local_azure.state.world import World


def resolve(world: "World", registry: Resource, host: str, network: str) -> list[str] | None:
    """Return the private addresses from the network's zones; None if the public DNS answers.

    A registry with a private endpoint is an alias of its name in privatelink.azurecr.io. Where a zone of that name is
    linked it answers, and what it has no record for is not there (private-link/private-endpoint-dns), unless the link
    lets the public DNS answer then (dns/private-dns-fallback).
    """
    if not any(_leads_to(world, one, registry) for one in world.resources.select(ENDPOINT)):
        return None
    label, _, suffix = host.partition(".azurecr.")
    zones = {
        link.parent: link.properties.get("resolutionPolicy") == "NxDomainRedirect"
        for link in world.resources.select(LINK)
        if str((link.properties.get("virtualNetwork") or {}).get("id") or "").lower() == network.lower()
        and link.parent.lower().endswith(f"/privatelink.azurecr.{suffix}")
    }
    records = [one for zone in zones for one in world.resources.children(zone, RECORD) if one.name.lower() == label]
    found = [entry["ipv4Address"] for record in records for entry in record.properties["aRecords"]]
    return found if found or (zones and not all(zones.values())) else None


def serves(world: "World", registry: Resource, host: str, door: EndpointAddress) -> bool:
    """Return whether an approved endpoint of the registry has this address for the host."""
    return any(
        interface_id(endpoint).lower() == door.interface.lower()
        and names_and_addresses(world, endpoint).get(host) == door.address
        and _is_approved(world, endpoint, registry)
        for endpoint in world.resources.select(ENDPOINT)
    )


def _leads_to(world: "World", endpoint: Resource, registry: Resource) -> bool:
    return any(
        there is not None and there.parent.lower() == registry.id.lower()
        for there in (other_end(world, endpoint, connection) for connection in connections(endpoint))
    )


def _is_approved(world: "World", endpoint: Resource, registry: Resource) -> bool:
    for connection in connections(endpoint):
        there = other_end(world, endpoint, connection)
        if there is not None and there.parent.lower() == registry.id.lower():
            return bool(there.properties["privateLinkServiceConnectionState"]["status"] == "Approved")
    return False

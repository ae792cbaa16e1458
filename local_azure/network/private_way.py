"""Whether a client in a virtual network reaches a registry by a private endpoint: its network resolves the name so.

Networks are taken to be peered: what a zone that is linked to the client's network answers can be reached.
"""

from typing import TYPE_CHECKING

from local_azure.network.dns import LINK, RECORD
from local_azure.network.private_endpoints import ENDPOINT, connections, names_and_addresses, other_end
from local_azure.store import Resource

if TYPE_CHECKING:
    from local_azure.world import World


def leads_to(world: "World", registry: Resource, host: str, network: str) -> bool:
    """Whether the network's zones answer the host with an address of an approved endpoint of the registry."""
    answered = _answers(world, host, network)
    return any(
        names_and_addresses(world, endpoint).get(host) in answered
        for endpoint in world.resources.select(ENDPOINT)
        if _is_approved(world, endpoint, registry)
    )


def _answers(world: "World", host: str, network: str) -> set[str]:
    label, _, suffix = host.partition(".azurecr.")
    found: set[str] = set()
    for link in world.resources.select(LINK):
        zone = link.parent
        linked = str((link.properties.get("virtualNetwork") or {}).get("id") or "").lower() == network.lower()
        if linked and zone.lower().endswith(f"/privatelink.azurecr.{suffix}"):
            records = (one for one in world.resources.children(zone, RECORD) if one.name.lower() == label)
            found |= {entry["ipv4Address"] for record in records for entry in record.properties["aRecords"]}
    return found


def _is_approved(world: "World", endpoint: Resource, registry: Resource) -> bool:
    for connection in connections(endpoint):
        there = other_end(world, endpoint, connection)
        if there is not None and there.parent.lower() == registry.id.lower():
            return bool(there.properties["privateLinkServiceConnectionState"]["status"] == "Approved")
    return False

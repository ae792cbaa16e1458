"""DNS: a zone group for each new private endpoint, and zone links for its clients' networks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from acr_relocate.core.cut_over.arm_calls import ArmCall, DoneWhen
from acr_relocate.core.cut_over.context import CutOverContext
from acr_relocate.core.cut_over.model import CutOverAction, create_action, ownership_tags
from acr_relocate.core.dependencies.lookups import zone_ids
from acr_relocate.core.dependencies.networks import subnet_of
from acr_relocate.core.network.layout import zones
from acr_relocate.core.registry.inventory import Child
from acr_relocate.core.registry.resource_ids import ResourceId

DNS_RECORDS_API: Final = "2024-06-01"
NETWORK_API: Final = "2024-05-01"


def dns_actions(cut: CutOverContext) -> Iterator[CutOverAction]:
    """Yield a zone group for each new endpoint that the deployment gives none, and links from zones to networks."""
    written = [zone.id for zone in zones(cut.scene.around) if cut.source.name in zone.records]
    for endpoint in cut.target.children_of("privateEndpoints"):
        network = ResourceId(subnet_of({"properties": endpoint.properties})).ancestor("virtualNetworks")
        named = zone_ids([{"privateDnsZoneGroups": endpoint.properties.get("privateDnsZoneGroups") or ()}])
        if not named and written:
            yield _zone_group(cut, endpoint, written[0])
        for zone in named or written[:1]:
            yield _link(cut, zone, network)


def _zone_group(cut: CutOverContext, endpoint: Child, zone: str) -> CutOverAction:
    """Return the zone group through which Azure writes the endpoint's records, if the source's were written manually.

    That is one record for the login server and one for the data endpoint of every replica, with the interface's actual
    addresses, also of a replica that comes later (container-registry-private-endpoints).
    """
    group = ResourceId(cut.request.target_id).group_id
    path = f"{group}/providers/Microsoft.Network/privateEndpoints/{endpoint.name}/privateDnsZoneGroups/default"
    zone_id = {"privateDnsZoneId": zone}
    config = {"name": ResourceId(zone).name.replace(".", "-"), "properties": zone_id}
    zone_name = ResourceId(zone).name
    return create_action(
        "dns_zone_group",
        f"names of {endpoint.name} in {zone_name}",
        f"keep the records of {endpoint.name} in {zone_name}, where people wrote those of {cut.source.name}",
        path,
        NETWORK_API,
        {"properties": {"privateDnsZoneConfigs": [config]}},
        expected={"properties": {"privateDnsZoneConfigs": [{"properties": zone_id}]}},
    )


def _link(cut: CutOverContext, zone: str, network: str) -> CutOverAction:
    """Return the link. An existing link is accepted, but only ours is ever removed."""
    linked = {"virtualNetwork": {"id": network}}
    action = create_action(
        "dns_zone_link",
        f"{ResourceId(zone).name} for {ResourceId(network).name}",
        f"let {ResourceId(network).name} resolve the names in {ResourceId(zone).name}",
        f"{zone}/virtualNetworkLinks/{ResourceId(network).name}-{cut.request.target.name}",
        DNS_RECORDS_API,
        {
            "location": "global",
            "tags": ownership_tags(cut.request),
            "properties": linked | {"registrationEnabled": False},
        },
    )
    listing = ArmCall(method="GET", path=f"{zone}/virtualNetworkLinks", api_version=DNS_RECORDS_API)
    return action.model_copy(update={"look": DoneWhen(call=listing, expected={"properties": linked}, listed=True)})

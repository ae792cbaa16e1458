"""Names in the network: the zones of the new private endpoints have to be linked to the networks of their clients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from acr_relocate.core.cut_over.model import Action, Call, Look, made, our_tags
from acr_relocate.core.cut_over.scene import Cut
from acr_relocate.core.dependencies.networks import subnet_of
from acr_relocate.core.dependencies.references import zone_ids
from acr_relocate.core.dependencies.surroundings import ancestor, name_of

DNS: Final = "2024-06-01"


def actions(cut: Cut) -> Iterator[Action]:
    """Yield a link from each zone that a new private endpoint writes its names to, to the network that it is in."""
    for endpoint in cut.target.children_of("privateEndpoints"):
        network = ancestor(subnet_of({"properties": endpoint.properties}), "virtualNetworks")
        for zone in zone_ids([{"privateDnsZoneGroups": endpoint.properties.get("privateDnsZoneGroups") or ()}]):
            yield _link(cut, zone, network)


def _link(cut: Cut, zone: str, network: str) -> Action:
    """Return the link. One that anybody made is as good, but only ours is ever taken away again."""
    linked = {"virtualNetwork": {"id": network}}
    action = made(
        "dns_zone_link",
        f"{name_of(zone)} for {name_of(network)}",
        f"let {name_of(network)} resolve the names in {name_of(zone)}",
        f"{zone}/virtualNetworkLinks/{name_of(network)}-{cut.request.target.name}",
        DNS,
        {"location": "global", "tags": our_tags(cut.request), "properties": linked | {"registrationEnabled": False}},
    )
    listing = Call(method="GET", path=f"{zone}/virtualNetworkLinks", api_version=DNS)
    return action.model_copy(update={"look": Look(call=listing, expected={"properties": linked}, listed=True)})

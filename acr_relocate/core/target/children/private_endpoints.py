"""Private endpoints: resources of their own, in the network of their clients, connected to the registry."""

from __future__ import annotations

from typing import Any

from acr_relocate.core.registry.inventory import Child
from acr_relocate.core.registry.regions import normalise_location
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.request.identity import PLAN_TAG, relocation_id
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.children.move import Move, Moved, carried, note


def rewrite_private_endpoint(child: Child, move: Move) -> Moved:
    """Return an endpoint to the target, beside the one to the source: both work until the source is deleted.

    An endpoint must be in its network's region, which need not be the registry's. One in the source region needs
    a subnet of the target's region. Its addresses are those in the request, or else dynamic, so that
    replications can still be added.
    """
    connections = child.properties.get("privateLinkServiceConnections") or []
    if not connections:
        message = f"Private endpoint {child.name} is not created: the owner of the registry has to approve it manually."
        return None, (note("by_hand", "warning", child, message, "Create it, and approve it."),)
    subnet = child.properties["subnet"]["id"]
    region = normalise_location(child.location or move.home)
    if region == move.home and not move.is_there(subnet):
        name = ResourceId(subnet).subnet_name
        message = f"Private endpoint {child.name} is not created: its subnet {name} is in the source region."
        remedy = f"# In the request:\nsubnets:\n  {subnet}: RESOURCE-ID-OF-THE-TARGET-SUBNET"
        return None, (note("private_endpoint_without_subnet", "decision", child, message, remedy),)
    return _towards_target(child, connections, move, move.location if region == move.home else region), ()


def _towards_target(child: Child, connections: list[dict[str, Any]], move: Move, region: str) -> Child:
    name = name_there(child, move)
    tags = child.tags | {PLAN_TAG: relocation_id(move.request)}
    endpoint = carried(child, name=name, location=region, tags=tags)
    fixed = given_addresses(child, move.request)
    if fixed:
        endpoint.properties["ipConfigurations"] = [
            {
                "name": member,
                "properties": {"groupId": "registry", "memberName": member, "privateIPAddress": address},
            }
            for member, address in sorted(fixed.items())
        ]
    endpoint.properties["privateLinkServiceConnections"] = [
        {
            "name": name,
            "properties": {
                "privateLinkServiceId": move.request.target_id,
                "groupIds": connection["properties"].get("groupIds") or ["registry"],
            },
        }
        for connection in connections
    ]
    return endpoint


def given_addresses(child: Child, request: RelocationRequest) -> dict[str, str] | None:
    """Return the addresses in the request for the target's endpoint by member; None without an entry."""
    own = str(child.properties.get("id") or "").lower()
    return next((given for one, given in request.static_addresses.items() if one.lower() == own), None)


def addresses_of(endpoint: Child) -> dict[str, str]:
    """Return the static addresses of a private endpoint by their members."""
    listed = (one.get("properties") or {} for one in endpoint.properties.get("ipConfigurations") or ())
    return {str(one.get("memberName") or "registry"): str(one.get("privateIPAddress")) for one in listed}


def name_there(child: Child, move: Move) -> str:
    """Return a name that is unique among the endpoints of source and target."""
    same = [one for one in move.source.children_of("privateEndpoints") if one.name == child.name]
    group = f"-{str(child.properties.get('id', '')).split('/')[4]}" if len(same) > 1 else ""
    return f"{child.name}{group}-{move.request.target.name}"[:80].rstrip("-_.")

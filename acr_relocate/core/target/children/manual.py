"""Kinds that this service does not move: the plan names each, with its manual step."""

from typing import Final

from acr_relocate.core.registry.inventory import Child
from acr_relocate.core.registry.spelling import says
from acr_relocate.core.target.children.move import Move, Moved, note

_REMEDIES: Final = {
    "connectedRegistries": "Create it at the target and install it again on premises: its parent cannot be changed.",
    "exportPipelines": "Create the pipeline at the target, with access to its key vault and storage account.",
    "importPipelines": "Create the pipeline at the target, with access to its key vault and storage account.",
    "packages": "Publish the archives again at the target.",
    "privateEndpointConnections": "Create a private endpoint to the target, and its DNS records, in the same network.",
}


def rewrite_manual_child(child: Child, move: Move) -> Moved:
    """Leave the child out and return its manual step; a connection moves with its private endpoint."""
    endpoint = str((child.properties.get("privateEndpoint") or {}).get("id") or "")
    if any(says(one.properties.get("id"), endpoint) for one in move.source.children_of("privateEndpoints")):
        return None, ()
    remedy = _REMEDIES.get(child.kind, "This kind is unknown. Create it at the target if it is needed.")
    message = f"{child.kind}/{child.name} is not created at the target."
    return None, (note("by_hand", "warning", child, message, remedy),)

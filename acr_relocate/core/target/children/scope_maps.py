"""Scope maps: the permissions of tokens. Every registry has the system's own."""

from acr_relocate.core.registry.inventory import Child
from acr_relocate.core.registry.renamed_settings import scope_map_actions
from acr_relocate.core.registry.spelling import says
from acr_relocate.core.target.children.move import Move, Moved, carried, note


def rewrite_scope_map(child: Child, move: Move) -> Moved:
    """Return the scope map, with the names of the repositories at the target.

    The system's own cannot be deployed (Azure/acr#312).
    """
    if is_system_scope_map(child):
        return None, ()
    if is_for_connected_registry(child):
        message = f"Scope map {child.name} belongs to a connected registry and is not created."
        return None, (note("connected_registry_by_hand", "warning", child, message, "It is made with its registry."),)
    scope_map = carried(child)
    if move.request.rename:
        actions = scope_map_actions(scope_map.properties.get("actions") or (), move.request.names)
        scope_map.properties["actions"] = actions
    return scope_map, ()


def is_system_scope_map(child: Child) -> bool:
    """Return whether Azure creates this scope map in every registry: `_repositories_pull` and the like."""
    return child.name.startswith("_") or says(child.properties.get("type"), "SystemDefined")


def is_for_connected_registry(child: Child) -> bool:
    """Return whether the scope map lets a connected registry synchronise (`gateway/NAME/config/read` and the like)."""
    return any(str(action).startswith("gateway/") for action in child.properties.get("actions", ()))

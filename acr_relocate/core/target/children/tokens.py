"""Tokens: moved without their passwords, which Azure shows only once."""

from acr_relocate.core.registry.inventory import Child
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.target.children import scope_maps
from acr_relocate.core.target.children.move import Move, Moved, carried, note


def rewrite_token(child: Child, move: Move) -> Moved:
    """Return the token with the target's scope map of the same name, and a note that it needs new credentials."""
    scope_map_id = str(child.properties.get("scopeMapId", ""))
    if _is_for_connected_registry(ResourceId(str(scope_map_id or "")).name, move):
        message = f"Token {child.name} belongs to a connected registry and is not created."
        return None, (note("connected_registry_by_hand", "warning", child, message, "It is made with its registry."),)
    token = carried(child)
    token.properties["scopeMapId"] = move.retarget(scope_map_id)
    if not any((child.properties.get("credentials") or {}).values()):
        return token, ()
    credentials = note(
        "token_needs_new_credentials",
        "warning",
        child,
        f"Token {child.name} is created without credentials: Azure never shows a token's passwords again.",
        "Generate a password, and give it to those who use the token: "
        f"az acr token credential generate --registry {move.request.target.name} --name {child.name}",
    )
    return token, (credentials,)


def _is_for_connected_registry(scope_map: str, move: Move) -> bool:
    maps = {child.name: child for child in move.source.children_of("scopeMaps")}
    return scope_map in maps and scope_maps.is_for_connected_registry(maps[scope_map])

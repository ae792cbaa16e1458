"""Resources elsewhere that a registry's settings name: to be read, to know whether they exist."""

import re
from typing import Final

from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.target.children.scope_maps import is_system_scope_map

_ACTION: Final = re.compile(r"repositories/(?P<name>[^*]+)/(content|metadata)/\w+")


def repositories_named(registry: Registry) -> tuple[str, ...]:
    """Return the repositories that scope maps and webhooks name exactly, not by a pattern."""
    actions = (
        str(action)
        for scope_map in registry.children_of("scopeMaps")
        if not is_system_scope_map(scope_map)
        for action in scope_map.properties.get("actions") or ()
    )
    named = [found["name"] for action in actions if (found := _ACTION.fullmatch(action))]
    scopes = (str(hook.properties.get("scope") or "").partition(":")[0] for hook in registry.children_of("webhooks"))
    named += [scope for scope in scopes if scope and "*" not in scope]
    return tuple(dict.fromkeys(named))


def identities_named(registry: Registry) -> tuple[str, ...]:
    """Return the ids of the registry's user-assigned identities."""
    return tuple((registry.identity or {}).get("userAssignedIdentities") or ())


def endpoints_named(registry: Registry) -> tuple[str, ...]:
    """Return the ids of the private endpoints that are connected to the registry."""
    connections = registry.children_of("privateEndpointConnections")
    ids = ((connection.properties.get("privateEndpoint") or {}).get("id") for connection in connections)
    return tuple(str(one) for one in ids if one)

"""The kinds of a managed identity, in either spelling of Azure: `systemAssigned`, `SystemAssigned`.

A registry answers in lower camel case whatever was sent (azure-rest-api-specs#10362), ARM's own list has capitals.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

SYSTEM: Final = "SystemAssigned"
_USER: Final = "UserAssigned"


def has_system_identity(identity: Mapping[str, Any] | None) -> bool:
    """Return whether the resource has a system-assigned identity; a new resource gets a new one."""
    return SYSTEM.lower() in identity_kinds(identity)


def identity_kinds(identity: Mapping[str, Any] | None) -> frozenset[str]:
    """Return the kinds in lower case; empty for `None`."""
    text = str((identity or {}).get("type") or "none").lower()
    return frozenset(part.strip() for part in text.split(",")) - {"none", ""}


def portable_identity(identity: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the identity to request: the same user-assigned ones, and a system-assigned one if it had one."""
    kinds = identity_kinds(identity)
    if not identity or not kinds:
        return None
    users = identity.get("userAssignedIdentities")
    spelled = ", ".join(kind for kind in (SYSTEM, _USER) if kind.lower() in kinds)
    return {"type": spelled} | ({"userAssignedIdentities": {user: {} for user in users}} if users else {})

"""Read an exported template, only to find children that the reads of the registry missed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from acr_relocate.core.registry.inventory import Child, Registry
from acr_relocate.core.registry.resource_types import REGISTRIES

Template = Mapping[str, Any]

_PARAMETER: Final = re.compile(r"^\[parameters\('([^']+)'\)\]$")
_LAST_NAME: Final = re.compile(r"([\w.-]+)'?\)*\]?$")
_ID_PROPERTIES: Final = {"scopeMapId": "scopeMaps", "credentialSetResourceId": "credentialSets"}


def missing_children(exported: Template, source: Registry) -> tuple[Child, ...]:
    """Return the children in the exported template that the registry's inventory lacks."""
    known = {(child.kind.lower(), child.name.lower()) for child in source.children}
    return tuple(
        child for child in _children(exported, source) if (child.kind.lower(), child.name.lower()) not in known
    )


def _children(exported: Template, source: Registry) -> Iterator[Child]:
    defaults = {name: parameter.get("defaultValue") for name, parameter in exported.get("parameters", {}).items()}
    for resource in exported.get("resources", ()):
        parent, _, kind = resource["type"].rpartition("/")
        if parent.lower() == REGISTRIES.lower():
            properties = _resolve(resource.get("properties") or {}, defaults)
            yield Child(
                kind=kind,
                name=last_name(resource["name"]),
                location=_resolve(resource.get("location"), defaults),
                properties={name: _plain_id(name, value, source) for name, value in properties.items()},
                identity=_resolve(resource.get("identity"), defaults),
                tags=_resolve(resource.get("tags") or {}, defaults),
            )


def last_name(reference: str) -> str:
    """Return the last name in a literal name, an id, or an expression such as `[concat(parameters('r'), '/ci')]`."""
    found = _LAST_NAME.search(reference)
    return found.group(1) if found else reference


def _plain_id(name: str, value: Any, source: Registry) -> Any:
    """Return the resource id for a `[resourceId(…)]`, if it is one of the source's children."""
    if name in _ID_PROPERTIES and isinstance(value, str) and value.startswith("["):
        return f"{source.id}/{_ID_PROPERTIES[name]}/{last_name(value)}"
    return value


def _resolve(value: Any, defaults: Mapping[str, Any]) -> Any:
    """Return the value with each `[parameters('x')]` replaced by its default. A secret's default is None."""
    if isinstance(value, dict):
        return {name: _resolve(inner, defaults) for name, inner in value.items()}
    if isinstance(value, list):
        return [_resolve(inner, defaults) for inner in value]
    match = _PARAMETER.match(value) if isinstance(value, str) else None
    return defaults.get(match.group(1), value) if match else value

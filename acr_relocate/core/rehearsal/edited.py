"""The edited template of a request, for the small target: the same edits at the registry and its children.

Whatever else is in it could write to what is not the rehearsal's own, so it is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.registry.resource_types import REGISTRIES
from acr_relocate.core.rehearsal.rehearsal import Rehearsal
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.edited_template import accept
from acr_relocate.core.target.template import DIAGNOSTICS, ENDPOINTS, build_template

Json = dict[str, Any]

_NAMES: Final = frozenset({"name", "defaultValue"})
_ELSEWHERE: Final = frozenset({"scope", "resourceGroup", "subscriptionId"})
_TRIED: Final = (ENDPOINTS.lower(), DIAGNOSTICS.lower())


def check_edits(edited: Json, source: Registry, request: RelocationRequest) -> None:
    """Return if the edited template is one for this relocation. Raises InvalidRequest with all its errors."""
    accept(edited, build_template(None, source, request), source, request)


def not_rehearsed(edited: Json) -> tuple[str, ...]:
    """Return the types of the resources of the edited template that the small target is made without."""
    types = (str(one["type"]) for one in edited["resources"] if not _is_own(one))
    return tuple(dict.fromkeys(one for one in types if not one.lower().startswith(_TRIED)))


def small_template(edited: Json, request: RelocationRequest, rehearsal: Rehearsal) -> Json:
    """Return the edited template as the template of the small target: named like it, tagged, open, silent."""
    kept = [one for one in edited["resources"] if _is_own(one)]
    left = {str(one["name"]) for one in edited["resources"]} - {str(one["name"]) for one in kept}
    resources = [_tied(_harmless(one, rehearsal), left) for one in kept]
    template = {name: value for name, value in edited.items() if name != "outputs"} | {"resources": resources}
    small: Json = _renamed(template, request, rehearsal)
    return small


def _is_own(resource: Json) -> bool:
    kind = f"{resource['type']}/".lower()
    return kind.startswith(f"{REGISTRIES}/".lower()) and not _ELSEWHERE & resource.keys()


def _harmless(resource: Json, rehearsal: Rehearsal) -> Json:
    kind, properties = str(resource["type"]).lower(), resource.get("properties") or {}
    if kind == REGISTRIES.lower():
        tags = (resource.get("tags") or {}) | rehearsal.tags
        return resource | {"tags": tags, "properties": properties | {"publicNetworkAccess": "Enabled"}}
    if kind == f"{REGISTRIES}/webhooks".lower():
        return resource | {"properties": properties | {"status": "disabled"}}
    return resource


def _tied(resource: Json, left: Iterable[str]) -> Json:
    """Return the resource without dependencies on what is left out."""
    if "dependsOn" not in resource:
        return resource
    kept = [one for one in resource["dependsOn"] if not _names_any(str(one), left)]
    return resource | {"dependsOn": kept}


def _names_any(dependency: str, left: Iterable[str]) -> bool:
    own = REGISTRIES.lower() in dependency.lower()
    return not own and (dependency.startswith("[") or dependency in left)


def _renamed(value: Any, request: RelocationRequest, rehearsal: Rehearsal, key: str = "") -> Any:
    """Return the value with the small target's id and name in place of the target's."""
    if isinstance(value, dict):
        return {name: _renamed(inner, request, rehearsal, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, request, rehearsal, key) for inner in value]
    return _text(value, request, rehearsal, key) if isinstance(value, str) else value


def _text(value: str, request: RelocationRequest, rehearsal: Rehearsal, key: str) -> str:
    """Return the text so; the name only in names and expressions, since a repository may be called like it."""
    small, old = ResourceId(rehearsal.small_target), re.escape(request.target.name)
    value = re.sub(rf"{re.escape(request.target_id)}(?![\w.-])", small.text, value, flags=re.IGNORECASE)
    if value.startswith("["):
        return re.sub(rf"(?<='){old}(?=['/])", small.name, value, flags=re.IGNORECASE)
    return re.sub(rf"^{old}(?=/|$)", small.name, value, flags=re.IGNORECASE) if key in _NAMES else value

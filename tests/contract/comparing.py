"""Compare what two registries show, property by property over the raw answers; shares nothing with the product.

The source's names, ids and region are read as the target's; what Azure computes is left out.
"""

import json
import re
from typing import Any

from acr_relocate.core.request.relocation import RelocationRequest
from tests.contract.moving import Moved

Json = dict[str, Any]

# Properties that Azure computes for each registry and each child.
COMPUTED = re.compile(
    r"(creationDate|lastUpdatedTime|timestamp|principalId|tenantId|clientId|systemData\.\w+|lastModified\w*"
    r"|versionedKeyIdentifier|lastKeyRotationTimestamp|tags\.acr-relocate-(plan|source))$"
)


def differences(source: Json, target: Json, request: RelocationRequest) -> set[str]:
    """The paths at which two answers differ, once the source's own names are read as the target's."""
    want, have = _leaves(_translated(source, request)), _leaves(target)
    return {
        path
        for path in want.keys() | have.keys()
        if _read(path, want.get(path)) != _read(path, have.get(path)) and not COMPUTED.search(path)
    }


def _read(path: str, value: str | None) -> str | None:
    """Azure Monitor writes the ids of its settings in small letters: an id is the same in any case."""
    return value.lower() if path == "id" and value else value


def _translated(view: Json, request: RelocationRequest) -> Json:
    text = json.dumps(view)
    own = {request.source.resource_id: request.target_id, request.source.name: request.target.name}
    for here, there in (own | request.subnets | request.replacements | {"westeurope": "northeurope"}).items():
        text = re.sub(re.escape(here), there, text, flags=re.IGNORECASE)
    translated: Json = json.loads(text)
    return translated


def _leaves(value: Any, path: str = "") -> dict[str, str]:
    if isinstance(value, dict):
        inner = [_leaves(item, f"{path}.{name}") for name, item in value.items()]
        return {key: found for part in inner for key, found in part.items()}
    if isinstance(value, list):
        return {path.strip("."): json.dumps(sorted(json.dumps(_leaves(item), sort_keys=True) for item in value))}
    return {path.strip("."): json.dumps(value)}


async def found(moved: Moved, path: str = "") -> set[str]:
    """Where source and target differ at any api-version."""
    views = await moved.views(path)
    return {difference for here, there in views for difference in differences(here, there, moved.request)}

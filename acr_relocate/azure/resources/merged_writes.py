"""Change part of a resource that its provider takes only as a whole: read, merge, write, all at one version."""

from __future__ import annotations

from typing import Any, Final

from acr_relocate.azure.client.session import AzureConnection

Json = dict[str, Any]

_READ_ONLY: Final = frozenset(
    {
        *("id", "name", "type", "systemdata", "etag", "provisioningstate", "powerstate", "resourceuid", "status"),
        *("fqdn", "privatefqdn", "azureportalfqdn", "maxagentpools"),
        *("currentkubernetesversion", "currentorchestratorversion", "nodeimageversion"),
    }
)
"""Properties of a cluster and its pools that a GET shows and a PUT refuses."""


async def put_merged(azure: AzureConnection, path: str, api_version: str, change: Json, *, doing: str) -> Json:
    """Apply the change to the resource; all other properties are sent as just read."""
    found = await azure.arm.get(path, api_version, doing=doing)
    return await azure.arm.put(path, api_version, with_change(without_computed(found, depth=0), change), doing=doing)


def with_change(whole: Json, change: Json) -> Json:
    """Return the whole with the change merged in, object by object; lists and values are replaced."""
    inner = {
        name: with_change(whole[name], value)
        for name, value in change.items()
        if isinstance(value, dict) and isinstance(whole.get(name), dict)
    }
    return {**whole, **change, **inner}


def without_computed(found: Json, depth: int) -> Json:
    """Return it without properties that Azure computes: at the top, in `properties`, and in each agent pool."""
    pools = "agentPoolProfiles"
    kept = {
        name: value for name, value in found.items() if name.lower() not in _READ_ONLY or (depth and name == "name")
    }
    if isinstance(kept.get("properties"), dict) and not depth:
        kept["properties"] = without_computed(kept["properties"], 1)
    if depth == 1 and isinstance(kept.get(pools), list):
        kept[pools] = [without_computed(pool, 2) for pool in kept[pools]]
    return kept

"""After a switch: which dependents that can be switched still name the source, by the emulator's own books."""

from __future__ import annotations

import json
from collections.abc import Iterator

from local_azure.launcher import Emulator
from tests.hostile.names import SOURCE, SOURCE_ID, SUBSCRIPTION

_LEFT = ("contoso-resize", "contoso-smoke-test", "/batchAccounts/", "/providers/Microsoft.Network/")
"""A function with a password, what has to be made again, and the network, which serves both."""
_TYPES = ("Microsoft.App/", "Microsoft.Web/", "Microsoft.MachineLearningServices/")
_EDGE = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/contoso-apps/providers/Microsoft.ContainerRegistry/registries/edge1"
)


def use_elsewhere(emulator: Emulator) -> None:
    """Another registry fills a repository from the source when somebody pulls, and builds on an image of it."""
    done = {"provisioningState": "Succeeded"}
    own = done | {"loginServer": "edge1.azurecr.io"}
    emulator.plant(_EDGE, location="westeurope", sku={"name": "Premium", "tier": "Premium"}, properties=own)
    rule = done | {"sourceRepository": f"{SOURCE}.azurecr.io/contoso/*", "targetRepository": "contoso/*"}
    emulator.plant(f"{_EDGE}/cacheRules/contoso", properties=rule)
    argument = {"name": "BASE", "value": f"{SOURCE}.azurecr.io/contoso/base:1", "isSecret": False}
    step = {"type": "Docker", "dockerFilePath": "Dockerfile", "arguments": [argument]}
    emulator.plant(f"{_EDGE}/tasks/nightly", location="westeurope", properties=done | {"step": step})


def unswitched(emulator: Emulator) -> Iterator[str]:
    """Yield each dependent that names the source though a switch has ended well."""
    named = (f"{SOURCE}.azurecr.io", SOURCE_ID)
    for one in emulator.resources():
        is_theirs = one["type"].startswith(_TYPES) or one["id"].startswith(f"{_EDGE}/")
        if not is_theirs or any(part in one["id"] for part in _LEFT):
            continue
        if "/revisions/" not in one["id"] and any(name in json.dumps(one["properties"]) for name in named):
            yield f"{one['id'].partition('/providers/')[2]} still names the source"
    kept = {one["id"] for one in emulator.resources() if one["id"].startswith(f"{_EDGE}/")}
    yield from (
        f"{one} is gone" for one in (f"{_EDGE}/cacheRules/contoso", f"{_EDGE}/tasks/nightly") if one not in kept
    )

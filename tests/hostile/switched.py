"""After a switch: which dependents that can be switched still name the source, by the emulator's own books."""

from __future__ import annotations

import json
from collections.abc import Iterator

from local_azure.launcher import Emulator
from tests.hostile.names import SOURCE, SOURCE_ID

_LEFT = ("contoso-resize", "contoso-smoke-test", "/batchAccounts/", "/providers/Microsoft.Network/")
"""A function with a password, what has to be made again, and the network, which serves both."""
_TYPES = ("Microsoft.App/", "Microsoft.Web/", "Microsoft.MachineLearningServices/")


def unswitched(emulator: Emulator) -> Iterator[str]:
    """Yield each dependent that names the source though a switch has ended well."""
    named = (f"{SOURCE}.azurecr.io", SOURCE_ID)
    for one in emulator.resources():
        if not one["type"].startswith(_TYPES) or any(part in one["id"] for part in _LEFT):
            continue
        if "/revisions/" not in one["id"] and any(name in json.dumps(one["properties"]) for name in named):
            yield f"{one['id'].partition('/providers/')[2]} still names the source"

"""List again while a listing lags behind the registry, before anything counts as missing."""

from __future__ import annotations

import asyncio
from typing import Final

from acr_relocate.azure.client.registry_api import DataPlane
from acr_relocate.azure.content.listing import Listed, list_content
from acr_relocate.core.content.unseen import unseen
from acr_relocate.core.registry.inventory import Content
from acr_relocate.core.request.selection import Selection

# Seconds between two listings; only if a pull finds unlisted content.
WAITS: Final = (1.0, 2.0, 5.0, 10.0, 20.0)


async def catch_up(
    plane: DataPlane, want: Content, have: Content, selection: Selection, listed: Listed | None = None
) -> Content:
    """Return the target's content, listed again while it lacks content that a pull finds. Only reads.

    Content that is really missing costs no wait: it is read once.
    """
    for wait in WAITS:
        if not await _lags(plane, want, have, selection):
            break
        await asyncio.sleep(wait)
        have = await list_content(plane, selection, listed)
    return have


async def _lags(plane: DataPlane, want: Content, have: Content, selection: Selection) -> bool:
    for one in unseen(want, have, selection):
        if await plane.head_digest(one.repository, one.reference) == one.digest:
            return True
    return False

"""A listing that lags behind what a registry holds is asked for again before anything counts as missing."""

from __future__ import annotations

import asyncio
from typing import Final

from acr_relocate.azure.client.registry_api import DataPlane
from acr_relocate.azure.content.listing import Listed, list_content
from acr_relocate.core.content.unseen import unseen
from acr_relocate.core.registry.inventory import Content
from acr_relocate.core.request.selection import Selection

# Seconds between two listings; only where a pull finds what the listing does not show.
WAITS: Final = (1.0, 2.0, 5.0, 10.0, 20.0)


async def catch_up(
    plane: DataPlane, want: Content, have: Content, selection: Selection, listed: Listed | None = None
) -> Content:
    """Return the target's content, listed again as long as it lacks what a pull finds. Only reads.

    What is really missing costs no wait: it is asked for once.
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

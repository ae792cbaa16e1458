"""Watch whether the Prefect server is alive, for steps that must not go on without it."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prefect import get_client

from acr_relocate.core.errors import ServerLost

_LOOK_SECONDS = 3.0
GONE_SECONDS = 12.0
"""Seconds of refused connections after which a server is gone, not restarted by its supervisor."""
SILENT_SECONDS = 60.0
"""Seconds without an answer after which an accepting server counts as gone; until then it is busy."""


_lost = threading.Event()


def server_is_lost() -> bool:
    """Return whether this process has given up its Prefect server: further calls would only take time."""
    return _lost.is_set()


@asynccontextmanager
async def while_the_server_lives(what: str) -> AsyncIterator[None]:
    """End the block with ServerLost once the Prefect server is gone: its calls would not end in time.

    Args:
        what: The step in the block, for the message.

    """
    body = asyncio.current_task()
    lost = asyncio.Event()

    async def watch() -> None:
        await _gone()
        lost.set()
        _lost.set()
        if body:
            body.cancel()

    watching = asyncio.create_task(watch())
    try:
        yield
    except asyncio.CancelledError:
        if not lost.is_set() or body is None:
            raise
        body.uncancel()
        raise ServerLost(
            f"The Prefect server is gone, so {what} ends here",
            code="ServerLost",
            remedy="Start the server again, or unset PREFECT_API_URL to have one for each command; then run again.",
        ) from None
    finally:
        watching.cancel()
        await asyncio.wait([watching])


async def _gone() -> None:
    """Return once the server has been absent for too long."""
    answered = time.monotonic()
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        try:
            async with get_client() as client, asyncio.timeout(_LOOK_SECONDS):
                failure = await client.api_healthcheck()
        except Exception as error:  # noqa: BLE001 - whatever it is, the server has not answered
            failure = error
        if failure is None:
            answered = time.monotonic()
        refused = type(failure).__name__ == "ConnectError"  # of httpx, which only Prefect speaks here
        limit = GONE_SECONDS if refused else SILENT_SECONDS
        if time.monotonic() - answered > limit:
            return

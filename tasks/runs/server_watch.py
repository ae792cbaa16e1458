"""Watch whether the Prefect server is alive, for steps that must not go on without it."""

import asyncio
import errno
import os
import shutil
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID

from prefect import get_client
from prefect.context import refresh_global_settings_context
from prefect.exceptions import PrefectHTTPStatusError
from prefect.runtime import flow_run
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, get_current_settings, temporary_settings

from acr_relocate.core.errors import ServerLost

_LOOK_SECONDS = 3.0
_ANSWER_SECONDS = 8.0
"""Seconds in which a failing server says so, also on a busy machine."""
GONE_SECONDS = 12.0
"""Seconds of refused connections after which a server is gone, not restarted by its supervisor."""
BROKEN_SECONDS = 12.0
"""Seconds of failed writes after which a server counts as gone: its disk is full, or it has no database."""
LEAST_FREE_BYTES = 1_000_000
"""Free bytes on the disk of this process, and of its own server, below which the disk counts as full."""
SILENT_SECONDS = 60.0
"""Seconds without an answer after which an accepting server counts as gone; until then it is busy."""
LOOKED_LABEL = "acr-relocate-looked"
"""The label of a run with the time at which its server was looked at last."""


_lost = threading.Event()


def server_is_lost() -> bool:
    """Return whether this process has given up its Prefect server: further calls would only take time."""
    return _lost.is_set()


@asynccontextmanager
async def stop_with_server(what: str) -> AsyncIterator[None]:
    """End the block with ServerLost once the Prefect server is gone: its calls would not end in time.

    Args:
        what: The step in the block, for the message.

    """
    body = asyncio.current_task()
    lost = asyncio.Event()

    async def watch() -> None:
        await _gone(_look)
        lost.set()
        _give_up_server()
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
            f"The Prefect server is gone, or cannot write anything down, so {what} ends here",
            code="ServerLost",
            remedy="See whether its disk is full and start it again, or unset PREFECT_API_URL to have one for each "
            "command; then run again.",
        ) from None
    finally:
        watching.cancel()
        await asyncio.wait([watching])


def _give_up_server() -> None:
    """Have Prefect ask the lost server once instead of for a minute, whatever a run still has to tell it."""
    _lost.set()
    os.environ[PREFECT_CLIENT_MAX_RETRIES.name] = "0"
    refresh_global_settings_context()


async def _gone(look: Callable[[], Awaitable[Exception | None]]) -> None:
    """Return once the server has been absent, or has failed, for too long.

    A clear failure counts until the server answers again: on a busy machine the looks after it may only end in silence.
    """
    answered, patience = time.monotonic(), SILENT_SECONDS
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        failure = await look()
        if failure is None:
            answered, patience = time.monotonic(), SILENT_SECONDS
            continue
        patience = min(patience, _patience(failure))
        if time.monotonic() - answered > patience:
            return


def _patience(failure: Exception) -> float:
    """Return for how many seconds a server may fail in this way."""
    if type(failure).__name__ == "ConnectError":  # of httpx, which only Prefect speaks here
        return GONE_SECONDS
    is_broken = isinstance(failure, PrefectHTTPStatusError) and failure.response.is_server_error
    is_full = isinstance(failure, OSError) and failure.errno == errno.ENOSPC
    return BROKEN_SECONDS if is_broken or is_full else SILENT_SECONDS


async def _look() -> Exception | None:
    """Ask whether the server is there, and have it write something down; return why not.

    On a full disk a server still writes what fits into the space that its database has: the disk is looked at, too.
    """
    try:
        if shutil.disk_usage(get_current_settings().home).free < LEAST_FREE_BYTES:
            return OSError(errno.ENOSPC, "the disk is full")
        with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}):  # or a failure would look like silence
            async with get_client() as client, asyncio.timeout(_ANSWER_SECONDS):
                failure = await client.api_healthcheck()
                if failure is None and flow_run.id:
                    await client.update_flow_run_labels(UUID(str(flow_run.id)), {LOOKED_LABEL: time.time()})
                return failure
    except Exception as error:  # noqa: BLE001 - whatever it is, the server has not answered
        return error

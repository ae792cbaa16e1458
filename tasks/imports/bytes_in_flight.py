"""A cap on the bytes that Azure copies at once, for registries that production pulls from meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Final

from acr_relocate.core.request.maintenance_window import Window, is_open
from tasks.runs.cut_over_window import now

HOURS_CHECKED: Final = 30.0
"""Seconds between two looks whether the hours of the cap have ended."""


class BytesInFlight:
    """At most `most` bytes of imports in progress; 0: no cap. An image larger than the cap is imported alone.

    `hours`: when the cap applies; without a start always.
    """

    def __init__(self, most: int, hours: Window = Window(), clock: Callable[[], datetime] = now) -> None:  # noqa: B008 - frozen
        self._most, self._hours, self._clock = most, hours, clock
        self._now = 0
        self._queue = asyncio.Lock()
        self._changed = asyncio.Event()

    @asynccontextmanager
    async def room(self, size: int) -> AsyncIterator[None]:
        """Wait for room for an import of so many bytes, in the order of arrival, and hold it for the block."""
        async with self._queue:
            while self._now and self._now + size > self._most and self._is_capped():
                self._changed.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(HOURS_CHECKED):
                        await self._changed.wait()
            self._now += size
        try:
            yield
        finally:
            self._now -= size
            self._changed.set()

    def _is_capped(self) -> bool:
        return bool(self._most) and is_open(self._hours, self._clock())

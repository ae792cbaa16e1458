"""A cap on the bytes that Azure copies at once, for registries that production pulls from meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class BytesInFlight:
    """At most `most` bytes of imports in progress; 0: no cap. An image larger than the cap is imported alone."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._now = 0
        self._queue = asyncio.Lock()
        self._changed = asyncio.Event()

    @asynccontextmanager
    async def room(self, size: int) -> AsyncIterator[None]:
        """Wait for room for an import of so many bytes, in the order of arrival, and hold it for the block."""
        async with self._queue:
            while self._most and self._now and self._now + size > self._most:
                self._changed.clear()
                await self._changed.wait()
            self._now += size
        try:
            yield
        finally:
            self._now -= size
            self._changed.set()

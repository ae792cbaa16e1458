"""The rate limits of registries: so many calls in any minute, whenever Azure's own minute begins."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import Final

MINUTE: Final = 60.0


class MinuteLimit:
    """At most `most` calls in any minute. `take` before a call, `answered` after it, `pause` when Azure refuses it.

    A call may count at any moment between the two, so it leaves the count a minute after its answer. Thus it fits a
    token bucket as well as a count by the minute; Azure documents neither.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.refusals = 0
        self._under_way = 0
        self._answered: deque[float] = deque()
        self._resumes_at = 0.0
        self._queue = asyncio.Lock()
        self._changed = asyncio.Event()

    async def take(self) -> None:
        """Wait until a call may be made; callers go in the order of arrival."""
        async with self._queue:
            while (wait := self._wait()) > 0:
                self._changed.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._changed.wait()
            self._under_way += 1

    def answered(self) -> None:
        """Note that a call has ended."""
        self._under_way -= 1
        self._answered.append(_now())
        self._changed.set()

    def pause(self, seconds: float) -> None:
        """Pause all callers for that long."""
        self.refusals += 1
        self._resumes_at = max(self._resumes_at, _now() + seconds)
        self._changed.set()

    def _wait(self) -> float:
        """Return the seconds until the head of the queue should check again; 0 if it may go."""
        now = _now()
        if now < self._resumes_at:
            return self._resumes_at - now
        while self._answered and self._answered[0] + MINUTE <= now:
            self._answered.popleft()
        if self._under_way + len(self._answered) < self.most:
            return 0.0
        return self._answered[0] + MINUTE - now if self._answered else MINUTE


def _now() -> float:
    return asyncio.get_running_loop().time()

"""The pushes beside the imports: each as soon as what comes before it has ended, in batches, without their places."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import Final

from acr_relocate.azure.client.task_group import together
from acr_relocate.core.content.import_outcome import ImportOutcome
from acr_relocate.core.content.import_plan import ImportItem

BATCH: Final = 25
"""Pushes in one task run: a Prefect server with default settings records 20 task runs a second."""

BATCHES_AT_ONCE: Final = 4

PushBatch = Callable[[list[ImportItem]], Awaitable[Sequence[ImportOutcome] | None]]
"""Pushes the items, and returns those of their outcomes that are final; None if nothing can be pushed at all."""

ImportInstead = Callable[[ImportItem], Coroutine[None, None, None]]


class SmallPushes:
    """The small items of a plan. What cannot be pushed is imported; only a conflict is final.

    An item waits for those in its `after` that the plan has; `ended` is told each of these.
    """

    def __init__(self, items: Iterable[ImportItem], push: PushBatch, import_instead: ImportInstead) -> None:
        self._push, self._import_instead = push, import_instead
        self._ready: deque[ImportItem] = deque()
        self._waiting: dict[tuple[str, str], list[ImportItem]] = {}
        self._before: dict[tuple[str, str], int] = {}
        self._changed = asyncio.Event()
        self._left = 0
        self._gave_up = False
        for item in items:
            self._left += 1
            self._before[item.repository, item.digest] = len(item.after)
            for first in item.after:
                self._waiting.setdefault((item.repository, first), []).append(item)
            if not item.after:
                self._ready.append(item)

    def ended(self, item: ImportItem) -> None:
        """Note that an item of the plan has an outcome."""
        for waiting in self._waiting.pop((item.repository, item.digest), ()):
            key = waiting.repository, waiting.digest
            self._before[key] -= 1
            if not self._before[key]:
                self._ready.append(waiting)
        self._changed.set()

    def release(self) -> None:
        """Let every item go, because what some still wait for will not end any more."""
        late = {(item.repository, item.digest): item for items in self._waiting.values() for item in items}
        self._waiting.clear()
        self._ready += late.values()
        self._changed.set()

    async def run(self) -> None:
        """Bring each item to its outcome."""
        async with together() as group:
            for _ in range(BATCHES_AT_ONCE):
                group.create_task(self._work(group))

    async def _work(self, group: asyncio.TaskGroup) -> None:
        while batch := await self._next():
            outcomes = None if self._gave_up else await self._push(batch)
            self._gave_up = outcomes is None
            pushed = {(outcome.item.repository, outcome.item.digest) for outcome in outcomes or ()}
            for item in batch:
                if (item.repository, item.digest) not in pushed:
                    group.create_task(self._import_instead(item))

    async def _next(self) -> list[ImportItem]:
        """Return the next batch; empty if all have begun."""
        while self._left and not self._ready:
            self._changed.clear()
            await self._changed.wait()
        batch = [self._ready.popleft() for _ in range(min(BATCH, len(self._ready)))]
        self._left -= len(batch)
        self._changed.set()
        return batch

"""The pushes beside the imports: each as soon as what comes before it has ended, in batches, without their places."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from acr_relocate.azure.client.task_group import together
from acr_relocate.core.content.import_outcome import ImportOutcome
from acr_relocate.core.content.import_plan import ImportItem

BATCH: Final = 25
"""Pushes in one task run: a Prefect server with default settings records 20 task runs a second."""

BATCHES_AT_ONCE: Final = 16
"""Batches in progress. They share the places for pushes, so that a call that hangs holds up only its own batch."""

EARLY_SECONDS: Final = 2.5
"""Seconds after an import began in which most have ended, though Azure says so only after ten: then the tags of what it
brings are tried; where it has not arrived, again after twice as long."""

PushBatch = Callable[[list[ImportItem]], Awaitable[Sequence[ImportOutcome] | None]]
"""Pushes the items, and returns those of their outcomes that are final; None if nothing can be pushed at all."""

ImportInstead = Callable[[ImportItem], Coroutine[None, None, None]]


@dataclass
class PendingPush:
    """An item to push, and how many items have to end before it. `early`: it is tried, or was pushed, before that."""

    item: ImportItem
    before: int
    early: bool = False
    tried_after: float = 0.0


class SmallPushes:
    """The small items of a plan. An item that cannot be pushed is imported; only a conflict is final.

    An item waits for those in its `after` that the plan has; `began` and `ended` are told each of these.
    """

    def __init__(self, items: Iterable[ImportItem], push: PushBatch, import_instead: ImportInstead) -> None:
        self._push, self._import_instead = push, import_instead
        self._ready: deque[PendingPush] = deque()
        self._waiting: dict[tuple[str, str], list[PendingPush]] = {}
        self._changed = asyncio.Event()
        self._left = 0
        self._gave_up = False
        for item in items:
            self._left += 1
            pending = PendingPush(item, len(item.after))
            for first in item.after:
                self._waiting.setdefault((item.repository, first), []).append(pending)
            if not item.after:
                self._ready.append(pending)

    def began(self, item: ImportItem) -> None:
        """Note that the import of an item of the plan has begun."""
        if (item.repository, item.digest) in self._waiting:
            self._try_later((item.repository, item.digest), EARLY_SECONDS)

    def ended(self, item: ImportItem) -> None:
        """Note that an item of the plan has an outcome."""
        for pending in self._waiting.pop((item.repository, item.digest), ()):
            pending.before -= 1
            if not pending.before and not pending.early:
                self._ready.append(pending)
        self._changed.set()

    def release(self) -> None:
        """Let every item go, because what some still wait for will not end any more."""
        late = {id(pending): pending for each in self._waiting.values() for pending in each}
        self._waiting.clear()
        for pending in late.values():
            pending.before = 0
            if not pending.early:
                self._ready.append(pending)
        self._changed.set()

    async def run(self) -> None:
        """Bring each item to its outcome."""
        async with together() as group:
            for _ in range(BATCHES_AT_ONCE):
                group.create_task(self._work(group))

    async def _work(self, group: asyncio.TaskGroup) -> None:
        while batch := await self._next():
            outcomes = None if self._gave_up else await self._push([pending.item for pending in batch])
            self._gave_up = outcomes is None
            pushed = {(outcome.item.repository, outcome.item.digest) for outcome in outcomes or ()}
            for pending in batch:
                if (pending.item.repository, pending.item.digest) in pushed:
                    continue
                if pending.early:
                    self._wait_again(pending)
                else:
                    group.create_task(self._import_instead(pending.item))

    async def _next(self) -> list[PendingPush]:
        """Return the next batch; empty if all have begun."""
        while self._left and not self._ready:
            self._changed.clear()
            await self._changed.wait()
        batch = [self._ready.popleft() for _ in range(min(BATCH, len(self._ready)))]
        self._left -= len(batch)
        self._changed.set()
        return batch

    def _try_later(self, key: tuple[str, str], seconds: float) -> None:
        asyncio.get_running_loop().call_later(seconds, self._try_early, key, seconds)

    def _try_early(self, key: tuple[str, str], seconds: float) -> None:
        """Let go what arrives with this item and waits for nothing else."""
        for pending in self._waiting.get(key, ()):
            if pending.before == 1 and not pending.early and pending.item.carrier == key[1]:
                pending.early, pending.tried_after = True, seconds
                self._ready.append(pending)
        self._changed.set()

    def _wait_again(self, pending: PendingPush) -> None:
        """Take an item back that was tried too early."""
        pending.early = False
        self._left += 1
        if pending.before:
            self._try_later((pending.item.repository, pending.item.carrier), 2 * pending.tried_after)
        else:
            self._ready.append(pending)
        self._changed.set()

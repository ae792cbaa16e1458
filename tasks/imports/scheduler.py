"""Imports side by side: as many under way as Azure's rate keeps there, each after what it refers to.

Two things wait here that hold nothing meanwhile: an import for the one that brings its subject, and Azure's budgets,
which let each request go when its turn comes (azure/budgets.py). What a window of `concurrency` bounds is memory.

Prefect hears of it all and is never waited for: what it cannot be told, it is not told.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

from prefect.client.schemas.objects import State

from acr_relocate.azure.client.task_group import together
from acr_relocate.core.content.import_outcome import ImportOutcome, failed_import
from acr_relocate.core.content.import_plan import ImportItem, ImportPlan, shards
from acr_relocate.core.errors import TemporaryFailure
from acr_relocate.core.request.relocation import RelocationRequest
from tasks.images import import_artifact, push_index
from tasks.imports.task_run_rate import task_run_pace
from tasks.retry_policies import AHEAD, RUN_BEGINS_WITHIN, SHARD_SIZE
from tasks.runs.artifacts import ProgressMeter, ignore_server_errors, publish_imports
from tasks.runs.metrics import count_import

RunOfShard = Callable[[str, int, int], Awaitable[None]]
"""The flow that is a shard's run: called with the target's name, the shard's number and how many images it has."""


@dataclass
class Shard:
    """Some of the imports, which share a flow run.

    `taken`: somebody has taken them on. `began`: each of them stands in its queue.
    """

    items: Sequence[ImportItem]
    taken: bool = False
    began: asyncio.Event = field(default_factory=asyncio.Event)
    outcomes: list[ImportOutcome] = field(default_factory=list)


class ImportRun:
    """The imports of one flow run: what its overlapping shards share."""

    def __init__(self, request: RelocationRequest, plan: ImportPlan, login_server: str, meter: ProgressMeter) -> None:
        self._request = request
        self._source = plan.login_server
        self._login_server = login_server
        self._shards = [Shard(part) for part in shards(plan.items, SHARD_SIZE)]
        self._meter = meter
        self._pace = task_run_pace()
        self._order = DependencyGate(plan.items)
        self._window = ConcurrencyWindow(request.concurrency)

    @property
    def outcomes(self) -> tuple[ImportOutcome, ...]:
        """What has become of the imports so far."""
        return tuple(outcome for shard in self._shards for outcome in shard.outcomes)

    async def all_shards(self, run_of: RunOfShard) -> None:
        """Every import has an outcome.

        A shard begins when hardly anybody waits for a place in the window any more: not at once with the others, and
        not only when another one has ended, which a single import that hangs would put off.
        """
        _current.set(self)
        async with self._pace.watched(), together() as group:
            for number, shard in enumerate(self._shards, start=1):
                group.create_task(self._take_on(number, shard, run_of))
                await shard.began.wait()
                await self._window.has_room()
        if missing := sum(len(shard.items) - len(shard.outcomes) for shard in self._shards):
            raise TemporaryFailure(
                f"{missing} imports ended without an outcome, with the Prefect run that they belonged to",
                remedy="Run again: only what is missing then is imported.",
            )

    async def bring(self, number: int) -> None:
        """Every image of the shard has an outcome, and the run around this a table of them. Again: nothing is done."""
        shard = self._shards[number - 1]
        if shard.taken:
            return
        shard.taken = True
        async with together() as group:
            for item in shard.items:
                group.create_task(self._bring(item, shard))
            await asyncio.sleep(0)  # each of them stands in its queue now
            shard.began.set()
        await publish_imports(shard.outcomes, number)

    async def _take_on(self, number: int, shard: Shard, run_of: RunOfShard) -> None:
        """The shard is imported in a run of its own or, if Prefect has none for it in time, in the run around it."""
        run = asyncio.create_task(ignore_server_errors(run_of(self._request.target.name, number, len(shard.items))))
        beginning = asyncio.create_task(shard.began.wait())
        try:
            await asyncio.wait({run, beginning}, timeout=RUN_BEGINS_WITHIN, return_when=asyncio.FIRST_COMPLETED)
            await (run if shard.taken else self.bring(number))
        finally:
            beginning.cancel()
            run.cancel()

    async def _bring(self, item: ImportItem, shard: Shard) -> None:
        await self._order.turn_of(item)
        async with self._window:
            await self._pace.turn()
            began = time.monotonic()
            state = await self._run(item)
            outcome = await state.aresult(raise_on_failure=False)
            seconds = time.monotonic() - began
        if isinstance(outcome, ImportOutcome):
            outcome = replace(outcome, seconds=seconds)
        else:
            outcome = failed_import(item, outcome, seconds)
        self._pace.ended()
        shard.outcomes.append(outcome)
        self._order.ended(item)
        self._meter.count(ok=outcome.ok)
        count_import(self._request, outcome)

    def _run(self, item: ImportItem) -> Awaitable[State[Any]]:
        """The task itself, to be awaited: submitting it would cost 60 ms and three times the memory."""
        if item.pushed:
            return push_index(self._request, self._login_server, item, self._source, return_state=True)  # type: ignore[return-value] # Prefect's overload forgets that it is awaitable
        return import_artifact(self._request, self._login_server, item, self._source, return_state=True)  # type: ignore[return-value] # likewise


class DependencyGate:
    """First an image, then its signature; first the parts, then the whole. What failed has ended, too."""

    def __init__(self, items: Iterable[ImportItem]) -> None:
        self._ended = {(item.repository, first): asyncio.Event() for item in items for first in item.after}

    async def turn_of(self, item: ImportItem) -> None:
        """All that comes before the item has ended."""
        for first in item.after:
            await self._ended[item.repository, first].wait()

    def ended(self, item: ImportItem) -> None:
        """The item has an outcome."""
        if waited_for := self._ended.get((item.repository, item.digest)):
            waited_for.set()


class ConcurrencyWindow:
    """At most so many at once; the others wait outside, in the order in which they came."""

    def __init__(self, size: int) -> None:
        self._places = asyncio.Semaphore(size)
        self._waiting = 0
        self._room = asyncio.Event()

    async def has_room(self) -> None:
        """Hardly anybody waits outside."""
        self._count(0)
        await self._room.wait()

    async def __aenter__(self) -> None:
        self._count(1)
        try:
            await self._places.acquire()
        finally:
            self._count(-1)

    async def __aexit__(self, *_: object) -> None:
        self._places.release()

    def _count(self, more: int) -> None:
        self._waiting += more
        (self._room.set if self._waiting < AHEAD else self._room.clear)()


def current_imports() -> ImportRun:
    """The imports under way in this flow run."""
    return _current.get()


_current: ContextVar[ImportRun] = ContextVar("the imports under way in this flow run")

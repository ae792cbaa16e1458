"""Run imports concurrently: as many as Azure's rate allows, each after its prerequisites.

Two kinds of waiting hold no resources: an import for that of its subject, and Azure's rate limits, which admit each
call in turn (azure/client/rate_limits.py). A window of `concurrency` bounds the memory. Small artifacts are pushed
beside all that (small_pushes.py).

Report each state to Prefect without waiting for it; drop an update that fails.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, Final

from prefect.client.schemas.objects import State

from acr_relocate.azure.client.task_group import together
from acr_relocate.core.content.import_outcome import ImportOutcome, failed_import
from acr_relocate.core.content.import_plan import ImportItem, ImportPlan, shards
from acr_relocate.core.errors import TemporaryFailure
from acr_relocate.core.registry.inventory import Content
from acr_relocate.core.request.relocation import RelocationRequest
from tasks.images import import_artifact, push_index
from tasks.imports.bytes_in_flight import BytesInFlight
from tasks.imports.small_pushes import SmallPushes
from tasks.imports.task_run_rate import task_run_pace
from tasks.retry_policies import AHEAD, RUN_BEGINS_WITHIN, SHARD_SIZE
from tasks.runs.artifacts import ProgressMeter, ignore_server_errors, publish_imports
from tasks.runs.metrics import count_import
from tasks.small_artifacts import PushRoute, push_small_artifacts

GIB: Final = 2**30

RunOfShard = Callable[[str, int, int], Awaitable[None]]
"""The flow of a shard's run: called with the target's name, the shard's number and its number of images."""


@dataclass
class Shard:
    """Some of the imports, which share a flow run.

    `taken`: a run has started with them. `began`: each of them is in its queue.
    """

    items: Sequence[ImportItem]
    taken: bool = False
    began: asyncio.Event = field(default_factory=asyncio.Event)
    outcomes: list[ImportOutcome] = field(default_factory=list)


class ImportRun:
    """The imports of one flow run: the state that its overlapping shards share."""

    def __init__(
        self,
        request: RelocationRequest,
        plan: ImportPlan,
        login_server: str,
        meter: ProgressMeter,
        want: Content,
    ) -> None:
        self._request = request
        self._source = plan.login_server
        self._login_server = login_server
        imported = [item for item in plan.items if not item.small]
        self._shards = [Shard(part) for part in shards(imported, SHARD_SIZE)]
        self._pushes = SmallPushes(plan.small, self._push, self._import_instead)
        known = {one.name: frozenset(each.digest for each in one.manifests) for one in want.repositories if plan.small}
        self._route = PushRoute(plan.login_server, login_server, request.names, known, force=request.force)
        self._pushed: list[ImportOutcome] = []
        self._meter = meter
        self._pace = task_run_pace()
        self._order = DependencyGate(plan.items)
        self._window = ConcurrencyWindow(request.concurrency)
        self._bytes = BytesInFlight(request.max_concurrent_gib * GIB, request.cap_hours)

    @property
    def outcomes(self) -> tuple[ImportOutcome, ...]:
        """Return the outcomes of the imports so far."""
        return (*self._pushed, *(outcome for shard in self._shards for outcome in shard.outcomes))

    async def all_shards(self, run_of: RunOfShard) -> None:
        """Run all imports to their outcomes.

        The next shard begins when few imports wait for a place in the window: not together with the others, and not
        only after another has ended, which a single hanging import would delay.
        """
        _current.set(self)
        async with self._pace.watched(), together() as pushing:
            pushing.create_task(self._pushes.run())
            async with together() as group:
                for number, shard in enumerate(self._shards, start=1):
                    group.create_task(self._take_on(number, shard, run_of))
                    await shard.began.wait()
                    await self._window.has_room()
            self._pushes.release()
        if missing := sum(len(shard.items) - len(shard.outcomes) for shard in self._shards):
            raise TemporaryFailure(
                f"{missing} imports ended without an outcome, because their Prefect run ended",
                remedy="Run again: only missing images are imported.",
            )

    async def bring(self, number: int) -> None:
        """Import every image of the shard, and publish a table of them in its run. Again: nothing is done."""
        shard = self._shards[number - 1]
        if shard.taken:
            return
        shard.taken = True
        async with together() as group:
            for item in shard.items:
                group.create_task(self._bring(item, shard))
            await asyncio.sleep(0)  # now each of them is in its queue
            shard.began.set()
        await publish_imports(shard.outcomes, number)

    async def _take_on(self, number: int, shard: Shard, run_of: RunOfShard) -> None:
        """Import the shard in a run of its own or, if Prefect has none for it in time, in the parent run."""
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
        async with self._window, self._bytes.room(item.size_bytes):
            outcome = await self._imported(item)
        shard.outcomes.append(outcome)
        self._note(outcome)

    async def _imported(self, item: ImportItem) -> ImportOutcome:
        await self._pace.turn()
        began = time.monotonic()
        self._pushes.began(item)
        state = await self._run(item)
        outcome = await state.aresult(raise_on_failure=False)
        seconds = time.monotonic() - began
        self._pace.ended()
        if isinstance(outcome, ImportOutcome):
            return replace(outcome, seconds=seconds)
        return failed_import(item, outcome, seconds)

    async def _push(self, batch: list[ImportItem]) -> Sequence[ImportOutcome] | None:
        """Push the items; return the final outcomes, or None if the registry takes no push of ours."""
        await self._pace.turn()
        began = time.monotonic()
        title = f"{batch[0].title}" + (f" and {len(batch) - 1} more" if batch[1:] else "")
        state = await push_small_artifacts(self._route, batch, title, return_state=True)  # type: ignore[misc] # as in _run
        outcomes = await state.aresult(raise_on_failure=False)
        seconds = time.monotonic() - began
        self._pace.ended()
        if isinstance(outcomes, BaseException):
            return None
        final = [replace(one, seconds=seconds) for one in outcomes if one.ok or one.reason == "conflict"]
        self._pushed += final
        for outcome in final:
            self._note(outcome)
        return final

    async def _import_instead(self, item: ImportItem) -> None:
        async with self._window, self._bytes.room(item.size_bytes):
            outcome = await self._imported(item)
        self._pushed.append(outcome)
        self._note(outcome)

    def _note(self, outcome: ImportOutcome) -> None:
        """Count the outcome, and let go what waits for its item."""
        self._order.ended(outcome.item)
        self._pushes.ended(outcome.item)
        self._meter.count(ok=outcome.ok, size_bytes=outcome.item.size_bytes)
        count_import(self._request, outcome)

    def _run(self, item: ImportItem) -> Awaitable[State[Any]]:
        """Return the task's coroutine: submitting it would cost 60 ms and three times the memory."""
        if item.pushed:
            return push_index(self._request, self._login_server, item, self._source, return_state=True)  # type: ignore[return-value] # Prefect's overload omits that it is awaitable
        return import_artifact(self._request, self._login_server, item, self._source, return_state=True)  # type: ignore[return-value] # likewise


class DependencyGate:
    """Order imports: an image before its signature, parts before their index. Failed ones count as ended."""

    def __init__(self, items: Iterable[ImportItem]) -> None:
        self._ended = {(item.repository, first): asyncio.Event() for item in items for first in item.after}

    async def turn_of(self, item: ImportItem) -> None:
        """Wait until all prerequisites of the item have ended."""
        for first in item.after:
            await self._ended[item.repository, first].wait()

    def ended(self, item: ImportItem) -> None:
        """Note that the item has an outcome."""
        if waited_for := self._ended.get((item.repository, item.digest)):
            waited_for.set()


class ConcurrencyWindow:
    """At most so many at once; the others wait in the order of arrival."""

    def __init__(self, size: int) -> None:
        self._places = asyncio.Semaphore(size)
        self._waiting = 0
        self._room = asyncio.Event()

    async def has_room(self) -> None:
        """Wait until few are waiting."""
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
    """Return the imports in progress in this flow run."""
    return _current.get()


_current: ContextVar[ImportRun] = ContextVar("the imports in progress in this flow run")

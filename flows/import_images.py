"""Runbook: bring the target's content level with the source ("Import data").

1. List what both registries hold, to exhaustion.
2. Compare by digest. What the target lacks is one import for each digest, with all its tags; untagged manifests and
   referrers too, each after what it refers to.
3. Lift the locks that an earlier run replayed at the target where they are in the way; put them back afterwards.
4. Import, many at once, at the pace that Azure and the Prefect server stand. Shards of 500 are child runs.
5. Report every failure and conflict. One bad artifact stops nothing.

Alone it is the delta sync before a cut-over. Again: only what is missing by then. On failure: what was imported stays.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import chain

from prefect import flow

from acr_relocate.core import images
from acr_relocate.core.attributes import in_the_way
from acr_relocate.core.errors import Failure
from acr_relocate.core.images import ImportItem
from acr_relocate.core.inventory import Content
from acr_relocate.core.outcomes import ImportOutcome
from acr_relocate.core.report import Report
from acr_relocate.core.request import RelocationRequest
from tasks.images import import_artifact, writable
from tasks.inventory import accept_request, list_content, read_registry, target_ref
from tasks.journey import Journey, journey
from tasks.reporting import Meter, metered, publish_imports
from tasks.retrying import OVERLAPPING_SHARDS, SHARD_SIZE, Pace, in_parallel, task_run_pace

Shard = tuple[ImportItem, ...]


@flow(name="import-images", flow_run_name="import-{request.source.name}-to-{request.target.name}")
async def import_images(request: RelocationRequest) -> Report:
    """The target holds all that is selected of the source's content.

    Args:
        request: The registries, and what to import.

    """
    async with journey(request, "import-images", ("import",)) as log:
        await accept_request(request)
        await bring_content(request, log)
        return await log.conclude()


@flow(name="import-shard", flow_run_name="import-shard-{number}-to-{target}")
async def import_shard(target: str, number: int, images: int) -> None:  # noqa: ARG001 - a person reads them in the UI
    """A part of an import: at most 500 task runs, one for each digest.

    Its images are in the memory of the run around it: Prefect holds at most 512 KB of parameters.
    """
    await _current.get().bring(number)


async def bring_content(request: RelocationRequest, log: Journey) -> Content:
    """The target holds what it lacked; what could not be imported is in the report. Returns the source's content."""
    async with log.phase("import"):
        source, target = await asyncio.gather(read_registry(request.source), read_registry(target_ref(request)))
        want, have = await asyncio.gather(
            list_content(source.login_server, request), list_content(target.login_server, request)
        )
        plan = images.needed(want, have, request.selection, force=request.force, only=request.only)
        locks = in_the_way(plan.items, have)
        async with metered("import", len(plan.items)) as meter, writable(target.login_server, locks):
            run = ImportRun(request, target.login_server, images.shards(plan.items, SHARD_SIZE), meter)
            await run.all_shards()
        log.imported(plan, run.outcomes, meter.progress)
    return want


@dataclass
class ImportRun:
    """The imports of one flow run: what its overlapping shards share."""

    request: RelocationRequest
    login_server: str
    shards: tuple[Shard, ...]
    meter: Meter
    outcomes: list[ImportOutcome] = field(default_factory=list)
    pace: Pace = field(default_factory=task_run_pace)
    slots: asyncio.Semaphore = field(init=False)
    order: "Order" = field(init=False)

    def __post_init__(self) -> None:
        self.slots = asyncio.Semaphore(self.request.concurrency)
        self.order = Order(chain.from_iterable(self.shards))

    async def all_shards(self) -> None:
        """Every shard has run, the next one beginning while the last imports of the one before end."""
        _current.set(self)
        await in_parallel(iter(range(1, len(self.shards) + 1)), OVERLAPPING_SHARDS, self._run_shard)

    async def bring(self, number: int) -> None:
        """Every image of the shard has an outcome, and the shard's run a table of them."""
        outcomes: list[ImportOutcome] = []

        async def bring_one(item: ImportItem) -> None:
            outcomes.append(await self._bring(item))

        await in_parallel(iter(self.shards[number - 1]), self.request.concurrency, bring_one)
        self.outcomes += outcomes
        await publish_imports(outcomes, number)

    async def _run_shard(self, number: int) -> None:
        await import_shard(self.request.target.name, number, len(self.shards[number - 1]))

    async def _bring(self, item: ImportItem) -> ImportOutcome:
        await self.order.turn_of(item)
        async with self.slots:
            await self.pace.turn()
            began = time.monotonic()
            # The task itself, awaited: submitting it would cost 60 ms and three times the memory.
            state = await import_artifact(  # type: ignore[misc] # Prefect's overload forgets that it is awaitable
                self.request, self.login_server, item, return_state=True
            )
            outcome = await state.aresult(raise_on_failure=False)
            seconds = time.monotonic() - began
        if isinstance(outcome, ImportOutcome):
            outcome = outcome.model_copy(update={"seconds": seconds})
        else:
            outcome = ImportOutcome(item=item, kind="failed", failure=Failure.of(outcome), seconds=seconds)
        self.order.ended(item)
        self.meter.count(ok=outcome.ok)
        return outcome


class Order:
    """First an image, then its signature: in each repository a wave begins when the lower ones have ended."""

    def __init__(self, items: Iterable[ImportItem]) -> None:
        self._left = Counter((item.repository, item.wave) for item in items)
        self._ended = {wave: asyncio.Event() for wave in self._left}

    async def turn_of(self, item: ImportItem) -> None:
        """Nothing that the item may refer to is still to come. What failed has ended, too."""
        for wave in range(item.wave):
            if event := self._ended.get((item.repository, wave)):
                await event.wait()

    def ended(self, item: ImportItem) -> None:
        """The item has an outcome."""
        wave = (item.repository, item.wave)
        self._left[wave] -= 1
        if not self._left[wave]:
            self._ended[wave].set()


_current: ContextVar[ImportRun] = ContextVar("the imports under way in this flow run")

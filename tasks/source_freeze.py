"""Freeze the source while the final pass runs. The locks are recorded in Azure first, so that they can be released.

If they cannot be recorded, nothing is locked. Releasing needs only Azure: no Prefect server, disk or task slot.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager

from prefect import task

from acr_relocate.azure.client.write_gate import behind
from acr_relocate.azure.content import freeze as freezing
from acr_relocate.core.content.source_freeze import SourceFreeze, plan_freeze
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.registry.restore_record import StoredRecord
from acr_relocate.core.request.relocation import RelocationRequest
from tasks.connection import azure
from tasks.retry_policies import WRITE
from tasks.runs.restore_records import delete_record, run_name, save_record
from tasks.runs.server_watch import stop_with_server


@asynccontextmanager
async def frozen(request: RelocationRequest, source: Registry, content: Content) -> AsyncIterator[SourceFreeze]:
    """Lock the selected repositories while the block runs; restore their attributes afterwards in any case.

    Yields the frozen repositories, with their attributes. After a kill, the next run that writes releases them.
    """
    async with azure():  # outlives every failure inside, so that the release has an open connection
        freeze = plan_freeze(source.id, content, request.selection, await run_name())
        record = await save_record(request, freeze)
        try:
            async with stop_with_server(f"the last pass of {source.name}"):
                await lock_source(freeze)
                yield freeze
        finally:
            with behind(None):  # our locks are released, with or without the lease
                await run_uncancelled(undo_freeze(record, freeze))


@task(name="freeze-source", task_run_name="freeze-{freeze.login_server}", **WRITE)
async def lock_source(freeze: SourceFreeze) -> None:
    """Lock these repositories against pushes and deletions.

    Again: the same. On failure: some may be locked; the record of all of them is in Azure.
    """
    async with azure() as connection:
        await freezing.lock_repositories(connection, freeze)


async def undo_freeze(record: StoredRecord, freeze: SourceFreeze) -> None:
    """Unlock the recorded repositories, then delete the record.

    Again: nothing is left to do. On failure: the record stays, and the next run tries again.
    """
    await unlock_source(freeze)
    await delete_record(record)


async def unlock_source(freeze: SourceFreeze) -> None:
    """Restore the attributes of these repositories; leave those alone that somebody has changed since."""
    async with azure() as connection:
        await freezing.restore_locks(connection, freeze)


async def run_uncancelled(work: Coroutine[None, None, None]) -> None:
    """Run the work to its end, however often this run is cancelled meanwhile."""
    working = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not working.done():
        try:
            await asyncio.shield(working)
        except asyncio.CancelledError as error:
            if working.cancelled():
                raise
            cancelled = error
        except Exception:  # noqa: BLE001 - it is raised below, once
            break
    working.result()
    if cancelled:
        raise cancelled

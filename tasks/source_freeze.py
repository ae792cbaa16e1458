"""The source at rest while the last pass runs. What is locked is written down first, so that it is always given back.

Where it cannot be written down, nothing is locked.
"""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

from prefect import task

from acr_relocate.azure.client.registry_api import DataPlane
from acr_relocate.azure.client.task_group import together
from acr_relocate.azure.content import freeze as freezing
from acr_relocate.core.content.locks import AttributeChange
from acr_relocate.core.content.source_freeze import SourceFreeze, to_freeze
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.request.relocation import RelocationRequest
from tasks.connection import azure
from tasks.retry_policies import WRITE
from tasks.runs.restore_records import delete_record, save_record


@asynccontextmanager
async def frozen(request: RelocationRequest, source: Registry, content: Content) -> AsyncIterator[SourceFreeze]:
    """Nobody can push to the selected repositories while the block runs; afterwards they are as before, whatever came.

    Yields what is frozen, with how it was. After a kill, the next run that writes gives them back.
    """
    freeze = to_freeze(source.id, content, request.selection)
    record = await save_record(request, freeze)
    try:
        await lock_source(freeze)
        yield freeze
    finally:
        await unlock_source(freeze)
        await delete_record(record)


@task(name="freeze-source", task_run_name="freeze-{freeze.login_server}", **WRITE)
async def lock_source(freeze: SourceFreeze) -> None:
    """Nobody can push to these repositories or delete from them.

    Again: the same. On failure: some may be locked; the record of all of them is at the Prefect server.
    """
    await _each(freeze, freezing.lock_repository)


@task(name="thaw-source", task_run_name="thaw-{freeze.login_server}", **WRITE)
async def unlock_source(freeze: SourceFreeze) -> None:
    """These repositories are as they were before the freeze; what somebody has changed since is left alone.

    Again: nothing is left to do. On failure: the record stays, and the next run tries again.
    """
    await _each(freeze, freezing.restore_locks)


async def _each(
    freeze: SourceFreeze, change: Callable[[DataPlane, AttributeChange], Coroutine[None, None, None]]
) -> None:
    async with azure() as connection, together() as group:
        plane = connection.data_plane(freeze.login_server)
        for before in freeze.before:
            group.create_task(change(plane, before))

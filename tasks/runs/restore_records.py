"""Record in Azure the changes that a run makes at a registry before it makes them, so that every later run can restore.

How to use it:

    record = await save_record(request, facts)     # before the first change; raises if Azure does not keep it
    ... change, then restore from the same facts ...
    await delete_record(record)                    # when all is restored
    for record, facts in await pending_restores(request, Facts): ...     # left by killed runs

`Facts` is a subclass of `Restorable` (acr_relocate/core/model.py): a frozen model with facts of closed kinds and no
call, path or host. Its reader computes the calls and checks each fact against Azure before it acts. These are plain
coroutines, not tasks: they need no Prefect server. A record outlives every run; only `delete_record` removes it.
"""

from typing import TypeVar

from prefect.runtime import flow_run

from acr_relocate.azure.changes import restore_records
from acr_relocate.azure.client.write_gate import hold_registry
from acr_relocate.core.content.source_freeze import PendingRestores
from acr_relocate.core.model import Restorable
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.registry.restore_record import StoredRecord
from acr_relocate.core.request.relocation import RelocationRequest
from tasks.connection import azure

_Kind = TypeVar("_Kind", bound=Restorable)


async def save_record(request: RelocationRequest, restorable: Restorable) -> StoredRecord:
    """Record in Azure the changes to restore. Raises AccessDenied if neither resource group takes the record."""
    async with azure() as connection:
        await hold_registry(request.source.resource_id)
        return await restore_records.save_restore_record(connection, _groups(request), restorable)


async def delete_record(record: StoredRecord) -> None:
    """Delete the record of restored changes."""
    async with azure() as connection:
        await restore_records.delete(connection, record)


async def pending_restores(
    request: RelocationRequest, kind: type[_Kind], registry_id: str = ""
) -> list[tuple[StoredRecord, _Kind]]:
    """Return the changes of earlier runs at the registry that are not restored; by default the source.

    Raises RecordBroken for a record that is not credible.
    """
    async with azure() as connection:
        owed_to = registry_id or request.source.resource_id
        return await restore_records.pending(connection, _groups(request), owed_to, kind)


async def read_pending_restores(request: RelocationRequest) -> PendingRestores:
    """Return what killed runs left changed at the source and the target. Only reads. Raises RecordBroken."""
    async with azure() as connection:
        return await restore_records.find_pending(
            connection, _groups(request), request.source.resource_id, request.target_id
        )


async def run_name() -> str:
    """Return the author of a change for people: the run and the identity."""
    async with azure() as connection:
        ids = await connection.own_ids()
    name = flow_run.name or "a run"
    return f"{name} as {ids[0] if ids else 'an unknown identity'}"[:200]


def _groups(request: RelocationRequest) -> tuple[str, ...]:
    """Return the ids of the groups that a record may be in: the source's first."""
    ids = (request.source.resource_id, request.target_id)
    groups = [ResourceId(each).group_id for each in ids]
    return tuple({group.lower(): group for group in reversed(groups)}.values())[::-1]

"""What a run owes a registry: recorded in Azure before it is taken, so that every later run gives it back.

How to use it:

    record = await save_record(request, facts)     # before the first change; raises if Azure does not keep it
    ... take, then give back from the same facts ...
    await delete_record(record)                    # when all is given back
    for record, facts in await pending_restores(request, Facts): ...     # what killed runs have left

`Facts` is a subclass of `Restorable` (acr_relocate/core/model.py): a frozen model with facts of closed kinds and no
call, path or host. Its reader computes the calls and checks each fact against Azure before it acts. These are plain
coroutines, not tasks: they need no Prefect server. A record outlives every run; nothing but `delete_record` removes it.
"""

from typing import TypeVar

from prefect.runtime import flow_run

from acr_relocate.azure.changes import restore_records
from acr_relocate.azure.client.write_gate import hold_registry
from acr_relocate.core.model import Restorable
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.registry.restore_record import RecordedDebt
from acr_relocate.core.request.relocation import RelocationRequest
from tasks.connection import azure

Debt = TypeVar("Debt", bound=Restorable)


async def save_record(request: RelocationRequest, debt: Restorable) -> RecordedDebt:
    """Record in Azure what is to be given back. Raises AccessDenied if neither resource group takes the record."""
    async with azure() as connection:
        await hold_registry(request.source.resource_id)
        return await restore_records.save_restore_record(connection, _groups(request), debt)


async def delete_record(record: RecordedDebt) -> None:
    """Strike the record of what has been given back."""
    async with azure() as connection:
        await restore_records.delete(connection, record)


async def pending_restores(
    request: RelocationRequest, kind: type[Debt], registry_id: str = ""
) -> list[tuple[RecordedDebt, Debt]]:
    """Find what earlier runs have not given back to the registry, which is the source if no other is named.

    Raises RecordBroken for a record that is not credible.
    """
    async with azure() as connection:
        owed_to = registry_id or request.source.resource_id
        return await restore_records.pending(connection, _groups(request), owed_to, kind)


async def run_name() -> str:
    """Return who takes something now, for people: the run and the identity."""
    async with azure() as connection:
        ids = await connection.own_ids()
    name = flow_run.name or "a run"
    return f"{name} as {ids[0] if ids else 'an unknown identity'}"[:200]


def _groups(request: RelocationRequest) -> tuple[str, ...]:
    """The ids of the groups that a record may be in: the source's first."""
    ids = (request.source.resource_id, request.target_id)
    groups = [ResourceId(each).group_id for each in ids]
    return tuple({group.lower(): group for group in reversed(groups)}.values())[::-1]

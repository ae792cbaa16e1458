"""Restore changes of killed runs at the source: the next run that writes begins with it, as does `thaw`.

It needs only Azure: no Prefect server, no disk, no task slot.
"""

from prefect import task

from acr_relocate.azure.client.unknown import or_unknown
from acr_relocate.core.checks import Unknown
from acr_relocate.core.content.source_freeze import PendingFreeze, PendingRestores, SourceFreeze
from acr_relocate.core.content.source_replica import PendingReplica, SourceReplica
from acr_relocate.core.findings import Finding
from acr_relocate.core.removal import Detached, PendingDeletion
from acr_relocate.core.request.relocation import RelocationRequest
from tasks.connection import azure
from tasks.retry_policies import READ
from tasks.runs.restore_records import delete_record, pending_restores, read_pending_restores
from tasks.source_deletion import restore_detached
from tasks.source_freeze import undo_freeze
from tasks.source_replica import undo_replica


async def restore_source(request: RelocationRequest, *, keep_replica: bool = False) -> tuple[Finding, ...]:
    """Restore at the source the changes of a killed final pass, import or deletion; return findings about them.

    `keep_replica`: the run imports, so it uses a replica of ours that is there, and removes it afterwards.
    Again: nothing is left to do. Raises the error that prevents it, and RecordBroken for a record that is not credible.
    """
    done: list[Finding] = []
    for record, freeze in await pending_restores(request, SourceFreeze):
        await undo_freeze(record, freeze)
        message = PendingFreeze(since=record.since, freeze=freeze).message
        done.append(_given_back(request, f"{message} It has been released now."))
    for record, freeze in await pending_restores(request, SourceFreeze, request.target_id):  # of a killed discard
        await undo_freeze(record, freeze)
        done.append(_given_back(request, f"{request.target.name} was frozen, and has been released now."))
    for record, taken in await pending_restores(request, Detached):
        await restore_detached(taken, request.source.resource_id)
        await delete_record(record)
        message = PendingDeletion(since=record.since, taken=taken).message
        done.append(_given_back(request, f"{message} They are restored now."))
    for record, replica in () if keep_replica else await pending_restores(request, SourceReplica):
        await undo_replica(record, replica)
        message = PendingReplica(since=record.since, replica=replica).message
        done.append(_given_back(request, f"{message} It has been removed now."))
    return tuple(done)


@task(name="find-pending-restores", task_run_name="find-pending-restores-of-{request.source.name}", **READ)
async def find_pending_restores(request: RelocationRequest) -> PendingRestores | Unknown:
    """Return what killed runs left changed. Only reads. Raises RecordBroken."""
    async with azure():
        return await or_unknown(read_pending_restores(request), "the records of changes to restore")


def _given_back(request: RelocationRequest, message: str) -> Finding:
    return Finding(code="given_back", severity="note", message=message, resource=request.source.resource_id)

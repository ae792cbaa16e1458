"""Restore changes of killed runs at the source: the next run that writes begins with it, as does `thaw`.

It needs only Azure: no Prefect server, no disk, no task slot.
"""

from acr_relocate.core.content.source_freeze import PendingFreeze, SourceFreeze
from acr_relocate.core.findings import Finding
from acr_relocate.core.removal import Detached, PendingDeletion
from acr_relocate.core.request.relocation import RelocationRequest
from tasks.runs.restore_records import delete_record, pending_restores
from tasks.source_deletion import give_back
from tasks.source_freeze import give_back_freeze, pending_freezes


async def restore_source(request: RelocationRequest) -> tuple[Finding, ...]:
    """Restore at the source the changes of a killed final pass or deletion; return findings about them.

    Again: nothing is left to do. Raises the error that prevents it, and RecordBroken for a record that is not credible.
    """
    done: list[Finding] = []
    for record, freeze in await pending_restores(request, SourceFreeze):
        await give_back_freeze(record, freeze)
        message = PendingFreeze(since=record.since, freeze=freeze).message
        done.append(_given_back(request, f"{message} It has been released now."))
    for record, freeze in await pending_restores(request, SourceFreeze, request.target_id):  # of a killed discard
        await give_back_freeze(record, freeze)
        done.append(_given_back(request, f"{request.target.name} was frozen, and has been released now."))
    for record, taken in await pending_restores(request, Detached):
        await give_back(taken, request.source.resource_id)
        await delete_record(record)
        message = PendingDeletion(since=record.since, taken=taken).message
        done.append(_given_back(request, f"{message} They are restored now."))
    return tuple(done)


async def read_owed(request: RelocationRequest) -> tuple[str, ...]:
    """Return a sentence for each thing that was not given back yet. Only reads. Raises RecordBroken."""
    owed = [each.message for each in await pending_freezes(request)]
    for record, freeze in await pending_restores(request, SourceFreeze, request.target_id):
        owed.append(PendingFreeze(since=record.since, freeze=freeze).message)
    for record, taken in await pending_restores(request, Detached):
        owed.append(PendingDeletion(since=record.since, taken=taken).message)
    return tuple(owed)


def _given_back(request: RelocationRequest, message: str) -> Finding:
    return Finding(code="given_back", severity="note", message=message, resource=request.source.resource_id)

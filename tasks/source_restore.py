"""Restore changes of killed runs at the source: the next run that writes begins with it, as does `thaw`.

It needs only Azure: no Prefect server, no disk, no task slot.
"""

from acr_relocate.core.content.source_freeze import PendingFreeze, SourceFreeze
from acr_relocate.core.findings import Finding
from acr_relocate.core.removal import Detached
from acr_relocate.core.request.relocation import RelocationRequest
from tasks.runs.restore_records import delete_record, pending_restores
from tasks.source_deletion import give_back
from tasks.source_freeze import give_back_freeze


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
        what = (
            f"The settings that a deletion of {request.source.name} had removed since {record.since} are restored now."
        )
        done.append(_given_back(request, what))
    return tuple(done)


def _given_back(request: RelocationRequest, message: str) -> Finding:
    return Finding(code="given_back", severity="note", message=message, resource=request.source.resource_id)

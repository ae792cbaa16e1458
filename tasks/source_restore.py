"""What killed runs have left behind at the source: the next run that writes begins with giving it back."""

from acr_relocate.core.content.source_freeze import SourceFreeze
from acr_relocate.core.removal import Detached
from acr_relocate.core.request.relocation import RelocationRequest
from tasks.runs.restore_records import delete_record, pending_restores
from tasks.source_deletion import give_back
from tasks.source_freeze import unlock_source


async def restore_source(request: RelocationRequest) -> None:
    """The source has again what a last pass or a deletion has taken from it. Raises what keeps it from that."""
    for record, freeze in await pending_restores(request, SourceFreeze):
        await unlock_source(freeze)
        await delete_record(record)
    for record, taken in await pending_restores(request, Detached):
        await give_back(taken)
        await delete_record(record)

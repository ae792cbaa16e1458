"""What killed runs have left behind at the source: the next run that writes begins with giving it back."""

from acr_relocate.core.content.source_freeze import SourceFreeze
from acr_relocate.core.removal import Detached
from acr_relocate.core.request.relocation import RelocationRequest
from tasks.runs.restore_records import still_owed, strike_out
from tasks.source_deletion import give_back
from tasks.source_freeze import unlock_source


async def give_back_left_behind(request: RelocationRequest) -> None:
    """The source has again what a last pass or a deletion has taken from it. Raises what keeps it from that."""
    for record, freeze in await still_owed(request, SourceFreeze):
        await unlock_source(freeze)
        await strike_out(record)
    for record, taken in await still_owed(request, Detached):
        await give_back(taken)
        await strike_out(record)

"""What killed runs have left behind at the source: the next run that writes begins with giving it back."""

from acr_relocate.core.freezing import Freeze
from acr_relocate.core.request import RelocationRequest
from acr_relocate.core.retirement import Taken
from tasks.debts import still_owed, strike_out
from tasks.freezing import unlock_source
from tasks.retirement import give_back


async def give_back_left_behind(request: RelocationRequest) -> None:
    """The source has again what a last pass or a deletion has taken from it. Raises what keeps it from that."""
    for record, freeze in await still_owed(request, Freeze):
        await unlock_source(freeze)
        await strike_out(record)
    for record, taken in await still_owed(request, Taken):
        await give_back(taken)
        await strike_out(record)

"""Limit the rate of task runs so that the Prefect server records every one of them.

Each is sent as three events, which wait in an in-memory queue that holds 10,000 and drops the excess
(prefect.server.utilities.messaging.memory). So the unrecorded part must never grow beyond a fraction of that, whatever
else the machine does; and a server that does not answer must not delay the imports.
"""

from __future__ import annotations

import math
from typing import Final

from acr_relocate.core.model import FrozenModel

BEHIND: Final = 200
"""Unrecorded task runs at which the rate is lowered: 600 of the 10,000 events, so that fifteen runs fit at once, and
as many as a server with default settings records in ten seconds.
"""

RECORD_LOST_AFTER: Final = 30.0
"""Seconds without a new record after which outstanding ones count as lost, as by a restart of the server; a live one
records every second, or is too busy to answer.
"""


class RecorderBacklog(FrozenModel):
    """The server's records at the moment `at`, and the rate a second since the moment before.

    `lost`: records that will not come any more. `grew_at`: the last time with nothing outstanding, or a new record.
    """

    at: float = 0.0
    recorded: int = 0
    lost: int = 0
    grew_at: float = 0.0
    per_second: float = math.inf

    def after(self, told: int, recorded: int, at: float) -> RecorderBacklog:
        """Return the next state, given the number of sent task runs and of recorded ones."""
        grew_at = at if recorded > self.recorded or recorded + self.lost >= told else self.grew_at
        missing = max(0, told - recorded)
        return RecorderBacklog(
            at=at,
            recorded=recorded,
            lost=missing if at - grew_at >= RECORD_LOST_AFTER else min(self.lost, missing),
            grew_at=grew_at,
            per_second=max(0, recorded - self.recorded) / (at - self.at),
        )

    def unheard(self, at: float) -> RecorderBacklog:
        """Return the next state without an answer of the server: one that causes no delay."""
        return self.model_copy(update={"at": at, "grew_at": at, "per_second": math.inf})

    def outstanding(self, told: int) -> int:
        """Return the number of sent task runs that are still to be recorded."""
        return max(0, told - self.recorded - self.lost)

    def pace(self, told: int, most: float) -> float:
        """Return the allowed task runs a second: the larger the backlog, the further below the recording rate."""
        outstanding = self.outstanding(told)
        return most if outstanding <= BEHIND else min(most, self.per_second * BEHIND / outstanding)

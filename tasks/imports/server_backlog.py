"""How fast the Prefect server may be told of task runs, so that it records every one of them.

They travel to it as events, three for each, and wait there in a queue in memory that holds 10,000 and drops what comes
on top (prefect.server.utilities.messaging.memory). So what it has not recorded yet may never grow beyond a part of
that, whatever else its machine does; and a server that does not answer must hold nobody up.
"""

from __future__ import annotations

import math
from typing import Final

from acr_relocate.core.model import FrozenModel

BEHIND: Final = 200
"""Task runs that the server may be behind before it is fed more slowly: 600 of the 10,000 events, so that fifteen runs
fit at once, and what a server with default settings records in ten seconds.
"""

RECORD_LOST_AFTER: Final = 30.0
"""Seconds without one more record after which what is outstanding is taken to be lost, as by a restart of the server;
one that is alive records every second, or says that it is busy by not answering.
"""


class RecorderBacklog(FrozenModel):
    """What the server had recorded at the moment `at`, and how many a second since the moment before.

    `lost`: what will not be recorded any more. `grew_at`: when there was nothing outstanding, or one more record, last.
    """

    at: float = 0.0
    recorded: int = 0
    lost: int = 0
    grew_at: float = 0.0
    per_second: float = math.inf

    def after(self, told: int, recorded: int, at: float) -> RecorderBacklog:
        """Return how it is now that the server says that it has recorded so many of those that it was told of."""
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
        """Return how it is if the server does not say: nothing that would hold anybody up."""
        return self.model_copy(update={"at": at, "grew_at": at, "per_second": math.inf})

    def outstanding(self, told: int) -> int:
        """Return how many of those that it was told of are still to be recorded."""
        return max(0, told - self.recorded - self.lost)

    def pace(self, told: int, most: float) -> float:
        """Return how many task runs a second may begin: the further it is behind, the fewer than it records itself."""
        outstanding = self.outstanding(told)
        return most if outstanding <= BEHIND else min(most, self.per_second * BEHIND / outstanding)

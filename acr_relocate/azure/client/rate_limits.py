"""Budgets of calls, as Azure counts them: a burst, then so many a second; a refusal pauses everybody.

Callers stand in one queue for each budget; only its head looks at the clock, so that a thousand who wait cost nothing
and the order is that of arrival. What Azure reports (`remaining`) overrules our own count, and is the only thing that
runs with the same identity need to share a budget: see `RateLimit`.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

SHARERS: Final = 10
"""How many runs with one identity begin a burst at once without overdrawing it: each has at most so small a part of
what is left under way."""

RESERVE: Final = 0.1
"""The part of a burst by which those who share it feel each other: below it each slows down with the square of what is
left, so that n of them settle at 1/n of the rate each, wherever they run and without a word between them. In
proportion would do for few; of eight the calls that cross each other would spend what little they leave."""

SLOWEST: Final = 0.2
"""The part of the reserve below which nobody slows down any further: 25 of them at 1/25 of the rate."""

FRESH: Final = 1.0
"""Seconds for which a report holds though nobody has called since; after that others may have spent all of it."""

TICK: Final = 1e-6
"""Seconds that no clock tells apart from none."""

LONGEST_ANSWER: Final = 2.0
"""Seconds after which a call is taken to be charged for, though its answer has not come."""


@dataclass(frozen=True)
class Quota:
    """How many calls at once, and how many a second after that."""

    burst: float
    per_second: float


# learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling: per principal,
# subscription and region.
# Of Resource Graph, 15 queries in 5 s: learn.microsoft.com/azure/governance/resource-graph/concepts,
# guidance-for-throttled-requests.
ARM_QUOTAS: Final = {
    "reads": Quota(250, 25),
    "writes": Quota(200, 10),
    "deletes": Quota(200, 10),
    "queries": Quota(15, 3),
}

# learn.microsoft.com/azure/container-registry/container-registry-skus: a minute, per identity, Premium. Referrers: the
# lower figure of the other tiers, which is what Microsoft's own copying tool keeps to.
REGISTRY_QUOTAS: Final = {
    "reads": Quota(10_000, 10_000 / 60),
    "writes": Quota(2_000, 2_000 / 60),
    "referrers": Quota(250, 250 / 60),
    "oauth": Quota(10_000, 10_000 / 60),
}

# What imports ask of the registries behind Azure Resource Manager has no published quota: it shows as an import that
# fails with HAP429. Until then ARM's budget for writes alone is the limit; after that they go on without another burst.
IMPORT_QUOTA: Final = Quota(math.inf, ARM_QUOTAS["writes"].per_second)


class RateLimit:
    """One token bucket. `take` before a call, `answered` after it, `pause` when Azure refuses it.

    `shared`: others with our identity may draw on it, and Azure reports what is left. Then the first call goes alone,
    to learn that, as does one after a time without a report (FRESH); a burst goes in parts, each no larger than leaves
    room for the others' (SHARERS); and the last tenth is not spent but read as a signal (RESERVE).
    """

    def __init__(self, quota: Quota, *, shared: bool = False) -> None:
        self._quota = quota
        self._level = quota.burst
        self._filled_at = _now()
        self._is_known = not shared
        self._seen = self._level  # the last report less what we sent since; what came in since may be the others'
        self._seen_at = -math.inf
        self._share = RESERVE * quota.burst if shared else 0.0
        self._reserve = 0.0
        self._sent: deque[float] = deque()
        self._last = -math.inf
        self._resumes_at = 0.0
        self._paused_at = -math.inf
        self._queue = asyncio.Lock()
        self._changed = asyncio.Event()
        self.refusals = 0

    async def take(self) -> float:
        """A call may be made now, which is returned as the event loop's time."""
        async with self._queue:
            while (wait := self._wait()) > TICK:
                self._changed.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(None if math.isinf(wait) else wait):
                        await self._changed.wait()
            self._level -= 1
            self._seen -= 1
            self._last = _now()
            self._sent.append(self._last)
            return self._last

    def answered(self, remaining: int | None = None) -> None:
        """A call that was taken has ended; `remaining` is what Azure says is left, if it says so."""
        if self._sent:
            self._sent.popleft()
        self._is_known = True
        if remaining is not None:
            self._refill()
            self._reserve = self._share
            self._level = self._seen = min(self._quota.burst, remaining) - self._under_way
            self._seen_at = _now()
        self._changed.set()

    def pause(self, seconds: float, *, made_at: float = math.inf) -> None:
        """Nobody calls for that long.

        Refusals that arrive together count as one, and so does that of a call made before the last pause began.
        """
        self.refusals += 1
        now = _now()
        if made_at <= self._paused_at or now + seconds <= self._resumes_at + min(1.0, seconds / 2):
            return
        self._resumes_at, self._paused_at = now + seconds, now
        self._refill()
        self._level = min(self._level, 1 - seconds * self._quota.per_second)
        self._seen = 0
        self._changed.set()

    @property
    def _under_way(self) -> int:
        while self._sent and self._sent[0] + LONGEST_ANSWER <= _now():
            self._sent.popleft()
        return len(self._sent)

    def _wait(self) -> float:
        """Seconds until the head of the queue should look again; 0 if it may go."""
        now = _now()
        if now < self._resumes_at:
            return self._resumes_at - now
        self._refill()
        under_way = self._under_way
        if self._share and not under_way and now - self._seen_at > FRESH:
            self._is_known = False
        if not self._is_known and under_way:
            return self._sent[0] + LONGEST_ANSWER - now
        if self._level < 1:
            return (1 - self._level) / self._quota.per_second
        free = self._level + under_way - self._reserve
        if self._reserve and under_way and 0 < free < SHARERS * under_way:
            return self._sent[0] + LONGEST_ANSWER - now
        if self._reserve and self._seen < self._reserve:
            pace = self._quota.per_second * max(SLOWEST, self._seen / self._reserve) ** 2
            return max(0.0, self._last + 1 / pace - now)
        return 0.0

    def _refill(self) -> None:
        now = _now()
        earned = (now - self._filled_at) * self._quota.per_second
        self._level = min(self._quota.burst, self._level + earned)
        self._filled_at = now


def _now() -> float:
    return asyncio.get_running_loop().time()


class RateLimits:
    """The budgets of one identity, made when first asked for."""

    def __init__(self) -> None:
        self._budgets: dict[tuple[str, str], RateLimit] = {}

    def arm(self, subscription_id: str, kind: str) -> RateLimit:
        """ARM's budget of `kind` (reads, writes, deletes, queries) in that subscription; "" is the tenant."""
        return self._of(f"arm:{subscription_id.lower()}", kind, ARM_QUOTAS[kind], shared=True)

    def registry(self, login_server: str, kind: str) -> RateLimit:
        """A registry's budget of `kind` (reads, writes, referrers, oauth)."""
        return self._of(login_server.lower(), kind, REGISTRY_QUOTAS[kind])

    def imports(self, registry_id: str) -> RateLimit:
        """What the registry stands of imports, as far as its failures tell."""
        return self._of(registry_id.lower(), "imports", IMPORT_QUOTA)

    @property
    def refusals(self) -> int:
        """How often Azure has asked for patience so far."""
        return sum(budget.refusals for budget in self._budgets.values())

    def _of(self, scope: str, kind: str, quota: Quota, *, shared: bool = False) -> RateLimit:
        return self._budgets.setdefault((scope, kind), RateLimit(quota, shared=shared))

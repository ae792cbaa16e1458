"""Rate limits as Azure counts them: a burst, then so many calls a second; a refusal pauses all callers.

Callers wait in one queue for each limit; only its head looks at the clock, so that a thousand waiting callers cost
nothing and the order is that of arrival. Azure's reports (`remaining`) overrule our own count, and are all that runs
with the same identity need to share a limit: see `RateLimit`.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from acr_relocate.azure.client.minute_limits import MinuteLimit

SHARERS: Final = 10
"""How many runs with one identity can begin a burst at once without exceeding it: each has at most this small a part of
the remainder in progress."""

RESERVE: Final = 0.1
"""The part of a burst below which runs that share it slow down: each with the square of the remainder, so that n of
them settle at 1/n of the rate each, on any machine and without communication. A linear slowdown works for few: with
eight, calls in flight would use up the small remainder."""

SLOWEST: Final = 0.2
"""The part of the reserve below which no run slows down further: 25 of them at 1/25 of the rate."""

FRESH: Final = 1.0
"""Seconds for which a report stays valid without a call; after that others may have used all of it."""

TICK: Final = 1e-6
"""A difference in seconds that counts as zero."""

LONGEST_ANSWER: Final = 2.0
"""Seconds after which a call counts as charged, though its answer has not come."""


@dataclass(frozen=True)
class Quota:
    """The burst, and the calls a second after it."""

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

# learn.microsoft.com/azure/container-registry/container-registry-skus: per minute and identity, Premium and other SKUs.
# Referrers: the lower figure, which Microsoft's own copying tool uses; Azure counts them as reads as well.
REFERRERS: Final = 250
REGISTRY_LIMITS: Final = {
    "reads": (10_000 - REFERRERS, 5_000 - REFERRERS),
    "writes": (2_000, 1_000),
    "referrers": (REFERRERS, REFERRERS),
    "oauth": (10_000, 10_000),
}

# The registries behind Azure Resource Manager have an unpublished limit for imports: an import fails with HAP429. Until
# then ARM's limit for writes alone applies; after that imports continue without another burst.
IMPORT_QUOTA: Final = Quota(math.inf, ARM_QUOTAS["writes"].per_second)


class RateLimit:
    """One token bucket. `take` before a call, `answered` after it, `pause` when Azure refuses it.

    `shared`: others with our identity may use it, and Azure reports the remainder. Then the first call goes alone,
    to learn it, as does one after a time without a report (FRESH); a burst goes in parts, each no larger than leaves
    room for the others' (SHARERS); and the last tenth is not spent but read as a signal (RESERVE).
    """

    def __init__(self, quota: Quota, *, shared: bool = False) -> None:
        self._quota = quota
        self._level = quota.burst
        self._filled_at = _now()
        self._is_known = not shared
        self._seen = self._level  # the last report less our calls since then; a later refill may be the others'
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
        self.fewest: int | None = None
        """The lowest remainder that Azure has reported."""

    async def take(self) -> float:
        """Wait until a call may be made. Return the event loop's time."""
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
        """Note that a call has ended; `remaining` is Azure's report, if there is one."""
        if self._sent:
            self._sent.popleft()
        self._is_known = True
        if remaining is not None:
            self.fewest = remaining if self.fewest is None else min(self.fewest, remaining)
            self._refill()
            self._reserve = self._share
            self._level = self._seen = min(self._quota.burst, remaining) - self._under_way
            self._seen_at = _now()
        self._changed.set()

    def pause(self, seconds: float, *, made_at: float = math.inf) -> None:
        """Pause all callers for that long.

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
        """Return the seconds until the head of the queue should check again; 0 if it may go."""
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
    """The rate limits of one identity, created on first use."""

    def __init__(self) -> None:
        self._budgets: dict[tuple[str, str], RateLimit] = {}
        self._registries: dict[tuple[str, str], MinuteLimit] = {}

    def arm(self, subscription_id: str, kind: str) -> RateLimit:
        """Return ARM's limit of `kind` (reads, writes, deletes, queries) in that subscription; "" is the tenant."""
        return self._of(f"arm:{subscription_id.lower()}", kind, ARM_QUOTAS[kind], shared=True)

    def fewest_left(self) -> dict[str, int]:
        """Return the lowest remainders of ARM's limits that Azure has reported so far, by kind of call."""
        reported = [(kind, one.fewest) for (_, kind), one in self._budgets.items() if one.fewest is not None]
        return {kind: min(left for other, left in reported if other == kind) for kind, _ in sorted(reported)}

    def registry(self, login_server: str, kind: str) -> MinuteLimit:
        """Return a registry's limit of `kind` (reads, writes, referrers, oauth): Premium's until its SKU is known."""
        key = login_server.lower(), kind
        if key not in self._registries:
            self._registries[key] = MinuteLimit(REGISTRY_LIMITS[kind][0])
        return self._registries[key]

    def know_sku(self, login_server: str, sku: str) -> None:
        """Set the limits of a registry of this SKU."""
        for kind, (premium, others) in REGISTRY_LIMITS.items():
            self.registry(login_server, kind).most = premium if sku == "Premium" else others

    def imports(self, registry_id: str) -> RateLimit:
        """Return the registry's limit for imports, as far as its failures show it."""
        return self._of(registry_id.lower(), "imports", IMPORT_QUOTA)

    @property
    def refusals(self) -> int:
        """Return how often Azure has refused a call for its rate so far."""
        arm, registries = self._budgets.values(), self._registries.values()
        return sum(limit.refusals for limit in arm) + sum(limit.refusals for limit in registries)

    def _of(self, scope: str, kind: str, quota: Quota, *, shared: bool = False) -> RateLimit:
        return self._budgets.setdefault((scope, kind), RateLimit(quota, shared=shared))

"""Budgets of calls, as Azure counts them: a burst, then so many a second; a refusal pauses everybody.

A budget plans in advance: a caller learns at once when its turn comes and sleeps exactly until then, so that waiting
costs nothing and the order is the order of arrival. What Azure reports (`remaining`) overrules our own count, which
makes several processes with the same identity share one budget.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Quota:
    """How many calls at once, and how many a second after that."""

    burst: float
    per_second: float


# learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling: per principal,
# subscription and region.
ARM_QUOTAS: Final = {"reads": Quota(250, 25), "writes": Quota(200, 10), "deletes": Quota(200, 10)}

# learn.microsoft.com/azure/container-registry/container-registry-skus: a minute, per identity, Premium. Referrers: the
# lower figure of the other tiers, which is what Microsoft's own copying tool keeps to.
REGISTRY_QUOTAS: Final = {
    "reads": Quota(10_000, 10_000 / 60),
    "writes": Quota(2_000, 2_000 / 60),
    "referrers": Quota(250, 250 / 60),
    "oauth": Quota(10_000, 10_000 / 60),
}


class Budget:
    """One token bucket. `take` before a call, `answered` after it, `pause` when Azure refuses it."""

    def __init__(self, quota: Quota) -> None:
        self._quota = quota
        self._level = quota.burst
        self._filled_at = _now()
        self._unanswered = 0
        self._resumes_at = 0.0
        self._pauses = 0
        self.refusals = 0

    async def take(self) -> None:
        """A call may be made now."""
        self._unanswered += 1
        wait = self._reserve()
        while wait > 0:
            pauses = self._pauses
            await self._sleep(wait)
            # A refusal in the meantime moved the queue: stand in it again, rather than all rushing on when it ends.
            wait = self._reserve() if self._pauses != pauses else 0

    def answered(self, remaining: int | None = None) -> None:
        """A call that was taken has ended; `remaining` is what Azure says is left, if it says so."""
        self._unanswered -= 1
        if remaining is not None:
            self._refill()
            self._level = min(self._quota.burst, remaining - self._unanswered)

    def pause(self, seconds: float) -> None:
        """Nobody calls for that long. Refusals that arrive together count as one."""
        self.refusals += 1
        until = _now() + seconds
        if until <= self._resumes_at + min(1.0, seconds / 2):
            return
        self._resumes_at = until
        self._pauses += 1
        self._refill()
        self._level = min(self._level, 1 - seconds * self._quota.per_second)

    async def _sleep(self, seconds: float) -> None:
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            self._unanswered -= 1
            self._level += 1
            raise

    def _reserve(self) -> float:
        self._refill()
        self._level -= 1
        return max(0.0, -self._level / self._quota.per_second)

    def _refill(self) -> None:
        now = _now()
        earned = (now - self._filled_at) * self._quota.per_second
        self._level = min(self._quota.burst, self._level + earned)
        self._filled_at = now


def _now() -> float:
    return asyncio.get_running_loop().time()


class Budgets:
    """The budgets of one identity, made when first asked for."""

    def __init__(self) -> None:
        self._budgets: dict[tuple[str, str], Budget] = {}

    def arm(self, subscription_id: str, kind: str) -> Budget:
        """ARM's budget of `kind` (reads, writes, deletes) in that subscription; "" is the tenant."""
        return self._of(f"arm:{subscription_id.lower()}", kind, ARM_QUOTAS[kind])

    def registry(self, login_server: str, kind: str) -> Budget:
        """A registry's budget of `kind` (reads, writes, referrers, oauth)."""
        return self._of(login_server.lower(), kind, REGISTRY_QUOTAS[kind])

    @property
    def refusals(self) -> int:
        """How often Azure has asked for patience so far."""
        return sum(budget.refusals for budget in self._budgets.values())

    def _of(self, scope: str, kind: str, quota: Quota) -> Budget:
        return self._budgets.setdefault((scope, kind), Budget(quota))

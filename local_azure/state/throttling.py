"""The token buckets of ARM and the per-minute buckets of the registries (facts: azure.md 2.9)."""

import math
from dataclasses import dataclass
from typing import Literal

from local_azure.state.errors import AzureError, RegistryError

ArmKind = Literal["reads", "writes", "deletes"]
RegistryKind = Literal["read", "write", "delete", "referrers", "oauth"]

ARM_LIMITS: dict[ArmKind, tuple[int, int]] = {
    "reads": (250, 25),
    "writes": (200, 10),
    "deletes": (200, 10),
}  # size, per second
GLOBAL_FACTOR = 15  # the bucket of the whole subscription next to the caller's
REGISTRY_LIMITS: dict[RegistryKind, tuple[int, int]] = {  # Premium, per minute: registry, identity
    "read": (20_000, 10_000),
    "write": (4_000, 2_000),
    "delete": (4_000, 2_000),
    "referrers": (2_000, 1_000),
    "oauth": (20_000, 20_000),
}
SMALL_REGISTRY_LIMITS: dict[RegistryKind, tuple[int, int]] = {  # Basic and Standard
    "read": (10_000, 5_000),
    "write": (2_000, 1_000),
    "delete": (1_000, 500),
    "referrers": (500, 250),
    "oauth": (10_000, 10_000),
}


@dataclass
class Bucket:
    """A token bucket: `size` tokens, refilled at `rate` per second."""

    size: int
    rate: float
    tokens: float
    updated: float

    def take(self, now: float) -> bool:
        """Take one token, and return whether there was one."""
        self.tokens = min(self.size, self.tokens + (now - self.updated) * self.rate)
        self.updated = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True

    @property
    def seconds_to_next(self) -> int:
        """Return the whole seconds until there is a token again, at least 1."""
        return max(1, math.ceil((1 - self.tokens) / self.rate))


@dataclass
class Window:
    """A quota per minute, as the registries count."""

    started: float
    used: int = 0


class Throttles:
    """All buckets of a world; nothing is refused unless `enforced`."""

    def __init__(self, *, enforced: bool) -> None:
        self.enforced = enforced
        self._buckets: dict[tuple[str, str, str], Bucket] = {}
        self._windows: dict[tuple[str, str, str], Window] = {}

    def arm(self, principal: str, subscription: str, kind: ArmKind, now: float) -> dict[str, str]:
        """Return the headers of the answer; AzureError 429 with Retry-After if the caller's bucket is empty."""
        bucket = self._buckets.get((principal, subscription, kind))
        if bucket is None:
            size, rate = ARM_LIMITS[kind]
            bucket = self._buckets[principal, subscription, kind] = Bucket(size, rate, size, now)
        if not bucket.take(now) and self.enforced:
            raise arm_throttled(subscription, principal, kind, bucket.seconds_to_next)
        # Who is never refused should not be told to slow down either.
        remaining = max(0, int(bucket.tokens)) if self.enforced else bucket.size - 1
        prefix = f"x-ms-ratelimit-remaining-{'subscription' if subscription else 'tenant'}"
        return {f"{prefix}-{kind}": str(remaining), f"{prefix}-global-{kind}": str(remaining * GLOBAL_FACTOR)}

    def registry(self, registry: str, identity: str, kind: RegistryKind, now: float, *, premium: bool = True) -> None:
        """Count a call for registry and identity; RegistryError 429 whose Retry-After counts down the minute."""
        if not self.enforced:
            return
        per_registry, per_identity = (REGISTRY_LIMITS if premium else SMALL_REGISTRY_LIMITS)[kind]
        for owner, limit in (("", per_registry), (identity, per_identity)):
            window = self._windows.setdefault((registry, owner, kind), Window(now))
            if now - window.started >= 60:
                window.started, window.used = now, 0
            if window.used >= limit:
                raise registry_throttled(math.ceil(60 - (now - window.started)))
            window.used += 1


def arm_throttled(subscription: str, principal: str, kind: str, retry_after: float) -> AzureError:
    """Return the 429 of ARM."""
    message = (
        f"Number of '{kind.removesuffix('s')}' requests for subscription '{subscription}' actor '{principal}' "
        f"exceeded. Please try again after '{retry_after:g}' seconds after additional tokens are available. "
        "Refer to https://aka.ms/arm-throttling for additional information."
    )
    headers = wait_headers(retry_after) | {f"x-ms-ratelimit-remaining-subscription-{kind}": "0"}
    return AzureError(429, "SubscriptionRequestsThrottled", message, headers=headers, gateway=True)


def registry_throttled(retry_after: float) -> RegistryError:
    """Return the 429 of a registry's data plane."""
    return RegistryError(429, "TOOMANYREQUESTS", "too many requests", headers=wait_headers(retry_after))


def wait_headers(seconds: float) -> dict[str, str]:
    """Return the headers for a delay in seconds: clients read Retry-After as an integer, and 0 as "not given"."""
    return (
        {"Retry-After": str(math.ceil(seconds))} if seconds >= 1 else {"retry-after-ms": f"{max(1, seconds * 1000):g}"}
    )

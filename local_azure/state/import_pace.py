"""How long an import takes: a time of its own, and the bytes that the target lacks.

Assumptions, not measurements: bulk imports were seen to take 0.2 to 2 s where the target has the layers already; across
regions one import is taken to move 10 to 60 MB/s, and all imports into one registry together 200 to 500 MB/s. Every
figure can be set.
"""

import random
from dataclasses import dataclass

MEGABYTE = 1_000_000
Range = tuple[float, float]
NEAR = 4.0
"""How many times faster the bytes of one import move within a region. An assumption, too."""


@dataclass(frozen=True)
class ImportPace:
    """The figures. A range: each import, or each registry for `registry_cap`, has a value of its own in it."""

    seconds: Range = (0.2, 2.0)  # whatever the bytes
    rate: Range = (10.0, 60.0)  # MB/s of one import
    registry_cap: Range = (200.0, 500.0)  # MB/s of all imports into a registry together


def parse_range(text: str) -> Range:
    """Return the range that `10-60` or `25` says; ValueError for anything else."""
    low, _, high = text.partition("-")
    found = float(low), float(high or low)
    if not 0 < found[0] <= found[1]:
        raise ValueError(f"{text} is not a range such as 10-60")
    return found


class ImportClock:
    """When each import ends. Imports into one registry share its cap: what comes later waits for what came before."""

    def __init__(self, pace: ImportPace, chance: random.Random) -> None:
        self._pace, self._chance = pace, chance
        self._caps: dict[str, float] = {}  # bytes per second
        self._free_at: dict[str, float] = {}

    def seconds(self, registry: str, size: int, now: float, *, near: bool = False) -> float:
        """Return how long an import of so many bytes takes that begins now; `near`: from the target's own region."""
        low, high = self._pace.seconds
        own = low + (high - low) * self._chance.random() ** 2  # most are quick
        if not size:
            return own
        cap = self._caps.setdefault(registry, self._chance.uniform(*self._pace.registry_cap) * MEGABYTE)
        free = max(now, self._free_at.get(registry, now)) + size / cap
        self._free_at[registry] = free
        alone = size / (self._chance.uniform(*self._pace.rate) * MEGABYTE * (NEAR if near else 1.0))
        return own + max(alone, free - now)

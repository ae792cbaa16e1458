"""Runs that want the same registry at the same time, on connections of their own, and what comes of it."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import suppress

from acr_relocate.azure.changes.registry_lease import RegistryLease
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.core.errors import RegistryBusy

LAG = 0.15
"""Seconds by which a read may be late in these races."""


class Race:
    """So many runs on one registry. `most` is how many had it at the same time."""

    def __init__(self, azure: AzureConnection, registry_id: str, chance: random.Random) -> None:
        self._azure = azure
        self._registry_id = registry_id
        self._chance = chance
        self._inside = 0
        self.most = 0
        self.ended: Counter[str] = Counter()

    async def run(self, runs: int) -> None:
        """Let them race until each has had the registry or was refused."""
        await asyncio.gather(*(self._one(f"run {number}") for number in range(runs)))

    async def _one(self, holder: str) -> None:
        lease = RegistryLease(self._azure, self._registry_id, holder, leaves_trace=self._chance.random() < 0.5)
        lease.settle_seconds = LAG * 1.2
        await asyncio.sleep(self._chance.uniform(0, 2 * LAG))
        if await lease.look():
            self.ended["waits"] += 1
            return
        with suppress(RegistryBusy):
            await lease.ensure()
            self._inside += 1
            self.most = max(self.most, self._inside)
            await asyncio.sleep(self._chance.uniform(0, LAG))
            self._inside -= 1
            self.ended["had it"] += 1
            await lease.give_up()
            return
        self.ended["refused"] += 1


async def races(azure: AzureConnection, group_id: str, count: int, seed: int) -> Counter[str]:
    """Let so many races happen, some at a time, and return how the runs ended. Raises AssertionError for a fault."""
    chance = random.Random(seed)
    total: Counter[str] = Counter()
    for first in range(0, count, 8):
        batch = [
            Race(azure, f"{group_id}/providers/Microsoft.ContainerRegistry/registries/race{number}", chance)
            for number in range(first, min(first + 8, count))
        ]
        await asyncio.gather(*(race.run(chance.choice((2, 2, 3))) for race in batch))
        assert [race.most for race in batch if race.most > 1] == [], f"seed {seed}: two at a time, batch {first}"
        for race in batch:
            total += race.ended
    return total

"""A thousand races for a registry while every read of Azure lags: never two runs at a time. `make test-races`."""

import os
import secrets

from acr_relocate.azure.client.session import connection
from local_azure.launcher import Emulator
from tests.support.lease_races import LAG, races

TRIALS = int(os.environ.get("TRIALS", "1000"))
SEED = int(os.environ.get("SEED") or secrets.randbelow(2**31))


async def test_never_two_at_a_time(emulator: Emulator) -> None:
    """The seed is printed: SEED=… plays the same again."""
    group = "/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/races"
    emulator.plant(group, location="westeurope", properties={"provisioningState": "Succeeded"})
    emulator.arm_fault("reads-lag", seconds=LAG)
    async with connection() as azure:
        ended = await races(azure, group, TRIALS, SEED)
    print(f"{TRIALS} races, seed {SEED}: {dict(ended)}")
    assert ended["had it"] > TRIALS / 2

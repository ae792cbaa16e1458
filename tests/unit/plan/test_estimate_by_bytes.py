"""The estimate beside imports in virtual time, by the pace that the embedded Azure has for its realistic profile."""

import heapq
import math
import random

import pytest

from acr_relocate.core.plan.estimate import MeasuredTimes, estimate
from local_azure.state.import_pace import ImportClock, ImportPace

MB, GB = 1_000_000, 1_000_000_000
AT_ONCE, LOOK = 256, 10.0
PROFILES = {
    "usual": ImportPace(seconds=(0.5, 0.5), rate=(30, 30), registry_cap=(300, 300)),
    "slow": ImportPace(seconds=(2.0, 2.0), rate=(12, 12), registry_cap=(200, 200)),
    "quick": ImportPace(seconds=(0.2, 0.2), rate=(60, 60), registry_cap=(500, 500)),
}


def spread(count: int) -> list[int]:
    chance = random.Random(7)
    return sorted((int(chance.lognormvariate(math.log(150 * MB), 1.2)) for _ in range(count)), reverse=True)


SHAPES: dict[str, tuple[list[int], list[int]]] = {
    "many small": ([20 * MB] * 3_000, [20 * MB] * 3_000),
    "few huge": ([12 * GB] * 12, [12 * GB] * 12),
    "shared layers": ([GB] * 1_000, [150 * MB] * 1_000),
    "one of 30 GB": ([30 * GB, *[50 * MB] * 500], [30 * GB, *[50 * MB] * 500]),
    "mixed": (spread(800), spread(800)),
}
"""Sizes as a registry lists them, and the bytes that each import copies."""


def simulated(copied: list[int], pace: ImportPace) -> float:
    """Return how long the imports take under ARM's limit, each seen at a look after its end."""
    clock, seen = ImportClock(pace, random.Random(7)), list[float]()
    for number, size in enumerate(copied):
        begins = max(0.0, (number - 200) / 10)
        if len(seen) >= AT_ONCE:
            begins = max(begins, heapq.heappop(seen))
        looks = math.ceil(clock.seconds("target", size, begins) / LOOK)
        heapq.heappush(seen, begins + looks * LOOK)
    return max(seen)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("shape", SHAPES)
def test_an_estimate_is_within_a_quarter_of_the_run(shape: str, profile: str) -> None:
    """By the figures of an earlier run between these regions, the size of the store, and ARM's limit."""
    listed, copied = SHAPES[shape]
    pace = PROFILES[profile]
    measured = MeasuredTimes(
        import_seconds=LOOK, bytes_a_second=pace.rate[0] * MB, bytes_together=pace.registry_cap[0] * MB
    )

    expected = estimate(len(listed), listed, measured, AT_ONCE, stored=sum(copied)).import_seconds

    assert expected == pytest.approx(simulated(copied, pace), rel=0.25)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("shape", SHAPES)
def test_after_a_rehearsal_the_run_is_within_the_range(shape: str, profile: str) -> None:
    """A rehearsal tells the rate of one import; what all have together is assumed, so the estimate is a range."""
    listed, copied = SHAPES[shape]
    pace = PROFILES[profile]
    measured = MeasuredTimes(import_seconds=LOOK, bytes_a_second=pace.rate[0] * MB)

    expected = estimate(len(listed), listed, measured, AT_ONCE, stored=sum(copied))

    assert 0.75 * expected.import_seconds <= simulated(copied, pace) <= 1.25 * expected.longest_seconds

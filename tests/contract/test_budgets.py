"""Budgets keep to Azure's quotas, follow what Azure reports, and stop for everybody when Azure says so."""

import asyncio

import pytest

from acr_relocate.azure.client.minute_limits import MinuteLimit
from acr_relocate.azure.client.rate_limits import ARM_QUOTAS, Quota, RateLimit, RateLimits
from tests.contract.virtual_time import now, run


async def times(budget: RateLimit, calls: int) -> list[float]:
    """When each of many concurrent calls may be made."""

    async def call() -> float:
        await budget.take()
        return now()

    return sorted(await asyncio.gather(*(call() for _ in range(calls))))


def test_a_burst_goes_at_once_and_the_rest_at_the_rate() -> None:
    """250 writes: 200 now, and 50 more at 10 a second."""

    async def main() -> list[float]:
        return await times(RateLimit(ARM_QUOTAS["writes"]), 250)

    taken = run(main())

    assert taken[199] == 0
    assert taken[200] == pytest.approx(0.1)
    assert taken[-1] == pytest.approx(5.0)


@pytest.mark.parametrize("steps", range(5))
def test_who_is_cancelled_in_the_instant_of_an_answer_is_cancelled(steps: int) -> None:
    """However many steps of the event loop lie between an answer and Ctrl-C, the call that waits is not made."""

    async def main() -> bool:
        budget = RateLimit(Quota(burst=10, per_second=10), shared=True)
        await budget.take()
        waiting = asyncio.create_task(budget.take())
        await asyncio.sleep(0.1)
        budget.answered()
        for _ in range(steps):
            await asyncio.sleep(0)
        already_taken = waiting.done()
        waiting.cancel()
        await asyncio.wait([waiting])
        return already_taken or waiting.cancelled()

    assert run(main())


def test_a_pause_holds_back_everybody_and_then_keeps_the_rate() -> None:
    """After a refusal no call is made until Azure allows it, and then not all at once."""

    async def main() -> list[float]:
        budget = RateLimit(Quota(burst=5, per_second=10))
        budget.pause(30)
        return await times(budget, 20)

    taken = run(main())

    assert taken[0] >= 30
    assert taken[-1] - taken[0] == pytest.approx(1.9)


def test_those_who_already_wait_are_held_back_by_a_pause() -> None:
    """A call whose turn comes during a pause stands in the queue again."""

    async def main() -> list[float]:
        budget = RateLimit(Quota(burst=1, per_second=1))
        waiting = asyncio.create_task(times(budget, 3))
        await asyncio.sleep(0)
        budget.pause(60)
        return await waiting

    assert run(main())[1] >= 60


def test_refusals_that_arrive_together_are_one_pause() -> None:
    """A hundred calls in flight that are all refused do not add up to a hundred pauses."""

    async def main() -> float:
        budget = RateLimit(Quota(burst=100, per_second=10))
        for _ in range(100):
            budget.pause(10)
        await budget.take()
        return now()

    assert run(main()) == pytest.approx(10.0)


def test_short_refusals_one_after_the_other_are_each_waited_out() -> None:
    """A Retry-After below a second is honoured every time."""

    async def main() -> float:
        budget = RateLimit(Quota(burst=100, per_second=100))
        for _ in range(4):
            budget.pause(0.5)
            await budget.take()
        return now()

    assert run(main()) >= 2.0


def test_what_azure_reports_overrules_our_own_count() -> None:
    """Another process used the budget up: Azure says 2 are left, so the third call waits."""

    async def main() -> list[float]:
        budget = RateLimit(Quota(burst=200, per_second=10))
        await budget.take()
        budget.answered(remaining=2)
        return await times(budget, 3)

    assert run(main()) == pytest.approx([0, 0, 0.1])


def test_what_azure_reports_does_not_count_calls_under_way_twice() -> None:
    """Of the 10 that Azure says are left, 4 belong to calls that it has not answered yet."""

    async def main() -> list[float]:
        budget = RateLimit(Quota(burst=200, per_second=10))
        await times(budget, 5)
        budget.answered(remaining=10)
        return await times(budget, 7)

    assert run(main())[-2:] == pytest.approx([0, 0.1])


def test_a_cancelled_wait_gives_its_turn_back() -> None:
    """A caller that gives up waiting does not make others wait for nothing."""

    async def main() -> float:
        budget = RateLimit(Quota(burst=1, per_second=1))
        await budget.take()
        impatient = asyncio.create_task(budget.take())
        await asyncio.sleep(0)
        impatient.cancel()
        await asyncio.gather(impatient, return_exceptions=True)
        await budget.take()
        return now()

    assert run(main()) == pytest.approx(1.0)


def test_subscriptions_registries_and_kinds_have_their_own_budgets() -> None:
    """A refusal of one is no reason for another to wait; each is found again by whatever spelling."""

    async def main() -> tuple[bool, ...]:
        budgets = RateLimits()
        one = budgets.arm("AAAA", "writes")
        return (
            budgets.arm("aaaa", "writes") is one,
            budgets.arm("aaaa", "reads") is not one,
            budgets.arm("bbbb", "writes") is not one,
            budgets.registry("x.azurecr.io", "reads") is not budgets.registry("y.azurecr.io", "reads"),
        )

    assert all(run(main()))


def test_refusals_are_counted_over_all_budgets() -> None:
    """How often Azure asked for patience is a number for the report."""

    async def main() -> int:
        budgets = RateLimits()
        budgets.arm("s", "writes").pause(1)
        budgets.registry("x.azurecr.io", "oauth").pause(1)
        return budgets.refusals

    assert run(main()) == 2


class Bucket:
    """ARM's bucket as its callers see it: what is left after each call, or a refusal."""

    def __init__(self) -> None:
        self.tokens, self.at, self.refused = 200.0, 0.0, 0

    async def call(self, budget: RateLimit) -> None:
        """One call of a run that keeps to `budget`, repeated until Azure takes it."""
        while True:
            await budget.take()
            await asyncio.sleep(0.03)
            self.tokens, self.at = min(200.0, self.tokens + 10 * (now() - self.at)), now()
            took = self.tokens >= 1
            self.tokens -= took
            remaining = int(self.tokens) if took else None
            await asyncio.sleep(0.03)
            if not took:
                self.refused += 1
                budget.pause(1)
            budget.answered(remaining)
            if took:
                return


@pytest.mark.parametrize(("runs", "apart"), [(1, 0), (2, 0), (4, 0), (8, 0.1), (16, 0.1)])
def test_runs_that_share_a_budget_stay_within_it_and_use_it_up(runs: int, apart: float) -> None:
    """However many runs have the same identity: 1,000 calls take what the bucket allows, with hardly a refusal."""

    async def main() -> tuple[float, int]:
        bucket = Bucket()
        budgets = [RateLimit(ARM_QUOTAS["writes"], shared=True) for _ in range(runs)]

        async def call(number: int) -> None:
            await asyncio.sleep(apart * number)  # in virtual time, as everything here
            await bucket.call(budgets[number])

        await asyncio.gather(*(call(number % runs) for number in range(1000)))
        return now(), bucket.refused

    seconds, refused = run(main())

    assert refused <= 3
    assert seconds <= 1.05 * (1000 - 200) / 10


def test_who_was_idle_asks_before_a_burst() -> None:
    """Others may have spent since what was left 10 s ago: one call goes alone, and no other is refused after it."""

    async def main() -> int:
        bucket, budget = Bucket(), RateLimit(ARM_QUOTAS["writes"], shared=True)
        await bucket.call(budget)
        await asyncio.sleep(10)  # in virtual time
        bucket.tokens, bucket.at = 2.0, now()
        await asyncio.gather(*(bucket.call(budget) for _ in range(20)))
        return bucket.refused

    assert run(main()) == 0


def test_a_run_that_comes_later_gets_its_share() -> None:
    """Two runs at once, the second 30 s after the first: from then on both go on at half the rate."""

    async def main() -> tuple[int, int]:
        bucket, counts = Bucket(), [0, 0]
        budgets = [RateLimit(ARM_QUOTAS["writes"], shared=True) for _ in range(2)]

        async def caller(number: int) -> None:
            while True:
                await bucket.call(budgets[number])
                counts[number] += 1

        async with asyncio.timeout(30):
            first = [asyncio.create_task(caller(0)) for _ in range(50)]
            await asyncio.sleep(29)
        second = [asyncio.create_task(caller(1)) for _ in range(50)]
        await asyncio.sleep(10)
        counts[:] = [0, 0]
        await asyncio.sleep(60)
        for each in first + second:
            each.cancel()
        return counts[0], counts[1]

    one, other = run(main())

    assert one + other == pytest.approx(600, rel=0.05)
    assert one == pytest.approx(other, rel=0.2)


def test_an_answer_that_never_comes_holds_nobody_up_for_long() -> None:
    """One call hangs: the others go on after 2 s at the latest, at the rate."""

    async def main() -> float:
        bucket, budget = Bucket(), RateLimit(ARM_QUOTAS["writes"], shared=True)
        await budget.take()
        await asyncio.gather(*(bucket.call(budget) for _ in range(100)))
        return now()

    assert run(main()) < 2.0 + 2.0


def test_refusals_of_what_was_under_way_are_one_pause() -> None:
    """Imports that began before one of them failed with HAP429 fail with it later: they say nothing new."""

    async def main() -> float:
        budget = RateLimit(Quota(burst=200, per_second=10))
        made_at = [await budget.take() for _ in range(3)]
        for moment in made_at:
            budget.pause(5, made_at=moment)
            await asyncio.sleep(4)
        return await budget.take()

    assert run(main()) == pytest.approx(12.0)


class Minute:
    """A registry that counts by minutes of its own, each from the first call after the last one."""

    def __init__(self, most: int) -> None:
        self.most, self.began, self.used, self.refused = most, -60.0, 0, 0

    async def call(self, limit: MinuteLimit, seconds: float) -> float:
        """One call that keeps to the limit and counts at some moment before its answer."""
        await limit.take()
        await asyncio.sleep(seconds / 2)
        if now() - self.began >= 60:
            self.began, self.used = now(), 0
        self.used += 1
        self.refused += self.used > self.most
        await asyncio.sleep(seconds / 2)
        limit.answered()
        return now()


def test_a_registry_is_called_so_often_in_a_minute_and_never_refuses() -> None:
    """Whenever its minute began and however long calls take; and no later than its count allows."""

    async def main() -> tuple[int, float]:
        limit, registry = MinuteLimit(100), Minute(100)
        before = await registry.call(limit, 1)
        await asyncio.sleep(30 - before)
        ends = await asyncio.gather(*(registry.call(limit, 0.1 + number % 7) for number in range(350)))
        return registry.refused, max(ends)

    refused, end = run(main())

    assert refused == 0
    assert end < 30 + 4 * 67


def test_a_refusal_of_a_registry_holds_all_callers_up() -> None:
    """For as long as it says, and no longer."""

    async def main() -> float:
        limit = MinuteLimit(10)
        limit.pause(7)
        await limit.take()
        return now()

    assert run(main()) == pytest.approx(7.0)


def test_a_registry_of_a_smaller_sku_is_called_half_as_often() -> None:
    """Azure's figures for Basic and Standard, once the SKU is known."""

    async def main() -> tuple[int, int]:
        budgets = RateLimits()
        writes = budgets.registry("X.azurecr.io", "writes")
        before = writes.most
        budgets.know_sku("x.azurecr.io", "Standard")
        return before, writes.most

    assert run(main()) == (2000, 1000)

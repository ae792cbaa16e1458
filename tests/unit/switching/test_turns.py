"""So many dependents at once, and none after a failure if the request says so."""

import asyncio

import pytest

from acr_relocate.core.outcomes import Outcome
from acr_relocate.core.request.dependents_to_switch import DependentsToSwitch
from flows.switch import in_turns
from tests.support.builders import request


@pytest.mark.parametrize(
    ("stops", "expected"),
    [(False, ["created", "failed", "created", "created"]), (True, ["created", "failed"])],
)
async def test_the_others_go_on_unless_the_request_stops_at_the_first_failure(stops: bool, expected: list[str]) -> None:
    asked = request(switch=DependentsToSwitch(stop_at_first_failure=stops))

    async def work(number: int) -> Outcome:
        return Outcome(kind="failed" if number == 1 else "created", subject=str(number))

    assert [one.kind for one in await in_turns(range(4), work, asked)] == expected


@pytest.mark.parametrize("max_parallel", [1, 3])
async def test_no_more_at_once_than_the_request_allows(max_parallel: int) -> None:
    running, most = 0, 0

    async def work(number: int) -> Outcome:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _ in range(5):
            await asyncio.sleep(0)
        running -= 1
        return Outcome(kind="created", subject=str(number))

    await in_turns(range(7), work, request(switch=DependentsToSwitch(max_parallel=max_parallel)))

    assert most == max_parallel

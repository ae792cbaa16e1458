"""A signal ends a run as Cancelled, whenever it comes."""

import asyncio

from prefect import flow
from prefect.states import State

from deployments.commands.interruption import Interruption


@flow
async def relocation() -> str:
    """A flow whose body ends at once."""
    return "relocated"


def test_a_signal_before_the_body_begins_cancels_the_run() -> None:
    """The task is left alone until then: Prefect would record a cancelled task without a body as Crashed."""

    async def interrupted_early() -> object:
        task = asyncio.current_task()
        assert task is not None
        interruption = Interruption()
        body = interruption.cancels(relocation).fn
        interruption.listen(task)
        interruption.handler()
        await asyncio.sleep(0)
        return await body()

    ended = asyncio.run(interrupted_early())

    assert isinstance(ended, State)
    assert ended.is_cancelled()

"""A killed run reports nothing; the next run of its registry marks it."""

import asyncio
from uuid import UUID, uuid4

from prefect import flow, get_client, task
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterTags
from prefect.client.schemas.objects import StateType
from prefect.states import Running

from acr_relocate.core.request.relocation import RelocationRequest
from tasks.runs.artifacts import mark_run
from tasks.runs.registry_lock import lock_names, registry_lock
from tests.service.conftest import Move, make_move


@flow(name="killed")
async def killed() -> None: ...


@task(name="interrupted")
async def interrupted() -> None: ...


@flow(name="next")
async def work(request: RelocationRequest) -> None:
    async with registry_lock(request):
        pass


async def left_behind(client: PrefectClient, tags: list[str]) -> tuple[list[UUID], list[UUID]]:
    """A run with a run inside, each with a task run, as a kill leaves them: the ids of runs and of task runs."""
    run = await client.create_flow_run(killed, tags=tags, state=Running())
    around = await client.create_task_run(interrupted, run.id, str(uuid4()), state=Running())
    inside = await client.create_flow_run(killed, parent_task_run_id=around.id, state=Running())
    importing = await client.create_task_run(interrupted, inside.id, str(uuid4()), state=Running())
    return [run.id, inside.id], [around.id, importing.id]


async def states(client: PrefectClient, runs: list[UUID], task_runs: list[UUID]) -> set[StateType | None]:
    found = [(await client.read_flow_run(run)).state_type for run in runs]
    return {*found, *[(await client.read_task_run(run)).state_type for run in task_runs]}


async def test_what_a_killed_run_left_is_not_shown_as_running_for_ever(move: Move) -> None:
    """Its runs and task runs are Crashed when another run has the registry; those of other registries are not."""
    other = make_move(move.emulator, ("*",)).request
    async with get_client() as client:
        dead = await left_behind(client, lock_names(move.request)[1:])
        alive = await left_behind(client, [f"registry-{other.target.name}"])

        await work(move.request)

        assert await states(client, *dead) == {StateType.CRASHED}
        assert await states(client, *alive) == {StateType.RUNNING}


async def test_a_run_that_has_given_its_turn_up_ends_by_itself(move: Move) -> None:
    """The server hears a moment later that it has ended: it is not taken for a killed one meanwhile."""
    ending, left = asyncio.Event(), asyncio.Event()

    @flow(name="ending")
    async def end_slowly(request: RelocationRequest) -> None:
        async with registry_lock(request):
            await mark_run("0" * 12, lock_names(request), embedded=True)
        ending.set()
        await left.wait()

    slow = asyncio.create_task(end_slowly(move.request, return_state=True))
    await ending.wait()
    await work(move.request)
    async with get_client() as client:
        tagged = FlowRunFilter(tags=FlowRunFilterTags(any_=lock_names(move.request)[1:]))
        (run,) = await client.read_flow_runs(flow_run_filter=tagged)
    left.set()

    assert run.state_type is StateType.RUNNING
    assert (await slow).is_completed()

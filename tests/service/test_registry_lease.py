"""Never two runs on one registry: a limit that makes itself, names who has it, and frees itself."""

import asyncio
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from prefect import flow, get_client
from prefect.client.schemas.objects import ConcurrencyLeaseHolder
from prefect.exceptions import Pause
from prefect.runtime import flow_run
from prefect.states import Suspended

from acr_relocate.core.request.relocation import RelocationRequest
from tasks.runs import registry_lock
from tasks.runs.artifacts import mark_run
from tasks.runs.events import Event, Waiting, observing
from tasks.runs.run_report import phased_run
from tests.service.conftest import Move, make_move

began: list[str] = []
turn_ends: list[asyncio.Event] = []


@flow(name="working", flow_run_name="working-on-{request.target.name}")
async def work(request: RelocationRequest, *, until_told: bool = False, inner: bool = False) -> None:
    async with phased_run(request, "working", ()):
        began.append(request.target.name)
        if inner:
            await work(request)
        if until_told:
            await turn_ends[-1].wait()


@flow(name="reading")
async def read(request: RelocationRequest) -> None:
    async with phased_run(request, "reading", (), reads_only=True):
        began.append("reading")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry_lock, "LOCK_LOOK_SECONDS", 0.05)
    monkeypatch.setattr(registry_lock, "LOCK_RENEWAL_SECONDS", 0.05)
    began.clear()
    turn_ends.append(asyncio.Event())


async def until(condition: Callable[[], object]) -> None:
    """The condition holds, which it does within seconds."""
    for _ in range(1500):
        if condition():
            return
        await asyncio.sleep(0.02)
    pytest.fail("it never came to it")


async def occupied(request: RelocationRequest) -> list[int]:
    """The slots that are taken of the limits of both registries."""
    async with get_client() as client:
        limits = [
            await client.read_global_concurrency_limit_by_name(name) for name in registry_lock.lock_names(request)
        ]
    return [limit.active_slots for limit in limits]


async def test_a_second_run_of_a_registry_waits_and_is_told_who_has_it(move: Move) -> None:
    """No limit was made beforehand; the second begins when the first has ended, and knew whom to ask."""
    other = make_move(move.emulator, ("*",)).request
    heard: list[Event] = []
    with observing(heard.append):
        first = asyncio.create_task(work(move.request, until_told=True))
        await until(lambda: began)
        second = asyncio.create_task(work(other))
        await until(lambda: any(isinstance(event, Waiting) for event in heard))
        before = list(began)
        turn_ends[-1].set()
        await asyncio.gather(first, second)

    told = next(event.what for event in heard if isinstance(event, Waiting))
    assert before == [move.request.target.name]
    assert began == [move.request.target.name, other.target.name]
    assert f"working-on-{move.request.target.name}" in told
    assert "/runs/flow-run/" in told


async def test_reading_waits_for_nobody(move: Move) -> None:
    """A plan or a comparison can be had while a registry moves."""
    first = asyncio.create_task(work(move.request, until_told=True))
    await until(lambda: began)
    await read(move.request)
    turn_ends[-1].set()
    await first

    assert began == [move.request.target.name, "reading"]


async def test_a_flow_inside_has_the_registries_of_the_one_around_it(move: Move) -> None:
    """It does not wait for itself."""
    await work(move.request, inner=True)

    assert len(began) == 2


async def test_a_slot_that_no_run_holds_is_freed(move: Move, monkeypatch: pytest.MonkeyPatch) -> None:
    """The remains of a server that lost its leases block no run for ever."""
    await work(move.request)
    async with get_client() as client:
        holder = ConcurrencyLeaseHolder(type="flow_run", id=uuid4())
        await client.increment_concurrency_slots_with_lease(
            registry_lock.lock_names(move.request), 1, "concurrency", 3600, holder
        )
    monkeypatch.setattr(registry_lock, "ABANDONED_SECONDS", 0.1)

    await work(move.request)

    assert began == [move.request.target.name] * 2


async def test_a_lease_that_the_server_lost_is_taken_anew(move: Move) -> None:
    """After an outage the run that was under way has its registries again."""

    @flow(name="losing")
    async def lose() -> bool:
        async with get_client() as client:
            turn = registry_lock.RegistrySlot(client, registry_lock.lock_names(move.request))
            await turn.take()
            lost = turn.lease
            keeper = asyncio.create_task(turn.keep())
            await client.release_concurrency_slots_with_lease(lost)
            await until(lambda: turn.lease not in {lost, None})
            again = await occupied(move.request)
            keeper.cancel()
            await turn.give_up()
        return again == [1, 1]

    assert await lose()
    assert await occupied(move.request) == [0, 0]


async def test_a_run_that_is_suspended_keeps_nobody_out(move: Move) -> None:
    """It ends without an exception that anybody could catch, and may wait for its approval for days."""

    @flow(name="suspending")
    async def suspend() -> list[int]:
        with pytest.raises(Pause):
            async with registry_lock.registry_lock(move.request):
                raise Pause(state=Suspended())
        return await occupied(move.request)

    assert await suspend() == [0, 0]


async def test_a_run_that_is_suspended_no_longer_carries_the_registries(move: Move) -> None:
    """Resumed it waits for the lease, and the holder must not take it for a killed holder."""
    names = registry_lock.lock_names(move.request)

    async def begin() -> None:
        async with registry_lock.registry_lock(move.request):
            await mark_run("1", names, embedded=True)
            raise Pause(state=Suspended())

    @flow(name="suspending-with-tags")
    async def suspend() -> list[str]:
        with pytest.raises(Pause):
            await begin()
        async with get_client() as client:
            return (await client.read_flow_run(UUID(str(flow_run.id)))).tags

    assert await suspend() == ["plan-1", "embedded-azure"]

"""Runs whose process is gone: found by missing heartbeats, marked as Crashed, and begun again where that is safe.

Every change goes through the server's orchestration rules, which refuse to change a run that has ended meanwhile.

A run sends heartbeats from its own process. A run that a worker had taken, but not begun, when the worker was lost
never sends one, and neither Prefect's server nor another worker looks at it: it stays Pending or Submitting.
A run whose process finds no server when it starts is marked as Crashed by its worker: Prefect's client waits for a
server only once it has reached it.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from prefect import get_client, task
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateName,
)
from prefect.client.schemas.objects import FlowRun, State, StateType, WorkerStatus
from prefect.client.schemas.responses import OrchestrationResult, SetStateStatus
from prefect.events.filters import EventFilter, EventNameFilter, EventOccurredFilter, EventResourceFilter
from prefect.states import AwaitingRetry, Crashed

from tasks.retry_policies import READ
from tasks.runs.artifacts import BATCH_LABEL
from tasks.runs.crashed_runs import UNDER_WAY
from tasks.runs.queries import FLOWS, NOT_BEGUN, TAKEN_BY_WORKERS

HEARTBEAT: Final = "prefect.flow-run.heartbeat"
HEARTBEAT_SECONDS: Final = 30
"""Seconds between heartbeats of a run's process: the minimum in Prefect, set for every worker."""

CONFIRM_SECONDS: Final = 2 * HEARTBEAT_SECONDS
"""How long to watch a silent run before it counts as lost. Its heartbeats may have been recorded late."""

BEGIN_SECONDS: Final = 600
"""How long to watch a run that a live process worker has taken. A worker that was restarted under its old name is
alive, but has forgotten the run."""

FORGOTTEN_SECONDS: Final = 300
"""After how long without beginning a run counts as forgotten: its own recovery would have scheduled it again."""

RESTARTS_AN_HOUR: Final = 5
"""How often to schedule a run again: one whose process always dies at once would otherwise never end."""

LOOK_SECONDS: Final = 5.0
PREFIX: Final = "prefect.flow-run."
TAKEN: Final = ("Pending", "Submitting", "InfrastructurePending")
"""The names of the states of a run that a worker has taken, but not begun."""

_RESUMING: Final = ("batch", "recover-run")
"""The flows whose lost runs are scheduled again: they change nothing themselves that another run could miss."""

_AGAIN: Final = "AwaitingRetry"

LOST: Final = (
    "The process of this run sends no heartbeat any more: it was killed, or its machine was. "
    "Run it again: only missing work is done."
)
NEVER_BEGAN: Final = "Its worker was lost before the run began. It is scheduled again."
RESTARTED: Final = {
    "never began": "The run ended before it began: its worker was lost, or the server was away. It is scheduled again.",
    "lost": "The process of this run was lost. It continues with what is unfinished.",
}


@task(name="find-unbegun-runs", **READ)
async def find_unbegun_runs() -> list[str]:
    """Return our runs that a worker has taken for far too long without beginning them, as resource ids.

    An event starts a recovery of its own for each of them; these are those whose event was lost.
    """
    before = datetime.now(UTC) - timedelta(seconds=FORGOTTEN_SECONDS)
    wanted = FlowRunFilter(
        state=FlowRunFilterState(name=FlowRunFilterStateName(any_=[*TAKEN, NOT_BEGUN])),
        expected_start_time=FlowRunFilterExpectedStartTime(before_=before),
    )
    async with get_client() as client:
        flows = FlowFilter(name=FlowFilterName(any_=list(TAKEN_BY_WORKERS)))
        runs = await client.read_flow_runs(flow_filter=flows, flow_run_filter=wanted)
    return [f"{PREFIX}{run.id}" for run in runs if run.deployment_id and run.state and run.state.timestamp < before]


@task(name="end-lost-run", **READ)
async def end_if_lost(run: str, confirm_seconds: float | None = None) -> str:
    """Mark the run as Crashed if it is under way and shows no sign of life while it is watched.

    Args:
        run: `prefect.flow-run.` and the run's id.
        confirm_seconds: How long to watch it; CONFIRM_SECONDS by default.

    Returns:
        A sentence with the state found and the change made.

    """
    confirm = CONFIRM_SECONDS if confirm_seconds is None else confirm_seconds
    async with get_client() as client:
        since = datetime.now(UTC)
        while True:
            found = await _read(client, run)
            if found.state_type not in UNDER_WAY:
                return f"{found.name} is {_state_name(found)}."
            if await _is_alive(client, found, since):
                return f"{found.name} shows a sign of life."
            if datetime.now(UTC) >= since + timedelta(seconds=await _patience(client, found, confirm)):
                break
            await asyncio.sleep(LOOK_SECONDS)
        if _is_begun_by_others(found):
            return f"{found.name} is {_state_name(found)}, and is left to its parent run or its platform."
        answer: OrchestrationResult[None] = await client.set_flow_run_state(found.id, _lost_state(found))
    return f"{found.name} sent no heartbeat: {_as_words(answer.status)} Crashed."


@task(name="restart-lost-run", **READ)
async def restart_if_lost(run: str) -> str:
    """Schedule the run again if it has crashed before it began, or is a batch run; return a sentence about it."""
    async with get_client() as client:
        found = await _read(client, run)
        flow = await client.read_flow(found.flow_id)
        states = await client.read_flow_run_states(found.id)
        never_began = _is_restartable(found, flow.name) and not has_begun(states)
        if found.state_type is not StateType.CRASHED or not (never_began or flow.name in _RESUMING):
            return "It is not restarted."
        if _restarts(states) >= RESTARTS_AN_HOUR:
            return f"It was restarted {RESTARTS_AN_HOUR} times within an hour, and is left as it is."
        message = RESTARTED["never began" if never_began else "lost"]
        answer: OrchestrationResult[None]
        answer = await client.set_flow_run_state(found.id, AwaitingRetry(message=message))
    return f"Restart: {_as_words(answer.status)} AwaitingRetry."


def has_begun(states: Sequence[State[Any]]) -> bool:
    """Return whether a run with this history has begun since it was scheduled the last time."""
    types = [state.type for state in sorted(states, key=lambda state: state.timestamp)]
    since = len(types) - types[::-1].index(StateType.SCHEDULED) if StateType.SCHEDULED in types else 0
    return StateType.RUNNING in types[since:]


def _is_restartable(run: FlowRun, flow: str) -> bool:
    """Return whether a run that crashed before it began is scheduled again by us.

    A batch begins another attempt at its registries itself, unless the state says that we do (NOT_BEGUN).
    """
    if _state_name(run) == NOT_BEGUN:
        return True
    return bool(run.deployment_id) and flow in FLOWS and BATCH_LABEL not in run.labels


async def _read(client: PrefectClient, run: str) -> FlowRun:
    return await client.read_flow_run(UUID(run.removeprefix(PREFIX)))


async def _is_alive(client: PrefectClient, run: FlowRun, since: datetime) -> bool:
    """Return whether the run sent a heartbeat, or changed its state, since then."""
    if run.state and run.state.timestamp > since:
        return True
    wanted = EventFilter(
        event=EventNameFilter(name=[HEARTBEAT]),
        resource=EventResourceFilter(id=[f"{PREFIX}{run.id}"]),
        occurred=EventOccurredFilter(since=since, until=since + timedelta(days=1)),
    )
    return bool((await client.read_events(wanted, limit=1)).events)


async def _patience(client: PrefectClient, run: FlowRun, confirm: float) -> float:
    """Return how long to watch the run: longer if it has not begun, and its worker is there to begin it."""
    if not _is_taken(run) or not run.work_pool_name:
        return confirm
    name = run.labels.get("prefect.worker.name")
    workers = await client.read_workers_for_work_pool(run.work_pool_name)
    alive = any(worker.name == name and worker.status is WorkerStatus.ONLINE for worker in workers)
    return max(confirm, BEGIN_SECONDS) if alive else confirm


def _restarts(states: Sequence[State[Any]]) -> int:
    """Return how often the run was scheduled again within the last hour."""
    since = datetime.now(UTC) - timedelta(hours=1)
    return sum(state.name == _AGAIN and state.timestamp > since for state in states)


def _is_taken(run: FlowRun) -> bool:
    """Return whether a worker has taken the run, but it has not begun."""
    return run.state_type is StateType.PENDING and run.deployment_id is not None


def _is_begun_by_others(run: FlowRun) -> bool:
    """Return whether no worker is needed to begin the run: it is a part of another one, or a platform has it.

    A platform, such as Kubernetes, begins what it was given without the worker.
    """
    on_platform = run.labels.get("prefect.worker.type") not in {None, "process"} and bool(run.infrastructure_pid)
    return run.state_type is StateType.PENDING and (run.deployment_id is None or on_platform)


def _lost_state(run: FlowRun) -> State[None]:
    """Return the Crashed state of a lost run. One that never began has a name of its own: it is no failure to tell."""
    return Crashed(name=NOT_BEGUN, message=NEVER_BEGAN) if _is_taken(run) else Crashed(message=LOST)


def _state_name(run: FlowRun) -> str:
    return run.state.name or run.state.type.value if run.state else "without a state"


def _as_words(status: SetStateStatus) -> str:
    return "it is now" if status is SetStateStatus.ACCEPT else "the server refused to make it"

"""Runs whose process is gone: found by missing heartbeats, marked as Crashed, and restarted if they are batches.

Every change goes through the server's orchestration rules, which refuse to change a run that has ended meanwhile.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from prefect import get_client, task
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import OrchestrationResult, SetStateStatus
from prefect.events.filters import EventFilter, EventNameFilter, EventOccurredFilter, EventResourceFilter
from prefect.states import AwaitingRetry, Crashed

from tasks.retry_policies import READ
from tasks.runs.crashed_runs import UNDER_WAY

HEARTBEAT: Final = "prefect.flow-run.heartbeat"
HEARTBEAT_SECONDS: Final = 30
"""Seconds between heartbeats of a run's process: the minimum in Prefect, set for every worker."""

CONFIRM_SECONDS: Final = 2 * HEARTBEAT_SECONDS
"""How long to watch a silent run before it counts as lost. Its heartbeats may have been recorded late."""

LOOK_SECONDS: Final = 5.0
PREFIX: Final = "prefect.flow-run."
LOST: Final = (
    "The process of this run sends no heartbeat any more: it was killed, or its machine was. "
    "Run it again: only missing work is done."
)
RESTARTED: Final = "The process of this batch run was lost. The batch continues with the unfinished registries."


@task(name="end-lost-run", **READ)
async def end_if_lost(run: str, confirm_seconds: float | None = None) -> str:
    """Mark the run as Crashed if it is under way and sends no heartbeat while it is watched.

    Args:
        run: `prefect.flow-run.` and the run's id.
        confirm_seconds: How long to watch it; CONFIRM_SECONDS by default.

    Returns:
        A sentence with the state found and the change made.

    """
    watch = timedelta(seconds=CONFIRM_SECONDS if confirm_seconds is None else confirm_seconds)
    async with get_client() as client:
        since = datetime.now(UTC)
        while datetime.now(UTC) < since + watch:
            found = await _read(client, run)
            if found.state_type not in UNDER_WAY:
                return f"{found.name} is {_state_name(found)}."
            if await _has_heartbeat(client, run, since):
                return f"{found.name} sends heartbeats."
            await asyncio.sleep(LOOK_SECONDS)
        answer: OrchestrationResult[None] = await client.set_flow_run_state(found.id, Crashed(message=LOST))
    return f"{found.name} sent no heartbeat: {_as_words(answer.status)} Crashed."


@task(name="restart-crashed-batch", **READ)
async def restart_crashed_batch(run: str) -> str:
    """Schedule the run again if it is a batch run that has crashed; return a sentence about it."""
    async with get_client() as client:
        found = await _read(client, run)
        flow = await client.read_flow(found.flow_id)
        if flow.name != "batch" or found.state_type is not StateType.CRASHED:
            return "It is not restarted."
        answer: OrchestrationResult[None]
        answer = await client.set_flow_run_state(found.id, AwaitingRetry(message=RESTARTED))
    return f"Restart of the batch: {_as_words(answer.status)} AwaitingRetry."


async def _read(client: PrefectClient, run: str) -> FlowRun:
    return await client.read_flow_run(UUID(run.removeprefix(PREFIX)))


async def _has_heartbeat(client: PrefectClient, run: str, since: datetime) -> bool:
    wanted = EventFilter(
        event=EventNameFilter(name=[HEARTBEAT]),
        resource=EventResourceFilter(id=[run]),
        occurred=EventOccurredFilter(since=since, until=since + timedelta(days=1)),
    )
    return bool((await client.read_events(wanted, limit=1)).events)


def _state_name(run: FlowRun) -> str:
    return run.state.name or run.state.type.value if run.state else "without a state"


def _as_words(status: SetStateStatus) -> str:
    return "it is now" if status is SetStateStatus.ACCEPT else "the server refused to make it"

"""Clean up after killed runs at the Prefect server, which would otherwise show them as running for ever.

A killed process reports nothing. Its worker marks the run as Crashed, but neither the runs inside it nor its task
runs; a run without a worker is not marked at all. The next run of the registry does it.
"""

from collections.abc import Iterable
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterParentFlowRunId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
    TaskRunFilter,
    TaskRunFilterState,
    TaskRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType, TaskRun
from prefect.client.schemas.sorting import FlowRunSort
from prefect.runtime import flow_run
from prefect.states import Crashed

UNDER_WAY = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]
CUT_SHORT = [*UNDER_WAY, StateType.CRASHED, StateType.CANCELLED]
"""States of ended runs that may have left unfinished task runs behind."""

_PAGE = 200
TURN = "acr-relocate.turn"
"""The label of a run that says whether it has its registries. A run that has released them ends normally."""


async def mark_crashed_runs(client: PrefectClient, names: list[str]) -> None:
    """Mark the remains of the runs that had these registries before us as Crashed.

    To be called by the present holder of the registries: no other run is at work there. From the inside out, so that
    an interruption leaves the rest to be found. A run that has just released its lease is not touched: it reports its
    own end a moment later.
    """
    cut_short = FlowRunFilterState(type=FlowRunFilterStateType(any_=CUT_SHORT))
    tagged = await _newest(client, FlowRunFilter(tags=FlowRunFilterTags(any_=names), state=cut_short))
    earlier = [run for run in tagged if run.labels.get(TURN) != "given up"]
    if not earlier:
        return
    parents = FlowRunFilterParentFlowRunId(any_=[run.id for run in earlier])
    runs = [*await _newest(client, FlowRunFilter(parent_flow_run_id=parents)), *earlier]
    gone: State[None] = Crashed(message="Its process is gone: another run has its registry now.")
    for task_run in await _task_runs(client, [run.id for run in runs]):
        await client.set_task_run_state(task_run.id, gone, force=True)
    for run in _ended_unheard(runs):
        await client.set_flow_run_state(run.id, gone, force=True)


async def _newest(client: PrefectClient, wanted: FlowRunFilter) -> list[FlowRun]:
    return await client.read_flow_runs(flow_run_filter=wanted, sort=FlowRunSort.START_TIME_DESC, limit=_PAGE)


async def _task_runs(client: PrefectClient, run_ids: list[UUID]) -> list[TaskRun]:
    """Return the task runs in progress in these runs, without those of our own present run."""
    states = TaskRunFilterState(type=TaskRunFilterStateType(any_=UNDER_WAY))
    found: list[TaskRun] = []
    while len(found) % _PAGE == 0:
        page = await client.read_task_runs(
            flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=run_ids)),
            task_run_filter=TaskRunFilter(state=states),
            limit=_PAGE,
            offset=len(found),
        )
        if not page:
            break
        found += page
    now = UUID(str(flow_run.id)), int(flow_run.run_count)
    return [run for run in found if run.flow_run_id != now[0] or run.flow_run_run_count < now[1]]


def _ended_unheard(runs: Iterable[FlowRun]) -> list[FlowRun]:
    return [run for run in runs if run.state_type in UNDER_WAY and str(run.id) != flow_run.id]

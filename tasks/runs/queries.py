"""Queries about our flows' runs at the Prefect server: find them, start them once, and read plan and report.

Nothing of this is on a worker's disk: the server has all of it.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from prefect import get_client
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    ArtifactFilterKey,
    ArtifactFilterType,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterIdempotencyKey,
    FlowRunFilterName,
    FlowRunFilterParentTaskRunId,
    FlowRunFilterState,
    FlowRunFilterStateName,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import Flow, FlowRun, StateType
from prefect.client.schemas.sorting import ArtifactSort, FlowRunSort
from prefect.exceptions import ObjectNotFound
from prefect.settings import get_current_settings

from acr_relocate.core.errors import NotFound
from acr_relocate.core.registry.stored_result import read_stored
from acr_relocate.core.report.report import Report
from tasks.runs.artifacts import REPORT_DATA
from tasks.runs.run_names import shortened

FLOWS = [
    "plan", "relocate", "sync", "sync-preview", "cut-over", "verify", "compare", "discard", "delete-source",
    "keep-name", "batch", "references", "rehearse", "switch-back",
]  # fmt: skip
"""The flows that people start, by their names at the server, which may have flows of other teams too."""

TAKEN_BY_WORKERS = [*FLOWS, "import-part", "recover-run"]
"""The flows with a deployment."""

NOT_BEGUN = "NotBegun"
"""The name of the Crashed state of a run whose worker was lost before it began. The run is scheduled again at once."""

_PAGE = 200
"""The most entries that the server returns at once."""


async def latest_runs(limit: int, *, scheduled: bool = False) -> list[tuple[str, FlowRun]]:
    """Return the latest runs that people or systems started, newest first, each with its flow's name.

    `scheduled`: also those that a schedule has planned for later.
    """
    begun = None if scheduled else FlowRunFilterState(name=FlowRunFilterStateName(not_any_=["Scheduled"]))
    async with get_client() as client:
        runs = await client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=FLOWS)),
            flow_run_filter=FlowRunFilter(parent_task_run_id=FlowRunFilterParentTaskRunId(is_null_=True), state=begun),
            sort=FlowRunSort.EXPECTED_START_TIME_DESC,
            limit=limit,
        )
        names = await _flow_names(client, runs)
    return [(names[run.flow_id], run) for run in runs]


async def find_run(run: str) -> tuple[str, FlowRun]:
    """Return the run with this id, or the newest with this name, and its flow's name. Raises NotFound."""
    async with get_client() as client:
        found = await _by_id(client, run) or await _by_name(client, run)
        if found is None:
            raise NotFound(
                f"The Prefect server has no run {run}",
                resource=str(get_current_settings().api.url),
                remedy="`acr-relocate runs` lists the runs that it has.",
            )
        return (await _flow_names(client, [found]))[found.flow_id], found


async def children_of(run: FlowRun) -> list[FlowRun]:
    """Return the runs that began inside this one."""
    async with get_client() as client:
        answer = await client.request(
            "POST",
            "/flow_runs/filter",
            json={"flow_runs": {"parent_flow_run_id": {"any_": [str(run.id)]}}, "limit": _PAGE},
        )
    return [FlowRun.model_validate(each) for each in answer.json()]


async def progress_of(runs: Iterable[FlowRun]) -> list[dict[str, float | str]]:
    """Return the newest progress of these runs: `percent` and, as `text`, `10 of 24, 9.8 a second, 2 s to go`."""
    async with get_client() as client:
        bars = await client.read_artifacts(
            artifact_filter=ArtifactFilter(
                flow_run_id=ArtifactFilterFlowRunId(any_=[run.id for run in runs]),
                type=ArtifactFilterType(any_=["progress"]),
            ),
            sort=ArtifactSort.UPDATED_DESC,
            limit=1,
        )
    return [
        {"percent": read_stored(float, str(bar.data), "a progress bar"), "text": bar.description or ""} for bar in bars
    ]


async def read_results(run_ids: Sequence[UUID], key: str) -> dict[UUID, str]:
    """Return the newest artifact with this key (REPORT_DATA and the like) of each of these runs that has one."""
    found: dict[UUID, str] = {}
    async with get_client() as client:
        for start in range(0, len(run_ids), _PAGE // 4):  # a resumed run has a report for each time
            some = list(run_ids[start : start + _PAGE // 4])
            artifacts = await client.read_artifacts(
                artifact_filter=ArtifactFilter(
                    flow_run_id=ArtifactFilterFlowRunId(any_=some), key=ArtifactFilterKey(any_=[key])
                ),
                sort=ArtifactSort.CREATED_DESC,
                limit=_PAGE,
            )
            for artifact in reversed(artifacts):
                if artifact.flow_run_id:
                    found[artifact.flow_run_id] = str(artifact.data)
    return found


async def read_reports(run_ids: Sequence[UUID]) -> dict[UUID, Report]:
    """Return the newest report of each of these runs that has one. Raises RecordBroken."""
    found = await read_results(run_ids, REPORT_DATA)
    return {run_id: read_stored(Report, text, kept(run_id)) for run_id, text in found.items()}


def kept(run_id: UUID) -> str:
    """Return what an artifact of the run is called in messages."""
    return f"the Prefect server's record of the run {run_id}"


async def reports_of(tags: Sequence[str]) -> list[Report]:
    """Return the reports of the latest runs that are Completed and have all of these tags."""
    wanted = FlowRunFilter(
        tags=FlowRunFilterTags(all_=list(tags)),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.COMPLETED])),
    )
    async with get_client() as client:
        runs = await client.read_flow_runs(flow_run_filter=wanted, sort=FlowRunSort.START_TIME_DESC, limit=_PAGE)
    return list((await read_reports([run.id for run in runs])).values())


async def runs_by_key(keys: Sequence[str]) -> dict[str, FlowRun]:
    """Return the run started with each of these idempotency keys, if there is one."""
    found: dict[str, FlowRun] = {}
    async with get_client() as client:
        for start in range(0, len(keys), _PAGE):
            some = list(keys[start : start + _PAGE])
            runs = await client.read_flow_runs(
                flow_run_filter=FlowRunFilter(idempotency_key=FlowRunFilterIdempotencyKey(any_=some)), limit=_PAGE
            )
            found |= {run.idempotency_key: run for run in runs if run.idempotency_key}
    return found


async def start_run(deployment: str, parameters: dict[str, Any], key: str, labels: dict[str, str]) -> FlowRun:
    """Schedule a run of the deployment (`flow/name`) for now; the same one for the same key. Raises NotFound.

    It is a top-level run: Prefect can neither suspend nor cancel a run inside another.
    """
    async with get_client() as client:
        try:
            found = await client.read_deployment_by_name(deployment)
        except ObjectNotFound:
            raise NotFound(
                f"The Prefect server has no deployment {deployment}",
                resource=str(get_current_settings().api.url),
                remedy="Register it: `acr-relocate deploy`, or keep `acr-relocate serve` running.",
            ) from None
        return await client.create_flow_run_from_deployment(
            found.id, parameters=parameters, idempotency_key=key, labels={**labels}
        )


def url_of(run_id: UUID) -> str:
    """Return the address of the run's page."""
    return f"{get_current_settings().ui_url}/v2/runs/flow-run/{run_id}"


async def _by_id(client: PrefectClient, run: str) -> FlowRun | None:
    try:
        return await client.read_flow_run(UUID(run))
    except (ValueError, ObjectNotFound):
        return None


def names_of(name: str) -> tuple[FlowRunFilterName, FlowRunFilterName]:
    """Return the filters for this name, and for this typed name in brackets (tasks/runs/run_names.py)."""
    return FlowRunFilterName(any_=[name]), FlowRunFilterName(like_=f"({shortened(name)})")


async def _by_name(client: PrefectClient, name: str) -> FlowRun | None:
    """Return the newest run with this name, or with this typed name in brackets."""
    for wanted in names_of(name):
        runs = await client.read_flow_runs(
            flow_run_filter=FlowRunFilter(name=wanted), sort=FlowRunSort.EXPECTED_START_TIME_DESC, limit=1
        )
        if runs:
            return runs[0]
    return None


async def _flow_names(client: PrefectClient, runs: Iterable[FlowRun]) -> dict[UUID, str]:
    flows: list[Flow] = [await client.read_flow(flow_id) for flow_id in {run.flow_id for run in runs}]
    return {flow.id: flow.name for flow in flows}

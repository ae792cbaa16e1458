"""Records that a person finds in the Prefect UI afterwards."""

import asyncio
from uuid import UUID

import pytest
from prefect import get_client
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    ArtifactFilterKey,
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterParentFlowRunId,
    LogFilter,
    LogFilterFlowRunId,
)
from prefect.client.schemas.objects import FlowRun
from prefect.events.worker import EventsWorker
from prefect.logging.handlers import APILogWorker

from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.report.report import Report
from acr_relocate.core.request.identity import plan_id
from flows.import_images import import_images
from flows.plan import plan_relocation
from flows.relocate import relocate_registry
from flows.verify import verify_relocation
from tasks.runs.artifacts import PLAN_DATA, REPORT_DATA
from tasks.runs.events import Event, RunStarted, observing
from tests.service.conftest import Move, roots


def test_flows_have_the_names_that_people_know() -> None:
    """The names in the UI are those of the commands' documentation."""
    flows = (plan_relocation, relocate_registry, import_images, verify_relocation)

    assert [flow.name for flow in flows] == ["plan", "relocate", "sync", "verify"]


async def relocated(move: Move) -> UUID:
    """The id of a run of the flow `relocate`."""
    events: list[Event] = []
    with observing(events.append):
        await relocate_registry(move.request)
    return UUID(next(event.run_id for event in events if isinstance(event, RunStarted)))


async def children(client: PrefectClient, run_id: UUID) -> list[FlowRun]:
    parent = FlowRunFilterParentFlowRunId(any_=[run_id])
    return await client.read_flow_runs(flow_run_filter=FlowRunFilter(parent_flow_run_id=parent))


async def artifacts(client: PrefectClient, run_ids: list[UUID]) -> list[str]:
    """The data of all artifacts of the runs."""
    found = await client.read_artifacts(
        artifact_filter=ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=run_ids)), limit=200
    )
    return [str(artifact.data) for artifact in found]


async def test_every_tag_is_found(small_move: Move) -> None:
    """Each import is a task run named after all its tags; the shards' tables hold every tag and digest."""
    run_id = await relocated(small_move)

    source = small_move.source()
    async with get_client() as client:
        shards = await children(client, run_id)
        tables = "\n".join(await artifacts(client, [shard.id for shard in shards]))
        names = await task_run_names(client, [shard.id for shard in shards], roots(source))
    for repository, held in source.items():
        assert [digest for digest in held["manifests"] if f" @{digest[:11]}…" not in "\n".join(names)] == []
        assert [tag for tag in held["tags"] if f"{repository}:{tag}" not in "\n".join(names)] == []
        assert [tag for tag, digest in held["tags"].items() if tag not in tables or digest not in tables] == []


async def test_the_run_says_what_it_is(small_move: Move) -> None:
    """Its name has both registries, its tags the plan and that Azure is embedded, its artifacts plan and report.

    Its last state has the verdict, its log a line for each phase.
    """
    run_id = await relocated(small_move)

    request = small_move.request
    async with get_client() as client:
        run = await client.read_flow_run(run_id)
        data = await artifacts(client, [run_id])
        await asyncio.to_thread(APILogWorker.drain_all, 10)
        logged = [
            log.message for log in await client.read_logs(LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run_id])))
        ]
    said = [line.partition(":")[0] for line in logged]
    assert [phase for phase in ("inventory", "checks", "deploy", "import", "verify") if phase not in said] == []
    assert run.state
    assert run.state.message in logged
    assert (run.state.message or "").startswith("relocated: ")
    assert run.name == f"relocate-contosoregistry-to-{request.target.name}"
    registries = {"registry-contosoregistry", f"registry-{request.target.name}"}
    assert set(run.tags) == {f"plan-{plan_id(request)}", "embedded-azure", *registries}
    assert any("is relocated to" in text for text in data)
    assert any(text.startswith("# ") and "Plan" in text for text in data)


async def test_a_refused_run_says_why_in_its_log(small_move: Move) -> None:
    """Its log is what the UI shows first, and the flow itself never began."""
    target = small_move.request.target.model_copy(update={"name": small_move.request.source.name})
    state = await relocate_registry(small_move.request.model_copy(update={"target": target}), return_state=True)
    assert state.state_details.flow_run_id

    await asyncio.to_thread(APILogWorker.drain_all, 10)
    async with get_client() as client:
        logs = await client.read_logs(LogFilter(flow_run_id=LogFilterFlowRunId(any_=[state.state_details.flow_run_id])))
    said = [log.message for log in logs]
    assert any(line.startswith("request failed: ") and "is the source's name" in line for line in said), said


async def test_no_secret_is_recorded(small_move: Move) -> None:
    """Neither the parameters nor the artifacts of any run hold the webhooks' addresses or the credential."""
    run_id = await relocated(small_move)

    async with get_client() as client:
        runs = [await client.read_flow_run(run_id), *await children(client, run_id)]
        data = await artifacts(client, [run.id for run in runs])
    recorded = "\n".join([*(str(run.parameters) for run in runs), *data])
    hidden = [small_move.emulator.env["AZURE_CLIENT_SECRET"], "deploy.contoso.com", "not-a-real-secret"]
    assert [secret for secret in hidden if secret in recorded] == []


async def task_run_names(client: PrefectClient, run_ids: list[UUID], expected: int) -> list[str]:
    """The names of the task runs, once the server has recorded as many: they come to it by a queue."""
    await asyncio.to_thread(EventsWorker.drain_all, 10)
    wanted = FlowRunFilter(id=FlowRunFilterId(any_=run_ids))
    for _ in range(100):
        runs = await client.read_task_runs(flow_run_filter=wanted)
        if len(runs) >= expected:
            return [run.name for run in runs]
        await asyncio.sleep(0.1)
    pytest.fail(f"the server recorded {len(runs)} of {expected} task runs")


async def test_machines_read_plan_and_report_back(small_move: Move) -> None:
    """The run's id gives the plan and the report as data, with the times for the change ticket."""
    run_id = await relocated(small_move)

    async with get_client() as client:
        found = await client.read_artifacts(
            artifact_filter=ArtifactFilter(
                flow_run_id=ArtifactFilterFlowRunId(any_=[run_id]),
                key=ArtifactFilterKey(any_=[PLAN_DATA, REPORT_DATA]),
            )
        )

    data = {artifact.key: str(artifact.data) for artifact in found}
    report = Report.model_validate_json(data[REPORT_DATA])
    assert Plan.model_validate_json(data[PLAN_DATA]).plan_id == report.plan_id == plan_id(small_move.request)
    assert report.started_at <= report.ended_at
    assert report.planned

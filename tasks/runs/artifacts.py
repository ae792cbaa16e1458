"""Artifacts and tags at the Prefect server, for a person in the UI. The facts come from the core.

An update must never stop the work: if the Prefect server cannot be reached, that is logged, and the run goes on.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Final, TypeVar
from uuid import UUID

from prefect import get_client
from prefect.artifacts import (
    acreate_link_artifact,
    acreate_progress_artifact,
    acreate_table_artifact,
    aupdate_progress_artifact,
)
from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId, ArtifactFilterKey
from prefect.logging import get_run_logger
from prefect.runtime import flow_run

from acr_relocate.core.batch.report import BatchReport
from acr_relocate.core.content.import_outcome import ImportOutcome
from acr_relocate.core.content.import_preview import Preview, preview_markdown
from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.progress import Progress
from acr_relocate.core.report.plan_page import map_markdown, plan_markdown
from acr_relocate.core.report.report import Report
from acr_relocate.core.report.report_page import report_markdown
from acr_relocate.core.report.verdicts import plan_verdict, preview_verdict, report_verdict
from acr_relocate.core.target.template_diff import template_markdown
from acr_relocate.core.wording import plural, size
from tasks.connection import azure
from tasks.runs.events import announce
from tasks.runs.server_watch import server_is_lost

Answer = TypeVar("Answer")

PLAN_DATA, REPORT_DATA, BATCH_DATA = "acr-relocate-plan", "acr-relocate-report", "acr-relocate-batch"
"""The keys of the artifacts that hold a run's results as JSON."""

_MACHINE: Final = "result"
"""Prefect's type for data: the run's page leaves it out."""

_READ_IN_ORDER: Final = ("report", "plan", "map", "progress", "imports", "template", "left-behind", "target")
"""The run's page shows artifacts in no order, so the order to read them in is in their keys."""

BATCH_LABEL: Final = "acr-relocate.batch"
"""The label of a run that a batch has started: the batch's name."""

_LOOK_SECONDS = 0.25
TABLE_ROWS = 1000
"""Rows of a table; larger ones are slow to show, and the report's JSON has them all."""
ARTIFACT_SECONDS = 5.0
"""Seconds between updates: an update of an artifact costs the server 41 ms."""


class ProgressMeter:
    """Counts the items of a phase; `refusals` returns how often Azure has refused calls for their rate so far."""

    def __init__(self, phase: str, total: int, total_bytes: int, refusals: Callable[[], int]) -> None:
        self._phase = phase
        self._total = total
        self._total_bytes = total_bytes
        self._refusals = refusals
        self._before = refusals()
        self._began = time.monotonic()
        self._done = 0
        self._done_bytes = 0
        self._failed = 0

    def count(self, *, ok: bool, size_bytes: int = 0) -> None:
        """Count one more ended item and its bytes."""
        self._done += 1
        self._done_bytes += size_bytes
        self._failed += not ok

    @property
    def progress(self) -> Progress:
        """Return the present progress."""
        return Progress(
            phase=self._phase,
            done=self._done,
            total=self._total,
            failed=self._failed,
            throttled=self._refusals() - self._before,
            seconds=time.monotonic() - self._began,
            bytes_done=self._done_bytes,
            bytes_total=self._total_bytes,
        )


@asynccontextmanager
async def metered(phase: str, total: int, total_bytes: int) -> AsyncIterator[ProgressMeter]:
    """Yield a meter that this process's observers see four times a second, and the Prefect UI every five seconds."""
    async with azure() as connection:
        meter = ProgressMeter(phase, total, total_bytes, lambda: connection.budgets.refusals)
        words = progress_line(meter.progress)
        artifact = await ignore_server_errors(
            acreate_progress_artifact(0.0, key=_key("progress", phase), description=words)
        )
        ticker = asyncio.create_task(_tick(meter, artifact))
        try:
            yield meter
        finally:
            ticker.cancel()
            await asyncio.wait([ticker])
            announce(meter.progress)
            with suppress(TimeoutError):
                async with asyncio.timeout(ARTIFACT_SECONDS):
                    await _show(meter, artifact)


async def publish_plan(plan: Plan, *, embedded: bool) -> None:
    """Publish the plan, its map and its template as artifacts; tell this process's observers."""
    drawn, name = plan.dependencies, plan.request.source.name
    template = template_markdown(plan.target.template, plan.difference)
    tied = f"{plural(len(drawn.dependencies), 'dependency')}, {len(drawn.manual)} with manual work"
    await asyncio.gather(
        _publish_page("plan", name, plan_markdown(plan, embedded=embedded), plan_verdict(plan)),
        _publish_page("map", name, map_markdown(plan), tied),
        _publish_page("template", name, template, "The template to deploy, and its changes"),
        publish_data(PLAN_DATA, plan),
    )
    announce(plan)


async def publish_report(report: Report) -> None:
    """Publish the report for people and for machines, the images that did not arrive, and a link to the target."""
    name = report.source_id.rsplit("/", 1)[-1]
    await _publish_page("report", name, report_markdown(report), report_verdict(report))
    left = [entry.model_dump(mode="json") for entry in report.left_behind[:TABLE_ROWS]]
    if left:
        await ignore_server_errors(
            acreate_table_artifact(left, key=_key("left-behind", name), description="Images left behind")
        )
    if report.is_at_azure:
        async with azure() as connection:
            target = f"{connection.cloud.portal}/#resource{report.target_id}"
        text = f"{report.target_id.rsplit('/', 1)[-1]} in the Azure portal"
        await ignore_server_errors(acreate_link_artifact(target, text, key=_key("target", name), description="Target"))
    await publish_data(REPORT_DATA, report)
    announce(report)


async def publish_preview(preview: Preview) -> None:
    """Publish the preview of an import as an artifact of this run."""
    name = preview.source_id.rsplit("/", 1)[-1]
    await _publish_page("plan", name, preview_markdown(preview), preview_verdict(preview))
    announce(preview)


async def publish_data(kind: str, result: Plan | Report | BatchReport) -> None:
    """Publish the JSON of a plan or report as an artifact of this run, to be found by run id and type."""
    await ignore_server_errors(_put(data_artifact(kind, result)))


def data_artifact(kind: str, result: Plan | Report | BatchReport) -> ArtifactCreate:
    """Return the artifact with the JSON of a plan or report."""
    words = f"For machines: {kind.removeprefix('acr-relocate-')} as JSON"
    return ArtifactCreate(type=_MACHINE, key=kind, data=result.model_dump_json(), description=words)


async def publish_imports(outcomes: Iterable[ImportOutcome], shard: int) -> None:
    """Publish every repo:tag of a shard with its digest and outcome, as a table of this run."""
    rows = [_row(outcome) for outcome in outcomes]
    await ignore_server_errors(
        acreate_table_artifact(rows, key=_key("imports", str(shard)), description=f"Imports of shard {shard}")
    )


async def mark_run(plan_id: str, registries: list[str], *, embedded: bool) -> None:
    """Tag the run with the plan's id, its registries and, if so, that Azure is the embedded one.

    Afterwards and by the API: tags given at the start are inherited by the task runs, and Prefect then requests
    concurrency slots of every tag for every task run (80 ms each, one at a time).
    """
    run_id = UUID(str(flow_run.id))
    async with get_client() as client:
        run = await ignore_server_errors(client.read_flow_run(run_id))
        batch = run.labels.get(BATCH_LABEL) if run else None
        where = [*(["embedded-azure"] if embedded else []), *([f"batch-{batch}"] if batch else [])]
        tags = [*flow_run.tags, f"plan-{plan_id}", *registries, *where]  # a resumed run has some of them
        await ignore_server_errors(client.update_flow_run(run_id, tags=list(dict.fromkeys(tags))))


async def ignore_server_errors(telling: Awaitable[Answer]) -> Answer | None:
    """Return the Prefect server's answer, or None, logged, if it fails. A lost server is not called."""
    if server_is_lost():
        if asyncio.iscoroutine(telling):
            telling.close()
        return None
    try:
        return await telling
    except Exception as error:  # noqa: BLE001 - whatever it is, the work matters more; it is logged
        get_run_logger().warning("The Prefect server did not take an update: %s", error)
        return None


def _key(what: str, of: str) -> str:
    """Return the key of an artifact: its place in the order to read, its kind, and what it is about."""
    return f"{_READ_IN_ORDER.index(what) + 1}-{what}-{of}"


async def _publish_page(what: str, name: str, markdown: str, said: str) -> None:
    """Publish a page for people; `said` is shown on its card."""
    page = ArtifactCreate(type="markdown", key=_key(what, name), data=markdown, description=said)
    await ignore_server_errors(_put(page))


async def _put(artifact: ArtifactCreate) -> None:
    """Create the artifact of this run, or update the one with its key: a resumed run publishes again."""
    own = UUID(str(flow_run.id))
    same = ArtifactFilter(key=ArtifactFilterKey(any_=[artifact.key]), flow_run_id=ArtifactFilterFlowRunId(any_=[own]))
    async with get_client() as client:
        if known := await client.read_artifacts(artifact_filter=same, limit=1):
            changed = ArtifactUpdate(data=artifact.data, description=artifact.description)
            await client.update_artifact(known[0].id, changed)
        else:
            await client.create_artifact(artifact.model_copy(update={"flow_run_id": own}))


def progress_line(progress: Progress) -> str:
    """Return one line for a person: `120 of 480, 3 GB of 11 GB, 2 failed, 9.8 a second, 37 s to go`."""
    parts = [
        f"{progress.done} of {progress.total}",
        f"{size(progress.bytes_done)} of {size(progress.bytes_total)}" if progress.bytes_total else "",
        f"{progress.failed} failed" if progress.failed else "",
        f"{progress.throttled} times throttled" if progress.throttled else "",
        f"{progress.rate:.1f} a second" if progress.done else "",
        f"{progress.eta:.0f} s to go" if progress.eta else "",
    ]
    return ", ".join(part for part in parts if part)


async def _tick(meter: ProgressMeter, artifact: UUID | None) -> None:
    """Announce progress to observers independently of the Prefect server, which gets one update at a time."""
    shown_at, showing = time.monotonic(), None
    while True:
        announce(meter.progress)
        await asyncio.sleep(_LOOK_SECONDS)
        if time.monotonic() - shown_at >= ARTIFACT_SECONDS and (showing is None or showing.done()):
            showing = asyncio.create_task(_show(meter, artifact))
            shown_at = time.monotonic()


async def _show(meter: ProgressMeter, artifact: UUID | None) -> None:
    progress = meter.progress
    if artifact:
        percent = round(100 * progress.done / progress.total, 1) if progress.total else 100.0  # shown as it is
        await ignore_server_errors(aupdate_progress_artifact(artifact, percent, description=progress_line(progress)))


def _row(outcome: ImportOutcome) -> dict[str, str | float]:
    item = outcome.item
    return {
        "repository": item.repository,
        "tags": ", ".join(item.tags) or "(untagged)",
        "digest": item.digest,
        "outcome": outcome.kind,
        "reason": outcome.reason,
        "seconds": round(outcome.seconds, 1),
        "failure": outcome.failure.message if outcome.failure else "",
    }

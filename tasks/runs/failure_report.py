"""Give every failed run a report, also one that was refused before it could begin."""

from datetime import UTC, datetime
from typing import Any

from prefect import Flow, get_client
from prefect.client.schemas.actions import ArtifactCreate
from prefect.client.schemas.objects import FlowRun, State
from prefect.logging.loggers import flow_run_logger

from acr_relocate.core.report.refused_run import refused_run_report
from acr_relocate.core.report.report_page import report_markdown
from tasks.runs.artifacts import REPORT_DATA, data_artifact
from tasks.runs.events import announce
from tasks.runs.queries import read_results
from tasks.runs.run_log import log_failures


async def report_refusal(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Publish a report for the failed run, if only a short one. A flow's `on_failure`: Prefect names the parameters.

    An invalid request never reaches the flow, so nothing inside it could report the error.
    """
    if await read_results([flow_run.id], REPORT_DATA):
        return
    error = await state.aresult(raise_on_failure=False)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    report = refused_run_report(flow.name, flow_run.parameters, error, now)
    shown = {"type": "markdown", "key": "1-report-refused", "description": "Report", "data": report_markdown(report)}
    async with get_client() as client:
        for artifact in (ArtifactCreate(**shown), data_artifact(REPORT_DATA, report)):
            await client.create_artifact(artifact.model_copy(update={"flow_run_id": flow_run.id}))
    announce(report)
    log_failures(flow_run_logger(flow_run, flow), "request", report.failures)

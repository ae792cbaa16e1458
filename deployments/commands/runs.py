"""`acr-relocate runs`, `show` and `report`: what the Prefect server remembers, read back from anywhere."""

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

from acr_relocate.core.batch.report import BatchReport, batch_document
from acr_relocate.core.documents.document import Document
from acr_relocate.core.documents.html import to_html
from acr_relocate.core.documents.markdown import to_markdown
from acr_relocate.core.errors import NotFound
from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.report.plan_page import plan_document
from acr_relocate.core.report.report import Report
from acr_relocate.core.report.report_page import report_document
from deployments.commands.run_command import AsHtml, AsJson, require_folder, state_folder
from deployments.server import for_command

if TYPE_CHECKING:
    from prefect.client.schemas.objects import FlowRun

app = typer.Typer()

Run = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, or its name: then the newest with it.")]
WIDE = 200  # columns: a run's id has to be copied whole


@app.command()
def runs(
    *, limit: Annotated[int, typer.Option(min=1, max=200, help="How many.")] = 20, as_json: AsJson = False
) -> None:
    """List the latest runs that the Prefect server has, newest first."""
    with for_command.for_this_process(state_folder(), _quietly):
        from tasks.runs.queries import latest_runs  # noqa: PLC0415 - it reads the environment that was just set

        found = [_summary(flow, run) for flow, run in asyncio.run(latest_runs(limit))]
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    table = Table("run", "flow", "state", "started", "id", box=None)
    for each in found:
        table.add_row(each["name"], each["flow"], each["state"], (each["started"] or "")[:19], each["id"])
    Console(width=WIDE).print(table)


@app.command()
def show(run: Run, *, as_json: AsJson = False) -> None:
    """What a run is, how far it is, and why it ended as it did."""
    with for_command.for_this_process(state_folder(), _quietly):
        facts = asyncio.run(_facts(run))
    if as_json:
        typer.echo(json.dumps(facts, indent=2))
        return
    for name, value in facts.items():
        for line in value if isinstance(value, list) else filter(None, [value]):
            typer.echo(f"{name:9} {line}")


@app.command()
def report(run: Run, *, as_json: AsJson = False, html: AsHtml = None) -> None:
    """The report of a run, or its plan where it came to no more, or a batch's table, as the Prefect server has it."""
    require_folder(html)
    with for_command.for_this_process(state_folder(), _quietly):
        result, document = asyncio.run(_result(run))
    if html:
        html.write_text(to_html(document), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(result.model_dump(mode="json"), indent=2))
        return
    console = Console()
    markdown = to_markdown(document)
    console.print(Markdown(markdown) if console.is_terminal else Text(markdown), soft_wrap=not console.is_terminal)


def _quietly(said: str) -> None:
    """Where our own server is started for a question, nobody needs to hear of it: the answer may be JSON."""


def _summary(flow: str, run: "FlowRun") -> dict[str, Any]:
    """What a run is, for a line of a table or for a machine. Times are ISO 8601."""
    return {
        "id": str(run.id),
        "name": run.name,
        "flow": flow,
        "state": run.state_name or "",
        "started": run.start_time.isoformat() if run.start_time else None,
        "ended": run.end_time.isoformat() if run.end_time else None,
    }


async def _facts(wanted: str) -> dict[str, Any]:
    from tasks.runs.queries import children_of, find_run, progress_of, url_of  # noqa: PLC0415 - after the environment is set

    flow, run = await find_run(wanted)
    inside = await children_of(run)
    return {
        **_summary(flow, run),
        "reason": (run.state.message if run.state else "") or "",
        "progress": await progress_of([run, *inside]),
        "inside": [f"{each.name}: {each.state_name}" for each in inside],
        "ui": url_of(run.id),
    }


async def _result(wanted: str) -> tuple[Plan | Report | BatchReport, Document]:
    """The newest report of the run, or else its plan, or its table as a batch; and for people. Raises NotFound."""
    from tasks.runs.artifacts import BATCH_DATA, PLAN_DATA, REPORT_DATA  # noqa: PLC0415 - after the environment is set
    from tasks.runs.queries import find_run, read_results  # noqa: PLC0415 - after the environment is set

    _, run = await find_run(wanted)
    if found := await read_results([run.id], REPORT_DATA):
        report = Report.model_validate_json(found[run.id])
        return report, report_document(report)
    if found := await read_results([run.id], PLAN_DATA):
        plan = Plan.model_validate_json(found[run.id])
        return plan, plan_document(plan, embedded="embedded-azure" in run.tags)
    if found := await read_results([run.id], BATCH_DATA):
        batch = BatchReport.model_validate_json(found[run.id])
        return batch, batch_document(batch)
    raise NotFound(
        f"The run {run.name} is {run.state_name} and has no plan and no report",
        resource=str(run.id),
        remedy=f"See how far it is: acr-relocate show {run.id}",
    )

"""`acr-relocate runs`, `show` and `report`: read the runs of the Prefect server from anywhere."""

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from acr_relocate.core.batch.report import BatchReport, batch_document, batch_summary
from acr_relocate.core.documents.html import to_html
from acr_relocate.core.documents.markdown import to_markdown
from acr_relocate.core.documents.text import to_text
from acr_relocate.core.errors import NotFound
from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.registry.stored_result import read_stored
from acr_relocate.core.report.report import Report
from acr_relocate.core.report.summary import labelled, wrapped
from acr_relocate.core.wording import duration
from acr_relocate.files import private_files
from deployments.commands.options import Form, display, shows
from deployments.commands.results import Shown
from deployments.commands.run_command import AsHtml, require_folder
from deployments.commands.state import state_folder
from deployments.server import for_command
from deployments.slow_imports import without_collector

if TYPE_CHECKING:
    from prefect.client.schemas.objects import FlowRun

app = typer.Typer()

Run = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, or its name: then the newest with it.")]
_LABELS = {"id": "Run", "ui": "UI"}
_WIDE = 240  # columns: a run's id has to be copied whole
_VERDICT = 60
_WRAPPED = re.compile(r"^Flow run encountered an exception: (NotRelocated: )?")
"""The words that Prefect puts before an error; of ours the message says enough."""


@app.command()
@shows("data", "as_json", "no_color")
def runs(
    *,
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=200, help="How many.")] = 20,
    every: Annotated[bool, typer.Option("--all", help="Also runs that a schedule has planned.")] = False,
) -> None:
    """List the latest runs of the Prefect server, newest first."""
    found = _latest(limit, scheduled=every) if for_command.has_history(state_folder()) else []
    if display().as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    console = Console()
    if console.is_terminal and console.width < _WIDE:
        for each in found:
            typer.echo(in_two_lines(each, console.width))
        return
    table = Table("run", "flow", "state", "started (UTC)", "took", "verdict", "id", box=None)
    for each in found:
        started = _second(each["started"])
        table.add_row(
            each["name"], each["flow"], each["state"], started, each["duration"], _short(each["verdict"]), each["id"]
        )
    Console(width=_WIDE).print(table)


@app.command()
@shows("data", "as_json", "quiet", "no_color")
def show(run: Run) -> None:
    """Show a run's state, progress and error."""
    with _server(run):
        facts = asyncio.run(_facts(run))
    if display().as_json:
        typer.echo(json.dumps(facts, indent=2))
        return
    facts |= {when: f"{_second(facts[when])} UTC" for when in ("started", "ended") if facts[when]}
    facts["progress"] = [f"{each['percent']:.0f} %: {each['text']}" for each in facts["progress"]]
    verdict = facts.pop("verdict")
    if display().quiet:
        typer.echo(verdict)
        return
    for name, value in facts.items():
        for line in value if isinstance(value, list) else filter(None, [value]):
            typer.echo(labelled(_LABELS.get(name, name.capitalize()), line))
    typer.echo(wrapped(verdict, 2))


@app.command()
@shows("output", "as_json", "quiet", "no_color")
def report(run: Run, *, html: AsHtml = None) -> None:
    """Show the report of a run from the Prefect server, then its summary; or its plan, or the table of a batch."""
    require_folder(html)
    with _server(run):
        result, is_embedded = asyncio.run(_result(run))
    document = batch_document(result) if isinstance(result, BatchReport) else Shown(result, is_embedded).document
    if html:
        private_files.write_private(html, to_html(document))
    if display().as_json:
        typer.echo(json.dumps(result.model_dump(mode="json"), indent=2))
        return
    if display().form is Form.MARKDOWN:
        typer.echo(to_markdown(document, diagrams=False), nl=False)
        return
    summary = batch_summary(result) if isinstance(result, BatchReport) else Shown(result, is_embedded).summary([])
    if not display().quiet:
        typer.echo(to_text(document))
    typer.echo(summary.splitlines()[-1] if display().quiet else summary)


def _latest(limit: int, *, scheduled: bool) -> list[dict[str, Any]]:
    with for_command.for_this_process(state_folder(), _say, only_reads=True):
        with without_collector():
            from tasks.runs.queries import latest_runs  # noqa: PLC0415 - it reads the environment that was just set

        return [_summary(flow, run) for flow, run in asyncio.run(latest_runs(limit, scheduled=scheduled))]


@contextmanager
def _server(run: str) -> Iterator[None]:
    """Provide the Prefect server that has the run. Where none was ever used, none is started."""
    if not for_command.has_history(state_folder()):
        raise NotFound(
            f"There is no run {run}: no Prefect server is configured, and no run was made from here.",
            remedy="Set PREFECT_API_URL to the server that has it.",
        )
    with for_command.for_this_process(state_folder(), _say, only_reads=True):
        yield


def _say(said: str) -> None:
    """Say what is waited for: on the standard error, because the answer may be JSON."""
    typer.echo(said, err=True)


def _short(text: str) -> str:
    """Return the first line, cut where a table has no room for more."""
    line = text.partition("\n")[0]
    return line if len(line) <= _VERDICT else f"{line[: _VERDICT - 1]}…"


def _second(moment: str | None) -> str:
    """Return a time without its fractions and its zone, which is UTC; empty for none."""
    return (moment or "")[:19].replace("T", " ")


def in_two_lines(run: dict[str, Any], width: int) -> str:
    """Return a run for a narrow terminal: id, start, time taken and state; below, its name and its verdict."""
    started = f"{_second(run['started'])[:16]} UTC" if run["started"] else "not begun"
    facts = "  ".join(filter(None, [run["id"], started, run["duration"], run["state"]]))
    room = width - len(run["name"]) - 4
    verdict = run["verdict"].partition("\n")[0]
    shown = verdict if len(verdict) <= room else f"{verdict[: max(room - 1, 0)]}…"
    return f"{facts}\n  {run['name']}{f': {shown}' if verdict and room > 0 else ''}"


def _summary(flow: str, run: "FlowRun") -> dict[str, Any]:
    """Return the facts of a run, for a line of a table or for a machine. Times are ISO 8601."""
    return {
        "id": str(run.id),
        "name": run.name,
        "flow": flow,
        "state": run.state_name or "",
        "started": run.start_time.isoformat() if run.start_time else None,
        "ended": run.end_time.isoformat() if run.end_time else None,
        "verdict": _WRAPPED.sub("", (run.state.message or "") if run.state else ""),
        "duration": duration(run.total_run_time.total_seconds()) if run.start_time else "",
    }


async def _facts(wanted: str) -> dict[str, Any]:
    from tasks.runs.queries import children_of, find_run, progress_of, url_of  # noqa: PLC0415 - after the environment is set

    flow, run = await find_run(wanted)
    inside = await children_of(run)
    return {
        **_summary(flow, run),
        "progress": await progress_of([run, *inside]),
        "inside": [f"{each.name}: {each.state_name}" for each in inside],
        "ui": url_of(run.id),
    }


async def _result(wanted: str) -> tuple[Plan | Report | BatchReport, bool]:
    """Return the newest report, plan or batch table of the run, and whether Azure was embedded. Raises NotFound."""
    from tasks.runs.artifacts import BATCH_DATA, PLAN_DATA, REPORT_DATA  # noqa: PLC0415 - after the environment is set
    from tasks.runs.queries import find_run, kept, read_results  # noqa: PLC0415 - after the environment is set

    _, run = await find_run(wanted)
    kinds: dict[str, type[Plan | Report | BatchReport]] = {
        REPORT_DATA: Report,
        PLAN_DATA: Plan,
        BATCH_DATA: BatchReport,
    }
    for key, kind in kinds.items():
        if found := await read_results([run.id], key):
            return read_stored(kind, found[run.id], kept(run.id)), "embedded-azure" in run.tags
    raise NotFound(
        f"The run {run.name} is {run.state_name} and has no plan and no report",
        resource=str(run.id),
        remedy=f"See its progress: acr-relocate show {run.id}",
    )

"""`acr-relocate runs`, `show` and `report`: what the Prefect server remembers, read back from anywhere."""

import asyncio
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

from acr_relocate.core.errors import InvalidRequest, NotFound
from acr_relocate.core.plan import Plan
from acr_relocate.core.report import Report, to_markdown
from acr_relocate.core.report_plan import plan_markdown
from deployments import server

if TYPE_CHECKING:
    from prefect.client.schemas.objects import FlowRun

app = typer.Typer()

FLOWS = ("plan", "relocate", "import-images", "cut-over", "verify", "discard", "delete-source", "batch")
Run = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, or its name: then the newest with it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


@app.command()
def runs(
    *, limit: Annotated[int, typer.Option(min=1, max=200, help="How many.")] = 20, as_json: AsJson = False
) -> None:
    """List the latest runs that the Prefect server has, newest first."""
    with server.for_this_process(state_folder(), _quietly):
        from tasks.runs import latest_runs  # noqa: PLC0415 - it reads the environment that was just set

        found = [_summary(flow, run) for flow, run in asyncio.run(latest_runs(FLOWS, limit))]
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    table = Table("run", "flow", "state", "started", "id", box=None)
    for each in found:
        table.add_row(each["name"], each["flow"], each["state"], each["started"][:19], each["id"])
    _console(200).print(table)


@app.command()
def show(run: Run, *, as_json: AsJson = False) -> None:
    """What a run is, how far it is, and why it ended as it did."""
    with server.for_this_process(state_folder(), _quietly):
        facts = asyncio.run(_facts(run))
    if as_json:
        typer.echo(json.dumps(facts, indent=2))
        return
    for name, value in facts.items():
        if isinstance(value, list):
            for each in value:
                typer.echo(f"{name:10} {each}")
        elif value:
            typer.echo(f"{name:10} {value}")


@app.command()
def report(
    run: Run,
    *,
    as_json: AsJson = False,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write it as one HTML file.")] = None,
) -> None:
    """The report of a run, or its plan where it came to no more, as the Prefect server has it."""
    with server.for_this_process(state_folder(), _quietly):
        result = asyncio.run(_result(run))
    if as_json:
        typer.echo(json.dumps(result.model_dump(mode="json"), indent=2))
        return
    if html:
        _write(html, result)
        return
    console = _console()
    markdown = to_markdown(result) if isinstance(result, Report) else plan_markdown(result, embedded=False)
    console.print(Markdown(markdown) if console.is_terminal else Text(markdown), soft_wrap=not console.is_terminal)

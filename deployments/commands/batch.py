"""`acr-relocate batch`: many registries, each by a run of its own, on the workers of the Prefect server."""

import asyncio
import json
import os
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from acr_relocate.core.batch.report import BatchReport, batch_summary, batch_verdict
from acr_relocate.core.batch.request import parse_batch
from acr_relocate.core.errors import NotRelocated
from deployments.commands import request_files
from deployments.commands.options import display, shows
from deployments.commands.run_command import NOT_RELOCATED, say_error
from deployments.commands.state import state_folder
from deployments.server import for_command

app = typer.Typer()

_WIDE = 160  # columns, so that the next step is readable in a log


@app.command()
@shows("data", "as_json", "full", "quiet", "no_color")
def batch(
    file: Annotated[Path, typer.Argument(metavar="BATCH", help="The batch, a YAML or JSON file.")],
) -> None:
    """Relocate many registries in waves. Safe to run again. Needs a Prefect server and workers."""
    wanted = parse_batch(request_files.read_data(file))
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")  # before Prefect is imported
    for_command.require_server()
    told: list[BatchReport] = []

    def observe(event: object) -> None:
        if isinstance(event, BatchReport):
            told.append(event)
            if not (display().as_json or display().quiet):
                typer.echo(event.summary, err=True)

    failed: NotRelocated | None = None
    with for_command.for_this_process(state_folder(), partial(typer.echo, err=True)):
        from flows.batch import relocate_batch  # noqa: PLC0415 - 3 s, and it reads the environment that was just set
        from tasks.runs.events import observing  # noqa: PLC0415 - as above

        with observing(observe):
            try:
                asyncio.run(relocate_batch(wanted))
            except NotRelocated as error:
                failed = error
    if failed:
        say_error(failed)
    if told:
        _tell(told[-1])
    raise typer.Exit(NOT_RELOCATED if failed else 0)


def _tell(report: BatchReport) -> None:
    if display().as_json:
        typer.echo(json.dumps(report.model_dump(mode="json"), indent=2))
        return
    if display().quiet:
        typer.echo(batch_verdict(report))
        return
    if display().full:
        _show_table(report)
    typer.echo(batch_summary(report))


def _show_table(report: BatchReport) -> None:
    table = Table("registry", "target", "wave", "state", "next step", box=None)
    for row in report.rows:
        table.add_row(row.registry, row.target, row.wave, row.state, row.next_step)
    console = Console()
    console.print(table, width=None if console.is_terminal else _WIDE)

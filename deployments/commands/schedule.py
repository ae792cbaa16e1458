"""`acr-relocate schedule add|list|remove`: a relocation, sync, verification or batch that runs at certain times."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from acr_relocate.core.batch.request import BatchRequest, parse_batch
from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.request.maintenance_window import Window, opening_as_cron
from acr_relocate.core.request.relocation import RelocationRequest
from deployments.commands import request_files
from deployments.commands.options import display, shows
from deployments.commands.results import print_json
from deployments.server import for_command

app = typer.Typer(
    no_args_is_help=True,
    help="Run a relocation, a sync, a verification or a batch at certain times. Needs a Prefect server and workers.",
)
_WIDE = 160  # columns: a name has to be copied whole


class Scheduled(StrEnum):
    """The commands that can run on a schedule: none of them asks for a name to be typed."""

    SYNC = "sync"
    VERIFY = "verify"
    RELOCATE = "relocate"
    PLAN = "plan"
    BATCH = "batch"


@app.command("add")
def add_command(
    flow: Annotated[Scheduled, typer.Argument(metavar="FLOW", help="sync, verify, relocate, plan or batch.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The request; for batch, the batch.")],
    *,
    cron: Annotated[
        str,
        typer.Option(
            metavar="CRON", help="When, such as '0 2 * * *'. Default: when the file's maintenance window opens."
        ),
    ] = "",
    time_zone: Annotated[
        str, typer.Option("--time-zone", metavar="ZONE", help="Of --cron, such as Europe/Amsterdam.")
    ] = "UTC",
    name: Annotated[
        str, typer.Option(metavar="NAME", help="Default: the flow and the registry, such as sync-contoso.")
    ] = "",
) -> None:
    """Add a schedule. It has the file's content as it is now: after a change, remove it and add it again."""
    wanted = _wanted(flow, file)
    when, zone = (cron, time_zone) if cron else _opening(wanted.window, file)
    subject = wanted.name if isinstance(wanted, BatchRequest) else wanted.source.name
    name = name or f"{flow.value}-{subject}"
    parameters = {"batch" if flow is Scheduled.BATCH else "request": wanted.model_dump(mode="json")}
    for_command.require_server()
    from deployments.server import schedules  # noqa: PLC0415 - 2 s: it imports Prefect

    schedules.add_schedule(flow.value, name, when, zone, parameters)
    typer.echo(f"Remove it: acr-relocate schedule remove {name}")
    typer.echo(f"scheduled: {name}, {when} ({zone})")


@app.command("list")
@shows("data", "as_json", "no_color")
def list_command() -> None:
    """List the schedules of our flows at the Prefect server, also those made in its UI."""
    for_command.require_server()
    from deployments.server import schedules  # noqa: PLC0415 - as above

    found = schedules.find_schedules()
    if display().as_json:
        print_json([vars(each) | {"next_run": each.next_run and each.next_run.isoformat()} for each in found])
        return
    table = Table("name", "flow", "when", "time zone", "active", "next run (UTC)", "for", box=None)
    for each in found:
        due = f"{each.next_run:%Y-%m-%d %H:%M}" if each.next_run else ""
        active = "yes" if each.active else "no"
        table.add_row(each.name, each.flow, each.when, each.time_zone, active, due, each.registries)
    Console(width=_WIDE).print(table)


@app.command("remove")
def remove_command(name: Annotated[str, typer.Argument(metavar="NAME", help="As `schedule list` shows it.")]) -> None:
    """Remove a schedule and the runs that it has planned. A run that has begun continues."""
    for_command.require_server()
    from deployments.server import schedules  # noqa: PLC0415 - as above

    schedules.remove_schedule(name)
    typer.echo(f"removed: {name}")


def _wanted(flow: Scheduled, file: Path) -> RelocationRequest | BatchRequest:
    if flow is Scheduled.BATCH:
        return parse_batch(request_files.read_data(file))
    return request_files.load_request(file)


def _opening(window: Window, file: Path) -> tuple[str, str]:
    """Return when the window opens, as cron, and its time zone. Raises InvalidRequest if there is no window."""
    if not window.start:
        raise InvalidRequest(
            f"Give a time: {file} has no maintenance window to take the time from.",
            remedy="--cron '0 2 * * *' --time-zone Europe/Amsterdam, or set `window` in the file.",
        )
    return opening_as_cron(window), window.time_zone

"""`acr-relocate init`, `status` and `version`: begin, and see the stage of a relocation."""

import asyncio
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated

import typer

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.report.report import Report
from acr_relocate.core.report.standing import Standing
from acr_relocate.core.report.summary import LABEL, labelled
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.request.starter import starter_request
from acr_relocate.files import result_files
from deployments.commands import report_files
from deployments.commands.options import display, shows
from deployments.commands.planned_requests import RequestOrRegistry, find_request, is_file
from deployments.commands.results import print_json

app = typer.Typer()


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(f"acr-relocate {installed_version('acr-relocate')}")


@app.command()
def init(
    registry: Annotated[str, typer.Argument(metavar="REGISTRY", help="The registry to move: name or resource id.")],
    *,
    location: Annotated[
        str, typer.Option(metavar="REGION", show_default=False, help="The region to move to, such as northeurope.")
    ] = "REGION",
    target: Annotated[str, typer.Option(metavar="NAME", help="The name of the target registry.")] = "",
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Default: REGISTRY.yaml here.")] = None,
) -> None:
    """Write a commented request to start from. Asks Azure nothing."""
    name = registry.rpartition("/")[2].partition(".")[0].lower()
    path = out or Path(f"{name}.yaml")
    if path.exists():
        raise InvalidRequest(f"{path} exists already.", remedy="Choose another file with --out, or edit this one.")
    try:
        result_files.write_result(path, starter_request(registry, target or f"{name}2", location))
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be written: {error.strerror}") from None
    typer.echo(f"Edit {path}, then run: acr-relocate plan {path}")


@app.command()
@shows("data", "as_json", "quiet", "no_color")
def status(
    move: RequestOrRegistry,
) -> None:
    """Show the stage of a relocation and the next command. Only reads; starts no server."""
    request, file = find_request(move), move if is_file(move) else "REQUEST"
    from deployments import standing  # noqa: PLC0415 - imports the Azure SDK: not for bad input

    found = asyncio.run(standing.read_standing(request, _last_report(request), planned=_was_planned(request)))
    if display().as_json:
        print_json(found.model_dump(mode="json") | {"verdict": found.verdict})
        return
    _show(found, file)


def _show(found: Standing, file: str) -> None:
    if not display().quiet:
        for line in found.lines:
            typer.echo(labelled(*line))
        typer.echo(f"{'Next:':{LABEL}} {found.next_command.replace('REQUEST', file) or 'nothing'}")
    typer.echo(found.verdict)


def _was_planned(request: RelocationRequest) -> bool:
    """Return whether the relocation was planned on this machine."""
    return _file_of(request, report_files.PLAN).exists()


def _last_report(request: RelocationRequest) -> Report | None:
    """Return the report of the last run on this machine that relocated this registry, for its date."""
    saved = [path for name in ("cut-over", "run") if (path := _file_of(request, name)).exists()]
    return next(
        (report for path in saved if (report := report_files.read_saved(Report, path)).verdict == "relocated"), None
    )


def _file_of(request: RelocationRequest, command: str) -> Path:
    return report_files.find_path(request.source.name, request.target.name, f"{command}.json")

"""`acr-relocate sync` and `thaw`: import the missing content; release a freeze that was left."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from acr_relocate.core.errors import InvalidRequest
from deployments.commands.options import shows_result
from deployments.commands.planned_requests import RequestOrRegistry, find_request
from deployments.commands.run_command import AllowEmpty, AsHtml, RequestFile, run_request_command

app = typer.Typer()


@app.command()
@shows_result
def sync(
    request: RequestFile,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read only: show the imports and the omissions.")] = False,
    only: Annotated[
        Path | None,
        typer.Option(
            "--only",
            metavar="FILE",
            help="Import only these images: an earlier run's --json, or a list of names; - is standard input.",
        ),
    ] = None,
    freeze: Annotated[
        bool, typer.Option("--freeze", help="The final pass: block pushes to the source meanwhile, then compare.")
    ] = False,
    allow_empty: AllowEmpty = False,
    html: AsHtml = None,
) -> None:
    """Import the content that the target lacks. Run it as often as you like until the cut-over."""
    if dry_run and html:
        raise InvalidRequest("A dry run has no page: --html is for reports.")
    if dry_run:
        run_request_command("sync-preview", request, only=only, allow_empty=allow_empty)
    run_request_command("sync", request, only=only, allow_empty=allow_empty, html=html, freeze=freeze)


@app.command()
def thaw(request: RequestOrRegistry) -> None:
    """Restore the changes that a killed final pass or deletion left at the source. Needs no Prefect server."""
    wanted = find_request(request)
    from deployments.thaw import thaw_source  # noqa: PLC0415 - imports Prefect and the Azure SDK: not for bad input

    thaw_source(wanted, Console())

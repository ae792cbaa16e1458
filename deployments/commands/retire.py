"""`acr-relocate delete-source` and `discard`: the two ends of a relocation."""

import typer

from deployments.commands.options import shows_result
from deployments.commands.run_command import AsHtml, RequestFile, run_request_command

app = typer.Typer()


@app.command(name="delete-source")
@shows_result
def delete_source(request: RequestFile, *, html: AsHtml = None) -> None:
    """Delete the source registry for good: after a new verification, without consumers, and after you type its name."""
    run_request_command("delete-source", request, html=html)


@app.command()
@shows_result
def discard(request: RequestFile, *, html: AsHtml = None) -> None:
    """Roll back a relocation: delete only the resources that it created, while the source exists."""
    run_request_command("discard", request, html=html)

"""`acr-relocate keep-name`, `delete-source` and `discard`: the ends of a relocation."""

import typer

from deployments.commands.approvals import Approve
from deployments.commands.options import shows_result
from deployments.commands.planned_requests import RequestOrRegistry, find_request
from deployments.commands.run_command import (
    AsHtml,
    RequestFile,
    accept_request_file,
    run_flow_command,
)

app = typer.Typer()


@app.command(name="keep-name")
@shows_result
def keep_name(request: RequestFile, *, approve: Approve = None, html: AsHtml = None) -> None:
    """Move a registry to another region under its own name: deletes it after you type that, and creates it again."""
    run_flow_command("keep-name", lambda: {"request": accept_request_file(request)}, html=html, approve=approve)


@app.command(name="delete-source")
@shows_result
def delete_source(request: RequestOrRegistry, *, html: AsHtml = None) -> None:
    """Delete the source registry for good: after a new verification, without consumers, and after you type its name."""
    run_flow_command("delete-source", lambda: {"request": find_request(request)}, html=html)


@app.command()
@shows_result
def discard(request: RequestOrRegistry, *, html: AsHtml = None) -> None:
    """Roll back a relocation: delete only the resources that it created, while the source exists."""
    run_flow_command("discard", lambda: {"request": find_request(request)}, html=html)

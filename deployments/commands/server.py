"""`acr-relocate server`: the Prefect server of this machine that commands share, kept running between them."""

import time
from typing import Annotated

import typer

from deployments.commands.state import state_folder
from deployments.server import local_server
from deployments.server.note import NOTE, read_note

app = typer.Typer(help="Keep the shared Prefect server running between commands, so that they start faster.")
NOT_RUNNING = 1


@app.command()
def start(
    *,
    minutes: Annotated[
        int, typer.Option(metavar="N", min=1, max=10_080, help="How long it runs when no command uses it.")
    ] = 480,
) -> None:
    """Start the server and leave it running. It stops when its time is over and no command uses it."""
    state = state_folder()
    with local_server.use_server(state) as use:
        server = use.wait(typer.echo)
        use.stays = 60.0 * minutes
    typer.echo(f"The Prefect server runs for {minutes} minutes, with its UI at {server.ui}")
    typer.echo(f"Its files: {state}. Its user and password: acr-relocate server status --password")


@app.command()
def stop() -> None:
    """Stop the server. Its history stays. A running command that uses it fails."""
    stopped = local_server.stop_noted(state_folder())
    typer.echo("The Prefect server is stopped; its history stays." if stopped else "No Prefect server is running.")


@app.command("status")
def server_status(
    *,
    password: Annotated[bool, typer.Option("--password", help="Print only user and password, for the UI.")] = False,
) -> None:
    """Show whether the server runs, where, and for how long. Exit status 1 if it does not."""
    state = state_folder()
    server = local_server.running(state)
    note = read_note(state.resolve())
    if server is None or note is None:
        typer.echo("No Prefect server is running. Each command starts one, or: acr-relocate server start")
        raise typer.Exit(NOT_RUNNING)
    if password:
        typer.echo(server.auth_string)
        return
    left = max(0.0, note.stays_until - time.time()) / 60
    typer.echo(f"The Prefect server is running, with its UI at {server.ui} (process {server.pid})")
    typer.echo(f"It runs for {left:.0f} more minutes." if left else "It stops with the commands that use it.")
    typer.echo(f"Its user and password are in {state / NOTE}: acr-relocate server status --password")

"""`acr-relocate deploy` and `serve`: the flows as deployments of a shared Prefect server."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from deployments.server import for_command, local_server

app = typer.Typer()


@app.command("deploy")
def deploy_flows(
    *,
    pool_type: Annotated[
        str, typer.Option("--type", metavar="TYPE", help="process, docker, kubernetes or azure-container-instance.")
    ] = "process",
    image: Annotated[str, typer.Option(metavar="IMAGE", help="The container image that a new pool runs.")] = "",
    variables: Annotated[
        Path | None, typer.Option(metavar="FILE", help="More defaults of a new pool's jobs, as YAML.")
    ] = None,
    automate: Annotated[
        bool,
        typer.Option(
            "--automate", help="Also recover runs that lost their worker; start a relocation on acr-relocate.requested."
        ),
    ] = False,
    notify: Annotated[
        str,
        typer.Option(
            metavar="TYPE/NAME",
            help="Also notify by this block when a run failed, waits for approval or is finished.",
        ),
    ] = "",
) -> None:
    """Register every flow with the Prefect server, for the workers of the pool `relocations`; create it if missing."""
    for_command.require_server()
    from deployments.server import automations, register  # noqa: PLC0415 - 3 s: not for bad input

    defaults = register.load_variables(variables) if variables else {}
    register.register_deployments(pool_type, defaults | ({"image": image} if image else {}), typer.echo)
    if automate or notify:
        applied = asyncio.run(automations.apply(notify=notify))
        typer.echo(f"automations: {', '.join(applied)}")
        for line in asyncio.run(_advice()):
            typer.echo(line)


async def _advice() -> list[str]:
    from prefect import get_client  # noqa: PLC0415 - 3 s: not for bad input

    from deployments.server.settings_advice import read_server_settings, settings_advice  # noqa: PLC0415 - as above

    async with get_client() as client:
        return settings_advice(await read_server_settings(client))


@app.command()
def serve(
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="How many runs at once.")] = 10,
) -> None:
    """Register every flow with the Prefect server and run its runs in this process: no pool, no worker."""
    os.environ.setdefault("PREFECT_FLOWS_HEARTBEAT_FREQUENCY", local_server.HEARTBEAT_SETTING)
    for_command.require_server()
    from deployments.server import register  # noqa: PLC0415 - it reads the environment that was just set

    register.serve_deployments(limit)

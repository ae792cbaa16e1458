"""`acr-relocate deploy` and `serve`: the flows as deployments of a shared Prefect server."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from acr_relocate.core.report.summary import labelled
from acr_relocate.core.wording import plural
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
    is_new = register.register_deployments(pool_type, defaults | ({"image": image} if image else {}))
    applied = asyncio.run(automations.apply(notify=notify)) if automate or notify else []
    names = [entry["name"] for entry in register.entries()]
    internal = [name for name in names if name.startswith(register.INTERNAL)]
    typer.echo(labelled("Pool", f"{register.POOL} ({pool_type}{', new' if is_new else ''})"))
    typer.echo(labelled("Deployments", ", ".join(name for name in names if name not in internal)))
    typer.echo(labelled("Internal", ", ".join(internal)))
    if applied:
        typer.echo(labelled("Automations", ", ".join(name.removeprefix(automations.NAME_PREFIX) for name in applied)))
        typer.echo("\n".join(asyncio.run(_advice())))
    typer.echo(labelled("Next", f"prefect worker start --pool {register.POOL}"))
    automated = f", {plural(len(applied), 'automation')}" if applied else ""
    typer.echo(f"deployed: {plural(len(names), 'deployment')}{automated}")


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

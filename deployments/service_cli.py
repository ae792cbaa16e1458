"""`acr-relocate deploy` and `serve`: the flows as deployments of a Prefect server that others use too."""

from pathlib import Path
from typing import Annotated

import typer

from acr_relocate.core.errors import InvalidRequest
from deployments import server

app = typer.Typer()


def require_server() -> None:
    """A Prefect server is configured: one of our own would be gone with this command. Raises InvalidRequest."""
    if not server.is_configured():
        raise InvalidRequest(
            "No Prefect server is configured",
            remedy="Set PREFECT_API_URL to one; to have one on this machine: `prefect server start`.",
        )


@app.command()
def deploy(
    *,
    pool_type: Annotated[
        str, typer.Option("--type", help="process, docker, kubernetes or azure-container-instance.")
    ] = "process",
    image: Annotated[str, typer.Option(help="The container image that a new pool runs.")] = "",
    variables: Annotated[
        Path | None, typer.Option(metavar="FILE", help="More defaults of a new pool's jobs, as YAML.")
    ] = None,
) -> None:
    """Register every flow with the Prefect server, for the workers of the pool `relocations`; make it if missing."""
    require_server()
    from deployments import deploying  # noqa: PLC0415 - 3 s: not for bad input

    defaults = deploying.load_variables(variables) if variables else {}
    deploying.deploy(pool_type, defaults | ({"image": image} if image else {}), typer.echo)


@app.command()
def serve(
    limit: Annotated[int, typer.Option(min=1, help="How many runs at once.")] = 10,
) -> None:
    """Register every flow with the Prefect server and run here what is started there: no pool, no worker."""
    require_server()
    from deployments import deploying  # noqa: PLC0415 - 3 s: not for bad input

    deploying.serve(limit)

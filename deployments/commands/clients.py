"""Commands about the clients of a relocated registry: their firewalls, clusters to come, passwords of tokens."""

import asyncio
import sys
from typing import Annotated

import typer

from acr_relocate.core.cut_over.cluster_attach import Tool, attach_lines
from acr_relocate.core.cut_over.tokens import lacking_passwords
from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.network.firewall_rules import Dialect, FirewallLists, Opening, RegistryEndpoints, lines, lists
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.edited_template import target_design
from deployments.commands import request_files
from deployments.commands.run_command import AsJson, RequestFile

app = typer.Typer()


@app.command()
def firewall(
    request: RequestFile,
    *,
    dialect: Annotated[
        Dialect | None, typer.Option("--lines", help="Lines to paste instead of a table.", show_choices=True)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """What clients must be let through to now, and which rules can go once the source is retired. Only reads."""
    found = asyncio.run(_lists(request_files.load_request(request)))
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
    elif dialect:
        typer.echo(lines(found, dialect))
    else:
        _show(found)


@app.command()
def attach(
    request: RequestFile,
    *,
    tool: Annotated[Tool, typer.Option("--lines", help="For what makes the cluster.")] = "bicep",
) -> None:
    """Lines that let a cluster which is yet to be provisioned pull from the target. Only reads."""
    _, target = asyncio.run(_both(request_files.load_request(request)))
    typer.echo(attach_lines(target, tool))


@app.command()
def passwords(request: RequestFile) -> None:
    """Generate the passwords that the source's tokens have and the target's lack, and show each once, here.

    They are nowhere else: not in a file, not in Prefect. Into a key vault they go with `token_vault` in the request.
    """
    wanted_for = request_files.load_request(request)
    if not sys.stdout.isatty():
        raise InvalidRequest("Passwords are shown at a terminal only, and this is none.")
    asyncio.run(_show_passwords(wanted_for))


async def _show_passwords(request: RelocationRequest) -> None:
    from acr_relocate.azure.changes.cut_over import generate_password  # noqa: PLC0415 - the Azure SDK: not for bad input
    from acr_relocate.azure.client.session import connection  # noqa: PLC0415 - as above

    async with connection() as azure:
        source, target = await _both(request)
        for token, name in lacking_passwords(source, target):
            typer.echo(f"{token} {name}: {await generate_password(azure, target.id, token, name)}")


async def _lists(request: RelocationRequest) -> FirewallLists:
    from acr_relocate.azure.client.session import connection  # noqa: PLC0415 - as above
    from acr_relocate.azure.discovery import dependents  # noqa: PLC0415 - as above

    async with connection() as azure:
        source, target = await _both(request)
        before = await dependents.read_surroundings(azure, source)
        around = await dependents.read_surroundings(azure, target) if target.login_server else Surroundings()
    host = target.login_server or f"{target.name}.{source.login_server.partition('.')[2]}"
    return lists(
        RegistryEndpoints(registry=source, around=before, host=source.login_server),
        RegistryEndpoints(registry=target, around=around, host=host),
        predicted=not target.login_server,
    )


async def _both(request: RelocationRequest) -> tuple[Registry, Registry]:
    """The source, and the target: as it is, or else as it is going to be, without a login server."""
    from acr_relocate.azure.client.session import connection  # noqa: PLC0415 - as above
    from acr_relocate.azure.discovery import find_registry  # noqa: PLC0415 - as above
    from acr_relocate.azure.resources import registries  # noqa: PLC0415 - as above
    from tasks.inventory import target_ref  # noqa: PLC0415 - as above

    async with connection() as azure:
        request = await find_registry.settle(azure, request)
        source = await registries.read_registry(azure, request.source)
        target = await registries.find_registry(azure, target_ref(request))
    designed = target or target_design(source, request, None).registry.model_copy(update={"login_server": ""})
    return source, designed


def _show(found: FirewallLists) -> None:
    _columns(f"Let clients of {found.target} through to, over 443:", found.now)
    _columns("These can go when the source is retired:", found.later)
    if found.predicted:
        typer.echo(f"{found.target} is not there yet: Azure may put a hash into its names, and has no addresses.")
    for reason in found.not_known:
        typer.echo(f"Not known, so that addresses may be missing: {reason}")


def _columns(title: str, openings: tuple[Opening, ...]) -> None:
    """Every destination in a line of its own: no name is ever cut, however narrow the terminal is."""
    typer.echo(title)
    width = max((len(opening.destination) for opening in openings), default=0)
    for opening in openings:
        typer.echo(f"  {opening.destination:{width}}  {opening.purpose:17}  {', '.join(opening.addresses)}".rstrip())
    typer.echo("")

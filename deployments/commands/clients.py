"""Commands for the clients of a relocated registry: firewalls, future clusters, token passwords."""

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
from deployments.commands.options import display, shows
from deployments.commands.planned_requests import RequestOrRegistry, find_request
from deployments.commands.run_command import RequestFile

app = typer.Typer()


@app.command()
@shows("data", "as_json", "no_color")
def firewall(
    request: RequestFile,
    *,
    dialect: Annotated[
        Dialect | None,
        typer.Option("--format", help="Print rules for this tool, not a table.", show_choices=True),
    ] = None,
) -> None:
    """List the hosts and addresses that client firewalls must allow, and the rules that can go later. Only reads."""
    found = asyncio.run(_lists(request_files.load_request(request)))
    if display().as_json:
        typer.echo(found.model_dump_json(indent=2))
    elif dialect:
        typer.echo(lines(found, dialect))
    else:
        _show(found)


@app.command()
def attach(
    request: RequestFile,
    *,
    tool: Annotated[Tool, typer.Option("--format", help="The tool that creates the cluster.")] = "bicep",
) -> None:
    """Print a snippet (Bicep, Terraform or CLI) that gives a new cluster pull access. Only reads."""
    _, target = asyncio.run(_both(request_files.load_request(request)))
    typer.echo(attach_lines(target, tool))


@app.command()
def passwords(request: RequestOrRegistry) -> None:
    """Generate the token passwords that the target lacks, and show each once, here.

    They are written to no file and not to Prefect. To write them to a key vault, set `token_vault` in the request.
    """
    wanted_for = find_request(request)
    if not sys.stdout.isatty():
        raise InvalidRequest("Refusing to print passwords: standard output is not a terminal.")
    asyncio.run(_show_passwords(wanted_for))


async def _show_passwords(request: RelocationRequest) -> None:
    from acr_relocate.azure.changes.cut_over import generate_password  # noqa: PLC0415 - the Azure SDK: not for bad input
    from acr_relocate.azure.client.session import connection  # noqa: PLC0415 - as above

    async with connection() as azure:
        source, target = await _both(request)
        lacking = list(lacking_passwords(source, target))
        if not lacking:
            typer.echo(f"No token of {target.name} lacks a password that it had at the source.")
        for token, name in lacking:
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
    """Return the source and the target: the existing one, or else its design, without a login server."""
    from acr_relocate.azure.client.session import connection  # noqa: PLC0415 - as above
    from acr_relocate.azure.discovery import find_registry  # noqa: PLC0415 - as above
    from acr_relocate.azure.resources import registries  # noqa: PLC0415 - as above
    from acr_relocate.core.request.identity import target_ref  # noqa: PLC0415 - as above

    async with connection() as azure:
        request = await find_registry.resolve_request(azure, request)
        source = await registries.read_registry(azure, request.source)
        target = await registries.find_registry(azure, target_ref(request))
    designed = target or target_design(source, request, None).registry.model_copy(update={"login_server": ""})
    return source, designed


def _show(found: FirewallLists) -> None:
    _columns(f"Clients of {found.target} need access to these, over port 443:", found.now)
    _columns("Remove these when the source is deleted:", found.later)
    if found.predicted:
        typer.echo(f"{found.target} does not exist yet: Azure may add a hash to its names, and has no addresses yet.")
    for reason in found.not_known:
        typer.echo(f"Addresses may be missing, because this could not be read: {reason}")


def _columns(title: str, openings: tuple[Opening, ...]) -> None:
    """Print every destination on a line of its own: no name is cut, however narrow the terminal is."""
    typer.echo(title)
    width = max((len(opening.destination) for opening in openings), default=0)
    for opening in openings:
        typer.echo(f"  {opening.destination:{width}}  {opening.purpose:17}  {', '.join(opening.addresses)}".rstrip())
    typer.echo("")

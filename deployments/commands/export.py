"""`acr-relocate export`: the target as infrastructure code."""

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.as_code import registry_code
from acr_relocate.core.target.code_formats import to_arm, to_bicep, to_terraform
from acr_relocate.core.wording import plural
from acr_relocate.files.private_files import write_private
from deployments.commands import request_files
from deployments.commands.run_command import RequestFile

app = typer.Typer()


class Language(StrEnum):
    """The language of the code."""

    BICEP = "bicep"
    TERRAFORM = "terraform"
    ARM = "arm"


_WRITERS: Final = {Language.BICEP: to_bicep, Language.TERRAFORM: to_terraform, Language.ARM: to_arm}


@app.command()
def export(
    request: RequestFile,
    *,
    language: Annotated[Language, typer.Option("--format", help="The language.")] = Language.BICEP,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write it here; else print it.")] = None,
) -> None:
    """Write the target and its children, as they are, as Bicep, Terraform or an ARM template. Only reads."""
    wanted = request_files.load_request(request)
    code = registry_code(asyncio.run(_target(wanted)), wanted)
    for finding in code.left_out:
        typer.echo(f"not in the code: {finding.resource}: {finding.message}", err=True)
    text = _WRITERS[language](code)
    if out:
        write_private(out, text)
        typer.echo(f"exported: {plural(len(code.resources), 'resource')} in {out}")
    else:
        typer.echo(text, nl=False)


async def _target(request: RelocationRequest) -> Registry:
    from acr_relocate.azure.client.session import connection  # noqa: PLC0415 - the Azure SDK: not for bad input
    from acr_relocate.azure.discovery import find_registry  # noqa: PLC0415 - as above
    from acr_relocate.azure.resources import registries  # noqa: PLC0415 - as above
    from acr_relocate.core.request.identity import target_ref  # noqa: PLC0415 - as above

    async with connection() as azure:
        return await registries.read_registry(azure, target_ref(await find_registry.resolve_request(azure, request)))

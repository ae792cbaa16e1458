"""`acr-relocate thaw`: restore the changes of a killed final pass or deletion at the source.

Needs only Azure: no Prefect server is started or asked, and nothing is written to the disk.
"""

import asyncio

from rich.console import Console

from acr_relocate.azure.client.session import connection
from acr_relocate.azure.discovery import find_registry
from acr_relocate.core.findings import Finding
from acr_relocate.core.request.relocation import RelocationRequest
from tasks.runs.registry_lease import registry_lease
from tasks.runs.restore_records import run_name
from tasks.source_restore import restore_source


def thaw_source(request: RelocationRequest, console: Console) -> None:
    """Restore the changes, and print them. Raises RelocationError with those that could not be restored."""
    for finding in asyncio.run(_give_back(request)) or (None,):
        text = finding.message if finding else f"{request.source.name} is not frozen: no record of it is in Azure."
        console.print(text, soft_wrap=True, highlight=False, markup=False)


async def _give_back(request: RelocationRequest) -> tuple[Finding, ...]:
    async with connection() as azure:
        settled = await find_registry.resolve_request(azure, request)
        async with registry_lease(settled, await run_name(), print):
            return await restore_source(settled)

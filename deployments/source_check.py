"""Check the source before waiting for a Prefect server: a wrong name or a missing sign-in is reported at once."""

import asyncio

from acr_relocate.azure.client.session import connection
from acr_relocate.azure.discovery import find_registry
from acr_relocate.azure.resources import registries
from acr_relocate.core.errors import AuthenticationFailed, NotFound, RelocationError
from acr_relocate.core.request.relocation import RelocationRequest


def check_source(request: RelocationRequest, *, has_to_exist: bool) -> None:
    """Find the source and read it. Raises what another attempt would not change; all else is for the flow to tell.

    A source that is not there is no error for a relocation that has deleted it, unless it `has_to_exist`.
    """
    try:
        asyncio.run(_look(request))
    except AuthenticationFailed:
        raise
    except NotFound:
        if has_to_exist:
            raise
    except RelocationError:
        return


async def _look(request: RelocationRequest) -> None:
    async with connection() as azure:
        settled = await find_registry.resolve_request(azure, request)
        await registries.read_registry(azure, settled.source)

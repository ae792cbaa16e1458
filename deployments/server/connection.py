"""The Prefect server is spoken to before anything is begun. Importing this takes 3 s: it imports Prefect."""

import asyncio

from prefect import get_client
from prefect.client.orchestration import PrefectClient
from prefect.exceptions import PrefectHTTPStatusError
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings

from acr_relocate.core.errors import RelocationError

RETRIES = 2  # after 2 and 4 s: whoever waits at a terminal wants to know; runs are more patient


class ServerNotReached(RelocationError):
    """The Prefect server that is configured does not answer, or does not take us in."""


def ensure_reached() -> None:
    """The Prefect server answers, and accepts our password. Raises ServerNotReached."""
    asyncio.run(_ask())


async def _ask() -> None:
    with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: RETRIES}):
        async with get_client() as client:
            error = await client.api_healthcheck() or await _refusal(client)
    if isinstance(error, PrefectHTTPStatusError):
        raise ServerNotReached(
            f"The Prefect server refuses us with the status {error.response.status_code}",
            resource=str(client.api_url),
            remedy="Set PREFECT_API_AUTH_STRING to its USER:PASSWORD.",
        )
    if error:
        raise ServerNotReached(
            f"The Prefect server does not answer: {error or type(error).__name__}",
            resource=str(client.api_url),
            remedy="Start it, or correct PREFECT_API_URL; behind a proxy, its name belongs into NO_PROXY.",
        )


async def _refusal(client: PrefectClient) -> PrefectHTTPStatusError | None:
    """How healthy it is everybody is told; this only who has the password."""
    try:
        await client.hello()
    except PrefectHTTPStatusError as refused:
        return refused
    return None

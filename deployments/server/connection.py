"""Check the connection to the Prefect server before anything begins. Importing this takes 3 s: it imports Prefect."""

import asyncio

from prefect import get_client
from prefect.client.orchestration import PrefectClient
from prefect.exceptions import PrefectHTTPStatusError
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings

from acr_relocate.core.errors import RelocationError

RETRIES = 2  # after 2 and 4 s: short, because a person waits; runs retry longer


class ServerNotReached(RelocationError):
    """The configured Prefect server does not answer, or refuses us."""


def ensure_reached() -> None:
    """Raise ServerNotReached unless the Prefect server answers and accepts our password."""
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
            remedy="Start it, or correct PREFECT_API_URL; behind a proxy, add its name to NO_PROXY.",
        )


async def _refusal(client: PrefectClient) -> PrefectHTTPStatusError | None:
    """Return the refusal, if any: the health check is public, this call needs the password."""
    try:
        await client.hello()
    except PrefectHTTPStatusError as refused:
        return refused
    return None

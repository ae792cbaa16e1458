"""Sign in to Entra ID; a failure to reach it is reported as such, and not as a failed sign-in.

azure-identity says `no credential gave a token` for both, so its calls are observed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

import aiohttp
from azure.core.credentials import AccessToken
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError, ClientAuthenticationError, ServiceRequestError
from azure.core.pipeline.transport import AioHttpTransport
from azure.core.rest import AsyncHttpResponse, HttpRequest
from azure.identity.aio import DefaultAzureCredential

from acr_relocate.azure.client.retries import SHORT_SILENCE
from acr_relocate.core.errors import AuthenticationFailed

MOST_SKEW: Final = 300.0
"""Allowed clock error in seconds: tokens are valid from five minutes before they were issued."""


class WatchedTransport(AioHttpTransport):  # type: ignore[misc]  # azure-core gives it no type
    """The shared session, to Entra ID. `trouble`: why the last call failed; `skew`: seconds that our clock is late."""

    def __init__(self, session: aiohttp.ClientSession, authority: str) -> None:
        super().__init__(
            session=session, session_owner=False, connection_timeout=SHORT_SILENCE, read_timeout=SHORT_SILENCE
        )
        self._host = urlsplit(authority if "://" in authority else f"https://{authority}").hostname
        self.trouble: Exception | None = None
        self.skew = 0.0

    async def send(self, request: HttpRequest, **config: Any) -> AsyncHttpResponse:
        """Send the request, and remember why it did not reach Entra ID."""
        is_ours = urlsplit(request.url).hostname == self._host
        try:
            response: AsyncHttpResponse = await super().send(request, **config)
        except AzureError as error:
            self.trouble = error if is_ours else self.trouble
            raise
        if is_ours:
            away = response.status_code >= 500
            answer = f"Entra ID answers with the status {response.status_code}"
            self.trouble = ServiceRequestError(answer) if away else None
            self.skew = _skew(response.headers.get("Date", ""))
        return response


class SignIn(AsyncTokenCredential):
    """DefaultAzureCredential, with network errors told apart from refusals."""

    def __init__(self, session: aiohttp.ClientSession, authority: str) -> None:
        self._transport = WatchedTransport(session, authority)
        self._credential = DefaultAzureCredential(authority=authority, transport=self._transport)

    async def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        """Return a token. Raises ServiceRequestError without a connection, ClientAuthenticationError on refusal."""
        self._transport.trouble = None
        try:
            return await self._credential.get_token(*scopes, **options)
        except ClientAuthenticationError:
            if self._transport.trouble:
                raise self._transport.trouble from None
            if abs(self._transport.skew) > MOST_SKEW:
                raise _wrong_clock(self._transport.skew) from None
            raise

    async def close(self) -> None:
        """Close the credentials."""
        await self._credential.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.close()


def _wrong_clock(skew: float) -> AuthenticationFailed:
    way = "behind" if skew > 0 else "ahead of"
    return AuthenticationFailed(
        f"Signing in failed: this computer's clock is {abs(skew) / 60:.0f} minutes {way} that of Entra ID, which "
        "therefore accepts nothing from here",
        code="ClockIsWrong",
        remedy="Set this computer's clock right; signing in again does not help.",
    )


def _skew(date: str) -> float:
    try:
        return (parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return 0.0

"""Tokens: Entra ID's, exchanged for a registry's own, one per scope. Each is requested once for all callers.

Source: github.com/Azure/acr docs/AAD-OAuth.md. Azure's Python SDK exchanges on every call, and is throttled.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from azure.core.credentials_async import AsyncTokenCredential

from acr_relocate.azure.client.errors import contact
from acr_relocate.azure.client.registry_http import RegistryHttp
from acr_relocate.core.errors import AccessDenied, AuthenticationFailed

# A token is renewed this long before it expires, in seconds.
MARGIN: Final = 120.0
# The assumed lifetime of a token without one: shorter than that of any ACR token.
UNKNOWN_LIFE: Final = 300.0

_RIGHTS: Final = (
    "Assign AcrPull at the registry (AcrPush to set attributes), or, if it is in ABAC mode, Container Registry "
    "Repository Reader and Catalog Lister. A new assignment may take ten minutes to take effect."
)


@dataclass(frozen=True)
class CachedToken:
    """A secret with its renewal time (as time.time)."""

    value: str
    until: float


class RegistryIdentity:
    """The running identity, as seen by registries."""

    def __init__(self, credential: AsyncTokenCredential, scope: str) -> None:
        self._credential = credential
        self._scope = scope

    async def token(self) -> str:
        """Return an Entra ID token for registries; azure-identity caches it."""
        return (await self._credential.get_token(self._scope)).token

    async def ids(self) -> tuple[str, ...]:
        """Return our object id and our application id, from the token; either may be missing."""
        with contact("Signing in", self._scope):
            told = claims(await self.token())
        return tuple(str(told[name]) for name in ("oid", "appid") if told.get(name))


class RegistryTokens:
    """The tokens for one registry."""

    def __init__(self, wire: RegistryHttp, identity: RegistryIdentity) -> None:
        self._wire = wire
        self._identity = identity
        self._held: dict[str, CachedToken] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def access(self, scope: str) -> str:
        """Return an access token for the scope, such as `repository:nginx:pull`."""
        return await self._cached(scope, lambda: self._access(scope))

    def forget(self, scope: str) -> None:
        """Drop a token that the registry rejected: the next one is new, from Entra ID on."""
        self._held.pop(scope, None)
        self._held.pop(_REFRESH, None)

    async def _cached(self, key: str, fetch: Callable[[], Awaitable[str]]) -> str:
        async with self._locks[key]:
            held = self._held.get(key)
            if held is None or held.until <= time.time():
                value = await fetch()
                held = self._held[key] = CachedToken(value, expiry(value) - MARGIN)
            return held.value

    async def _access(self, scope: str) -> str:
        had_signed_in = _REFRESH in self._held
        try:
            return await self._granted(scope)
        except AccessDenied:
            if not had_signed_in:
                raise
        self._held.pop(_REFRESH, None)
        return await self._granted(scope)

    async def _granted(self, scope: str) -> str:
        refresh_token = await self._cached(_REFRESH, self._refresh)
        form = {
            "grant_type": "refresh_token",
            "service": self._wire.host,
            "scope": scope,
            "refresh_token": refresh_token,
        }
        return await self._ask("/oauth2/token", form, "access_token")

    async def _refresh(self) -> str:
        with contact(f"Signing in to {self._wire.host}", self._wire.host):
            access_token = await self._identity.token()
        form = {"grant_type": "access_token", "service": self._wire.host, "access_token": access_token}
        return await self._ask("/oauth2/exchange", form, "refresh_token")

    async def _ask(self, path: str, form: dict[str, str], answer: str) -> str:
        doing = f"Signing in to {self._wire.host}"
        reply = await self._wire.send("POST", path, kind="oauth", doing=doing, data=form)
        if reply.status == 401:
            raise not_allowed(doing, self._wire.host)  # Entra ID accepts us; the registry grants us nothing
        if reply.status >= 400:
            raise self._wire.error(reply, doing)
        token = reply.json(doing).get(answer)
        if not isinstance(token, str) or not token:
            raise AuthenticationFailed(f"{doing} failed: {path} gave no {answer}", resource=self._wire.host)
        return token


_REFRESH: Final = "refresh"


def not_allowed(doing: str, login_server: str) -> AccessDenied:
    """Return the error for a registry's 401 to an identity that Entra ID accepts: a permission is missing."""
    return AccessDenied(
        f"{doing} failed: {login_server} does not allow it to this identity",
        code="UNAUTHORIZED",
        resource=login_server,
        remedy=_RIGHTS,
    )


def expiry(token: str) -> float:
    """Return the expiry in a token, as time.time. The registry verifies its signature."""
    try:
        return float(claims(token)["exp"])
    except (ValueError, KeyError, TypeError):
        return time.time() + UNKNOWN_LIFE


def claims(token: str) -> dict[str, Any]:
    """Return the claims in a token, unverified. Raises ValueError if it is malformed."""
    payload = token.partition(".")[2].partition(".")[0]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return found

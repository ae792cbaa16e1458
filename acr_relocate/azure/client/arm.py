"""Azure Resource Manager in plain JSON, paced and retried.

Not by the SDK's typed clients: stable ones do not know a registry's virtual network rules, settings that we do not know
must survive, and importing them takes longer than the calls.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import aiohttp
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.rest import AsyncHttpResponse, HttpRequest
from azure.mgmt.core import AsyncARMPipelineClient

from acr_relocate.azure.client import retries
from acr_relocate.azure.client.errors import contact, of_answer
from acr_relocate.azure.client.long_running import (
    FIRST_LOOK,
    LONGEST_LOOK,
    LOST_LOOKS,
    ArmResponse,
    Json,
    StandIn,
    poll_url,
)
from acr_relocate.azure.client.made import NOT_YET_WAITS, Made
from acr_relocate.azure.client.pipeline import ONCE, policies, transport
from acr_relocate.azure.client.rate_limits import RateLimits
from acr_relocate.core.errors import NotFound, OperationLost, RelocationError, TemporaryFailure

OPERATION_DEADLINE: Final = 60 * 60.0


class Arm:
    """Azure Resource Manager for one identity. `doing` describes the step in error messages."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        credential: AsyncTokenCredential,
        endpoint: str,
        scope: str,
        budgets: RateLimits,
    ) -> None:
        self._session = session
        self._credential = credential
        self._endpoint = endpoint
        self._scope = scope
        self.budgets = budgets
        self.made = Made()
        self._client: AsyncARMPipelineClient[HttpRequest, Any] = AsyncARMPipelineClient(
            endpoint, policies=policies(credential, scope, budgets), transport=transport(session)
        )

    async def get(self, path: str, api_version: str, *, doing: str) -> Json:
        """Return the resource. Raises NotFound if it is absent."""
        return (await self.call("GET", path, api_version, doing=doing)).document(doing, path)

    async def find(self, path: str, api_version: str, *, doing: str) -> Json | None:
        """Return the resource, or None if Azure says that it does not exist; anything else is an error."""
        try:
            return await self.get(path, api_version, doing=doing)
        except NotFound:
            return None

    async def list(
        self, path: str, api_version: str, *, doing: str, query: str = "", stand_in: StandIn | None = None
    ) -> list[Json]:
        """Return all pages of a listing. `stand_in`: what takes the place of an entry that is no object."""
        answer = await self.call("GET", path, api_version, doing=doing, query=query)
        entries = answer.page(doing, path, stand_in)
        seen: set[str] = set()
        while following := answer.body.get("nextLink"):
            if following in seen:
                raise TemporaryFailure(f"{doing} failed: the pages of the listing go in a circle", resource=path)
            seen.add(following)
            answer = await self.call("GET", self._own(following, doing), doing=doing)
            entries += answer.page(doing, path, stand_in)
        return entries

    async def put(self, path: str, api_version: str, body: Json, *, doing: str) -> Json:
        """Create or change the resource and wait until that has ended. Return the resource."""
        return await self._change("PUT", path, api_version, body, doing)

    async def patch(self, path: str, api_version: str, body: Json, *, doing: str) -> Json:
        """Change the resource and wait until that has ended. Return the resource."""
        return await self._change("PATCH", path, api_version, body, doing)

    async def delete(self, path: str, api_version: str, *, doing: str) -> None:
        """Delete the resource and wait until it is gone. Does nothing if it is absent."""
        try:
            answer = await self.call("DELETE", path, api_version, doing=doing)
        except NotFound:
            return
        self.made.forget(path)
        with contact(doing, path):
            try:
                await self.finished(answer, doing=doing, resource=path)
            except OperationLost:
                await self._gone(path, api_version, doing)

    async def post(self, path: str, api_version: str, body: Json | None = None, *, doing: str) -> Json:
        """Call the action and wait until it has ended. Return its answer."""
        answer = await self.call("POST", path, api_version, json=body, doing=doing)
        result = answer.headers.get("location", "") if answer.status == 202 else ""
        with contact(doing, path):
            last = await self.finished(answer, doing=doing, resource=path)
        if result and result != answer.operation_url:  # the operation shows only its own state
            last = await self.call("GET", self._own(result, doing), doing=doing)
        return last.body

    async def call(
        self,
        method: str,
        path: str,
        api_version: str = "",
        *,
        doing: str,
        query: str = "",
        json: Json | None = None,
        once: bool = False,
    ) -> ArmResponse:
        """Make one call, repeated if that is harmless. `once`: not after Azure may have begun with it."""
        version = urlencode({"api-version": api_version}) if api_version else ""
        params = "&".join(part for part in (version, query) if part)
        url = self._own(self._client.format_url(f"{path}?{params}" if params else path), doing)
        resource = urlsplit(path).path
        waits = iter(NOT_YET_WAITS)
        while True:
            answer = await self._send(HttpRequest(method, url, json=json), doing, resource, once=once)
            if answer.status < 400:
                break
            error = of_answer(answer.status, answer.headers, answer.body, doing, resource)
            if not self.made.hides(method, resource, error):
                raise error
            wait = next(waits, None)
            if wait is None:  # after so long the 404 is believed: somebody has deleted it
                self.made.forget(resource)
                raise error
            await asyncio.sleep(wait)
        if method == "PUT":
            self.made.note(resource)
        return answer

    async def finished(
        self, answer: ArmResponse, *, doing: str, resource: str, deadline: float = OPERATION_DEADLINE
    ) -> ArmResponse:
        """Return the last answer of the operation that `answer` started, or `answer` itself if it started none.

        Waiting holds only this coroutine. Raises the operation's error, TimeoutError if it has not ended after
        `deadline` seconds, and OperationLost if Azure does not know the operation, asked several times.
        """
        url, look, unknown = answer.operation_url, 0.0, 0
        async with asyncio.timeout(deadline):
            while url is not None:
                asked = retries.retry_after(answer.headers)
                await asyncio.sleep(asked or look)  # some answers say 0, which is not usable
                look = min(max(look * 1.5, FIRST_LOOK), LONGEST_LOOK)
                answer = await self._send(HttpRequest("GET", self._own(url, doing)), doing, resource)
                unknown = unknown + 1 if answer.is_lost else 0
                if unknown > LOST_LOOKS:
                    raise OperationLost(f"{doing}: Azure does not know the operation any more", resource=resource)
                if answer.has_failed and not unknown:
                    raise of_answer(answer.failed_status, answer.headers, answer.body, doing, resource)
                url = None if answer.is_last and not unknown else poll_url(answer, url)
        return answer

    async def _send(self, request: HttpRequest, doing: str, resource: str, *, once: bool = False) -> ArmResponse:
        silence = retries.SHORT_SILENCE if once or request.method == "GET" else retries.SILENCE
        options: dict[str, Any] = {ONCE: once, "read_timeout": silence}
        with contact(doing, resource):
            response: AsyncHttpResponse = await self._client.send_request(request, **options)
            return ArmResponse.of(response)

    async def _change(self, method: str, path: str, api_version: str, body: Json, doing: str) -> Json:
        answer = await self.call(method, path, api_version, json=body, doing=doing)
        if answer.operation_url is None:
            return answer.body
        with contact(doing, path):
            try:
                await self.finished(answer, doing=doing, resource=path)
            except OperationLost:
                return await self.settled(path, api_version, doing=doing)
        return await self.get(path, api_version, doing=doing)

    async def settled(self, path: str, api_version: str, *, doing: str, deadline: float = OPERATION_DEADLINE) -> Json:
        """Wait until no operation is active on the resource, by its provisioningState. Return the resource.

        Raises RelocationError if it has failed.
        """
        look = FIRST_LOOK
        async with asyncio.timeout(deadline):
            while True:
                found = await self.get(path, api_version, doing=doing)
                properties = found.get("properties")
                state = str((properties if isinstance(properties, dict) else {}).get("provisioningState", "succeeded"))
                if state.lower() in {"failed", "canceled"}:
                    raise of_answer(None, {}, properties, f"{doing}: {state}", path)
                if state.lower() == "succeeded":
                    return found
                await asyncio.sleep(look)
                look = min(look * 1.5, LONGEST_LOOK)

    async def _gone(self, path: str, api_version: str, doing: str) -> None:
        """Wait until the resource is gone. Raises TimeoutError."""
        look = FIRST_LOOK
        async with asyncio.timeout(OPERATION_DEADLINE):
            while await self.find(path, api_version, doing=doing) is not None:
                await asyncio.sleep(look)
                look = min(look * 1.5, LONGEST_LOOK)

    def _own(self, url: str, doing: str) -> str:
        """Return the URL if it is ARM's: our token goes to no other host, whatever an answer or an id leads to."""
        if address(url) != address(self._endpoint):
            host = urlsplit(url).netloc
            raise RelocationError(f"{doing} failed: the answer leads to {host}, which is not Azure Resource Manager")
        return url


def address(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of a URL: the default port makes no difference."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError:
        return "", url, 0
    return parts.scheme, parts.hostname or "", port

"""Azure Resource Manager in plain JSON, paced and retried, and the SDK's typed clients over the same pipeline.

Plain JSON where the typed SDK lacks an api-version or would drop properties: stable SDKs do not know a registry's
virtual network rules, and settings that we do not know must survive.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, TypeVar
from urllib.parse import urlencode, urlsplit

import aiohttp
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.rest import AsyncHttpResponse, HttpRequest
from azure.mgmt.core import AsyncARMPipelineClient

from acr_relocate.azure.client import retries
from acr_relocate.azure.client.errors import contact, of_answer
from acr_relocate.azure.client.long_running import FIRST_LOOK, LONGEST_LOOK, ArmResponse, Json, poll_url
from acr_relocate.azure.client.pipeline import ONCE, policies, transport
from acr_relocate.azure.client.rate_limits import RateLimits
from acr_relocate.core.errors import NotFound, RelocationError, TemporaryFailure

Client = TypeVar("Client")

OPERATION_DEADLINE: Final = 60 * 60.0


class Arm:
    """Azure Resource Manager for one identity. `doing` is what an error message says that we were at."""

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
        self._client: AsyncARMPipelineClient[HttpRequest, Any] = AsyncARMPipelineClient(
            endpoint, policies=policies(credential, scope, budgets), transport=transport(session)
        )

    def typed(self, client: Callable[..., Client], *args: object) -> Client:
        """A client of an azure-mgmt package, over this pipeline; nothing of it needs closing."""
        return client(
            self._credential,
            *args,
            base_url=self._endpoint,
            credential_scopes=[self._scope],
            policies=policies(self._credential, self._scope, self.budgets),
            transport=transport(self._session),
            polling_interval=2,
        )

    async def get(self, path: str, api_version: str, *, doing: str) -> Json:
        """The resource. Raises NotFound if it is absent."""
        return (await self.call("GET", path, api_version, doing=doing)).body

    async def find(self, path: str, api_version: str, *, doing: str) -> Json | None:
        """The resource, or None if Azure says that it does not exist; anything else is an error."""
        try:
            return await self.get(path, api_version, doing=doing)
        except NotFound:
            return None

    async def list(self, path: str, api_version: str, *, doing: str, query: str = "") -> list[Json]:
        """All pages of a listing."""
        answer = await self.call("GET", path, api_version, doing=doing, query=query)
        entries: list[Json] = list(answer.body.get("value", []))
        seen: set[str] = set()
        while following := answer.body.get("nextLink"):
            if following in seen:
                raise TemporaryFailure(f"{doing} failed: the pages of the listing go in a circle", resource=path)
            seen.add(following)
            answer = await self.call("GET", self._own(following, doing), doing=doing)
            entries += answer.body.get("value", [])
        return entries

    async def put(self, path: str, api_version: str, body: Json, *, doing: str) -> Json:
        """The resource as it is when its creation or change has ended."""
        return await self._change("PUT", path, api_version, body, doing)

    async def patch(self, path: str, api_version: str, body: Json, *, doing: str) -> Json:
        """The resource as it is when its change has ended."""
        return await self._change("PATCH", path, api_version, body, doing)

    async def delete(self, path: str, api_version: str, *, doing: str) -> None:
        """The resource is gone, now or before."""
        try:
            answer = await self.call("DELETE", path, api_version, doing=doing)
        except NotFound:
            return
        with contact(doing, path):
            await self.finished(answer, doing=doing, resource=path)

    async def post(self, path: str, api_version: str, body: Json | None = None, *, doing: str) -> Json:
        """What the action answers."""
        answer = await self.call("POST", path, api_version, json=body, doing=doing)
        with contact(doing, path):
            return (await self.finished(answer, doing=doing, resource=path)).body

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
        """One call, repeated where that is harmless. `once`: not after Azure may have begun with it."""
        version = urlencode({"api-version": api_version}) if api_version else ""
        params = "&".join(part for part in (version, query) if part)
        url = f"{path}?{params}" if params else path
        request = HttpRequest(method, self._client.format_url(url), json=json)
        answer = await self._send(request, doing, urlsplit(path).path, once=once)
        if answer.status >= 400:
            raise of_answer(answer.status, answer.headers, answer.body, doing, urlsplit(path).path)
        return answer

    async def finished(
        self, answer: ArmResponse, *, doing: str, resource: str, deadline: float = OPERATION_DEADLINE
    ) -> ArmResponse:
        """The last answer of the operation that `answer` started, or `answer` itself if it started none.

        Waiting holds nothing but this coroutine. Raises what the operation failed with, and TimeoutError when it has
        not ended after `deadline` seconds.
        """
        url, look = answer.operation_url, 0.0
        async with asyncio.timeout(deadline):
            while url is not None:
                asked = retries.retry_after(answer.headers)
                await asyncio.sleep(asked or look)  # some answers say 0, which cannot be meant
                look = min(max(look * 1.5, FIRST_LOOK), LONGEST_LOOK)
                answer = await self._send(HttpRequest("GET", self._own(url, doing)), doing, resource)
                if answer.has_failed:
                    raise of_answer(answer.failed_status, answer.headers, answer.body, doing, resource)
                url = None if answer.is_last else poll_url(answer, url)
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
            await self.finished(answer, doing=doing, resource=path)
        return await self.get(path, api_version, doing=doing)

    def _own(self, url: str, doing: str) -> str:
        """The URL, if it is ARM's: our token goes nowhere else."""
        host = urlsplit(url).netloc
        if host.lower() != urlsplit(self._endpoint).netloc.lower():
            raise RelocationError(f"{doing} failed: the answer leads to {host}, which is not Azure Resource Manager")
        return url

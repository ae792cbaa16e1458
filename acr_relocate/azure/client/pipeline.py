"""The one pipeline of policies for every call to ARM, ours and the SDK's: rate-limited, retried, authenticated."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import aiohttp
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import IncompleteReadError, ServiceRequestError, ServiceResponseError
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import AsyncHTTPPolicy, HeadersPolicy, RequestIdPolicy, UserAgentPolicy
from azure.core.pipeline.transport import AioHttpTransport
from azure.core.rest import AsyncHttpResponse, HttpRequest
from azure.mgmt.core.policies import AsyncARMChallengeAuthenticationPolicy

from acr_relocate.azure.client.exchange_recorder import is_recorded, record_exchange
from acr_relocate.azure.client.rate_limits import RateLimit, RateLimits
from acr_relocate.azure.client.retries import ATTEMPTS, SHORT_SILENCE, SILENCE, backoff, retry_after, should_retry
from acr_relocate.azure.client.write_gate import before_write

# Option of a request that must not take effect twice: only a refusal without effect (429) is retried.
ONCE: Final = "acr_relocate_once"

USER_AGENT: Final = "acr-relocate"
_SUBSCRIPTION: Final = re.compile(r"/subscriptions/([0-9a-fA-F-]{36})")
_KINDS: Final = {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}
_GRAPH: Final = "/providers/microsoft.resourcegraph/resources"
# POSTs that ARM charges to reads, as its own test recordings show.
_READING_POST: Final = re.compile(r"/(checkNameAvailability|listUsages|resources)$", re.IGNORECASE)


class PacedRetryPolicy(AsyncHTTPPolicy[HttpRequest, AsyncHttpResponse]):
    """Keep to ARM's rate limits, and retry transient failures.

    Replaces the SDK's retry policy, which retries importImage after a 500 (the import may be running) and lets one
    throttled call wait while all others go on.
    """

    def __init__(self, budgets: RateLimits) -> None:
        super().__init__()
        self._budgets = budgets

    async def send(self, request: PipelineRequest[HttpRequest]) -> PipelineResponse[HttpRequest, AsyncHttpResponse]:
        """Return the final answer: a success, a permanent error, or the last of several transient ones."""
        await before_write(request.http_request.method, request.http_request.url)
        once = request.context.options.pop(ONCE, False)
        budget, header = self._budget_of(request.http_request)
        attempt = 0
        while True:
            attempt += 1
            try:
                response = await self._paced(request, budget, header)
            except (ServiceRequestError, ServiceResponseError, IncompleteReadError):
                if once or attempt >= ATTEMPTS:
                    raise
                await asyncio.sleep(backoff(attempt))
                continue
            answer = response.http_response
            asked = retry_after(answer.headers)
            if answer.status_code == 429:
                budget.pause(backoff(attempt) if asked is None else asked)
            wait = backoff(attempt) if asked is None else asked
            if not should_retry(answer.status_code, attempt, wait, once=once):
                return response
            if answer.status_code != 429:
                await asyncio.sleep(wait)

    async def _paced(
        self, request: PipelineRequest[HttpRequest], budget: RateLimit, headers: tuple[str, ...]
    ) -> PipelineResponse[HttpRequest, AsyncHttpResponse]:
        await budget.take()
        remaining: int | None = None
        try:
            response = await self.next.send(request)
            if is_recorded():
                await _record(request.http_request, response.http_response)
            if response.http_response.status_code != 429:
                remaining = calls_left(response.http_response.headers, headers)
        finally:
            budget.answered(remaining)
        return response

    def _budget_of(self, request: HttpRequest) -> tuple[RateLimit, tuple[str, ...]]:
        """Return the rate limit that a request is charged to, and the headers that may report its remainder.

        Azure Resource Manager counts by kind, and a provider may count all calls (`resource-requests`); the limit for
        all principals together is `global`. The lowest value among an answer's headers counts.
        """
        kind = _KINDS.get(request.method, "writes")
        path = request.url.partition("?")[0]
        if path.lower().endswith(_GRAPH):
            return self._budgets.arm("", "queries"), ("x-ms-user-quota-remaining",)
        if request.method == "POST" and _READING_POST.search(path):
            kind = "reads"
        found = _SUBSCRIPTION.search(path)
        scope = "subscription" if found else "tenant"
        names = (kind, f"global-{kind}", "resource-requests")
        prefix = f"x-ms-ratelimit-remaining-{scope}"
        return self._budgets.arm(found[1] if found else "", kind), tuple(f"{prefix}-{name}" for name in names)


async def _record(request: HttpRequest, answer: AsyncHttpResponse) -> None:
    # An empty body cannot be read again: the SDK takes it for one that was not read.
    body = answer.content if answer.is_closed else await answer.read()
    record_exchange(request.method, request.url, request.content, answer.status_code, answer.headers, body)


def calls_left(headers: Mapping[str, str], names: Iterable[str]) -> int | None:
    """Return the number of calls left, the lowest among the headers of the answer; None without any."""
    told = [int(text) for text in (headers.get(name) or "" for name in names) if text.isdecimal()]
    return min(told, default=None)


def transport(session: aiohttp.ClientSession, silence: float = SILENCE) -> AioHttpTransport:
    """Return the shared session as an SDK transport that never closes it; calls time out after so long a silence."""
    return AioHttpTransport(
        session=session, session_owner=False, connection_timeout=SHORT_SILENCE, read_timeout=silence
    )


def policies(credential: AsyncTokenCredential, scope: str, budgets: RateLimits) -> list[Any]:
    """Return a new chain of policies. Rate limiting comes before signing: a token is fetched when the call is made."""
    return [
        RequestIdPolicy(),
        HeadersPolicy({"Accept": "application/json"}),
        UserAgentPolicy(USER_AGENT),
        PacedRetryPolicy(budgets),
        AsyncARMChallengeAuthenticationPolicy(credential, scope),
    ]

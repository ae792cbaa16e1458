"""HTTP with one registry: rate-limited and retried; a missing answer is never taken for one."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from acr_relocate.azure.client.errors import contact, of_answer
from acr_relocate.azure.client.exchange_recorder import record_exchange
from acr_relocate.azure.client.minute_limits import MinuteLimit
from acr_relocate.azure.client.rate_limits import RateLimits
from acr_relocate.azure.client.retries import ATTEMPTS, SHORT_SILENCE, backoff, retry_after, should_retry
from acr_relocate.azure.client.write_gate import before_write
from acr_relocate.core.errors import RelocationError, TemporaryFailure

CHUNK: Final = 1024 * 1024
TIMEOUT: Final = aiohttp.ClientTimeout(total=None, sock_connect=SHORT_SILENCE, sock_read=SHORT_SILENCE)


@dataclass(frozen=True)
class RegistryResponse:
    """An answer of a registry, read completely."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self, doing: str) -> dict[str, Any]:
        """Return the body's JSON object. Raises TemporaryFailure without one: it was cut, or came from a proxy."""
        try:
            body = json.loads(self.content)
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            raise TemporaryFailure(f"{doing} failed: the answer is not a JSON object, or was cut")
        return body

    @property
    def refusal(self) -> object:
        """Return the body's JSON, or None."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            return None


Reading = Callable[[aiohttp.StreamReader], Awaitable[bytes]]


async def read_stream(stream: aiohttp.StreamReader) -> bytes:
    """Return the body unchanged."""
    return await stream.read()


async def read_part(stream: aiohttp.StreamReader) -> bytes:
    """Return a part of a blob unchanged, wherever the registry stores it."""
    return await stream.read()


async def digest_of_stream(stream: aiohttp.StreamReader) -> bytes:
    """Return the digest of the body, with at most one chunk in memory."""
    digest = hashlib.sha256()
    async for chunk in stream.iter_chunked(CHUNK):
        digest.update(chunk)
    return f"sha256:{digest.hexdigest()}".encode()


class RegistryHttp:
    """Calls to one registry. All our calls may be sent twice, so every transient failure is retried."""

    def __init__(self, host: str, session: aiohttp.ClientSession, budgets: RateLimits) -> None:
        self.host = host
        self._session = session
        self._budgets = budgets

    async def send(
        self,
        method: str,
        path: str,
        *,
        kind: str,
        doing: str,
        headers: Mapping[str, str] | None = None,
        read: Reading = read_stream,
        **body: Any,
    ) -> RegistryResponse:
        """Return the answer, whatever its status, after retries of transient failures.

        `kind` is the rate limit that it is charged to, `read` the reader of a successful body. Raises TemporaryFailure
        without any answer.
        """
        if not path.startswith("/"):  # it would extend the host's name, and our token would go there
            raise RelocationError(f"{doing} failed: the answer leads away from {self.host}", resource=self.host)
        await before_write(method, f"https://{self.host}{path}")
        budget = self._budgets.registry(self.host, kind)
        attempt = 0
        while True:
            attempt += 1
            try:
                with contact(doing, self.host):
                    reply = await self._once(budget, method, path, headers or {}, body, read)
            except TemporaryFailure:
                if attempt >= ATTEMPTS:
                    raise
                await asyncio.sleep(backoff(attempt))
                continue
            if not await self._should_repeat(reply, attempt, budget):
                return reply

    async def _should_repeat(self, reply: RegistryResponse, attempt: int, budget: MinuteLimit) -> bool:
        """Return whether to retry; if so, wait first, or pause the whole host's rate limit."""
        asked = retry_after(reply.headers)
        wait = backoff(attempt) if asked is None else asked
        if reply.status == 429:
            budget.pause(wait)
        repeat = should_retry(reply.status, attempt, wait, once=False)
        if repeat and reply.status != 429:
            await asyncio.sleep(wait)
        return repeat

    async def _once(
        self,
        budget: MinuteLimit,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: Mapping[str, Any],
        read: Reading,
    ) -> RegistryResponse:
        """Return the answer to one request. Blobs are stored elsewhere: our token is not sent along a redirect."""
        await budget.take()
        try:
            url = f"https://{self.host}{path}"
            async with self._session.request(
                method,
                url,
                headers=headers,
                timeout=TIMEOUT,
                allow_redirects=read is not read_stream,
                **_sent_in_pieces(body),
            ) as response:
                content = await (read if response.ok else read_stream)(response.content)
                text = content if read is read_stream or not response.ok else None
                sent = body.get("data") or json.dumps(body.get("json"))
                record_exchange(method, url, sent, response.status, response.headers, text)
                return RegistryResponse(response.status, response.headers, content)
        finally:
            budget.answered()

    def error(self, reply: RegistryResponse, doing: str) -> Exception:
        """Return the error of the core for a refusal."""
        return of_answer(reply.status, reply.headers, reply.refusal, doing, self.host)


def _sent_in_pieces(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the body so that aiohttp sends a large one in pieces: one piece would hold up every other call."""
    data = body.get("data")
    return {**body, "data": io.BytesIO(data)} if isinstance(data, bytes) and len(data) > CHUNK else body

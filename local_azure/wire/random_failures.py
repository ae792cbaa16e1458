"""Calls that go wrong at random, in the ways in which calls to any cloud do (fault `chaos`).

Half of the failures other than 429 come after the effect: the caller cannot know.
"""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from local_azure.state.errors import AzureError, EntraError, RegistryError
from local_azure.state.responses import answer
from local_azure.state.throttling import wait_headers
from local_azure.wire.routing import Call

WAYS = ("throttled", "broken", "unavailable", "cut", "truncated", "hanging")
LONGEST_HANG = 300.0  # by then every client has lost its patience
_SAID = {
    "throttled": (429, "TooManyRequests", "The request was throttled."),
    "broken": (500, "InternalServerError", "An internal server error occurred while processing the request."),
    "unavailable": (503, "ServiceUnavailable", "The service is temporarily unavailable."),
}
Answering = Callable[[], Awaitable[web.StreamResponse]]


async def disturbed(call: Call, plane: str, answered: Answering) -> web.StreamResponse:
    """Return the answer, or the effect of the fault `chaos`."""
    faults, chance = call.world.faults, call.world.random
    fault = faults.peek("chaos", plane=plane, path=call.path, method=call.method)
    if fault is None or chance.random() >= fault.number("share", 0.2):
        return await answered()
    faults.take("chaos", plane=plane, path=call.path, method=call.method)
    way = chance.choice(WAYS)
    response = await answered() if way == "truncated" or (way != "throttled" and chance.random() < 0.5) else None
    if way in _SAID:
        return error_of(plane, *_SAID[way], wait_headers(fault.number("retry_after", 1)) if way == "throttled" else {})
    if way == "hanging":
        await asyncio.sleep(fault.number("hang", LONGEST_HANG))
    if way == "truncated" and isinstance(response, web.Response) and isinstance(response.body, bytes):
        await _send_half(call, response, response.body)
    raise cut(call)


def cut(call: Call) -> asyncio.CancelledError:
    """Close the connection; return the error to raise, so that nothing is answered."""
    if call.request.transport is not None:
        call.request.transport.abort()
    return asyncio.CancelledError()


async def _send_half(call: Call, whole: web.Response, body: bytes) -> None:
    half = web.StreamResponse(status=whole.status, headers=whole.headers)
    half.content_length = max(len(body), 2)
    await half.prepare(call.request)
    await half.write(body[: len(body) // 2] or b"{")
    await asyncio.sleep(0)
    if call.request.transport is not None:
        call.request.transport.close()


def error_of(plane: str, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> web.Response:
    """Return the error in the shape of its plane."""
    if plane == "registry":
        return answer(RegistryError(status, code.upper(), message).body, status, headers)
    if plane == "entra":
        return answer(EntraError(status, "temporarily_unavailable", 90033, message).body, status, headers)
    return answer(AzureError(status, code, message, gateway=True).body, status, headers)

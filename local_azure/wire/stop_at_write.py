"""A write at which a caller is stopped (fault `stops-at-write`): refused unseen, or carried out and never answered.

To an operator it is a role that was taken away, a process that was killed, or a network that is gone.
"""

from fnmatch import fnmatchcase
from typing import Literal

from aiohttp import web

from local_azure.state.stats import is_write
from local_azure.wire.random_failures import Answering, cut, error_of
from local_azure.wire.routing import Call

Way = Literal["answered", "refused", "unanswered"]


async def stoppable(call: Call, plane: str, answered: Answering) -> web.StreamResponse:
    """Return the answer, or the effect of the fault `stops-at-write`. A 403, because clients do not retry it."""
    way = _way(call, plane)
    if way == "refused":
        message = "The client does not have authorization to perform this action."
        return error_of(plane, 403, "AuthorizationFailed", message)
    response = await answered()
    if way == "unanswered":
        raise cut(call)
    return response


def _way(call: Call, plane: str) -> Way:
    fault = call.world.faults.peek("stops-at-write")
    if fault is None or not is_write(plane, call.method, call.path):
        return "answered"
    if fault.taken:
        return "refused" if fault.params.get("onward") else "answered"
    if not fnmatchcase(f"{call.method} {call.path}".lower(), str(fault.params["write"]).lower()):
        return "answered"
    fault.met += 1
    if fault.met < fault.number("number", 1):
        return "answered"
    call.world.faults.take("stops-at-write")
    return "unanswered" if fault.params.get("after") else "refused"

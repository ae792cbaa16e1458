"""Long-running operations, with the wire behaviour that recordings of Azure show (facts: embedded-azure.md 5 and 8)."""

import asyncio
import hashlib
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from urllib.parse import urlencode

from aiohttp import web

from local_azure.state.errors import AzureError
from local_azure.state.responses import answer
from local_azure.state.settings import Settings

log = logging.getLogger("local_azure")
Header = Literal["location", "azure-asyncoperation", ""]
Shown = Literal["resource", "null", "empty", "nothing"]
Work = Callable[[], Awaitable[dict[str, Any] | None]]
SIGNATURE_LENGTH = 3000  # the certificate in a real Location makes it about 4 kB long
REMEMBERED = 20_000  # operations; the oldest finished ones are forgotten, as in Azure after some hours
NO_BODY = object()  # None is the JSON null, which some answers of Azure literally are
POLL_AFTER_MS = "50"  # the instant profile: clients take it on polls, and no Retry-After at all means 30 s to them
TIMED_AFTER_MS = "150"  # likewise, where an operation takes up to 0.1 s: as in Azure, the first look mostly is the last
# The last segment but one of an address whose answer is the result itself; the others tell how it goes.
RESULTS = frozenset({"operationresults", "privatednsoperationresults", "commandresults"})


class Request(Protocol):
    """The parts of a call that an operation's address is made of."""

    @property
    def host(self) -> str:
        """Return the host that the client believes it talks to."""

    @property
    def path(self) -> str:
        """Return the decoded path."""

    @property
    def api_version(self) -> str:
        """Return the api-version, or an empty string."""


@dataclass(frozen=True)
class Form:
    """The form of an operation on the wire: each resource provider has its own.

    `at` is the path beneath which it is asked about: `/subscriptions/../locations/WESTEUROPE/operationResults` or
    `<registry id>/operationStatuses`; `results` the path of a second header, Location, beside azure-asyncoperation.
    """

    at: str
    prefix: str = ""  # ids are `prefix-guid`; without one a guid
    id: str = ""  # instead of both
    last: str = ""  # of the path, after the id
    header: Header = "location"
    results: str = ""
    status: int = 202
    pending: str | None = "InProgress"  # None: the answer to a poll has no body until the end
    null_pending: bool = False  # it is `null` instead
    pending_status: int = 0  # 0: 202 for a result, 200 for a status
    ended: int = 200  # of the result of something that is gone; a 204 has all headers of the first answer
    reminds: bool = True  # polls repeat the header as long as it is under way
    repeats: bool = False  # and the last one too
    told: Mapping[str, str] = field(default_factory=dict)  # headers of every status
    headers: Mapping[str, str] = field(default_factory=dict)  # of the first answer
    wait: int = 10  # seconds, in the first answer
    poll_wait: int = 10  # the same in polls; 0: not said
    described: "Callable[[Operation], dict[str, Any]] | None" = None  # more than the status
    charset: str | None = "utf-8"
    shows: Shown = "resource"  # the body of the first answer

    def new_id(self) -> str:
        """Return the id of one more operation."""
        return self.id or "-".join(part for part in (self.prefix, str(uuid.uuid4())) if part)


@dataclass
class Operation:
    """One operation under way or done. `result` is the answer's body when it has succeeded; None means no body."""

    id: str
    form: Form
    urls: Mapping[str, str]  # header -> address
    label: str
    started: float
    result: dict[str, Any] | None = None
    error: AzureError | None = None
    done: bool = False
    ended: float = 0.0
    go: asyncio.Event = field(default_factory=asyncio.Event)


class Operations:
    """All operations of a world: `immediate` ones are done before the answer, `timed` ones run, `held` ones wait."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._operations: dict[str, Operation] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def start(
        self, call: Request, work: Work, form: Form, *, seconds: float, body: object = NO_BODY, hold: bool = False
    ) -> web.Response:
        """Start it; return the answer that says where to ask.

        `work` does it and returns the final body (None: no body); an AzureError that it raises arrives inside the
        operation. `hold` keeps it under way until released. `body` is that of this answer; None is sent as `null`.
        """
        operation_id = form.new_id()
        at = {header: path for header, path in ((form.header, form.at), ("location", form.results)) if header and path}
        query = self._query(call.api_version, operation_id)
        urls: dict[str, str] = {
            header: f"https://{call.host}{path}/{operation_id}{form.last}?{query}" for header, path in at.items()
        }
        operation = Operation(operation_id, form, urls, call.path, time.time())
        self._remember(operation)
        held = hold or self.settings.operations == "held"
        if held or self.settings.operations == "timed":
            self._spawn(self._run(operation, work, None if held else self.settings.duration(seconds)))
        else:
            await self._run(operation, work, 0)
        headers = _headers(operation) | self._first_wait(form, held=held) | dict(form.headers)
        if body is NO_BODY:
            return web.Response(status=form.status, headers=headers)
        return answer(body, form.status, headers, form.charset)

    def _first_wait(self, form: Form, *, held: bool) -> dict[str, str]:
        if self.settings.realistic:
            return {"Retry-After": str(form.wait)} if form.wait else {}
        timed = self.settings.operations == "timed" and not held
        return {"retry-after-ms": TIMED_AFTER_MS} if timed else {}

    def _remember(self, operation: Operation) -> None:
        self._operations[operation.id.lower()] = operation
        if len(self._operations) > REMEMBERED and next(iter(self._operations.values())).done:
            del self._operations[next(iter(self._operations))]

    async def _run(self, operation: Operation, work: Work, seconds: float | None) -> None:
        if seconds is None:
            await operation.go.wait()
        elif seconds:
            await _sleep_or_go(operation.go, seconds)
        try:
            operation.result = await work()
        except AzureError as error:
            operation.error = error
        except Exception:  # whatever breaks in here must not leave a client polling for ever
            log.exception("operation %s of %s broke", operation.id, operation.label)
            operation.error = AzureError(500, "InternalServerError", f"local-azure broke in operation {operation.id}.")
        finally:
            operation.done, operation.ended = True, time.time()

    def _spawn(self, run: Any) -> None:
        task = asyncio.get_running_loop().create_task(run)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def poll(self, operation_id: str, path: str = "") -> web.Response:
        """Return the answer to a client that asks how it goes; AzureError 404 for an unknown operation.

        `path` is the one asked for: beneath a place of results the answer is the result, elsewhere a status.
        """
        operation = self._operations.get(operation_id.lower())
        if operation is None:
            raise AzureError(404, "OperationNotFound", f"The operation '{operation_id}' was not found.")
        form = operation.form
        place = path.rstrip("/").split("/")[-2].lower() if path.count("/") > 1 else ""
        as_status = form.header == "azure-asyncoperation" and place not in RESULTS
        if not operation.done:
            return self._pending(operation, as_status=as_status)
        headers = _headers(operation) if form.repeats else {}
        if as_status:
            return answer(_status_of(operation), 200, headers | dict(form.told), form.charset)
        if operation.error is not None:
            raise operation.error
        if operation.result is None:
            told = dict(form.headers) | dict(form.told)
            if form.results:
                told |= _headers(operation) | {"Content-Type": "application/json; charset=utf-8"}
            return web.Response(status=form.ended, headers=headers | (told if form.ended == 204 else {}))
        return answer(operation.result, 200, headers, form.charset)

    def _pending(self, operation: Operation, *, as_status: bool) -> web.Response:
        form = operation.form
        headers = (_headers(operation) if form.reminds else {}) | (dict(form.told) if as_status else {})
        if not self.settings.realistic:
            headers["retry-after-ms"] = POLL_AFTER_MS
        elif form.poll_wait:
            headers["Retry-After"] = str(form.poll_wait)
        status = form.pending_status or (200 if as_status else 202)
        if form.pending is None:
            return (
                answer(None, status, headers, form.charset)
                if form.null_pending
                else web.Response(status=status, headers=headers)
            )
        return answer(_status_of(operation), status, headers, form.charset)

    def _query(self, api_version: str, operation_id: str) -> str:
        if not self.settings.realistic:
            return urlencode({"api-version": api_version})
        signature = hashlib.sha512(operation_id.encode()).hexdigest()
        certificate = (signature * (SIGNATURE_LENGTH // len(signature) + 1))[:SIGNATURE_LENGTH]
        return urlencode(
            {
                "api-version": api_version,
                "t": "639000000000000000",
                "c": certificate,
                "s": signature,
                "h": signature[:43],
            }
        )

    def release(self, operation_id: str = "all") -> int:
        """Release held operations (one, or all); return their number."""
        wanted = operation_id.lower()
        waiting = [one for one in self._operations.values() if not one.done and wanted in ("all", one.id.lower())]
        for operation in waiting:
            operation.go.set()
        return len(waiting)

    async def settled(self) -> None:
        """Wait until everything that is not held has ended."""
        await asyncio.gather(*self._running)

    def cancel(self) -> None:
        """Forget the operations in progress, at the end of the world."""
        for task in self._running:
            task.cancel()

    def view(self) -> list[dict[str, Any]]:
        """Return the operations in progress, as JSON."""
        return [
            {"id": one.id, "path": one.label, "status": one.form.pending}
            for one in self._operations.values()
            if not one.done
        ]


async def _sleep_or_go(go: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await go.wait()


def _headers(operation: Operation) -> dict[str, str]:
    written = {"location": "Location", "azure-asyncoperation": "Azure-AsyncOperation"}
    return {written[header]: url for header, url in operation.urls.items()}


def _status_of(operation: Operation) -> dict[str, Any]:
    """Return what a poll says: the status, what went wrong, and what the provider says beside it."""
    status = operation.form.pending if not operation.done else "Failed" if operation.error else "Succeeded"
    more = operation.form.described(operation) if operation.form.described else {}
    failed = {"error": operation.error.error} if operation.error else {}
    return {**more, "status": status, **failed}

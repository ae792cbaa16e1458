"""Long-running operations, with the wire behaviour that recordings of Azure show (facts: embedded-azure.md 5 and 8)."""

import asyncio
import hashlib
import logging
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from urllib.parse import urlencode

from aiohttp import web

from local_azure.state.errors import AzureError
from local_azure.state.responses import answer
from local_azure.state.settings import Settings

log = logging.getLogger("local_azure")
Header = Literal["location", "azure-asyncoperation"]
Work = Callable[[], Awaitable[dict[str, Any] | None]]
SIGNATURE_LENGTH = 3000  # the certificate in a real Location makes it about 4 kB long
REMEMBERED = 20_000  # operations; the oldest finished ones are forgotten, as in Azure after some hours
NO_BODY = object()  # None is the JSON null, which some answers of Azure literally are
POLL_AFTER_MS = "50"  # the instant profile: clients take it on polls, and no Retry-After at all means 30 s to them
TIMED_AFTER_MS = "150"  # likewise, where an operation takes up to 0.1 s: as in Azure, the first look mostly is the last


class Request(Protocol):
    """The parts of a call that an operation's address is made of."""

    @property
    def host(self) -> str:
        """The host that the client believes it talks to."""

    @property
    def path(self) -> str:
        """The decoded path."""

    @property
    def api_version(self) -> str:
        """The api-version, or an empty string."""


@dataclass
class Operation:
    """One operation under way or done. `result` is the answer's body when it has succeeded; None means no body."""

    id: str
    url: str
    header: Header
    pending: str
    pending_status: int
    label: str
    result: dict[str, Any] | None = None
    error: AzureError | None = None
    done: bool = False
    go: asyncio.Event = field(default_factory=asyncio.Event)


class Operations:
    """All operations of a world: `immediate` ones are done before the answer, `timed` ones run, `held` ones wait."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._operations: dict[str, Operation] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def start(  # noqa: PLR0913 - each says one thing about the wire, and all but three have the usual value
        self,
        call: Request,
        work: Work,
        *,
        seconds: float,
        at: str,
        prefix: str = "registries",
        header: Header = "location",
        status: int = 202,
        body: object = NO_BODY,
        pending: str = "InProgress",
        pending_status: int = 202,
        hold: bool = False,
    ) -> web.Response:
        """Started; the answer that says where to ask.

        `at` is the path under which operations of this kind are found: `/subscriptions/../locations/WESTEUROPE/
        operationResults` or `<registry id>/operationStatuses`. `work` does it and returns the final body (None: no
        body); an AzureError that it raises arrives inside the operation. `hold` keeps it under way until released.
        `body` is that of this answer; None is sent as `null`.
        """
        operation_id = f"{prefix}-{uuid.uuid4()}"
        url = f"https://{call.host}{at}/{operation_id}?{self._query(call.api_version, operation_id)}"
        operation = Operation(operation_id, url, header, pending, pending_status, call.path)
        self._remember(operation)
        held = hold or self.settings.operations == "held"
        if held or self.settings.operations == "timed":
            self._spawn(self._run(operation, work, None if held else self.settings.duration(seconds)))
        else:
            await self._run(operation, work, 0)
        headers = self._headers(operation) | self._first_wait(held=held)
        return web.Response(status=status, headers=headers) if body is NO_BODY else answer(body, status, headers)

    def _first_wait(self, *, held: bool) -> dict[str, str]:
        if self.settings.realistic:
            return {"Retry-After": "10"}
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
            operation.done = True

    def _spawn(self, run: Any) -> None:
        task = asyncio.get_running_loop().create_task(run)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def poll(self, operation_id: str) -> web.Response:
        """The answer to a client that asks how it goes; AzureError 404 for an unknown operation."""
        operation = self._operations.get(operation_id.lower())
        if operation is None:
            raise AzureError(404, "OperationNotFound", f"The operation '{operation_id}' was not found.")
        if not operation.done:
            return self._pending(operation)
        if operation.header == "azure-asyncoperation":
            return self._finished_status(operation)
        if operation.error is not None:
            raise operation.error
        if operation.result is None:
            return web.Response(status=200, headers=self._headers(operation))
        return answer(operation.result, 200, self._headers(operation))

    def _pending(self, operation: Operation) -> web.Response:
        wait = {"Retry-After": "10"} if self.settings.realistic else {"retry-after-ms": POLL_AFTER_MS}
        status = operation.pending_status if operation.header == "location" else 200
        return answer({"status": operation.pending}, status, self._headers(operation) | wait)

    def _finished_status(self, operation: Operation) -> web.Response:
        if operation.error is not None:
            return answer({"status": "Failed", "error": operation.error.error}, 200, self._headers(operation))
        return answer({"status": "Succeeded"}, 200, self._headers(operation))

    def _headers(self, operation: Operation) -> dict[str, str]:
        return {"Location" if operation.header == "location" else "Azure-AsyncOperation": operation.url}

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
        """Held operations (one, or all) go on; how many did."""
        wanted = operation_id.lower()
        waiting = [one for one in self._operations.values() if not one.done and wanted in ("all", one.id.lower())]
        for operation in waiting:
            operation.go.set()
        return len(waiting)

    def view(self) -> list[dict[str, Any]]:
        """The operations under way, as JSON."""
        return [
            {"id": one.id, "path": one.label, "status": one.pending}
            for one in self._operations.values()
            if not one.done
        ]


async def _sleep_or_go(go: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await go.wait()

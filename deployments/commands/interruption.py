"""Ctrl-C, a termination and a closed terminal end a run in order."""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

import typer
from prefect import Flow
from prefect.states import Cancelled

RelocationFlow = Flow[..., Coroutine[Any, Any, Any]]
_INTERRUPTIONS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_MESSAGE: Final = "Interrupted at the terminal."
_BEGIN_SECONDS: Final = 3.0
"""A flow that has not begun its body after this, because the server hangs, is cancelled all the same."""


@dataclass
class Interruption:
    """Whether the run was interrupted at the terminal; it then ends as Cancelled and not as Crashed.

    Not `task.cancelling()`: that also counts libraries that cancel part of this task for their own reasons.
    """

    came: bool = False
    handler: Callable[[], None] = lambda: None
    _begun: bool = False
    _cancelling: asyncio.TimerHandle | None = None

    def listen(self, task: asyncio.Task[Any]) -> None:
        """Cancel the task on SIGINT, SIGTERM and a closed terminal.

        Before the body of the flow begins, that would end the run as Crashed: the body is waited for, a moment.
        """

        def interrupt() -> None:
            self.came = True
            if self._begun or self._cancelling:
                task.cancel()
            else:
                self._cancelling = asyncio.get_running_loop().call_later(_BEGIN_SECONDS, task.cancel)

        self.handler = interrupt
        for number in _INTERRUPTIONS:
            asyncio.get_running_loop().add_signal_handler(number, interrupt)

    @contextmanager
    def at_question(self) -> Iterator[None]:
        """Let a signal end a question in this block, and then the run."""
        loop = asyncio.get_running_loop()
        for number in _INTERRUPTIONS:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.default_int_handler)
        try:
            yield
        except (KeyboardInterrupt, typer.Abort):
            self.came = True
            raise asyncio.CancelledError from None
        finally:
            for number in _INTERRUPTIONS:
                loop.add_signal_handler(number, self.handler)

    def cancels(self, function: RelocationFlow) -> RelocationFlow:
        """Return the flow with a body that ends as Cancelled when the run is interrupted."""
        copy = function.with_options()
        body = copy.fn

        @wraps(body)
        async def cancelled_in_order(*args: Any, **kwargs: Any) -> Any:
            self._begun = True
            if self._cancelling:
                self._cancelling.cancel()
                return Cancelled(message=_MESSAGE)
            try:
                return await body(*args, **kwargs)
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if not self.came or task is None:
                    raise
                task.uncancel()
                return Cancelled(message=_MESSAGE)

        copy.fn = cancelled_in_order
        return copy

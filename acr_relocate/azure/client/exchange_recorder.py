"""Record the exchanges with Azure of a block as shapes: no id, name, secret or text is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from acr_relocate.core.recording.exchange import Exchange, Key, exchange_of


class ExchangeRecorder:
    """All kinds of exchanges so far, in the order in which they were first seen."""

    def __init__(self) -> None:
        self._kinds: dict[Key, Exchange] = {}

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The recording so far."""
        return tuple(self._kinds.values())

    def add(self, exchange: Exchange) -> None:
        """Record one more exchange."""
        known = self._kinds.get(exchange.key)
        self._kinds[exchange.key] = known.with_another(exchange) if known else exchange


_recorder: ContextVar[ExchangeRecorder | None] = ContextVar("the recorder of exchanges", default=None)


@contextmanager
def recording_exchanges(recorder: ExchangeRecorder) -> Iterator[None]:
    """Record every exchange of the block, whatever connection it uses."""
    token = _recorder.set(recorder)
    try:
        yield
    finally:
        _recorder.reset(token)


def is_recorded() -> bool:
    """Whether exchanges are recorded here, so that a body has to be read for it."""
    return _recorder.get() is not None


def record_exchange(
    method: str, url: str, sent: object, status: int, headers: Mapping[str, str], body: bytes | None
) -> None:
    """Record one exchange, if exchanges are recorded here. `body`: None for one that is not JSON, such as a blob."""
    recorder = _recorder.get()
    if recorder is not None:
        text = sent.encode() if isinstance(sent, str) else sent
        recorder.add(exchange_of(method, url, text if isinstance(text, bytes) else None, status, headers, body))

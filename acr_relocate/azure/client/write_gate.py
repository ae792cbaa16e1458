"""No write without the lease: the conditions that must hold before a run sends any changing call.

The gate belongs to the run, not to the connection: runs side by side share one. Every call of ARM, of the SDK and of
the registries passes `before_write`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, Protocol
from urllib.parse import urlsplit

_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
# POSTs that change nothing, by the last part of their path.
_READING_POST: Final = re.compile(
    r"/(exportTemplate|validate|whatIf|resources|query|check[A-Za-z]*|list[A-Za-z]*|get[A-Za-z]*)$", re.IGNORECASE
)


class WriteGate(Protocol):
    """Admits a write, or raises why it is not allowed."""

    async def admit(self, host: str, path: str) -> None:
        """Return once the write to this path may be sent."""

    async def hold(self, registry_id: str) -> str:
        """Return the claim by which this run has the registry to itself, once it has it."""


_gate: ContextVar[WriteGate | None] = ContextVar("the write gate of this run", default=None)


@contextmanager
def behind(gate: WriteGate | None) -> Iterator[None]:
    """Make the gate decide about every write of the block; None admits all of them."""
    token = _gate.set(gate)
    try:
        yield
    finally:
        _gate.reset(token)


async def before_write(method: str, url: str) -> None:
    """Return once the call may be sent. Reads pass at once."""
    gate = _gate.get()
    if gate is None or method in _READS:
        return
    parts = urlsplit(url)
    if method == "POST" and (_READING_POST.search(parts.path) or parts.path.startswith("/oauth2/")):
        return
    await gate.admit((parts.hostname or "").lower(), parts.path.lower())


async def hold_registry(registry_id: str) -> str:
    """Claim the registry for this run, before a record about it is written; return the claim's id, or nothing."""
    gate = _gate.get()
    return await gate.hold(registry_id) if gate else ""

"""Read a fact that may be unreadable: return it, or Unknown with the reason and the missing permission."""

from __future__ import annotations

import re
from collections.abc import Awaitable
from typing import Final, TypeVar

from acr_relocate.core.errors import ListingIncomplete, NotFound, RelocationError, is_retryable
from acr_relocate.core.evidence.unknown import UNREGISTERED, Unknown

_Fact = TypeVar("_Fact")

# ARM's own words in an AuthorizationFailed.
_MISSING: Final = re.compile(r"perform action '(?P<action>[^']+)' over scope '(?P<scope>[^']+)'")


async def or_unknown(reading: Awaitable[_Fact], what: str = "") -> _Fact | Unknown:
    """Return the fact, or Unknown; a transient error is raised for the caller's retry."""
    try:
        return await reading
    except RelocationError as error:
        if is_retryable(error) and error.code != UNREGISTERED:
            raise
        return as_unknown(error, what)


async def or_none(reading: Awaitable[_Fact], what: str) -> _Fact | Unknown | None:
    """Return the fact, None if Azure says that it is absent, or Unknown."""

    async def look() -> _Fact | None:
        try:
            return await reading
        except NotFound:
            return None

    return await or_unknown(look(), what)


async def complete_or_unknown(reading: Awaitable[_Fact], what: str) -> _Fact | Unknown:
    """Return the complete listing, or Unknown: an incomplete one proves nothing."""
    try:
        return await or_unknown(reading, what)
    except ListingIncomplete as error:
        return as_unknown(error, what)


def as_unknown(error: RelocationError, what: str = "") -> Unknown:
    """Return the reason why a fact is unknown."""
    missing = _MISSING.search(error.message)
    return Unknown(
        reason=error.message,
        what=what,
        code=UNREGISTERED if error.code == UNREGISTERED else type(error).__name__,
        action=missing["action"] if missing else "",
        scope=missing["scope"] if missing else "",
    )

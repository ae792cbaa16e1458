"""Reading what may not be readable: the answer, or Unknown with the reason and with the permission that is missing."""

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
    """What was read, or Unknown; an error that may go away is left to whoever tries again."""
    try:
        return await reading
    except RelocationError as error:
        if is_retryable(error) and error.code != UNREGISTERED:
            raise
        return as_unknown(error, what)


async def or_none(reading: Awaitable[_Fact], what: str) -> _Fact | Unknown | None:
    """What was read, None if Azure says that it is not there, or Unknown."""

    async def look() -> _Fact | None:
        try:
            return await reading
        except NotFound:
            return None

    return await or_unknown(look(), what)


async def complete_or_unknown(reading: Awaitable[_Fact], what: str) -> _Fact | Unknown:
    """What was listed to the end, or Unknown: then it is not known to be little or nothing."""
    try:
        return await or_unknown(reading, what)
    except ListingIncomplete as error:
        return as_unknown(error, what)


def as_unknown(error: RelocationError, what: str = "") -> Unknown:
    """Why something is not known."""
    missing = _MISSING.search(error.message)
    return Unknown(
        reason=error.message,
        what=what,
        code=UNREGISTERED if error.code == UNREGISTERED else type(error).__name__,
        action=missing["action"] if missing else "",
        scope=missing["scope"] if missing else "",
    )

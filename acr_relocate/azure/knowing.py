"""Reading what may not be readable: the answer, or Unknown with the reason and with the permission that is missing."""

from __future__ import annotations

import re
from collections.abc import Awaitable
from typing import Final, TypeVar

from acr_relocate.core.checks.evidence import UNREGISTERED, Unknown
from acr_relocate.core.errors import ListingIncomplete, NotFound, RelocationError, is_retryable

Fact = TypeVar("Fact")

# ARM's own words in an AuthorizationFailed.
_MISSING: Final = re.compile(r"perform action '(?P<action>[^']+)' over scope '(?P<scope>[^']+)'")


async def known(reading: Awaitable[Fact], what: str = "") -> Fact | Unknown:
    """What was read, or Unknown. An error that may go away, and NotFound, are raised: they are answers of their own."""
    try:
        return await reading
    except RelocationError as error:
        if error.code == UNREGISTERED:
            return unknown(error, what).model_copy(update={"code": UNREGISTERED})
        if is_retryable(error) or isinstance(error, NotFound):
            raise
        return unknown(error, what)


async def found(reading: Awaitable[Fact], what: str) -> Fact | Unknown | None:
    """What was read, None if Azure says that it is not there, or Unknown."""
    try:
        return await known(reading, what)
    except NotFound:
        return None


async def listed(reading: Awaitable[Fact], what: str) -> Fact | Unknown:
    """What was listed to the end, or Unknown: then it is not known to be little or nothing."""
    try:
        return await known(reading, what)
    except (ListingIncomplete, NotFound) as error:
        return unknown(error, what)


def unknown(error: RelocationError, what: str = "") -> Unknown:
    """Why something is not known."""
    missing = _MISSING.search(error.message)
    return Unknown(
        reason=error.message,
        what=what,
        code=type(error).__name__,
        action=missing["action"] if missing else "",
        scope=missing["scope"] if missing else "",
    )

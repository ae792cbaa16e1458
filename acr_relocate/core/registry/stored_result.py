"""Read results back that are kept outside of Azure: others may have written them, so they are input like any other."""

from __future__ import annotations

from typing import Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from acr_relocate.core.errors import RecordBroken

Written = TypeVar("Written")

LARGEST_RESULT: Final = 64_000_000
"""Characters: the report of a registry with 100,000 tags that all failed has half of that."""


def read_stored(kind: type[Written], text: str, what: str) -> Written:
    """Return what the JSON says, or raise RecordBroken unless it says what this version of the service writes.

    Args:
        kind: The model of what was written.
        text: The JSON, as it was found.
        what: The kind of result and where it is kept, for the message.

    """
    if len(text) > LARGEST_RESULT:
        raise _broken(what, f"it has more than {LARGEST_RESULT:,} characters")
    try:
        return TypeAdapter(kind).validate_json(text)
    except ValidationError as error:
        raise _broken(what, f"it says what is never written there ({wrong_places(error)})") from None


def wrong_places(error: ValidationError) -> str:
    """Return where a document is wrong, and nothing of what it says there."""
    places = sorted({".".join(map(str, each["loc"])) or "the whole" for each in error.errors()})
    return ", ".join(places)[:200]


def _broken(what: str, why: str) -> RecordBroken:
    return RecordBroken(
        f"{what[:1].upper()}{what[1:]} is not credible: {why}. Nothing was done because of it",
        code="RecordBroken",
        remedy="Somebody else, or another version of acr-relocate, has written it. Find out who may write there, and "
        "start the command again, without --plan or the id of that run.",
    )

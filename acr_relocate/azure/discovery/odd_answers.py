"""Read about one resource; where the answer is not as documented, mark the resource instead of failing."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from typing import Any

from acr_relocate.azure.client.errors import readable_answers
from acr_relocate.core.dependencies.odd_rows import marked
from acr_relocate.core.errors import UnexpectedAnswer

Json = dict[str, Any]


async def or_odd(reading: Awaitable[Json | None], resource: Json) -> Json | None:
    """Return what the reading brings, or the resource with the note that it is odd. Other errors are raised."""
    try:
        with readable_answers():
            return await reading
    except UnexpectedAnswer as error:
        return marked(resource, error.message)


async def each_or_odd(reading: Awaitable[Iterable[Json]], resource: Json) -> list[Json]:
    """Return the rows of the reading, or that which they belong to, with the note that it is odd."""
    try:
        with readable_answers():
            return list(await reading)
    except UnexpectedAnswer as error:
        return [marked(resource, error.message)]

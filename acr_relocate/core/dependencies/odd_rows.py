"""Answers about one resource that are not as documented: the resource is set aside by name, and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from acr_relocate.core.dependencies.raw_surroundings import Json, OddRow, Surroundings

ODD: Final = "odd"
"""Where a reader notes what is odd about a resource, in the place of what it could not read."""
UNREADABLE: Final = (LookupError, TypeError, ValueError, AttributeError)
"""The errors of Python that reading a field of a wrong type, or a missing one, leads to."""

_TEXTS: Final = ("name", "type", "kind", "location")
_OBJECTS: Final = ("properties", "identity", "tags")


def marked(row: object, why: str) -> Json:
    """Return what is known of a resource, with the note of what is odd about it."""
    known = row if isinstance(row, dict) else {}
    return {name: str(known[name]) for name in ("id", "name") if known.get(name)} | {ODD: why}


def no_object(row: object) -> Json:
    """Return what stands for an entry of a listing that is no object."""
    return marked(row, form(row))


def those_that(rows: Iterable[Json], test: Callable[[Json], bool]) -> Iterator[Json]:
    """Yield the rows that pass the test, those about which it cannot be told, marked, and those marked already."""
    for row in rows:
        try:
            passed = ODD in row or test(row)
        except UNREADABLE as error:
            yield marked(row, type(error).__name__)
        else:
            if passed:
                yield row


def with_rows(found: Surroundings, parts: Mapping[str, Any]) -> Surroundings:
    """Return the surroundings with these parts of them, without rows of an undocumented form."""
    kept, odd = dict(parts), list(found.odd)
    for part, rows in parts.items():
        if isinstance(rows, tuple):
            why = {number: form(row, part) for number, row in enumerate(rows)}
            kept[part] = tuple(row for number, row in enumerate(rows) if not why[number])
            odd += [odd_row(part, row, why[number]) for number, row in enumerate(rows) if why[number]]
    return found.model_copy(update={**kept, "odd": tuple(dict.fromkeys(odd))})


def form(row: object, part: str = "") -> str:
    """Return what is odd about the form of a row, or an empty string."""
    if not isinstance(row, dict):
        return f"{type(row).__name__} in the place of a resource" if part != "locks" else ""
    if row.get(ODD):
        return str(row[ODD])
    if not isinstance(row.get("id"), str) or not row["id"].startswith("/"):
        return "it has no id"
    if part == "naming" and not isinstance(row.get("type"), str):
        return "it has no type"
    wrong = [name for name in _TEXTS if not isinstance(row.get(name), str | None)]
    wrong += [name for name in _OBJECTS if not isinstance(row.get(name), dict | None)]
    return f"its {wrong[0]} is of another type" if wrong else ""


def odd_row(part: str, row: object, why: str) -> OddRow:
    """Return the record of a resource that is set aside."""
    known = row if isinstance(row, dict) else {}
    resource_id = str(known.get("id") or "")
    return OddRow(part=part, name=str(known.get("name") or resource_id.rpartition("/")[2]), id=resource_id, reason=why)

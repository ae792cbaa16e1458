"""Flatten a resource to values under dotted names, normalised so that equal resources compare equal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

SILENT: Final = frozenset({"", "null", "false"})
"""Empty values: a property with one counts as absent."""


def flatten_values(prefix: str, value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each value that is not an object, as text, under its name with the prefix."""
    for name, inner in value.items():
        if isinstance(inner, Mapping):
            yield from flatten_values(f"{prefix}{name}.", inner)
        else:
            yield f"{prefix}{name}", canonical_text(inner)


def canonical_text(value: Any) -> str:
    """Return the value as text, independent of order, repetitions, empty parts and the case of ids."""
    if isinstance(value, list):
        return ", ".join(sorted({canonical_text(item) for item in value}))
    if isinstance(value, dict):
        return ", ".join(
            f"{name}: {canonical_text(inner)}" for name, inner in sorted(value.items()) if _says_something(inner)
        )
    if isinstance(value, str):
        return value.lower() if value.lower().startswith("/subscriptions/") else value
    return json.dumps(value, sort_keys=True)


def _says_something(value: Any) -> bool:
    return value is not None and value is not False and value not in ("", [], {})


def all_names(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """Return the names on either side, in order."""
    return sorted(one.keys() | other.keys())


def stated_value(side: Mapping[str, str], name: str, defaults: Mapping[str, str]) -> str:
    """Return the value of one side. Azure's default counts as unset; off is a value if the default is on."""
    value = side.get(name, "")
    return "" if value in ({"", "null", defaults[name]} if name in defaults else SILENT) else value


def display_values(side: Mapping[str, str], names: Iterable[str]) -> str:
    """Return the values of one side under these names, for a person."""
    return "; ".join(f"{name}: {side.get(name) or 'not set'}" for name in names)

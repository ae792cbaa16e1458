"""What Azure shows of a resource, value by value under dotted names, in a form in which equal means equal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

SILENT: Final = frozenset({"", "null", "false"})
"""What says nothing: a property with such a value might as well not be there."""


def leaves(prefix: str, value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each value that is no object itself, under its name with the prefix, as text."""
    for name, inner in value.items():
        if isinstance(inner, Mapping):
            yield from leaves(f"{prefix}{name}.", inner)
        else:
            yield f"{prefix}{name}", text(inner)


def text(value: Any) -> str:
    """Return the value as text in which neither the order of a list nor the case of a resource id matters."""
    if isinstance(value, list):
        return ", ".join(sorted(text(item) for item in value))
    if isinstance(value, dict):
        return ", ".join(f"{name}: {text(inner)}" for name, inner in sorted(value.items()) if inner is not None)
    if isinstance(value, str):
        return value.lower() if value.startswith("/subscriptions/") else value
    return json.dumps(value, sort_keys=True)


def in_both(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """Return the names that either has, in order."""
    return sorted(one.keys() | other.keys())


def said(side: Mapping[str, str], name: str, defaults: Mapping[str, str]) -> str:
    """Return what one of them says there; what is Azure's default says nothing."""
    value = side.get(name, "")
    return "" if value in {*SILENT, defaults.get(name)} else value


def shown(side: Mapping[str, str], names: Iterable[str]) -> str:
    """Return what one of them says under these names, for a person."""
    return "; ".join(f"{name}: {side.get(name) or 'not set'}" for name in names)

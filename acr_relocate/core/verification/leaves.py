"""What Azure shows of a resource, value by value under dotted names, in a form in which equal means equal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any


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
        return ", ".join(f"{name}: {text(inner)}" for name, inner in sorted(value.items()))
    if isinstance(value, str):
        return value.lower() if value.startswith("/subscriptions/") else value
    return json.dumps(value, sort_keys=True)

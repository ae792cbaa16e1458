"""The shape of a JSON value: known names and types of values, nothing else.

The notation is that of `tests/emulator/recorded/README.md`: `key?` was seen in some cases only, `[]` is a list that was
seen empty only, `<name>` stands for a key that users choose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from acr_relocate.core.recording.known_names import FREE_MAPS, KNOWN_PROPERTIES, KNOWN_VALUES, OPAQUE

JsonShape = Any
"""A dict by key, a list of element shapes, or the name of a type. None is an empty body."""

ANY_SHAPE: Final = "any"
FREE_KEY: Final = "<name>"
UNKNOWN_KEY: Final = "<unknown>"
_GUID: Final = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_MOMENT: Final = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?"
_TEXTS: Final = (
    ("guid", re.compile(_GUID)),
    ("datetime(Z)", re.compile(f"{_MOMENT}Z")),
    ("datetime(+00:00)", re.compile(rf"{_MOMENT}\+00:00")),
    ("armId", re.compile(r"/(subscriptions|providers)/\S+")),
)


def shape_of(value: Any) -> JsonShape:
    """Return the shape of a parsed JSON value. No text of the value itself is in it, only words of Azure."""
    if isinstance(value, dict):
        return _object(value)
    if isinstance(value, list):
        return _merged_elements(shape_of(one) for one in value)
    return _leaf(value)


def merge(one: JsonShape, other: JsonShape) -> JsonShape:
    """Return the shape that both have; a key that only one has becomes `key?`."""
    if one == other:
        return one
    if isinstance(one, dict) and isinstance(other, dict):
        return _merged_objects(one, other)
    if isinstance(one, list) and isinstance(other, list):
        return _merged_elements([*one, *other])
    return ANY_SHAPE


def closed_values(value: Any) -> dict[str, str]:
    """Return the values that clients branch on, by their path: states, codes, SKUs. Only words of Azure."""
    return dict(_values(value, ()))


def _object(value: dict[str, Any]) -> JsonShape:
    shape: dict[str, JsonShape] = {}
    for key, item in value.items():
        name = key if key in KNOWN_PROPERTIES else UNKNOWN_KEY
        part = _inside(key, item)
        shape[name] = merge(shape[name], part) if name in shape else part
    return shape


def _inside(key: str, value: Any) -> JsonShape:
    if key in OPAQUE and isinstance(value, dict | list):
        return ANY_SHAPE
    if key in FREE_MAPS and isinstance(value, dict):
        parts = [shape_of(item) for item in value.values()]
        return {FREE_KEY: _merged(parts)} if parts else {}
    return shape_of(value)


def _leaf(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "int" if isinstance(value, int) else "float"
    return next((name for name, pattern in _TEXTS if pattern.fullmatch(value)), "str")


def _merged(parts: list[JsonShape]) -> JsonShape:
    whole = parts[0]
    for part in parts[1:]:
        whole = merge(whole, part)
    return whole


def _merged_objects(one: dict[str, JsonShape], other: dict[str, JsonShape]) -> dict[str, JsonShape]:
    ones, others = _named(one), _named(other)
    merged = {}
    for name in [*ones, *(name for name in others if name not in ones)]:
        parts = [held[name] for held in (ones, others) if name in held]
        always = len(parts) == 2 and not any(optional for _, optional in parts)
        key = name if always or name.startswith("<") else f"{name}?"
        merged[key] = _merged([shape for shape, _ in parts])
    return merged


def _named(shape: dict[str, JsonShape]) -> dict[str, tuple[JsonShape, bool]]:
    return {key.removesuffix("?"): (part, key.endswith("?")) for key, part in shape.items()}


def _merged_elements(parts: Iterable[JsonShape]) -> list[JsonShape]:
    """Return one shape for all objects of a list, and one for each other type."""
    objects, others = [], []
    for part in parts:
        if isinstance(part, dict):
            objects.append(part)
        elif part not in others:
            others.append(part)
    return [*([_merged(objects)] if objects else []), *others]


def _values(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, list) and value:
        yield from _values(value[0], (*path, "0"))
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        if key in FREE_MAPS or key in OPAQUE or key not in KNOWN_PROPERTIES:
            continue
        if isinstance(item, str) and item in KNOWN_VALUES.get(key, ()):
            yield ".".join((*path, key)), item
        else:
            yield from _values(item, (*path, key))

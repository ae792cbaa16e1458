"""The lines of a text that make up one object: those beside a key, and the Kubernetes object around one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from acr_relocate.references.source_text import Lines, Span, unmatched

_INDENT: Final = re.compile(r"[ \t]*(?:- )*")
_ITEM: Final = re.compile(r"[ \t]*- [^=]*?[\"']?:(?:\s|$)")  # an object in a list; `- KEY=value` is a word in one
_ENDS: Final = re.compile(r"---|\.\.\.|\[")  # a document of YAML, a table of TOML, a section of an INI file
_KIND: Final = re.compile(r"[ \t]*(?:- )?[\"']?kind[\"']?\s*:\s*[\"']?(?P<kind>\w+)")
_KIND_IN_BRACES: Final = re.compile(r"[\"']?\bkind\\?[\"']?\s*:\s*\\?[\"']?(?P<kind>\w+)")
KUBERNETES_SECRET: Final = re.compile("Secret")
_PARENT_KEY: Final = re.compile(r"[ \t]*(?:- )?[\"']?(?P<key>[\w.$@/-]+)[\"']?\s*[:=]?")
_OBJECT: Final = 40  # lines of an object whose name is looked for, in each direction
_NEAR: Final = 6  # lines: how far apart a server and its password are written
_LONGEST: Final = 200  # lines of an object, in each direction
_WIDEST: Final = 2000  # characters of an object on one line, in each direction


def siblings(lines: Lines, number: int) -> Iterator[str]:
    """Yield the nearby lines with keys of the same object."""
    column = _column(lines.line(number))
    if not _ITEM.match(lines.line(number)):
        yield from (line for _, line in _side(lines, number, -1, _NEAR) if _column(line) == column)
    yield from (line for _, line in _side(lines, number, 1, _NEAR) if _column(line) == column)


def keys_beside(lines: Lines, number: int) -> Iterator[str]:
    """Yield the lines of the object around a line that hold its keys, from the nearest on."""
    column = _column(lines.line(number))
    if not _ITEM.match(lines.line(number)):
        yield from (line for _, line in _side(lines, number, -1, _OBJECT) if _column(line) == column)
    yield from (line for _, line in _side(lines, number, 1, _OBJECT) if _column(line) == column)


def key_above(lines: Lines, number: int) -> str:
    """Return the key whose value is the object or the list around a line; or an empty string."""
    above = [] if _ITEM.match(lines.line(number)) else list(_side(lines, number, -1, _OBJECT))
    first = above[-1][0] if above else number
    parent = _parent(lines, first, _column(lines.line(first)))
    key = _PARENT_KEY.match(lines.line(parent)) if parent is not None else None
    return key["key"] if key else ""


def secret_around(lines: Lines, position: int) -> str:
    """Return the Kubernetes Secret around a position, also one that is generated from another object; or nothing."""
    kind, text = object_around(lines, position) if lines.has(KUBERNETES_SECRET) else ("", "")
    return text if kind.endswith("Secret") else ""


def object_around(lines: Lines, position: int) -> tuple[str, str]:
    """Return kind and text of the smallest object with a kind around a position; or nothing."""
    return _in_braces(lines.text, position) or _in_lines(lines, lines.number(position)) or ("", "")


def _column(line: str) -> int:
    """Return where the key of a line begins, after the dash of a list."""
    indent = _INDENT.match(line)
    return indent.end() if indent else 0


def _side(lines: Lines, number: int, step: int, most: int) -> Iterator[tuple[int, str]]:
    """Yield the lines above or below one that belong to its object, from the nearest on."""
    column = _column(lines.line(number))
    for other in range(number + step, number + step * (most + 1), step):
        line = lines.line(other)
        if not line.strip():
            continue
        own = _column(line)
        begins = own == column and bool(_ITEM.match(line))
        if own < column or _ENDS.match(line) or (begins and step > 0):
            return
        yield other, line
        if begins:
            return


def _in_lines(lines: Lines, number: int) -> tuple[str, str] | None:
    """Return kind and lines of the smallest object with a kind around a line, by its indentation."""
    while True:
        line, column = lines.line(number), _column(lines.line(number))
        above = [] if _ITEM.match(line) else list(_side(lines, number, -1, _LONGEST))
        rows = [*reversed([row for _, row in above]), line, *(row for _, row in _side(lines, number, 1, _LONGEST))]
        for row in rows:
            if (kind := _KIND.match(row)) and _column(row) == column:
                return kind["kind"], "\n".join(rows)
        parent = _parent(lines, above[-1][0] if above else number, column)
        if parent is None:
            return None
        number = parent


def _parent(lines: Lines, number: int, column: int) -> int | None:
    """Return the parent line of the object that begins at a line."""
    for above in range(number - 1, max(-1, number - _LONGEST), -1):
        line = lines.line(above)
        if _ENDS.match(line):
            return None
        if line.strip() and _column(line) < column:
            return above
    return None


def _in_braces(text: str, position: int) -> tuple[str, str] | None:
    """Return kind and text of the smallest object with a kind in braces, on one line."""
    start, end = text.rfind("\n", 0, position) + 1, text.find("\n", position)
    start, end = max(start, position - _WIDEST), min(end if end >= 0 else len(text), position + _WIDEST)
    while span := _braces(text, position, start, end):
        if kind := _KIND_IN_BRACES.search(text, *span):
            return kind["kind"], text[slice(*span)]
        position = span.start
    return None


def _braces(text: str, position: int, first: int, last: int) -> Span | None:
    """Return the innermost object in braces around a position, if its braces are both within reach."""
    opening = unmatched(text[first:position][::-1], "{", "}")
    closing = unmatched(text[position:last], "}", "{")
    if opening is None or closing is None:
        return None
    return Span(position - opening - 1, position + closing + 1)

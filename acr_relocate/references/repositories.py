"""Repositories behind a host that have another name at the new registry: in images, and in the keys beside a host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from acr_relocate.core.registry.rename_map import RenameMap
from acr_relocate.references.source_text import Span

RENAMED_ELSEWHERE: Final = "repositories are renamed: change those that are named beside it"
RENAMED_UNKNOWN: Final = "repositories are renamed, and which one this is cannot be told: change it manually"

_WORD: Final = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_PATH: Final = re.compile(rf"(?::\d+)?/(?P<name>{_WORD}(?:/{_WORD})*)?(?P<goes_on>/?)")
_API: Final = re.compile(r"(?::\d+)?/(?:v2/|acr/v1/|oauth2/)")
_VARIABLE: Final = re.compile(r"-?[$%{<*(\[\\&]")
_ENCODED: Final = re.compile(r"(?::\d+)?(?:\\/|%(?:25)?2[Ff]|\\u002[Ff]|&#(?:47|[xX]2[Ff]);)")
_CHART: Final = re.compile(r"oci://\Z", re.IGNORECASE)
_KEY: Final = rf"(?:repository|image|name)[ \t]*:[ \t]*[\"']?(?P<name>{_WORD}(?:/{_WORD})*)[\"']?[ \t]*(?:#.*)?"
_BESIDE: Final = re.compile(rf"(?P<indent>[ \t]*)(?P<item>-[ \t]+)?{_KEY}")
_LINES: Final = 6


class RenamedRepository(NamedTuple):
    """The end of a repository behind a host, with what follows the host instead; None if that cannot be told."""

    end: int
    path: str | None


def renamed_behind(text: str, start: int, end: int, names: RenameMap) -> RenamedRepository | None:
    """Return the repository behind the host between `start` and `end`; None without one, or if it keeps its name."""
    if _ENCODED.match(text, end) or _API.match(text, end):
        return RenamedRepository(end, None)
    found = _PATH.match(text, end)
    if found is None:
        return None
    name = found["name"] or ""
    first, last = (found.start("name"), found.end("name")) if name else (found.end(), found.end())
    if not name or _VARIABLE.match(text, found.end()):
        return _beginning(text, end, Span(first, found.end()), "", names)
    there = names.to_target(name)
    if there != name:
        return RenamedRepository(last, text[end:first] + there)
    is_folder = _CHART.search(text, max(0, start - 8), start) and text[last : last + 1] not in {":", "@"}
    return _beginning(text, end, Span(first, last), "/", names) if is_folder else None


def repositories_beside(text: str, host: Span, names: RenameMap) -> Iterator[tuple[Span, str]]:
    """Yield the repositories in the keys beside a key whose value is the host, as in a chart's values, renamed."""
    first = text.rfind("\n", 0, host.start) + 1
    lead = text[first : host.start]
    indent = len(lead) - len(lead.lstrip(" \t"))
    if not names.rules or ":" not in lead:
        return
    if lead.lstrip().startswith("- "):
        indent += 2
    for place, line in (*_lines_before(text, first), *_lines_after(text, host.end)):
        found = _BESIDE.fullmatch(line)
        if found and len(found["indent"]) + len(found["item"] or "") == indent:
            there = names.to_target(found["name"])
            if there != found["name"]:
                yield Span(place + found.start("name"), place + found.end("name")), there


def _beginning(text: str, end: int, span: Span, goes_on: str, names: RenameMap) -> RenamedRepository | None:
    """Return the beginning of a name that the text does not say to its end. `goes_on`: follows it unsaid."""
    said = text[slice(*span)]
    there = names.beginning_at_target(said + goes_on)
    if there is None:
        return RenamedRepository(end, None)
    changed = there.removesuffix(goes_on)
    return None if changed == said else RenamedRepository(span.end, text[end : span.start] + changed)


def _lines_before(text: str, first: int) -> Iterator[tuple[int, str]]:
    """Yield the lines before, the nearest first, as long as the block goes on."""
    for _ in range(_LINES):
        if first == 0:
            return
        start = text.rfind("\n", 0, first - 1) + 1
        line = text[start : first - 1].rstrip("\r")
        if not line.strip():
            return
        yield start, line
        if line.lstrip().startswith("- "):
            return
        first = start


def _lines_after(text: str, end: int) -> Iterator[tuple[int, str]]:
    """Yield the lines after, as long as the block goes on."""
    for _ in range(_LINES):
        start = text.find("\n", end) + 1
        if start == 0:
            return
        end = text.find("\n", start)
        line = (text[start:] if end < 0 else text[start:end]).rstrip("\r")
        if not line.strip() or line.lstrip().startswith("- "):
            return
        yield start, line
        if end < 0:
            return

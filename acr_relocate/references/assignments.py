"""The variables, keys, parameters and options to which a value is assigned, in any syntax of assignment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from acr_relocate.references.enclosing_objects import key_above, keys_beside
from acr_relocate.references.source_text import Lines, Span, unmatched

_NEAR: Final = 240  # characters before a value that its key is looked for in
_WIDEST: Final = 1500  # characters of an object in braces, in each direction

# What opens a value: tags and anchors of YAML, a block of it, prefixes of strings, quotes, and the shell's defaults.
_OPEN: Final = (
    r"(?:[!&][\w./-]*[ \t]+)*(?:[|>][+-]?\d?[ \t]*\r?\n[ \t]*)?[@frbuFRBU$]{0,2}(?:\\*[\"'`]){0,3}"
    r"(?P<defaults>(?:\$\{\w+:?[-=+?][\"']?)*)\Z"
)
_IDENTIFIER: Final = r"(?<![A-Za-z0-9])(?P<key>[A-Za-z_$@][\w.$-]*)"
_ASSIGNED: Final = re.compile(
    _IDENTIFIER + r"[\"'\]\\)}]*\s*(?:(?P<equals>(?:[?+]|:{1,3}|\|\||\?\?)?=>?)|\+?:{1,3})\s*" + _OPEN
)
_NEVER_INSIDE: Final = ",;(["  # what _ASSIGNED never matches: it is searched for behind the last of these
_TAG: Final = re.compile(
    r"<(?P<key>[\w:.-]+)(?:\s[^<>]*?(?:\b(?:name|key)\s*=\s*[\"'](?P<named>[^\"'<>]+)[\"'][^<>]*)?)?>\s*\Z"
)
# `set` of shells, Docker and nginx; names and values as options, or as arguments of a call; loops; fallbacks.
# Each after texts of which one is in what it matches: to look for these is quick.
_OTHER: Final = tuple(
    (signs, re.compile(pattern + _OPEN))
    for signs, pattern in (
        (
            ("-", "set", "ENV", "ARG"),
            (
                r"(?:\b(?:set|setenv|setx|ENV|ARG)\s+(?:-\w+\s+)*|(?:^|\s)--?)[\"']?(?P<key>[A-Za-z$][\w.:-]*)[\"']?\s+"
                r"(?:(?:--body|-b)[ =])?"
            ),
        ),
        (
            ("-",),
            r"(?:--?(?:name|key|n))[ =:]+[\"']?(?P<key>[A-Za-z][\w.:-]*)[\"']?\s+--?(?:value|body|v|b)[ =:]+",
        ),
        (("(",), r"\w[ \t]*\([ \t]*[\"'](?P<key>[A-Za-z][\w.:-]*)[\"']\s*,\s*"),
        (
            ("for",),
            r"\b(?:for|foreach|for each)\s*\(?\s*\$?(?P<key>[A-Za-z_]\w*)\s+in\s+[@(\[]*(?:[\"']?[\w.-]+[\"']?[\s,]+)*",
        ),
        (("variable=", "name="), r"(?:variable|name)=(?P<key>[\w.-]+)[^\]:\n]*(?:\]|::)"),
        (
            ("|", "?", "or"),
            _IDENTIFIER + r"[\"'\])}]*\s*(?:\|\||\?\?|\?:|\bor\b|\|\s*default\b)\s*\(?\s*",
        ),
        (
            (",",),
            r"\b(?:or|coalesce|try|firstnonempty)[ (]\s*\$?[({]?(?:[\w-]+\.)*(?P<key>[\w-]+)[)}]?\s*,\s*",
        ),
        (("=(",), r"(?P<key>[A-Za-z_]\w*)=\(\s*(?:[\"']?[\w.-]+[\"']?\s+)*"),
    )
)
_OWN_LINE: Final = re.compile(r"[ \t]*[\"'`]?\Z")
_WORD_BEFORE_TYPE: Final = re.compile(r"(?<!\w)\$?(?P<key>[A-Za-z_][\w.]*)(?:\s*:\s*[\w.<>\[\]|?&, ]*|\s+)\Z")
_DEFAULTS: Final = re.compile(r"\$\{(\w+)")
_DEFAULT_OF: Final = re.compile(r"[\"'`]?\s+\$?\(?(?:[\w-]*\.)+(?P<key>[\w-]+)")
_TYPES: Final = frozenset(
    {"string", "str", "text", "securestring", "final", "const", "literal", "optional", "any", "char"}
)
# Generic keys: their value is named beside them, or not at all.
GENERIC: Final = frozenset({"name", "value", "default", "defaultvalue", "id", "key", "item", "initialvalue", "result"})
_HEADER: Final = re.compile(r"(?P<key>[A-Za-z_$][\w.-]*)[\"'\s:=]*\Z")
_NAMED: Final = re.compile(
    r"(?:^|[\s{(,<])\\*[\"']?(?:name|key|variable|parameter)s?\\*[\"']?\s*[:=]\s*\\*[\"'$-]*(?P<key>[A-Za-z][\w.-]*)"
    r"|^[({]\s*[\"']-{0,2}(?P<first>[A-Za-z][\w-]*)[\"']",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def plain_key(key: str) -> str:
    """Return a key normalised across naming conventions: letters and digits, in lower case."""
    return re.sub(r"[^a-z0-9]", "", key.lower())


@lru_cache(maxsize=4096)
def own_key(key: str) -> str:
    """Return the last part of a dotted key, or the last two if the last is generic: `name` of `acr.name`."""
    parts = [plain for part in re.split(r"[.:]", key) if (plain := plain_key(part))]
    if len(parts) > 1 and parts[-1] in GENERIC:
        return "".join(parts[-2:])
    return parts[-1] if parts else ""


def keys_of(lines: Lines, start: int) -> Iterator[str]:
    """Yield the keys to which the value that begins at `start` is assigned, as written."""
    head = _head(lines, start)
    begins = max(map(head.rfind, _NEVER_INSIDE)) + 1
    if ("=" in head or ":" in head) and (assigned := _ASSIGNED.search(head, begins)):
        yield from _DEFAULTS.findall(assigned["defaults"])
        key = _key_before_type(head, assigned)
        if plain_key(key) not in GENERIC or assigned["equals"]:
            yield key
        if plain_key(key) in GENERIC:
            yield from declared_names(lines, start)
        return
    if ">" in head and (tag := _TAG.search(head)):
        yield tag["named"] or tag["key"]
        return
    for signs, pattern in _OTHER:
        if any(map(head.__contains__, signs)) and (match := pattern.search(head)):
            yield match["key"]
            yield from _DEFAULTS.findall(match["defaults"])
    if re.search(r"\bdefault\s+[\"']\Z", head) and (default := _DEFAULT_OF.match(lines.text, start + 1)):
        yield default["key"]


def declared_names(lines: Lines, start: int) -> Iterator[str]:
    """Yield the names of a value's owner: beside it in its object, call or element, and before these."""
    if span := innermost(lines.text, start):
        header = _HEADER.search(lines.text, max(0, span.start - 80), span.start)
        yield from [header["key"]] if header else []
        inside = lines.text[slice(*span)]
        yield from (match["key"] or match["first"] for match in _NAMED.finditer(inside))
        return
    number = lines.number(start)
    for row in (lines.line(number), *keys_beside(lines, number)):
        yield from (match["key"] or match["first"] for match in _NAMED.finditer(row))
    yield key_above(lines, number)


def innermost(text: str, position: int) -> Span | None:
    """Return the stretch of the innermost braces or parentheses around a position, if both ends are near."""
    before, after = text[max(0, position - _WIDEST) : position][::-1], text[position : position + _WIDEST]
    spans = []
    for opening, closing in ("{}", "()"):
        begins, ends = unmatched(before, opening, closing), unmatched(after, closing, opening)
        if begins is not None and ends is not None:
            spans.append(Span(position - begins - 1, position + ends + 1))
    return max(spans, default=None)


def _head(lines: Lines, start: int) -> str:
    """Return the text before a value on its line; with the line above if that is empty."""
    head = lines.before(start)[-_NEAR:]
    if _OWN_LINE.fullmatch(head) and (number := lines.number(start)):
        return f"{lines.line(number - 1)[-_NEAR:]}\n{head}"
    return head


def _key_before_type(head: str, assigned: re.Match[str]) -> str:
    """Return the key of an assignment, not its type: `acr` of `acr: string = `."""
    if plain_key(assigned["key"]) in _TYPES and (named := _WORD_BEFORE_TYPE.search(head[: assigned.start("key")])):
        return named["key"]
    return assigned["key"]

"""The variables with which a value is compared: by an operator, a function, a branch or a list of allowed values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from acr_relocate.references.assignments import declared_names, innermost
from acr_relocate.references.source_text import Lines
from acr_relocate.references.variables import names_in

_NEAR: Final = 240  # characters
_LONGEST: Final = 24  # characters of a function's name
_ITEMS: Final = 60  # lines of a list
_FAR: Final = 3000  # characters: from a branch to the beginning of its switch

_PATH: Final = r"[A-Za-z_][\w-]*(?:\.[\w-]+)*"
_IDENTIFIER: Final = re.compile(rf"(?<![\w.-]){_PATH}|(?<=\.){_PATH}")
_OPERATOR: Final = (
    r"(?:[=!]==?|=~|!~|-[ic]?(?:not)?(?:eq|ne|like|match|in|contains)\b"
    r"|\b(?:eq|equ|ne|neq|is(?:\s+not)?|(?:not\s+)?in|equals)\b)"
)
_BEFORE: Final = re.compile(
    rf"(?P<name>{_PATH})(?:[%#][^{{}}\n]*)?[\"'\]\\)}}%!]*(?:\.\w+\([^()]*\)(?:\[0\])?)?\s*{_OPERATOR}\s*[@(\[]*\s*"
    r"(?:[\"'][^\"'\n]*[\"']\s*,\s*)*[\"'^*/(]*\Z",
    re.IGNORECASE,
)
_AFTER: Final = re.compile(rf"[\"'*$)/\]]*\s*{_OPERATOR}\s*[\"'(]*[$%!{{(]*\s*(?P<name>{_PATH})", re.IGNORECASE)
_SINGLE: Final = re.compile(rf"\[\[?\s+[\"']?\$[{{(]?(?P<name>{_PATH})[^\s=]*[\"']?\s+=\s+[\"']?\Z")
_COMPARES: Final = re.compile(
    r"\b(?:eq|ne|equals|equal|in|notin|contains\w*|startswith|endswith|filter(?:-out)?|ifn?eq|strcmp|compare\w*|match\w*"
    r"|(?:not)?equals\w*|semvercompare|hasprefix|hassuffix|regexmatch)\b",
    re.IGNORECASE,
)
_CONDITION: Final = re.compile(
    rf"{_OPERATOR}|{_COMPARES.pattern}|\b(?:if|elif|elsif|unless|when|while|until|case|switch|condition|test)\b|\[\[?\s",
    re.IGNORECASE,
)
# The beginning of a switch, or of a list of allowed values.
_BRANCHES: Final = re.compile(
    r"\b(?:case|switch|when|match|validateset|contains)\b|allowed|values|options|enum|choices|one_?of", re.IGNORECASE
)
_FUNCTION: Final = re.compile(rf"(?:{_COMPARES.pattern})\s*\Z", re.IGNORECASE)
_MAKE_QUOTED: Final = re.compile(rf"^\s*(?:else\s+)?ifn?eq\s+[\"']\$[({{](?P<name>{_PATH})[)}}][\"']\s+[\"']\Z")
_CALLED: Final = re.compile(rf"[\"']\.(?:equals|casecmp|compare)\w*\(\s*\$?(?P<name>{_PATH})", re.IGNORECASE)
_MAKE: Final = re.compile(r"^\s*(?:else\s+)?ifn?eq\b")
_SYMBOL: Final = re.compile(r"[=!]=|=~|-eq\b|-ne\b")
_ARM: Final = re.compile(r"(?:^|[{;])[ \t]*(?:\(|case\s+)?(?:[\"']?[\w.*-]+[\"']?\s*[|,]\s*)*[\"']?\Z", re.IGNORECASE)
_ARM_ENDS: Final = re.compile(r"[\"'*]*\s*(?:[|,)]|\{|:|->|=>)")
_SUBJECT: Final = re.compile(
    rf"\b(?:case\s+[\"']?\$[{{(]?(?P<shell>{_PATH})[^\n]*?\s+in\b|(?:switch|when|match)\s*\(?\s*\$?(?P<code>{_PATH})[^\n]*?[{{:])",
    re.IGNORECASE,
)
_ALLOWED: Final = re.compile(
    r"(?:allowed_?values|values|options|enum|choices|one_?of|examples)[\"']?\s*[:=]\s*[@(\[{]+[^\])}]*\Z", re.IGNORECASE
)
_LIST_KEY: Final = re.compile(r"(?:allowed_?values|values|options|enum|choices)\Z", re.IGNORECASE)
_ITEM: Final = re.compile(r"[ \t]*-[ \t]+[\"']?\Z")
_DECORATED: Final = re.compile(r"(?:@allowed\(\[|ValidateSet\()[^\])]*\Z", re.IGNORECASE)
_NEXT_NAME: Final = re.compile(
    r"[^\])]*\]?\)\]?(?:\s*(?:@\w+\([^\n]*\)|\[[^\]\n]*\]))*\s*(?:param\s+(?P<bicep>\w+)|\$(?P<powershell>\w+))"
)
_IN_LIST: Final = re.compile(r"[^\[\]\n]*\]\s*,\s*(?P<name>[\w.]+)")


def compared_with(lines: Lines, start: int, end: int) -> Iterator[str]:
    """Yield the variables with which the value between two positions is compared."""
    text, head = lines.text, lines.before(start)[-_NEAR:]
    if not (lines.near(_CONDITION, start, _NEAR, _NEAR) or lines.near(_BRANCHES, start, _FAR)):
        return
    for match in (
        _BEFORE.search(head),
        _SINGLE.search(head),
        _MAKE_QUOTED.search(head),
        _AFTER.match(text, end),
        _CALLED.match(text, end),
    ):
        if match:
            yield match["name"]
    yield from _arguments(lines, start, head)
    yield from _subject(lines, start, end, head)
    yield from _of_allowed(lines, start, end, head)


def conditions_beside(lines: Lines, start: int) -> Iterator[str]:
    """Yield the variables in a condition: a value in it may be compared with one of them."""
    if not (lines.near(_CONDITION, start, _NEAR, _NEAR) or lines.near(_SYMBOL, start, _NEAR, _NEAR)):
        return
    span = lines.command(start)
    row = lines.text[max(span.start, start - _NEAR) : min(span.end, start + _NEAR)]
    if _CONDITION.search(row):
        yield from names_in(row)
    if _SYMBOL.search(row) or (lines.is_code and _CONDITION.search(row)):
        yield from (match[0] for match in _IDENTIFIER.finditer(row))


def _arguments(lines: Lines, start: int, head: str) -> Iterator[str]:
    """Yield the words in the parentheses around a value, if these are the arguments of a comparing function."""
    span = innermost(lines.text, start) if _COMPARES.search(head) else None
    if span is None or span.start < start - len(head):
        return
    inside = lines.text[slice(*span)]
    function = _FUNCTION.search(lines.text, max(0, span.start - _LONGEST), span.start)
    if inside.startswith("{") or function or _COMPARES.match(inside[1:].lstrip()) or _MAKE.search(head):
        yield from (match[0] for match in _IDENTIFIER.finditer(inside))


def _subject(lines: Lines, start: int, end: int, head: str) -> Iterator[str]:
    """Yield the subject of a switch, if a value is one of its branches."""
    if _ARM.search(head) and _ARM_ENDS.match(lines.text, end):
        subjects = list(_SUBJECT.finditer(lines.text, max(0, start - _FAR), start))
        yield from (subjects[-1][part] for part in ("shell", "code") if subjects and subjects[-1][part])


def _of_allowed(lines: Lines, start: int, end: int, head: str) -> Iterator[str]:
    """Yield the parameter or the variable of which a value is an allowed one."""
    text = lines.text
    if not lines.near(_BRANCHES, start, _FAR):
        return
    near = text[max(0, start - _FAR // 4) : start]
    if _DECORATED.search(near):
        if named := _NEXT_NAME.match(text, end):
            yield named["bicep"] or named["powershell"]
    elif allowed := _ALLOWED.search(near):
        yield from declared_names(lines, start - len(near) + allowed.start())
    elif listed := _IN_LIST.match(text, end):
        yield listed["name"]
    if _ITEM.fullmatch(head):
        yield from _of_list(lines, start)


def _of_list(lines: Lines, start: int) -> Iterator[str]:
    """Yield the names of the object with a list of allowed values."""
    number = lines.number(start)
    column = _indent(lines.line(number))
    for above in range(number - 1, max(-1, number - _ITEMS), -1):
        row = lines.line(above)
        if row.strip() and not row.lstrip().startswith("- ") and _indent(row) <= column:
            if _LIST_KEY.fullmatch(row.strip().strip("\"':")):
                yield from declared_names(lines, lines.start_of(above) + _indent(row))
            return


def _indent(row: str) -> int:
    return len(row) - len(row.lstrip())

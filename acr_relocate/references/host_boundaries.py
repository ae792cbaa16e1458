"""Find where a host begins and ends in a text: the difference between a registry and a look-alike.

`contoso.azurecr.io` is named in `${REGISTRY:-contoso.azurecr.io}` and in `%2Fcontoso.azurecr.io`;
it is not in `xcontoso.azurecr.io`, `contoso.azurecr.io.evil.com` or `https://contoso.azurecr.io@evil.com`.
"""

from __future__ import annotations

import html
import re
import unicodedata
from enum import IntEnum
from pathlib import PurePath
from typing import Final

# A dot as texts write it: plain, escaped for a regular expression (and again for JSON), in a class, or in a URL (or
# in a URL within a URL).
DOT: Final = r"(?:\\{0,4}\.|\[\.\]|%(?:25)?2[Ee])"

BACKSLASH_IS_A_PATH: Final = frozenset(
    {".ps1", ".psm1", ".psd1", ".bat", ".cmd", ".md", ".txt", ".ini", ".reg", ".xml"}
)

_BEFORE: Final = 160  # characters: longer than any template expression that people glue to a host
_AFTER: Final = 80

# Escapes of characters that cannot be part of a host; those of letters, digits, `.` and `-` are not among them.
_SEPARATOR: Final = r"(?:[01][0-9A-Fa-f]|2[0-9A-Ca-cFf]|3[A-Fa-f]|40|5[BbDd]|7[BbDd])"
_ESCAPED_CHARACTER: Final = re.compile(
    rf"(?:\\u00{_SEPARATOR}|\\u20[0-9A-Fa-f]{{2}}|\\x{_SEPARATOR}|%(?:25)?{_SEPARATOR})\Z"
)
# Escapes of those, and of the dot and the hyphen in XML: the name goes on.
_WORD: Final = r"(?:2[DdEe]|3[0-9]|4[1-9A-Fa-f]|5[0-9AaFf]|6[1-9A-Fa-f]|7[0-9Aa])"
ESCAPED_WORD: Final = re.compile(rf"(?:\\u00|\\x|%(?:25)?){_WORD}|&#(?:4[56]|[xX]2[DdEe]);?")
# A character as HTML and XML write it; browsers take those of old without the semicolon.
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?\Z")
_SHELL_DEFAULT: Final = re.compile(r"\$\{\w+(?:\[[^\]]*\])?:?[-=+?]\Z")
_LETTER_ESCAPE: Final = re.compile(r"(?P<slashes>\\+)[nrtbsAfv]\Z")
_COLOUR: Final = re.compile(r"(?:\\(?:0?33|x1[Bb]|e|u001[Bb])|\x1b)\[[\d;]*m\Z")  # of a terminal
# What a regular expression takes as more of a name before a host: a class, an alternative, something repeated. No more
# of it are flags, and groups that end where a name does: `(?i)`, `(https://)?`, `(.*\.)?`, `(^|\s)`.
_FLAGS: Final = re.compile(r"\(\?[aimsux-]+\)\Z")
_PATTERN: Final = re.compile(
    r"(?:(?<!\[\.)\][*+?]?|\{\d+,\d*\}|(?:\\[wdDS]|\.)\+|(?:\\[wdDS]|(?<!\\)[\w*+?\]}.=-])\)[*+?]?)\Z"
)
_POWERSHELL: Final = frozenset({".ps1", ".psm1", ".psd1"})
_BACKTICK_ESCAPE: Final = re.compile(r"(?<!`)`[0abefnrtv]\Z")
# What browsers and resolvers take for a dot (RFC 3490, 3.1); before a Latin letter it ends no sentence.
_WIDE_DOT: Final = re.compile("[\u3002\uff0e\uff61][A-Za-z0-9]")
_CONTROL: Final = re.compile(r"(?:\{\{-?\s*(?:if|else|end|with|range|define|block)\b[^{}]*\}\}|\*/\s*-?\}\}|%\})\Z")
_EXPRESSION: Final = re.compile(r"(?:\$\{[^{}]*\}|\{\{[^{}]*\}\}|\{\w*\}|\$\([^()]*\)|%\w+%|\$)-*\Z")
_LEADING_DOT: Final = re.compile(rf"(?P<rest>.*?){DOT}\Z", re.DOTALL)
_DOT_AFTER: Final = re.compile(DOT)
_USER_INFO: Final = re.compile(r"(?::[^\s/@\"'`]*)?@(?!sha\d+:)[A-Za-z0-9-]+\.[A-Za-z]")
_PLAIN: Final = frozenset("\n \t\"'`/=:,(<>|@")  # before a host they end no escape, expression or pattern
# A value of any beginning, an operator or a function that compares with it, and the branch of a shell's `case`.
_WILDCARD: Final = re.compile(r"(?:\.?\*)+\Z")
_COMPARISON: Final = re.compile(
    r"(?:[=!]==?|=~|-[ci]?(?:not)?(?:like|match))\s*[\"']?\^?\Z|\b(?:contains|like|matches|glob)\s*\(?[^()\n]*[\"']\^?\Z",
    re.IGNORECASE,
)
_BRANCH: Final = re.compile(r"(?:^|\n|;;|\bin)[ \t]*\(?(?:[^\s|]+\s*\|\s*)*[\"']?\Z")
_BRANCH_ENDS: Final = re.compile(r"[^\s()]*(?:\s*\|[^()\n]*)?\)")


class Edge(IntEnum):
    """The confidence that a host ends here."""

    NONE = 0
    DOUBTFUL = 1
    SURE = 2


def is_word(character: str) -> bool:
    """Return whether a character would extend the name, as combining accents do.

    East Asian text is written around names without spaces.
    """
    if character and unicodedata.combining(character):
        return True
    return character == "_" or (character.isalnum() and not "\u2e80" <= character < "\uff00")


def starts_host(text: str, start: int, path: str) -> Edge:
    """Return the confidence that a host begins at `start`."""
    if text[start - 1 : start] in _PLAIN:
        return Edge.SURE
    head = text[max(0, start - _BEFORE) : start]
    if any(pattern.search(head) for pattern in (_ESCAPED_CHARACTER, _SHELL_DEFAULT, _COLOUR)):
        return Edge.SURE
    if entity := _ENTITY.search(head):
        head = head[: entity.start()] + html.unescape(entity[0])
    if escape := _LETTER_ESCAPE.search(head):
        # "\n" may be the end of a line, or of a folder's name; "\\n" may be either, one level deeper.
        is_path = len(escape["slashes"]) > 1 or PurePath(path).suffix.lower() in BACKSLASH_IS_A_PATH
        return Edge.DOUBTFUL if is_path else Edge.SURE
    if PurePath(path).suffix.lower() in _POWERSHELL and _BACKTICK_ESCAPE.search(head):
        return Edge.SURE
    if _EXPRESSION.search(head):
        return Edge.SURE if _CONTROL.search(head) else Edge.DOUBTFUL
    return _plain_before(head)


def _plain_before(head: str) -> Edge:
    """Return the edge after text without escapes and expressions."""
    if _PATTERN.search(head) and not _FLAGS.search(head):
        return Edge.DOUBTFUL
    if head.endswith("*"):
        return Edge.SURE if head.endswith("**") else Edge.DOUBTFUL  # bold in Markdown, or a pattern that means more
    if head.endswith("-"):
        return Edge.NONE if is_word(head.rstrip("-")[-1:]) else Edge.SURE
    if dot := _LEADING_DOT.match(head):
        last = dot["rest"][-1:]
        return Edge.NONE if is_word(last) or last in {"-", "}", ")", "]", ">", "+"} else Edge.SURE
    return Edge.NONE if is_word(head[-1:]) else Edge.SURE


def ends_host(text: str, end: int) -> Edge:
    """Return the confidence that a host ends at `end`."""
    tail = text[end : end + _AFTER]
    if _USER_INFO.match(tail) or _WIDE_DOT.match(tail):
        return Edge.NONE
    if dot := _DOT_AFTER.match(tail):
        following = tail[dot.end() :][:1]
        if following in {"{", "$", "<"}:
            return Edge.DOUBTFUL
        return Edge.NONE if is_word(following) or following == "-" else Edge.SURE
    if ESCAPED_WORD.match(tail):
        return Edge.NONE
    if tail.startswith("-"):
        following = tail[1:2]
        return Edge.NONE if is_word(following) or following in {"-", "{", "$"} else Edge.SURE
    return Edge.NONE if is_word(tail[:1]) else Edge.SURE


def host_match_confidence(text: str, start: int, end: int, path: str) -> Edge:
    """Return the confidence that a host is exactly between `start` and `end`."""
    if _is_emphasised(text, start, end):
        return Edge.SURE
    if _is_compared(text, start, end):
        return ends_host(text, end)
    return min(starts_host(text, start, path), ends_host(text, end))


def _is_compared(text: str, start: int, end: int) -> bool:
    """Return whether a host follows a wildcard in a comparison: then it changes with the compared value."""
    if text[start - 1 : start] != "*":
        return False
    wildcard = _WILDCARD.search(text, max(0, start - _BEFORE), start)
    if wildcard is None:
        return False
    head = text[max(0, wildcard.start() - _BEFORE) : wildcard.start()]
    return bool(_COMPARISON.search(head) or (_BRANCH.search(head) and _BRANCH_ENDS.match(text, end)))


def _is_emphasised(text: str, start: int, end: int) -> bool:
    """Return whether the underscores around a host are Markdown emphasis: on both sides, and no word beyond."""
    head, tail = text[max(0, start - 4) : start], text[end : end + 4]
    if not head.endswith("_") or not tail.startswith("_"):
        return False
    return not is_word(head.rstrip("_")[-1:]) and not is_word(tail.lstrip("_")[:1])

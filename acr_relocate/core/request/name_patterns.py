"""Names by pattern: `team-*/app` as a shell matches it, or `/team-[ab]/.*/`, a regular expression between slashes.

Either has to match the whole name. No name of a repository or tag begins with a slash, so the two cannot be confused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import translate
from functools import lru_cache
from typing import Final

_REPOSITORY: Final = re.compile(r"(?:[a-z0-9._/*?-]|\[[!a-z0-9._/-]+\])+")
_TYPE: Final = re.compile(r"[\w.+/*?\[\]!#$&^-]+", re.ASCII)
_TAG: Final = re.compile(r"(?:[\w.*?-]|\[[!\w.-]+\])+", re.ASCII)


def matches_any(name: str, patterns: Iterable[str]) -> bool:
    """Return whether one of the patterns matches the whole name."""
    return any(_compiled(pattern).fullmatch(name) for pattern in patterns)


def any_pattern(text: str) -> str:
    """Return a name or pattern unchanged. Raises ValueError for an invalid expression."""
    try:
        _compiled(text)
    except re.error as error:
        raise ValueError(f"{text} is no regular expression: {error}") from None
    return text


def is_expression(pattern: str) -> bool:
    """Return whether it is a regular expression between slashes."""
    return pattern.startswith("/")


def is_name(pattern: str) -> bool:
    """Return whether it is a full name."""
    return not is_expression(pattern) and not set("*?[") & set(pattern)


def repository_pattern(pattern: str) -> str:
    """Return the pattern, or raise ValueError if it can match no repository."""
    if is_expression(pattern):
        return _expression(pattern)
    if not pattern or pattern != pattern.lower():
        raise ValueError(f'"{pattern}" can match nothing: repository names are lower-case')
    if not _REPOSITORY.fullmatch(pattern):
        raise ValueError(
            f'"{pattern}" can match nothing: repository names are letters, digits and ._-/ without the registry '
            "and without a tag; * and ? stand for any of them, [ab] for one of these, and /…/ is a regular expression"
        )
    return pattern


def tag_pattern(pattern: str) -> str:
    """Return the pattern, or raise ValueError if it can match no tag."""
    if is_expression(pattern):
        return _expression(pattern)
    if not _TAG.fullmatch(pattern):
        raise ValueError(
            f'"{pattern}" can match nothing: tags are letters, digits and ._- without the repository; '
            "* and ? stand for any of them, [ab] for one of these, and /…/ is a regular expression"
        )
    return pattern


def type_pattern(pattern: str) -> str:
    """Return the pattern, or raise ValueError if it can match no artifact type."""
    if is_expression(pattern):
        return _expression(pattern)
    if not _TYPE.fullmatch(pattern):
        raise ValueError(f'"{pattern}" can match nothing: artifact types look like application/vnd.in-toto+json')
    return pattern


def _expression(pattern: str) -> str:
    if len(pattern) < 3 or not pattern.endswith("/"):
        raise ValueError(f'"{pattern}" begins with a slash, as a regular expression does, but does not end with one')
    try:
        _compiled(pattern)
    except re.error as error:
        raise ValueError(f'"{pattern}" is not a regular expression: {error}') from None
    return pattern


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern[1:-1] if is_expression(pattern) else translate(pattern))

"""Tags as versions, and ranges of them, as in `>=1.2 <2` or `^1.4`.

A tag is a version if it begins with one to three numbers, with or without a `v`: `1`, `v1.27`, `1.27.3`; more numbers
do not matter. The part after a hyphen is a variant (`1.27.3-alpine`), whose version is that of the numbers, unless it
begins with a word for a pre-release (`2.0.0-rc.1`). Pre-releases are in a range only if it names one of
the same numbers, as in npm: `>=2.0.0-rc.1`. Semantic versioning alone would take `1.27.3-alpine` for a pre-release.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from semantic_version import NpmSpec, Version

_TAG: Final = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:\.\d+)*(?:[-+_](.+))?", re.ASCII)
_BEFORE_A_RELEASE: Final = re.compile(
    r"(?:alpha|beta|rc|pre|preview|prerelease|dev|snapshot|nightly|canary|next|a|b|m)(?![a-z])", re.IGNORECASE
)
_NOT_AN_IDENTIFIER: Final = re.compile(r"[^0-9A-Za-z-]+")


def version_range(text: str) -> str:
    """Return the range, or raise ValueError if it is invalid; an empty text is allowed."""
    if text.strip():
        try:
            _range(text)
        except ValueError:
            raise ValueError(f'"{text}" is not a range of versions such as ">=1.2 <2" or "^1.4"') from None
    return text.strip()


def is_in_range(tag: str, text: str) -> bool:
    """Return whether the tag is a version within the range."""
    version = version_of(tag)
    return version is not None and version in _range(text)


def version_of(tag: str) -> Version | None:
    """Return the tag's version, or None if it is not a version."""
    found = _TAG.fullmatch(tag)
    if not found:
        return None
    major, minor, patch = (int(number or 0) for number in found.groups()[:3])
    suffix = found[4] or ""
    before = tuple(_identifiers(suffix)) if _BEFORE_A_RELEASE.match(suffix) else ()
    return Version(major=major, minor=minor, patch=patch, prerelease=before)


def _identifiers(suffix: str) -> list[str]:
    """Return the parts of a pre-release; numbers without leading zeros, which semantic versioning forbids."""
    parts = filter(None, _NOT_AN_IDENTIFIER.split(suffix))
    return [str(int(part)) if part.isdigit() else part for part in parts]


@lru_cache(maxsize=64)
def _range(text: str) -> NpmSpec:
    """Return the range; commas may stand between its parts, and blanks behind an operator."""
    return NpmSpec(re.sub(r"([<>=^~]) ", r"\1", " ".join(text.replace(",", " ").split())))

"""The registry's resource id, whole or from `/resourceGroups` or `/providers` on, with templates in its segments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from acr_relocate.references.host_boundaries import ESCAPED_WORD
from acr_relocate.references.model import Rename, recase

_SLASH: Final = r"(?:\\{0,4}/|%(?:25)?2[Ff]|\\{1,2}u002[Ff])"
_START: Final = rf"(?:{_SLASH}|(?<![A-Za-z0-9]))"
_SEGMENT: Final = r"(?:\$?\{\{[^{}]*\}\}|\$\{[^{}]*\}|\$\([^()]*\)|<[^<>]*>|\{\w*\}|\$\w+|[^\s/\\\"'`,;<>{}%?#&|$])+"
_PROVIDER: Final = re.compile("containerregistry", re.IGNORECASE)
_IS_TEMPLATE: Final = re.compile(r"[${}<>*]")

NOT_GIVEN: Final = "a resource id: give --id-from and --id-to to have it rewritten"
ANOTHER: Final = "its subscription or resource group is not the one given"


class IdInText(NamedTuple):
    """A resource id in a text. `sure` is False if it may be another registry's."""

    start: int
    end: int
    sure: bool
    replacement: str | None
    note: str


def find_resource_ids(text: str, rename: Rename) -> Iterator[IdInText]:
    """Yield every resource id of the registry, its children's included as far as the registry's name goes."""
    name = rename.names[0]
    if not name or not _PROVIDER.search(text):
        return
    for match in _pattern(name).finditer(text):
        if not ESCAPED_WORD.match(text, match.end()):
            yield _resource_id(match, rename)


@lru_cache(maxsize=16)
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?:{_START}subscriptions{_SLASH}(?P<subscription>{_SEGMENT}))?"
        rf"(?:{_SLASH}resourceGroups{_SLASH}(?P<group>{_SEGMENT}))?"
        rf"{_START}providers{_SLASH}Microsoft\.ContainerRegistry{_SLASH}registries{_SLASH}"
        rf"(?P<name>{re.escape(name)})(?![A-Za-z0-9_-])",
        re.IGNORECASE,
    )


def _resource_id(match: re.Match[str], rename: Rename) -> IdInText:
    """Return the matched id; every literal segment must be the known one before anything is replaced."""
    literal = {
        part: match[part] for part in ("subscription", "group") if match[part] and not _IS_TEMPLATE.search(match[part])
    }
    known = _known(rename)
    if any(match_text.lower() != known[part][0].lower() for part, match_text in literal.items() if part in known):
        return IdInText(*match.span(), sure=False, replacement=None, note=ANOTHER)
    if literal and not known:  # a templated group does not tell that a literal subscription stays the same
        return IdInText(*match.span(), sure=True, replacement=None, note=NOT_GIVEN)
    edits = {part: recase(literal[part], *known[part]) for part in literal if part in known}
    edits["name"] = recase(match["name"], *rename.names)
    return IdInText(*match.span(), sure=True, replacement=_with(match, edits), note="")


def _known(rename: Rename) -> dict[str, tuple[str, str]]:
    """Return the known segments of the id: old and new."""
    known = {"group": rename.groups} if rename.groups[0] else {}
    if rename.ids:
        known["subscription"] = (rename.ids[0].subscription, rename.ids[1].subscription)
    return known


def _with(match: re.Match[str], edits: dict[str, str]) -> str:
    """Return the matched text with some of its groups replaced."""
    text, offset = match[0], match.start()
    for part in ("name", "group", "subscription"):  # from the end, so that earlier positions stay right
        if part in edits:
            start, end = match.start(part) - offset, match.end(part) - offset
            text = text[:start] + edits[part] + text[end:]
    return text

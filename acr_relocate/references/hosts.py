"""The login server and its endpoints: `<host>`, `<name>.<region>.data.`, `.geo.` and `.privatelink.` hosts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from acr_relocate.references.host_boundaries import DOT, Edge, host_match_confidence
from acr_relocate.references.model import LOGIN_SERVER, Rename, recase

# A region, or a placeholder for one: a wildcard, a regular expression or a template's expression.
_REGION: Final = (
    r"[A-Za-z0-9]+|\*|%s|%\w+%|(?:\[[^\]\s]+\]|\\{1,4}[wS]|\.|\([^()\s]*\))[+*]?\??"
    r"|\$\w+|\$\{[^{}\s]*\}|\$?\{\{[^{}]*\}\}|\$\([^()]*\)|<[^<>\s]+>|\{\w*\}"
)
_BREAK: Final = r"(?:\\\r?\n[ \t]*)?"

NO_REGION: Final = "a regional endpoint: give --region-from and --region-to, or choose its region manually"
SPLIT: Final = "the host is written over two lines"
DOUBTFUL: Final = "the adjacent text may make it another host"


class Host(NamedTuple):
    """A host in a text. `plain` is the login server itself, not one of its endpoints."""

    start: int
    end: int
    edge: Edge
    plain: bool
    replacement: str | None
    note: str


def find_hosts(text: str, rename: Rename, path: str) -> Iterator[Host]:
    """Yield every place with the login server or one of its endpoints as a whole host."""
    for match in _pattern(rename.source).finditer(text):
        edge = host_match_confidence(text, *match.span(), path)
        if edge is not Edge.NONE:
            yield _host(match, edge, rename)
    if "\\\n" in text or "\\\r\n" in text:
        yield from _split_hosts(text, rename, path)


@lru_cache(maxsize=16)
def _pattern(host: str) -> re.Pattern[str]:
    """Return the pattern of a host, its dots written in any way; with its endpoints if it is a login server."""
    head, *rest = host.split(".")
    tail = DOT.join(map(re.escape, rest))
    middle = ""
    if LOGIN_SERVER.fullmatch(host):
        middle = rf"(?:(?P<region>{_REGION}){DOT}(?:data|geo){DOT})?(?:privatelink{DOT})?"
    return re.compile(rf"(?P<head>{re.escape(head)})(?P<dot>{DOT})(?P<middle>{middle})(?P<tail>{tail})", re.IGNORECASE)


def _host(match: re.Match[str], edge: Edge, rename: Rename) -> Host:
    """Return the matched host, with its replacement."""
    note = DOUBTFUL if edge is Edge.DOUBTFUL else ""
    middle = _moved(match, rename)
    if middle is None:
        return Host(*match.span(), edge, plain=False, replacement=None, note=NO_REGION)
    old_head, _, old_tail = rename.source.partition(".")
    new_head, _, new_tail = rename.target.partition(".")
    tail = _retailed(match["tail"], old_tail, new_tail, match["dot"])
    replacement = recase(match["head"], old_head, new_head) + match["dot"] + middle + tail
    return Host(*match.span(), edge, plain=not middle, replacement=replacement, note=note)


def _moved(match: re.Match[str], rename: Rename) -> str | None:
    """Return the labels between name and suffix with the home region replaced; None if its new one is unknown."""
    middle, region = match["middle"], match.groupdict().get("region")
    if not region or not region.isalnum():
        return middle
    if not rename.source_region:
        return None
    if region.lower() != rename.source_region:
        return middle  # a replica elsewhere, which the target has as well
    return recase(region, rename.source_region, rename.target_region) + middle[len(region) :]


def _retailed(found: str, old: str, new: str, dot: str) -> str:
    """Return the host's other labels replaced one by one, each dot written as it was."""
    if found == old and old.count(".") == new.count("."):
        return new
    dots = re.findall(DOT, found)
    labels = re.split(DOT, found)
    old_labels, new_labels = old.split("."), new.split(".")
    if len(old_labels) == len(new_labels):
        labels = [recase(*three) for three in zip(labels, old_labels, new_labels, strict=True)]
    else:
        labels, dots = new_labels, [*dots, *[dot] * len(new_labels)]
    return labels[0] + "".join(dot + label for dot, label in zip(dots, labels[1:], strict=False))


def _split_hosts(text: str, rename: Rename, path: str) -> Iterator[Host]:
    """Yield hosts with a line continuation inside. They are left to people: the new layout is unclear."""
    pattern = _BREAK.join(re.escape(character) for character in rename.source)
    for match in re.finditer(pattern, text, re.IGNORECASE):
        if "\n" in match[0] and host_match_confidence(text, *match.span(), path) is not Edge.NONE:
            yield Host(*match.span(), Edge.DOUBTFUL, plain=True, replacement=None, note=SPLIT)

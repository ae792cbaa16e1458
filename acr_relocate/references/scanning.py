"""Scan a text for all references, each classified once, and rewrite the chosen ones."""

from __future__ import annotations

import re
from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator
from typing import Final

from acr_relocate.references.definitions import creates_or_deletes
from acr_relocate.references.encoded import find_encoded
from acr_relocate.references.file_rules import NAMES_BOTH, as_file_allows, downgrade_ambiguous, mentions, path_allows
from acr_relocate.references.host_boundaries import Edge
from acr_relocate.references.host_labels import find_first_labels, find_records
from acr_relocate.references.hosts import Host, find_hosts
from acr_relocate.references.model import Choice, Reference, ReferenceKind, Rename
from acr_relocate.references.names import ACTS, find_names
from acr_relocate.references.other_identifiers import OTHER_SYSTEM, names_another
from acr_relocate.references.pull_secrets import CREDENTIALS, credentials_beside, credentials_of_name
from acr_relocate.references.repositories import (
    RENAMED_ELSEWHERE,
    RENAMED_UNKNOWN,
    renamed_behind,
    repositories_beside,
)
from acr_relocate.references.resource_ids import find_resource_ids
from acr_relocate.references.source_text import Lines, Span

_PORT_AND_PATH: Final = re.compile(
    r"\.?(?:(?::|%(?:25)?3[Aa])\d+)?\}?(?:\\?//?|%(?:25)?2[Ff]|\\u002[Ff]|&#(?:47|[xX]2[Ff]);)(?!v[12](?:/|\b)|oauth2/|acr/v1)(?=[\w$%{<*(\[.\\])"
)
_IMAGE_KEY: Final = re.compile(
    r"(?:registry|repository|repo|image|imageName|newName|baseUrl|FROM)[\"']?(?:\s+[?:+]?=|[:=]|>|\s)\s*[\"']?\Z",
    re.IGNORECASE,
)
_KEY: Final = 120  # characters of a key and what is between it and its value
_IMAGE_LINE: Final = re.compile(r"\s*(?:- )?image:[^#]*\Z", re.IGNORECASE)
_IMAGE: Final = re.compile(r"[^\s\"'`,;<>]{0,500}")  # longer than names of images may be

_GOES_ON: Final = frozenset("/:%\\")  # a path or a port: the value is more than the host


def scan(text: str, rename: Rename, path: str = "") -> tuple[Reference, ...]:
    """Return the references of a text in order, none overlapping another. `path` determines the language."""
    lines = Lines(text, path)
    found = _apart([*_encoded(lines, rename), *_in_plain_text(lines, rename, path)])
    named = mentions(text, rename.target) or any(one.encoded for one in found)
    if found and named and path_allows(path):
        back = rename.reversed()
        of_target = _apart([*_encoded(lines, back), *_in_plain_text(lines, back, path)])
        found = downgrade_ambiguous(found, as_file_allows(of_target, lines, path), lines)
    return tuple(_placed(lines, reference) for reference in as_file_allows(found, lines, path))


def rewrite_text(text: str, references: Iterable[Reference], rename: Rename, choice: Choice) -> str:
    """Return the text with every chosen reference replaced, and every other character unchanged."""
    pieces, position = [], 0
    for reference in references:
        if choice.rewrites(reference):
            pieces += [text[position : reference.start], _replacement(text, reference, rename)]
            position = reference.end
    return "".join([*pieces, text[position:]])


def _replacement(text: str, reference: Reference, rename: Rename) -> str:
    """Return the replacement; an encoded value is decoded again, because a reference holds no secret."""
    if not reference.encoded:
        return reference.replacement or ""
    value = next(find_encoded(text, reference.start))
    return value.encode(rewrite_text(value.plain, _inside(value.plain, rename), rename, Choice(pull_secrets=True)))


def unresolved_references(references: Iterable[Reference], choice: Choice, *, rewritten: bool) -> tuple[Reference, ...]:
    """Return the references that still name the old registry.

    Probable ones count only if requested, or if they surely name it and are left for another reason.
    """
    return tuple(
        reference
        for reference in references
        if (reference.kind is not ReferenceKind.PROBABLE or reference.downgraded or choice.probable)
        and not (rewritten and choice.rewrites(reference))
    )


def _encoded(lines: Lines, rename: Rename) -> Iterator[Reference]:
    """Yield base64 values that name the registry: pull secrets, and addresses in the data of a Kubernetes Secret."""
    back = rename.reversed()
    for value in find_encoded(lines.text):
        inner = _inside(value.plain, rename)
        if not inner:
            continue
        is_image = any(found.kind is ReferenceKind.IMAGE for found in inner)
        beside = credentials_beside(lines, value.span, plain_host=True, is_image=is_image)
        secret = beside == CREDENTIALS or any(found.kind is ReferenceKind.PULL_SECRET for found in inner)
        unknown = [found.note for found in inner if found.replacement is None]
        if _inside(value.plain, back):
            unknown = [NAMES_BOTH]
        yield Reference(
            kind=ReferenceKind.PULL_SECRET if secret else ReferenceKind.ENDPOINT,
            start=value.span.start,
            end=value.span.end,
            text=f"{rename.source} in base64",
            replacement=None if unknown else f"{rename.target} in base64",
            note=CREDENTIALS if secret else "".join(unknown[:1]),
            encoded=True,
        )


class _Taken:
    """Stretches of a text that are already classified."""

    def __init__(self) -> None:
        self._spans: list[Span] = []

    def take(self, start: int, end: int) -> Span:
        """Add a stretch."""
        insort(self._spans, span := Span(start, end))
        return span

    def holds(self, position: int) -> bool:
        """Return whether a position is inside one of the stretches, which may touch but hardly overlap."""
        at = bisect_right(self._spans, position, key=lambda span: span.start)
        return any(span.start <= position < span.end for span in self._spans[max(0, at - 2) : at])


def _inside(plain: str, rename: Rename) -> list[Reference]:
    """Return the certain references in a decoded value."""
    if not mentions(plain, rename.source) and "\\" not in plain:  # after which a host may go on in the next line
        return []
    return _apart(
        found for found in _in_plain_text(Lines(plain, ""), rename, "") if found.kind is not ReferenceKind.PROBABLE
    )


def _in_plain_text(lines: Lines, rename: Rename, path: str) -> Iterator[Reference]:
    """Yield the references in the text itself, the surest first: resource ids, hosts, then bare names outside both."""
    text, taken, hosts = lines.text, _Taken(), list[Span]()
    for found in find_resource_ids(text, rename):
        acts = creates_or_deletes(lines, found.start)
        kind = ReferenceKind.RESOURCE_ID if found.sure and not acts else ReferenceKind.PROBABLE
        span = taken.take(found.start, found.end)
        yield _reference(text, span, kind, found.replacement, ACTS if acts else found.note)
    for host in find_hosts(text, rename, path):
        kind, note = _classified(lines, host)
        taken.take(*_with_image(text, host))
        hosts += [Span(host.start, host.end)] if text[host.end : host.end + 1] not in _GOES_ON else []
        replacement = None if note == OTHER_SYSTEM else host.replacement
        yield from _with_repositories(text, host, _reference(text, Span(*host[:2]), kind, replacement, note), rename)
    for host in find_hosts(text, rename.reversed(), path) if mentions(text, rename.target) else ():
        taken.take(*_with_image(text, host))  # or a name in it would be found only after the host is rewritten
    labels = (*find_records(text, rename, taken.holds), *find_first_labels(text, rename, taken.holds))
    for name in (*labels, *find_names(lines, rename, taken.holds, hosts)):
        beside = credentials_of_name(lines, name.start) if name.sure else ""
        named = ReferenceKind.PULL_SECRET if beside == CREDENTIALS else ReferenceKind.NAME
        kind = named if name.sure else ReferenceKind.PROBABLE
        note = CREDENTIALS if kind is ReferenceKind.PULL_SECRET else name.note or beside
        yield _reference(text, Span(name.start, name.end), kind, name.replacement, note)


def _with_repositories(text: str, host: Host, found: Reference, rename: Rename) -> Iterator[Reference]:
    """Yield the reference with its repository, and those in keys beside it, under their names at the new registry."""
    names = rename.repository_names
    if not (names.rules and host.plain and found.replacement):
        yield found
        return
    behind = renamed_behind(text, host.start, host.end, names)
    if behind is None:
        beside = list(repositories_beside(text, Span(host.start, host.end), names))
        alone = found.kind is ReferenceKind.IMAGE and text[host.end : host.end + 1] not in _GOES_ON and not beside
        yield found.model_copy(update={"note": found.note or RENAMED_ELSEWHERE}) if alone else found
        for span, there in beside:
            yield _reference(text, span, found.kind, there, found.note)
    elif behind.path is None:
        yield found.model_copy(update={"replacement": None, "note": RENAMED_UNKNOWN})
    else:
        yield _reference(text, Span(host.start, behind.end), found.kind, found.replacement + behind.path, found.note)


def _with_image(text: str, host: Host) -> Span:
    """Return a host with the repository and tag that follow it."""
    image = _IMAGE.match(text, host.end)
    return Span(host.start, image.end() if image else host.end)


def _classified(lines: Lines, host: Host) -> tuple[ReferenceKind, str]:
    """Return the kind of a host in its text, and the note for a person."""
    if host.edge is not Edge.SURE:
        return ReferenceKind.PROBABLE, host.note
    if names_another(lines, host):
        return ReferenceKind.PROBABLE, OTHER_SYSTEM
    is_image = host.plain and bool(_PORT_AND_PATH.match(lines.text, host.end))
    beside = credentials_beside(lines, Span(host.start, host.end), plain_host=host.plain, is_image=is_image)
    if beside == CREDENTIALS:
        return ReferenceKind.PULL_SECRET, beside
    is_image = is_image or (host.plain and _is_value_of_image(lines.before(host.start)))
    return (ReferenceKind.IMAGE if is_image else ReferenceKind.ENDPOINT), host.note or beside


def _is_value_of_image(head: str) -> bool:
    """Return whether the text before a host on its line is a key for an image or its registry."""
    return bool(_IMAGE_KEY.search(head[-_KEY:]) or _IMAGE_LINE.match(head))


def _reference(text: str, span: Span, kind: ReferenceKind, replacement: str | None, note: str) -> Reference:
    return Reference(
        kind=kind, start=span.start, end=span.end, text=text[span.start : span.end], replacement=replacement, note=note
    )


def _apart(found: Iterable[Reference]) -> list[Reference]:
    """Return references in order of place; of two that overlap, the longer one that begins first."""
    apart: list[Reference] = []
    for reference in sorted(found, key=lambda reference: (reference.start, -reference.end)):
        if not apart or reference.start >= apart[-1].end:
            apart.append(reference)
    return apart


def _placed(lines: Lines, reference: Reference) -> Reference:
    """Return a reference with its line and column: the position of the registry's name in it."""
    is_id = "/registries/" in reference.text.lower()
    line, column = lines.place(reference.end - len(reference.text.rpartition("/")[2]) if is_id else reference.start)
    return reference.model_copy(update={"line": line, "column": column})

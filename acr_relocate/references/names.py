"""The registry's bare name: certain if the text says that it is a registry's, probable anywhere else.

`contoso` is also a company, a namespace and a user. It is the registry in `az acr login -n contoso`, `acrName: contoso`
or `resourceId('Microsoft.ContainerRegistry/registries', 'contoso')`, and in `REG=contoso` if the same text has
`az acr login -n $REG`. Where a text *defines* the registry, its name is left to people: Terraform replaces, which is
deletes, a resource whose name changes. A value and its comparisons are changed together or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from acr_relocate.references.assignments import keys_of, own_key
from acr_relocate.references.commands import takes_registry
from acr_relocate.references.comparisons import compared_with, conditions_beside
from acr_relocate.references.definitions import creates_or_deletes, is_defined_here
from acr_relocate.references.documents import Sections
from acr_relocate.references.host_labels import SUFFIX_FOLLOWS, Name
from acr_relocate.references.model import Rename, recase
from acr_relocate.references.resource_groups import Beside, groups_beside, is_existing
from acr_relocate.references.source_text import Lines, Span
from acr_relocate.references.variables import Variables, find_variables

GROUP_BESIDE: Final = "the resource group beside it: give --resource-group-from and -to, or correct it yourself"
SUBSCRIPTION_BESIDE: Final = "the subscription beside it: give --id-from and --id-to, or correct it yourself"
ACTS: Final = "creates or deletes a registry: decide which one to use"
DEFINES: Final = "defines the registry: with another name the tool may delete the old one"
COMPARED: Final = "it is compared with an unchanged value: change both or neither"

_WORD: Final = r"(?:(?<!\w)|(?<=\\[nrt])|(?<=&nbsp)|(?<=&[lg]t)|(?<=&quot))"
_BEFORE_A_PIECE: Final = frozenset("/.@\\-_$~")
_AFTER_A_PIECE: Final = re.compile(r"\[\.\]|%2|[/@\-_$~]|[.:]\S|\\[^\"'nrt]")
_REST_IS_ADDED: Final = re.compile(r"\.(?:[\"']\s*[,+.&]|\$|\{\{|<\w|%[sv])")
_TERRAFORM: Final = frozenset({".tf", ".tfvars"})
_MOST_HOSTS: Final = 200  # of a text, whose variables are looked for


class _Occurrence(NamedTuple):
    """The bare name in a text. `keys` are the registry's variables to which it is assigned or compared.

    `beside`: such variables in the same condition, if the comparison is unclear.
    """

    start: int
    end: int
    sure: bool
    note: str = ""
    keys: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()


class _Text(NamedTuple):
    """Facts about a text as a whole."""

    lines: Lines
    variables: Variables
    sections: Sections
    hosts: frozenset[str]


def find_names(
    lines: Lines, rename: Rename, is_taken: Callable[[int], bool], hosts: Sequence[Span] = ()
) -> Iterator[Name]:
    """Yield every occurrence of the bare name as a word of its own, outside hosts and ids."""
    old, new = rename.names
    places = [] if not old or old == new else _places(lines.text, old, is_taken)
    if not places:
        return
    held = frozenset(own_key(key) for host in hosts[:_MOST_HOSTS] for key in keys_of(lines, host.start))
    text = _Text(lines, find_variables(lines, rename), Sections(lines), held)
    found = [one for span in places if (one := _occurrence(text, span))]
    for one in _together(text, found):
        written = lines.text[one.start : one.end]
        replacement = None if is_defined_here(lines, one.start) else recase(written, old, new)
        beside = list(groups_beside(lines, one.start)) if one.sure else []
        note = one.note or _unknown_beside(beside, rename)
        yield Name(one.start, one.end, sure=one.sure, replacement=replacement, note=note)
        yield from _moved(beside, lines.text, rename)


def _places(text: str, name: str, is_taken: Callable[[int], bool]) -> list[Span]:
    """Return the positions of the name as a word, neither in a host or an id nor as the beginning of one."""
    matches = re.finditer(rf"{_WORD}{re.escape(name)}(?!\w)", text, re.IGNORECASE)
    return [
        Span(*match.span())
        for match in matches
        if not is_taken(match.start()) and not SUFFIX_FOLLOWS.match(text, match.end())
    ]


def _occurrence(text: _Text, span: Span) -> _Occurrence | None:
    """Return the facts around an occurrence; None if it is part of something else."""
    lines, known = text.lines, text.variables
    ends = not _AFTER_A_PIECE.match(lines.text, span.end)
    given = {own_key(key) for key in keys_of(lines, span.start) if known.holds(key)} if ends else set()
    option = ends and takes_registry(lines, span.start)
    compared: set[str] = set()
    if not option and (ends or lines.text[span.end] == "$"):
        names = {own_key(key): known.holds(key) for key in compared_with(lines, *span)}
        compared = {key for key, holds in names.items() if holds or key in text.hosts}
    keys = frozenset(given | compared)
    if option or keys:
        note = _reason_against(text, span.start, keys)
        return _Occurrence(*span, sure=not note, note=note, keys=keys)
    if _is_a_piece(lines.text, *span):
        return None
    beside = frozenset(own_key(key) for key in conditions_beside(lines, span.start) if known.holds(key))
    return _Occurrence(*span, sure=False, note=DEFINES if is_defined_here(lines, span.start) else "", beside=beside)


def _together(text: _Text, found: list[_Occurrence]) -> Iterator[_Occurrence]:
    """Yield occurrences; those compared with an unchanged value are left too. A sample is compared with itself."""
    blocks = [text.sections.block(one.start) for one in found]
    left = {
        (block, key) for one, block in zip(found, blocks, strict=True) if not one.sure for key in one.keys | one.beside
    }
    for one, block in zip(found, blocks, strict=True):
        is_left = one.sure and any((block, key) in left for key in one.keys)
        yield one._replace(sure=False, note=COMPARED) if is_left else one


def _unknown_beside(beside: Iterable[Beside], rename: Rename) -> str:
    """Return the note about a resource group or a subscription beside a name, if the new one is unknown."""
    kinds = {one.is_group for one in beside}
    if True in kinds and not rename.groups[0]:
        return GROUP_BESIDE
    return SUBSCRIPTION_BESIDE if False in kinds and not (rename.ids or rename.groups[0]) else ""


def _moved(beside: Iterable[Beside], text: str, rename: Rename) -> Iterator[Name]:
    """Yield the old registry's resource group and subscription beside its name."""
    subscriptions = tuple(one.subscription for one in rename.ids or ()) or ("", "")
    for one in beside:
        written, (old, new) = text[one.start : one.end], rename.groups if one.is_group else subscriptions
        if written.lower() == old.lower() != new.lower():
            yield Name(one.start, one.end, sure=True, replacement=recase(written, old, new))


def _is_a_piece(text: str, start: int, end: int) -> bool:
    """Return whether a word is part of a path, a host, an address, an image or a longer name."""
    if text[start - 1 : start] in _BEFORE_A_PIECE:
        return True
    return bool(_AFTER_A_PIECE.match(text, end)) and not _REST_IS_ADDED.match(text, end)


def _reason_against(text: _Text, start: int, keys: frozenset[str]) -> str:
    """Return why a registry's name is left to people: here it may create or delete a registry."""
    lines = text.lines
    if is_existing(lines, start):
        return ""
    if is_defined_here(lines, start) or text.sections.defines(start, is_value=bool(keys)):
        return DEFINES
    if lines.suffix in _TERRAFORM and keys and not keys <= text.variables.existing:
        return DEFINES
    return ACTS if creates_or_deletes(lines, start) or keys & text.variables.deleted else ""

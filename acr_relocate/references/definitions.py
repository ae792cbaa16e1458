"""Places where a text defines, creates or deletes the registry itself: there its name is left to people.

Terraform replaces, which is deletes, a resource whose name changes; a script that deletes the old registry would delete
the new one.
"""

from __future__ import annotations

import re
from typing import Final

from acr_relocate.references.enclosing_objects import object_around
from acr_relocate.references.source_text import Lines, unmatched

_WIDEST: Final = 4000  # characters of a block, in each direction
_FARTHEST: Final = 1000  # characters of a command before a name, as in Lines
_KEY: Final = 60  # characters of the key before a name, at most
_HEADER: Final = 300  # characters before its brace

_TYPE: Final = r"[\"']?type[\"']?\s*[:=]\s*[\"']Microsoft\.ContainerRegistry/registries(?:@[\w-]+)?[\"']"
_IN_CODE: Final = re.compile(
    r"\bresource\s+\"azurerm_container_registry\"|Microsoft\.ContainerRegistry/registries@[\w-]+'\s*=\s*(?:if\b|\{)"
    rf"|{_TYPE}|\bcontainerregistry[.:]Registry\b",
    re.IGNORECASE,
)
_IN_YAML: Final = re.compile(r"\bcontainerregistry\.azure\.|\bazure_rm_containerregistry:", re.IGNORECASE)
_NAME_KEY: Final = re.compile(r"\b(?:name|registryName|azureName|registry_name)[\"']?\s*[:=]\s*[\"']?\Z", re.IGNORECASE)
_DEFINING_HEADER: Final = re.compile(
    r"(?:\bresource\s+\"azurerm_container_registry\"\s+\"[\w-]+\"\s*|registries@[\w-]+'\s*=\s*(?:if\b[^{}]*)?"
    r"|\bcontainerregistry\.Registry\(\s*[\"'`][^\"'`]*[\"'`]\s*,\s*)\Z",
    re.IGNORECASE,
)
_TYPED: Final = re.compile(_TYPE, re.IGNORECASE)
_READ_ONLY_HEADER: Final = re.compile(r"\b(?:data\s+\"azapi_resource\"[^{}]*|existing\s*=\s*)\Z")
_DEFINING_LINES: Final = re.compile(
    r"(?:\bazure_rm_containerregistry:[ \t]*\r?\n(?:(?![ \t]*- )[^\n]*\n)*?"
    r"|\btype:[ \t]*[\"']?azure-native:containerregistry:Registry\b[^\n]*\n(?:[^\n]*\n){0,6}?)"
    r"[ \t]+(?:registryName|name):[ \t]*[\"']?\Z"
)
_CREATES_OR_DELETES: Final = re.compile(
    r"\baz\s+acr\s+(?:create|delete)\s|\b(?:New|Remove)-AzContainerRegistry\s"
    r"|\baz\s+resource\s+delete\b|\bRemove-AzResource\b|\baz\s+rest\b.*\s(?:--method|-m)[ =]delete\b",
    re.IGNORECASE,
)


def defines_in_code(text: str) -> bool:
    """Return whether a text defines a registry with an infrastructure tool; its name may come from a variable."""
    return bool(_IN_CODE.search(text))


def is_defined_here(lines: Lines, start: int) -> bool:
    """Return whether a name is the one in the definition of a registry."""
    text = lines.text
    if not _NAME_KEY.search(text, max(0, start - _KEY), start):
        return False
    head = text[max(0, start - _WIDEST) : start]
    if _DEFINING_LINES.search(head[-_HEADER * 2 :]):
        return True
    kind, manifest = object_around(lines, start) if lines.has(_IN_YAML) else ("", "")
    return (kind == "Registry" and bool(_IN_YAML.search(manifest))) or _is_in_block(text, start)


def _is_in_block(text: str, start: int) -> bool:
    """Return whether the block in braces around a name is the definition of a registry."""
    opening = unmatched(text[max(0, start - _WIDEST) : start][::-1], "{", "}")
    if opening is None:
        return False
    begins = start - opening - 1
    header = text[max(0, begins - _HEADER) : begins]
    closing = unmatched(text[start : start + _WIDEST], "}", "{") or 0
    if _READ_ONLY_HEADER.search(header):
        return False
    return bool(_DEFINING_HEADER.search(header) or _TYPED.search(text, begins, start + closing))


def creates_or_deletes(lines: Lines, start: int) -> bool:
    """Return whether the command up to a position creates or deletes the named registry."""
    if not lines.near(_CREATES_OR_DELETES, start, _FARTHEST):
        return False
    return bool(_CREATES_OR_DELETES.search(lines.text, lines.command(start).start, start))

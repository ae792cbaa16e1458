"""The variables that hold a registry's name: the text adds the suffix to them, or passes them to a command."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from acr_relocate.references.assignments import GENERIC, own_key, plain_key
from acr_relocate.references.commands import takes_registry
from acr_relocate.references.definitions import creates_or_deletes
from acr_relocate.references.model import Rename
from acr_relocate.references.source_text import Lines

REGISTRY_KEYS: Final = ("acr", "acrname", "azurecrname", "acrregistry", "acrregistryname", "containerregistryname")
_MOST: Final = 40  # occurrences of one variable that are checked

_PATH: Final = r"(?:[\w-]*[.:])*"
# References to the value of a variable: in shells, make, pipelines, templates, batch files, Groovy, Terraform, code.
_REF: Final = (
    rf"(?:\$\{{\{{[-\s]*(?P<a>{_PATH}[\w-]+)\s*\}}\}}|\{{\{{[-\s]*(?P<b>\.?{_PATH}[\w-]+)[^{{}}]*\}}\}}"
    rf"|\$\$?\(?\{{?\$?(?P<c>{_PATH}[A-Za-z_][\w-]*)(?:\[[^\]\n]*\])?(?::?[-=+?,^%#/][^{{}}\n]*)?[)}}]?|%(?P<d>\w+)%|!(?P<e>\w+)!"
    rf"|\{{(?P<f>\w+)\}}|(?:parameters|variables)\(\\?'(?P<g>\w+)\\?'\)|(?<![\w-])(?P<h>(?:var|local|params|env|module|data)\.[\w.]+))"
)
_AFTER: Final = r"(?=[\"'`\s,;)}\]|&]|\Z)"
_GIVEN: Final = re.compile(
    r"(?:--?(?:attach-|detach-)?acr(?:-?name)?(?:-?to-?attach|-?to-?detach)?|--name|-n|--registry(?:-name)?|-r|-(?:Registry)?Name"
    rf"|--resource(?:-name)?|-ResourceName)[ =:\"',]+(?P<ref>{_REF})",
    re.IGNORECASE,
)
_DELETES: Final = re.compile(r"\b(?:delete|remove)", re.IGNORECASE)
_IN_ID: Final = re.compile(
    r"Microsoft\.ContainerRegistry/registries(?:/[\"']?\s*,?\s*|[\"']\s*,\s*)[\"']?(?P<ref>"
    + _REF
    + r"|(?P<bare>[A-Za-z_]\w*)\s*\))",
    re.IGNORECASE,
)
_OF_EXISTING: Final = re.compile(
    r"(?:\bdata\s+\"azurerm_container_registry\"\s+\"[\w-]+\"\s*\{[^{}]*\bname\s*=\s*"
    r"|Microsoft\.ContainerRegistry/registries@[\w-]+'\s+existing\s*=\s*\{[^{}]*\bname:\s*"
    r"|\btype:[ \t]*ACR[ \t]*\r?\n(?:[ \t]+\w+:[^\n]*\n)*?[ \t]+registry:[ \t]*[\"']?)"
    r"(?:\"?\$[({]+)?(?P<name>[A-Za-z_][\w.]*)"
)
_SUFFIXED: Final = re.compile(
    r"(?:\$(?:env:)?(?P<plain>\w+)|[$%{(](?:[^{}()\n]{0,80}[\s{(.%])?(?P<key>[\w.-]+)\s*[)}%]+|\b(?P<added>\w+)\s*[+.]\s*[\"']"
    r"|\b(?P<listed>\w+)(?:['\"]?\))?\s*,\s*['\"]|!(?P<late>\w+)!)"
    r"\.azurecr\.(?P<cloud>[a-z]+)\b",
    re.IGNORECASE,
)
_FORMATTED: Final = re.compile(
    r"[\"'](?:\{0?\}|%s)\.azurecr\.(?P<cloud>[a-z]+)[^\"'\n]*[\"']\s*(?:\.format\(|,|%|-f)?\s*[(]?"
    r"\s*(?:(?:parameters|variables)\(')?[$.]?(?P<key>[A-Za-z_][\w.]*)",
    re.IGNORECASE,
)
_COPIED: Final = re.compile(
    r"(?:(?<![A-Za-z0-9])(?P<key>[A-Za-z_$][\w.$-]*)[\"'\]]*(?:\s*(?:[?+]|:{1,3})?=|\s+in\b)"
    r"|^[ \t]*(?:- )?[\"']?(?P<field>[\w.-]+)[\"']?\s*:)"
    rf"[ \t]*[\"']?(?P<ref>{_REF}){_AFTER}",
    re.MULTILINE,
)


class Variables(NamedTuple):
    """Variables that hold a registry's name; those by which a command deletes one; those that name an existing one."""

    proven: frozenset[str] = frozenset()
    deleted: frozenset[str] = frozenset()
    existing: frozenset[str] = frozenset()

    def holds(self, key: str) -> bool:
        """Return whether a key is one of these, or can only hold a registry's name."""
        return plain_key(key).endswith(REGISTRY_KEYS) or own_key(key) in self.proven


def find_variables(lines: Lines, rename: Rename) -> Variables:
    """Return the variables of a text by their use."""
    given, deleted = _given(lines)
    existing = frozenset(own_key(match["name"]) for match in _OF_EXISTING.finditer(lines.text)) - GENERIC
    copies = [(own_key(copy["key"] or copy["field"]), own_key(_name(copy))) for copy in _COPIED.finditer(lines.text)]
    proven = {*given, *_suffixed(lines.text, rename), *_in_ids(lines.text), *existing} - GENERIC
    registries = {key for pair in copies for key in pair if key.endswith(REGISTRY_KEYS)}
    found = proven | registries
    while more := {key for pair in copies for key in pair if found.intersection(pair)} - found - GENERIC:
        found |= more
    return Variables(frozenset(found), frozenset(deleted), existing)


def names_in(text: str) -> Iterator[str]:
    """Yield the variables whose values a text uses."""
    return (_name(match) for match in re.finditer(_REF, text))


def _given(lines: Lines) -> tuple[set[str], set[str]]:
    """Return the variables passed to commands as a registry's name, and those by which one is deleted."""
    given: set[str] = set()
    deleted: set[str] = set()
    looks: dict[str, int] = {}
    for match in _GIVEN.finditer(lines.text):
        key = own_key(_name(match))
        looks[key] = looks.get(key, 0) + 1
        if looks[key] > _MOST or not takes_registry(lines, match.start("ref")):
            continue
        if not creates_or_deletes(lines, match.start("ref")):
            given.add(key)
        elif _DELETES.search(lines.text, lines.command(match.start()).start, match.start()):
            deleted.add(key)
    return given, deleted


def _in_ids(text: str) -> Iterator[str]:
    """Yield the variables used as a registry's name in a resource id."""
    return (own_key(match["bare"] or _name(match)) for match in _IN_ID.finditer(text))


def _suffixed(text: str, rename: Rename) -> Iterator[str]:
    """Yield the variables to which a text adds the registry's suffix, if the result is the new host."""
    old, new = rename.names
    if rename.source.removeprefix(old) != rename.target.removeprefix(new) or not rename.source.startswith(f"{old}."):
        return
    for match in (*_SUFFIXED.finditer(text), *_FORMATTED.finditer(text)):
        groups = match.groupdict()
        if rename.source.endswith(f".{match['cloud'].lower()}"):
            yield own_key(
                next(groups[name] for name in ("plain", "key", "added", "listed", "late") if groups.get(name))
            )


def _name(match: re.Match[str]) -> str:
    """Return the name of the matched variable."""
    return next((name for part in "abcdefgh" if (name := match.groupdict()[part])), "").removeprefix("env:")

"""The registry's bare name: sure where the text says that it is a registry's, probable anywhere else.

`contoso` is also a company, a namespace and a user. It is the registry in `az acr login -n contoso`, `acrName: contoso`
or `resourceId('Microsoft.ContainerRegistry/registries', 'contoso')`. Where a text *defines* the registry, its name is
left to people: Terraform replaces, which is deletes, a resource whose name changes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from acr_relocate.references.definitions import creates_or_deletes, defines_in_code, is_defined_here
from acr_relocate.references.model import Rename, recase
from acr_relocate.references.resource_groups import Beside, groups_beside, is_existing, is_of_pipeline
from acr_relocate.references.source_text import Lines

_BEFORE: Final = 400  # characters: a Terraform block's attributes before its name

GROUP_BESIDE: Final = "the resource group beside it: give --resource-group-from and -to, or correct it by hand"
IN_A_ZONE: Final = "a record of a DNS zone: Azure writes those of the new registry where its endpoint has a zone group"
ACTS: Final = "creates or deletes a registry: decide by hand which"
OTHER_SUFFIX: Final = "the suffix is added to it, and the new registry has another one"
DEFINES: Final = "defines the registry: under another name the old one may be replaced, which is deleted"

_KEY: Final = (
    r"(?<![A-Za-z0-9])(?P<key>[A-Za-z_$][\w.-]*)"
    r"(?:[\"'\]\\]*\s*[:=]\s*"  # key: value, KEY=value, "key": "value"
    r"|\s+string\s*=\s*"  # Bicep
    r"|>\s*"  # XML
    r"|[\"'\\]*\s*:\s*\{\s*\\*[\"'](?:value|defaultValue)\\*[\"']\s*:\s*"  # ARM
    r"|[\"'\\]*\s*,?\s*(?:type:\s*\w+\s+)?[\"'\\]*(?:value|Value|default)[\"'\\]*\s*:\s*"  # in Kubernetes, in pipelines
    r")(?:!\w+\s+)?\\*[\"']?(?:\$\{\w+:?-)?$"
)
_VALUE_OF_KEY: Final = re.compile(_KEY)
_REGISTRY_KEYS: Final = ("acr", "acrname", "acrregistry", "acrregistryname", "containerregistryname")

_AZ_ACR: Final = re.compile(r"\baz\s+acr\s+(?P<group>[a-z-]+)(?P<rest>.*)$", re.DOTALL)
_NAMES_A_CHILD: Final = frozenset(
    {
        "agentpool",
        "cache",
        "config",
        "connected-registry",
        "credential-set",
        "export-pipeline",
        "import-pipeline",
        "manifest",
        "pack",
        "pipeline-run",
        "private-endpoint-connection",
        "replication",
        "scope-map",
        "task",
        "taskrun",
        "token",
        "webhook",
    }
)
_OPTION_END: Final = r"[ =\\\r\n]+[\"']?(?:\$\{\w+:?-)?$"
_NAME_OPTION: Final = re.compile(r"(?:\s(?:--name|-n|--registry(?:-name)?|-r))" + _OPTION_END)
_REGISTRY_OPTION: Final = re.compile(r"(?:\s(?:--registry(?:-name)?|-r))" + _OPTION_END)
_ACR_OPTION: Final = re.compile(r"--(?:attach-acr|detach-acr|acr|acr-name)" + _OPTION_END)
_CMDLET: Final = re.compile(
    r"-AzContainerRegistry(?P<child>\w*)\b[^\n|;]*(?P<option>-(?:Registry)?Name)[ :]+[\"']?$", re.IGNORECASE
)
_RESOURCE_FUNCTION: Final = re.compile(
    r"Microsoft\.ContainerRegistry/registries[^,'\"]*['\"]\s*,\s*['\"]$", re.IGNORECASE
)
# What adds the suffix to a host's first label: a function or a template of any cloud, or a text of one.
_SUFFIX_FOLLOWS: Final = re.compile(
    r"(?:\$\{environment\(\)\.suffixes\.acrLoginServer\}|(?:\\{0,4}\.|\[\.\])azurecr(?:\\{0,4}\.|\[\.\])[$<{%(*\[]"
    r"|[\"']\s*[,+.&]\s*[\"']\.azurecr\.(?P<cloud>[a-z]+))",
    re.IGNORECASE,
)
_SUFFIXED: Final = re.compile(
    r"(?:\$(?:env:)?(?P<plain>\w+)|[$%{(](?:[^{}()\n]{0,80}[\s{(.%])?(?P<key>[\w-]+)\s*[)}%]+|\b(?P<added>\w+)\s*[+.]\s*[\"'])"
    r"\.azurecr\.(?P<cloud>[a-z]+)\b",
    re.IGNORECASE,
)
_BEFORE_A_PIECE: Final = frozenset("/.@\\-_$~")
_AFTER_A_PIECE: Final = re.compile(r"\[\.\]|%2|[/@\-_$~]|[.:]\S|\\[^\"'nrt]")
_REST_IS_ADDED: Final = re.compile(r"\.(?:[\"']\s*[,+.&]|\$|\{\{|<\w|%[sv])")
_HEAD: Final = r"(?<![\w.@\\$~-]){head}(?![\w-])"
_RECORD: Final = r"(?<![\w.-])(?P<name>{name})\.(?P<region>[a-z0-9]+)\.(?:data|geo)(?![\w.-])"


class Name(NamedTuple):
    """A bare name, or a resource group beside it, in a text."""

    start: int
    end: int
    sure: bool
    replacement: str | None
    note: str = ""


def find_names(lines: Lines, rename: Rename, is_taken: Callable[[int], bool]) -> Iterator[Name]:
    """Yield every place, of those not taken by hosts and ids, where the bare name stands as a word of its own."""
    old, new = rename.names
    if not old or old == new:
        return
    defines, suffixed = defines_in_code(lines.text), _suffixed_keys(lines.text, rename)
    for match in re.finditer(rf"(?<!\w){re.escape(old)}(?!\w)", lines.text, re.IGNORECASE):
        if is_taken(match.start()) or _SUFFIX_FOLLOWS.match(lines.text, match.end()):
            continue
        sure = _is_registry(lines, *match.span(), suffixed)
        if not sure and _is_a_piece(lines.text, *match.span()):
            continue
        reason = _reason_against(lines, match.start(), sure=sure, defines=defines)
        replacement = None if is_defined_here(lines, match.start()) else recase(match[0], old, new)
        if not sure or reason:
            yield Name(*match.span(), sure=False, replacement=replacement, note=reason)
        else:
            beside = list(groups_beside(lines, match.start()))
            unknown = any(one.is_group for one in beside) and not rename.groups[0]
            yield Name(*match.span(), sure=True, replacement=replacement, note=GROUP_BESIDE if unknown else "")
            yield from _moved(beside, lines.text, rename)


def _moved(beside: Iterable[Beside], text: str, rename: Rename) -> Iterator[Name]:
    """Yield the old registry's resource group and subscription where they stand beside its name."""
    subscriptions = tuple(one.subscription for one in rename.ids or ()) or ("", "")
    for one in beside:
        written, (old, new) = text[one.start : one.end], rename.groups if one.is_group else subscriptions
        if written.lower() == old.lower() != new.lower():
            yield Name(one.start, one.end, sure=True, replacement=recase(written, old, new))


def find_first_labels(text: str, rename: Rename, is_taken: Callable[[int], bool]) -> Iterator[Name]:
    """Yield the first label of the host where the text itself adds the registry's suffix to it."""
    if not rename.names[0]:
        return
    (old, _, suffix), (new, _, new_suffix) = rename.source.partition("."), rename.target.partition(".")
    for match in re.finditer(_HEAD.format(head=re.escape(old)), text, re.IGNORECASE):
        added = _SUFFIX_FOLLOWS.match(text, match.end())
        if (
            not added
            or is_taken(match.start())
            or (added["cloud"] and not suffix.endswith(f".{added['cloud'].lower()}"))
        ):
            continue
        sure = not added["cloud"] or suffix == new_suffix
        yield Name(*match.span(), sure, recase(match[0], old, new) if sure else None, "" if sure else OTHER_SUFFIX)


def find_records(text: str, rename: Rename, is_taken: Callable[[int], bool]) -> Iterator[Name]:
    """Yield the names of data endpoints within a DNS zone: `contoso.westeurope.data`. People see whether they are."""
    old, new = (host.partition(".")[0] for host in (rename.source, rename.target))
    for match in re.finditer(_RECORD.format(name=re.escape(old)), text, re.IGNORECASE) if rename.names[0] else ():
        if is_taken(match.start()):
            continue
        region = match["region"]
        is_home = region.lower() == rename.source_region
        there = recase(region, rename.source_region, rename.target_region) if is_home else region
        renamed = f"{recase(match['name'], old, new)}.{there}{match[0][match.end('region') - match.start() :]}"
        yield Name(*match.span(), sure=False, replacement=renamed if rename.source_region else None, note=IN_A_ZONE)


def _is_registry(lines: Lines, start: int, end: int, suffixed: frozenset[str]) -> bool:
    """Whether the text around a name says that it is a registry's."""
    text = lines.text
    head = _head(lines, start)
    if _AFTER_A_PIECE.match(text, end):
        return False
    return (
        _is_value_of_registry_key(head, suffixed)
        or _is_option(text[lines.command(start).start : start])
        or bool(_RESOURCE_FUNCTION.search(head) or is_existing(text, start) or is_of_pipeline(text, start))
    )


def _suffixed_keys(text: str, rename: Rename) -> frozenset[str]:
    """Return the variables that a text adds the registry's suffix to, if that makes the new host of the new name."""
    old, new = rename.names
    if rename.source.removeprefix(old) != rename.target.removeprefix(new) or not rename.source.startswith(f"{old}."):
        return frozenset()
    found = (match for match in _SUFFIXED.finditer(text) if rename.source.endswith(f".{match['cloud'].lower()}"))
    return frozenset(_plain_key(match["plain"] or match["key"] or match["added"]) for match in found)


def _plain_key(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "", key.lower())


def _is_value_of_registry_key(head: str, suffixed: frozenset[str] = frozenset()) -> bool:
    """Whether the text before a name ends with a key that only a registry's name can be the value of."""
    match = _VALUE_OF_KEY.search(head)
    if match is None:
        return False
    return _plain_key(match["key"]).endswith(_REGISTRY_KEYS) or _plain_key(match["key"].rpartition(".")[2]) in suffixed


def _is_option(command: str) -> bool:
    """Whether a command line up to a name ends with the option that takes a registry's name."""
    if _ACR_OPTION.search(command):
        return True
    if az := _AZ_ACR.search(command):
        return bool((_REGISTRY_OPTION if az["group"] in _NAMES_A_CHILD else _NAME_OPTION).search(az["rest"]))
    cmdlet = _CMDLET.search(command)
    return cmdlet is not None and (
        cmdlet["option"].lower() == "-registryname" or cmdlet["child"].lower() in {"", "credential"}
    )


def _is_a_piece(text: str, start: int, end: int) -> bool:
    """Whether a word is a piece of a path, a host, an address, an image or a longer name, and so not a registry."""
    if text[start - 1 : start] in _BEFORE_A_PIECE:
        return True
    return bool(_AFTER_A_PIECE.match(text, end)) and not _REST_IS_ADDED.match(text, end)


def _reason_against(lines: Lines, start: int, *, sure: bool, defines: bool) -> str:
    """Return why a registry's name is left to people although it is one: here it may create or delete a registry."""
    head = _head(lines, start)
    if is_existing(lines.text, start):
        return ""
    if is_defined_here(lines, start) or (sure and defines):
        return DEFINES
    if sure and lines.suffix in {".tf", ".tfvars"} and _VALUE_OF_KEY.search(head):
        return DEFINES
    return ACTS if sure and creates_or_deletes(lines, start) else ""


def _head(lines: Lines, start: int) -> str:
    return lines.text[max(0, start - _BEFORE) : start]

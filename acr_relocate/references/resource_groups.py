"""The resource group and the subscription of a registry beside its name, in a command, a call or a block.

`az aks update -g rg --attach-acr contoso` gives the cluster's, and `az deployment group create -g rg` the deployment's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from acr_relocate.references.source_text import Lines, Span

_BEFORE: Final = 400  # characters: a Terraform block's attributes before its name
_NEAR: Final = 600  # characters: an item of a pipeline's list

_VALUE: Final = r"(?P<group>(?!\$)[\w.()-]*[\w-])"
_SUBSCRIPTION: Final = r"(?P<subscription>[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})"
_FIRST: Final = rf"\(\s*(?:(?:'{_SUBSCRIPTION}'|[\w.]+(?:\([\w.']*\))?(?:\.\w+)?)\s*,\s*)?"
_OF_REGISTRIES: Final = re.compile(r"\baz\s+acr\b|-AzContainerRegistry", re.IGNORECASE)
_OPTION: Final = re.compile(
    rf"\s(?:(?:--resource-group|-g|-ResourceGroupName)[ =:]+[\"']?{_VALUE}"
    rf"|(?:--subscription|-SubscriptionId)[ =:]+[\"']?{_SUBSCRIPTION})",
    re.IGNORECASE,
)
_CALL: Final = re.compile(
    rf"resourceId{_FIRST}'{_VALUE}'\s*,\s*'Microsoft\.ContainerRegistry/registries[^,'\"]*['\"]\s*,\s*['\"]\Z",
    re.IGNORECASE,
)
_EXISTING: Final = re.compile(
    r"(?:\bdata\s+\"azurerm_container_registry\"\s+\"[\w-]+\"\s*\{[^{}]*\bname\s*=\s*\""
    r"|Microsoft\.ContainerRegistry/registries@[\w-]+'\s+existing\s*=\s*\{[^{}]*\bname:\s*')\Z",
    re.IGNORECASE,
)
_HAS_EXISTING: Final = re.compile(r"\bdata\s+\"azurerm_container_registry\"|\bexisting\s*=")
_IN_PIPELINE: Final = re.compile(r"type:[ \t]*ACR")
_OF_BLOCK: Final = re.compile(
    rf"resource_group_name\s*=\s*\"{_VALUE}|resourceGroup{_FIRST}'{_VALUE.replace('group', 'scope')}", re.IGNORECASE
)
# A container that Azure Pipelines takes from a registry: its own type, and the bare name beside it.
_PIPELINE_CONTAINER: Final = re.compile(
    r"^(?P<indent>[ \t]+)type:[ \t]*ACR[ \t]*\r?\n(?:[ \t]+\w+:[^\n]*\n)*[ \t]+registry:[ \t]*[\"']?\Z", re.MULTILINE
)
_OF_ITEM: Final = re.compile(rf"\n[ \t]+resourceGroup:[ \t]*[\"']?{_VALUE}")
_NEXT_ITEM: Final = re.compile(r"\n[ \t]*- ")


class Beside(NamedTuple):
    """A resource group or a subscription in a text."""

    start: int
    end: int
    is_group: bool


def is_existing(lines: Lines, start: int) -> bool:
    """Return whether a name is that of an existing registry in Terraform or Bicep."""
    return bool(
        lines.near(_HAS_EXISTING, start, _BEFORE) and _EXISTING.search(lines.text, max(0, start - _BEFORE), start)
    )


def is_of_pipeline(lines: Lines, start: int) -> bool:
    """Return whether a name is that of the registry from which Azure Pipelines takes a container."""
    return bool(
        lines.near(_IN_PIPELINE, start, _BEFORE)
        and _PIPELINE_CONTAINER.search(lines.text[max(0, start - _BEFORE) : start])
    )


def groups_beside(lines: Lines, start: int) -> Iterator[Beside]:
    """Yield the resource group and subscription of the registry whose name begins at `start`."""
    text, first = lines.text, max(0, start - _BEFORE)
    command = lines.command(start)
    found = [_CALL.search(text[first:start])]
    offset = first
    if is_existing(lines, start):
        offset = text.rfind("{", 0, start)
        found = [*_OF_BLOCK.finditer(text[offset : text.find("}", start) + 1])]
    elif is_of_pipeline(lines, start):
        item = _item(text, start)
        offset, found = item.start, [*_OF_ITEM.finditer(text[slice(*item)])]
    elif _OF_REGISTRIES.search(text, command.start, start):
        offset, found = command.start, [*_OPTION.finditer(text[slice(*command)])]
    for match in found:
        yield from _parts(match, offset, lines, command) if match else ()


def _parts(match: re.Match[str], offset: int, lines: Lines, command: Span) -> Iterator[Beside]:
    """Yield the matched parts, unless a command within the command uses them."""
    for part, (start, end) in ((part, match.span(part)) for part in match.groupdict()):
        if start >= 0 and (match.re is not _OPTION or lines.command(offset + start) == command):
            yield Beside(offset + start, offset + end, is_group=part != "subscription")


def _item(text: str, start: int) -> Span:
    """Return the item of a list around a position."""
    beginnings = [match.start() for match in _NEXT_ITEM.finditer(text, max(0, start - _NEAR), start)]
    following = _NEXT_ITEM.search(text, start, start + _NEAR)
    return Span(
        beginnings[-1] if beginnings else max(0, start - _NEAR), following.start() if following else start + _NEAR
    )

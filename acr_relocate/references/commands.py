"""The options of commands, cmdlets and calls that take a registry's bare name."""

from __future__ import annotations

import re
from typing import Final

from acr_relocate.references.resource_groups import is_existing, is_of_pipeline
from acr_relocate.references.source_text import Lines

_BEFORE: Final = 400  # characters

_AZ_ACR: Final = re.compile(r"\baz(?:\.cmd)?\s+acr\s+(?P<group>[a-z-]+)(?P<rest>.*)\Z", re.DOTALL)
# The tool `acr`, as it is or in its image, which tasks of a registry run.
_ACR_CLI: Final = re.compile(
    r"(?<![\w.-])(?:acr(?:\.exe)?|\S*acr-cli(?::\S*)?)\s+(?:annotate|cssc|manifest|purge|repo|repository|tag)\b(?P<rest>.*)\Z",
    re.DOTALL,
)
_NAMES_A_CHILD: Final = re.compile(
    r"agentpool|cache|config|connected-registry|credential-set|export-pipeline|import-pipeline|manifest|pack|pipeline-run"
    r"|private-endpoint-connection|replication|scope-map|task|taskrun|token|webhook"
)
_OPTION_END: Final = r"[ =\\\t\r\n`^\"',]+(?:\$\{\w+:?[-=])?\Z"
_NAME_OPTION: Final = re.compile(r"(?:[\s\"'](?:--name|-n|--registry(?:-name)?|-r))" + _OPTION_END)
_REGISTRY_OPTION: Final = re.compile(r"(?:[\s\"'](?:--registry(?:-name)?|-r))" + _OPTION_END)
_ACR_OPTION: Final = re.compile(
    r"(?:--(?:attach-acr|detach-acr|acr|acr-name)|-AcrName(?:ToAttach|ToDetach)?)" + _OPTION_END, re.IGNORECASE
)
_CMDLET: Final = re.compile(
    r"-AzContainerRegistry(?P<child>\w*)\b[^\n|;]*(?P<option>-(?:Registry)?Name)[ :]+[\"']?\Z", re.IGNORECASE
)
_OF_TYPE: Final = re.compile(
    r"(?:type|ResourceType)[ =]+[\"']?Microsoft\.ContainerRegistry/registries(?![\w/])"
    r"|(?=.*namespace[ =]+[\"']?Microsoft\.ContainerRegistry\b).*type[ =]+[\"']?registries(?![\w/])",
    re.IGNORECASE | re.DOTALL,
)
# Commands of any resource, whose own name is the option; in others, such as locks, the option names the new object.
_ANY_RESOURCE: Final = re.compile(
    r"\baz\s+(?:resource|network\s+private-link-resource|network\s+private-endpoint-connection\s+list)\b|-AzResource\b",
    re.IGNORECASE,
)
_RESOURCE_OPTION: Final = re.compile(r"\s(?:--resource(?:-name)?|-ResourceName)" + _OPTION_END, re.IGNORECASE)
_RESOURCE_NAME: Final = re.compile(r"\s(?:--name|-n|-Name)" + _OPTION_END, re.IGNORECASE)
_PARENT: Final = re.compile(r"\s(?:--parent|-ParentResource)[ =]+[\"']?registries/\Z", re.IGNORECASE)
# Quick checks of the text right before a name, before its command is searched for.
_NEAR: Final = 120  # characters
_OPTION: Final = re.compile(r"-[A-Za-z-]+[ :]*" + _OPTION_END + r"|registries/\Z")
_FUNCTION: Final = re.compile(r"['\"]\s*,\s*['\"]\Z")
_RESOURCE_FUNCTION: Final = re.compile(
    r"Microsoft\.ContainerRegistry/registries[^,'\"]*['\"]\s*,\s*['\"]\Z", re.IGNORECASE
)


def takes_registry(lines: Lines, start: int) -> bool:
    """Return whether the text before a position is an option, an argument or a field for a registry's name."""
    text, near = lines.text, max(0, start - _NEAR)
    return (
        bool(_OPTION.search(text, near, start) and _is_option(lines, start))
        or bool(_FUNCTION.search(text, near, start) and _RESOURCE_FUNCTION.search(text, max(0, start - _BEFORE), start))
        or is_existing(lines, start)
        or is_of_pipeline(lines, start)
    )


def _is_option(lines: Lines, start: int) -> bool:
    """Return whether a command line up to a position ends with the option for a registry's name."""
    span = lines.command(start)
    command = lines.text[span.start : start]
    if _ACR_OPTION.search(command):
        return True
    if az := _AZ_ACR.search(command):
        return bool((_REGISTRY_OPTION if _NAMES_A_CHILD.fullmatch(az["group"]) else _NAME_OPTION).search(az["rest"]))
    if (cli := _ACR_CLI.search(command)) and _REGISTRY_OPTION.search(cli["rest"]):
        return True
    cmdlet = _CMDLET.search(command)
    if cmdlet:
        return cmdlet["option"].lower() == "-registryname" or cmdlet["child"].lower() in {"", "credential"}
    return _is_of_type(command, lines.text[slice(*span)])


def _is_of_type(command: str, whole: str) -> bool:
    """Return whether a command that names the type of its resource takes its name next."""
    if _PARENT.search(command):
        return "containerregistry" in whole.lower()
    is_name = _RESOURCE_OPTION.search(command) or (_ANY_RESOURCE.search(command) and _RESOURCE_NAME.search(command))
    return bool(is_name and _OF_TYPE.search(whole))

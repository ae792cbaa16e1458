"""Which property exists in which api-version: the resource provider's data table (`properties.tsv`) and its two uses.

Azure drops a property that the api-version of a request does not have, silently, and shows none of them: that is how
virtual network rules get lost in a deployment. A property that no version knows is kept, as everywhere else here.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from local_azure.state.errors import bad_request

STABLE: Final = (
    "2017-03-01", "2017-10-01", "2019-05-01", "2021-09-01", "2022-12-01", "2023-07-01", "2025-04-01", "2025-11-01",
    "2026-11-01",
)  # fmt: skip
PREVIEWS: Final = (
    "2019-05-01-preview", "2019-12-01-preview", "2020-11-01-preview", "2021-06-01-preview", "2021-08-01-preview",
    "2021-12-01-preview", "2022-02-01-preview", "2023-01-01-preview", "2023-06-01-preview", "2023-08-01-preview",
    "2023-11-01-preview", "2024-11-01-preview", "2025-03-01-preview", "2025-05-01-preview", "2025-06-01-preview",
    "2026-01-01-preview", "2026-03-01-preview", "2026-09-01-preview",
)  # fmt: skip
TASK_STABLE: Final = ("2018-09-01", "2019-04-01")
TASK_PREVIEWS: Final = ("2019-06-01-preview", "2025-03-01-preview")
_TASK_TYPES: Final = frozenset({"registries/tasks", "registries/runs", "registries/taskRuns", "registries/agentPools"})

# Renamed on the wire in 2026-03-01-preview; stored under the new name.
SUBNET: Final = "virtualNetworkSubnetResourceId"
OLD_SUBNET: Final = "id"


@dataclass
class Node:
    """One property: its flags, the api-versions that have it, and what is in it."""

    flags: str = "-"
    versions: frozenset[str] = frozenset()
    children: dict[str, "Node"] = field(default_factory=dict)

    def child(self, name: str) -> "Node | None":
        """Return the property of that name, whatever its case; `*` stands for any name."""
        return self.children.get(name.lower()) or self.children.get("*")


Keep = Callable[[Node], bool]


def versions_of(type_name: str, stable: str, preview: str) -> tuple[str, ...]:
    """Return every api-version in ranges such as `2021-09-01..` and `2019-12-01-preview..2021-12-01-preview`."""
    tasks = type_name in _TASK_TYPES
    found = _expand(stable, TASK_STABLE if tasks else STABLE) + _expand(preview, TASK_PREVIEWS if tasks else PREVIEWS)
    return tuple(sorted(found))


def _expand(ranges: str, track: tuple[str, ...]) -> tuple[str, ...]:
    found: list[str] = []
    for text in [] if ranges == "-" else ranges.split(","):
        first, dots, last = text.partition("..")
        start = track.index(first)
        stop = len(track) if dots and not last else track.index(last or first) + 1
        found += track[start:stop]
    return tuple(found)


@cache
def tree(type_name: str) -> Node:
    """Return all properties of a type such as `registries/webhooks`."""
    root = Node()
    for line in _lines():
        kind, path, flags, stable, preview = line.split("\t")
        if kind == type_name:
            node = root
            for part in path.replace("[]", "").split("."):
                node = node.children.setdefault(part.lower(), Node())
            node.flags, node.versions = flags, frozenset(versions_of(type_name, stable, preview))
    return root


@cache
def _lines() -> tuple[str, ...]:
    text = Path(__file__).with_name("properties.tsv").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if not line.startswith("#"))


def accepted(type_name: str, api_version: str, properties: dict[str, Any]) -> dict[str, Any]:
    """Return the properties that a PUT or PATCH may set: those of this version that are not read-only, in a copy."""
    kept = _filtered(tree(type_name), properties, lambda node: api_version in node.versions and "r" not in node.flags)
    return _renamed(kept, OLD_SUBNET, SUBNET)


def shown(type_name: str, api_version: str, properties: dict[str, Any]) -> dict[str, Any]:
    """Return the properties that a GET shows: those of this version that are not write-only, in a copy."""
    old_name = api_version in _old_subnet_versions()
    source = _renamed(copy.deepcopy(properties), SUBNET, OLD_SUBNET) if old_name else properties
    return _filtered(tree(type_name), source, lambda node: api_version in node.versions and "w" not in node.flags)


def require(type_name: str, api_version: str, properties: dict[str, Any]) -> None:
    """Raise AzureError 400 if a required top-level property is missing."""
    for name, node in tree(type_name).children.items():
        given = {key.lower() for key, value in properties.items() if value is not None}
        if "q" in node.flags and "r" not in node.flags and api_version in node.versions and name not in given:
            raise bad_request(
                "InvalidRequest", f"The request is invalid: the property 'properties.{name}' is required."
            )


def write_only(type_name: str, properties: dict[str, Any]) -> dict[str, Any]:
    """Return the write-only properties: a webhook's serviceUri and headers."""
    root = tree(type_name)
    return {name: value for name, value in properties.items() if (node := root.child(name)) and "w" in node.flags}


def _filtered(node: Node, properties: dict[str, Any], keep: Keep) -> dict[str, Any]:
    kept = {}
    for name, value in properties.items():
        child = node.child(name)
        if child is None or not child.versions or keep(child):
            kept[name] = _within(child, value, keep) if child else copy.deepcopy(value)
    return kept


def _within(node: Node, value: Any, keep: Keep) -> Any:
    if isinstance(value, list):
        return [_within(node, item, keep) for item in value]
    if isinstance(value, dict) and node.children:
        return _filtered(node, value, keep)
    return copy.deepcopy(value)


def _renamed(properties: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    rules = (properties.get("networkRuleSet") or {}).get("virtualNetworkRules") or ()
    for rule in rules:
        if old in rule:
            rule[new] = rule.pop(old)
    return properties


@cache
def _old_subnet_versions() -> frozenset[str]:
    rules = tree("registries").children["networkruleset"].children["virtualnetworkrules"]
    return rules.children[OLD_SUBNET].versions

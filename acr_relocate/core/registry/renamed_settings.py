"""Settings that name repositories, as they read under the names of the target.

None stands for what a setting of its kind cannot say: a person decides then.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from acr_relocate.core.registry.rename_map import RenameMap

_ACTION: Final = re.compile(r"repositories/(?P<name>.+)/(?P<right>(?:content|metadata)/\w+)", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(
    r"(?P<head>@(?:Request|Resource)\[\s*Microsoft\.ContainerRegistry/registries/repositories:name\s*\]\s*)"
    r"(?P<operator>[\w:]+)(?P<gap>\s*)(?P<value>'[^']*'|\{[^{}]*\})",
    re.IGNORECASE,
)
_NAMES_REPOSITORIES: Final = re.compile(r"registries/repositories:name", re.IGNORECASE)
_EQUAL: Final = re.compile(r"(?:ForAnyOfAnyValues:)?String(?:Not)?Equals(?:IgnoreCase)?", re.IGNORECASE)
_BEGINS: Final = re.compile(r"(?:ForAnyOfAnyValues:)?StringStartsWith(?:IgnoreCase)?", re.IGNORECASE)
_QUOTED: Final = re.compile(r"'([^']*)'")


def names_pattern(pattern: str, names: RenameMap) -> tuple[str, ...]:
    """Return what stands at the target for a repository, or for all whose names begin as before a star at the end."""
    if pattern.endswith("*"):
        return names.all_below(pattern.removesuffix("*"))
    return (names.to_target(pattern),)


def scope_map_actions(actions: Iterable[str], names: RenameMap) -> list[str]:
    """Return the actions of a scope map; one for several repositories may become several."""
    found: list[str] = []
    for action in actions:
        named = _ACTION.fullmatch(action)
        if named is None:
            found.append(action)
            continue
        found += [f"repositories/{there}/{named['right']}" for there in names_pattern(named["name"], names)]
    return list(dict.fromkeys(found))


def actions_name(actions: Iterable[str], repository: str) -> bool:
    """Return whether an action of a scope map is about the repository."""
    named = (_ACTION.fullmatch(action) for action in actions)
    return any(one is not None and _covers(one["name"], repository) for one in named)


def webhook_scope(scope: str, names: RenameMap) -> str | None:
    """Return the scope of a webhook: a repository, with a tag or without, or a beginning with a star."""
    repository, colon, tag = scope.partition(":")
    if not repository:
        return scope
    there = names_pattern(repository, names)
    return f"{there[0]}{colon}{tag}" if len(there) == 1 else None


def cached_repository(pattern: str, names: RenameMap) -> str | None:
    """Return the repository that a cache rule fills, or all below a name."""
    there = names_pattern(pattern, names)
    return there[0] if len(there) == 1 else None


def role_condition(condition: str, names: RenameMap) -> str | None:
    """Return the condition of a role assignment that compares names of repositories."""
    if not names.rules:
        return condition
    compared = list(_ATTRIBUTE.finditer(condition))
    if len(compared) != len(_NAMES_REPOSITORIES.findall(condition)):
        return None
    pieces, position = list[str](), 0
    for found in compared:
        value = _condition_value(found["operator"], found["value"], names)
        if value is None:
            return None
        pieces += [condition[position : found.start("value")], value]
        position = found.end()
    return "".join([*pieces, condition[position:]])


def _condition_value(operator: str, value: str, names: RenameMap) -> str | None:
    if _EQUAL.fullmatch(operator):
        return _QUOTED.sub(lambda found: f"'{names.to_target(found[1].lower())}'", value)
    if not _BEGINS.fullmatch(operator):
        return None
    there = [names.all_below(name.lower()) for name in _QUOTED.findall(value)]
    if any(len(one) > 1 for one in there):
        return None
    renamed = iter(there)
    return _QUOTED.sub(lambda _: f"'{next(renamed)[0].removesuffix('*')}'", value)


def _covers(pattern: str, repository: str) -> bool:
    return repository.startswith(pattern[:-1]) if pattern.endswith("*") else pattern == repository

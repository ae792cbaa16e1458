"""The share of one registry in a target that it shares with others: whose settings hold, and what the others bring."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from acr_relocate.core.model import FrozenModel


class Clash(FrozenModel):
    """A setting, or a child resource such as `webhooks/ci`, that differs between sources of one target.

    `values`: of each source that has it, in words. `chosen`: the source whose value the target gets. `decided`: the
    request says so. `required`: it has to.
    """

    setting: str
    values: dict[str, str]
    chosen: str
    decided: bool = False
    required: bool = False


class Share(FrozenModel):
    """The part of a registry in a target with several sources, and that of the others.

    `decided`: settings of the target that are other sources', by name, with their values as Azure shows them; None is
    a setting that they do not have. `left`: its own children that do not come, because another's come under this name.
    `beside`: the children that the others bring alone. `clashes`: all, of all sources. `unread`: sources that could
    not be read, so that differences from them are unknown.
    """

    decided: dict[str, Any] = Field(default_factory=dict)
    left: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    clashes: tuple[Clash, ...] = ()
    unread: tuple[str, ...] = ()


WHOLE = Share()
"""The share of a registry that has its target for itself."""


def with_setting(properties: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    """Return the properties with another value of a setting; a policy is `policies.NAME`, and None removes it."""
    group, _, policy = name.partition(".")
    if policy:
        policies = with_setting(properties.get(group) or {}, policy, value)
        return {**properties, group: policies}
    rest = {key: kept for key, kept in properties.items() if key != name}
    return rest if value is None else {**rest, name: value}


def setting_value(properties: dict[str, Any], name: str) -> Any:
    """Return the value of a setting, by the same names; None if it is not there."""
    group, _, policy = name.partition(".")
    return (properties.get(group) or {}).get(policy) if policy else properties.get(name)

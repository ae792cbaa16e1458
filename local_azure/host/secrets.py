"""Every secret that this world has given out or was told, for a test that looks for them where they must not be."""

from collections.abc import Iterator
from typing import Any, Final

from local_azure.services.logs import LOGS
from local_azure.state.world import World

# What resources hide that has a route of its own, and is no secret. Whatever else they hide and never show is one.
HARMLESS: Final = frozenset(
    {"principalId", "clientId", "customerId", "records", "subnets", "template", "operations", "pings", "workloads"}
    | {LOGS, "id", "contentType", "tags"}
)
SHORTEST: Final = 8
"""Shorter ones, such as the `yes` of a header, stand everywhere."""


def issued(world: World) -> list[str]:
    """Return client secrets, tokens, passwords, webhook addresses and headers, task and vault secrets; each once."""
    told = [principal.secret for principal in world.directory.all() if principal.secret]
    shown = {text for resource in world.resources for text in _texts(resource.body)}
    hidden = [text for resource in world.resources for text in _texts(resource.hidden) if text not in shown]
    every = dict.fromkeys([*told, *world.directory.signed, *hidden])
    return [secret for secret in every if len(secret) >= SHORTEST]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in HARMLESS:
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value

"""The cut-over is drawn up: each part of the surroundings by the module that knows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from acr_relocate.core.cut_over import alerts, events, networks, policies, roles, tokens
from acr_relocate.core.cut_over.model import Action
from acr_relocate.core.cut_over.scene import Cut
from acr_relocate.core.dependencies.scene import Scene
from acr_relocate.core.dependencies.surroundings import Surroundings
from acr_relocate.core.inventory import Registry
from acr_relocate.core.request import RelocationRequest

PARTS: Final[tuple[Callable[[Cut], Iterator[Action]], ...]] = (
    networks.actions,
    roles.actions,
    alerts.actions,
    events.actions,
    tokens.actions,
)


def draw_up(
    source: Registry, around: Surroundings, request: RelocationRequest, target: Registry
) -> tuple[Action, ...]:
    """Return what the cut-over does, in order. `target` is the registry as it is, or as it is designed.

    Nothing is taken away from the source, so what is not known of the surroundings is simply not done: the map says so.
    """
    cut = Cut(Scene(source, request, around), target)
    return _in_order(action for part in PARTS for action in part(cut))


def held_back(
    source: Registry, around: Surroundings, request: RelocationRequest, target: Registry, later: dict[str, Any]
) -> tuple[Action, ...]:
    """Return what waited for a clean verification: policies, tasks that run by themselves, and locks last of all."""
    return _in_order(policies.actions(Cut(Scene(source, request, around), target), later))


def detachments(
    source: Registry, around: Surroundings, request: RelocationRequest, target: Registry
) -> tuple[Action, ...]:
    """Return the removal of the roles that consumers hold at the source, for its retirement."""
    return _in_order(roles.detachments(Cut(Scene(source, request, around), target)))


def _in_order(found: Iterator[Action]) -> tuple[Action, ...]:
    once = {action.id: action for action in reversed(list(found))}
    return tuple(sorted(reversed(once.values()), key=lambda action: action.wave))

"""Find the resources that neither the map nor the cut-over can be made of: each is set aside, and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from acr_relocate.core.cut_over.build import build_cut_over
from acr_relocate.core.dependencies.build_map import WHAT, build_map
from acr_relocate.core.dependencies.consumers import consumers
from acr_relocate.core.dependencies.odd_rows import UNREADABLE, odd_row
from acr_relocate.core.dependencies.raw_surroundings import Json, OddRow, Surroundings
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.request.dependents_to_switch import DependentsToSwitch
from acr_relocate.core.request.registry_refs import RegistryRef, TargetRef
from acr_relocate.core.request.relocation import RelocationRequest

_NOT_ROWS: Final = frozenset({"through_groups", "locks"})
_CONNECTIONS: Final = "privateEndpointConnections"
_WHY: Final = "a field is missing, or of another type than documented"


def without_odd_dependents(whole: Registry, found: Surroundings) -> Surroundings:
    """Return the surroundings without the rows that cannot be understood; those are in `odd`, with their names.

    Of the registry's children only the connections count here: thousands of others would make it slow.
    """
    registry = whole.model_copy(update={"children": whole.children_of(_CONNECTIONS)})
    if _understood(registry, found) or not _understood(registry, _without_rows(found)):
        return found  # in the second case the registry itself is odd, which its own reading tells
    kept, odd = _without_rows(found), list[OddRow](found.odd)
    for part in (name for name in WHAT if name not in _NOT_ROWS):
        rows = getattr(found, part)
        if isinstance(rows, Unknown):
            continue
        sound = _sound(rows, partial(_fits, registry, kept, part))
        odd += [odd_row(part, row, _WHY) for row in rows if not any(row is one for one in sound)]
        kept = _with(kept, part, sound)
    return kept.model_copy(update={"odd": tuple(dict.fromkeys(odd))})


def _without_rows(found: Surroundings) -> Surroundings:
    emptied = {part: () for part in WHAT if part not in _NOT_ROWS and not isinstance(getattr(found, part), Unknown)}
    return found.model_copy(update=emptied)


def _with(found: Surroundings, part: str, rows: tuple[Json, ...]) -> Surroundings:
    return found.model_copy(update={part: rows})


def _sound(rows: tuple[Json, ...], fits: Callable[[tuple[Json, ...]], bool]) -> tuple[Json, ...]:
    """Return the rows that fit together, by halves: few are odd, if any."""
    if not rows or fits(rows):
        return rows
    if len(rows) == 1:
        return ()
    half = len(rows) // 2
    first = _sound(rows[:half], fits)
    return (*first, *_sound(rows[half:], lambda more: fits((*first, *more))))


def _fits(registry: Registry, kept: Surroundings, part: str, rows: tuple[Json, ...]) -> bool:
    return _understood(registry, _with(kept, part, rows))


def _understood(registry: Registry, found: Surroundings) -> bool:
    request = _any_request(registry)
    try:
        build_map(registry, found, request)
        build_cut_over(registry, found, request)
        consumers(registry, found, request)
    except UNREADABLE:
        return False
    return True


def _any_request(registry: Registry) -> RelocationRequest:
    """Return a request that has everything switched, so that all that is known of a dependent is looked at."""
    place = {"resource_group": registry.resource_group, "subscription_id": registry.subscription_id}
    name = f"{registry.name[:40]}copy"
    return RelocationRequest(
        source=RegistryRef(name=registry.name, **place),
        target=TargetRef(name=name.lower(), location=registry.location, **place),
        switch=DependentsToSwitch(enabled=True),
    )

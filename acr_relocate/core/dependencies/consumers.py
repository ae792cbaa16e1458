"""Who is set up to use a registry right now, so that it may not go away."""

from __future__ import annotations

from acr_relocate.core.dependencies.build_map import build_map
from acr_relocate.core.dependencies.model import RUNS, Dependency
from acr_relocate.core.dependencies.raw_surroundings import Surroundings, readable_items
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.request.relocation import RelocationRequest


def consumers(registry: Registry, around: Surroundings, request: RelocationRequest) -> tuple[Dependency, ...]:
    """Return who uses the registry as far as Azure tells, each with how it is pointed at the request's target.

    A cluster does if its logs say so: its role alone does not tell, and its settings do not name what it runs.
    """
    return tuple(
        entry
        for entry in build_map(registry, around, request).dependencies
        if entry.family == RUNS
        and (entry.kind != "cluster" or readable_items(around.running.get(entry.id.lower(), ())))
    )

"""Current consumers of a registry, which block its deletion."""

from __future__ import annotations

from acr_relocate.core.dependencies.build_map import build_map
from acr_relocate.core.dependencies.model import RUNS, Dependency
from acr_relocate.core.dependencies.raw_surroundings import Surroundings, readable_items
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.request.relocation import RelocationRequest


def consumers(registry: Registry, around: Surroundings, request: RelocationRequest) -> tuple[Dependency, ...]:
    """Return the consumers of the registry that Azure shows, each with the command that points it at the target.

    A cluster counts if its logs show it: its role alone is no proof, and its settings do not name its images.
    """
    return tuple(
        entry
        for entry in build_map(registry, around, request).dependencies
        if entry.family == RUNS
        and (entry.kind != "cluster" or readable_items(around.running.get(entry.id.lower(), ())))
    )


def running_images(around: Surroundings) -> tuple[str, ...]:
    """Return the images of the registry that clusters ran lately, as `repository:tag`, as far as their logs tell."""
    return tuple(sorted({image for ran in around.running.values() for image in readable_items(ran)}))

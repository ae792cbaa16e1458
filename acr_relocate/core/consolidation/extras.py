"""Roles and the like of the other sources of a target are no difference for one of them."""

from __future__ import annotations

from collections.abc import Iterable

from acr_relocate.core.consolidation.shares import part_request
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.verification import Difference, RegistrySnapshot, SnapshotPair, compare_surroundings


def without_others(
    found: tuple[Difference, ...], pair: SnapshotPair, request: RelocationRequest, others: Iterable[RegistrySnapshot]
) -> tuple[Difference, ...]:
    """Return the differences around the target, without the extras that another source explains.

    `others`: those sources, with their surroundings.
    """
    for other in others:
        theirs = SnapshotPair(source=other, target=pair.target)
        compared = compare_surroundings(theirs, part_request(request, other.registry.name))
        extra = {one.subject for one in compared if one.kind == "extra"}
        found = tuple(one for one in found if one.kind != "extra" or one.subject in extra)
    return found

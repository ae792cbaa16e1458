"""One registry's import in parts, each for a worker run of its own: whole repositories, level by what is missing."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable
from typing import Final

from acr_relocate.core.content.import_plan import ImportItem
from acr_relocate.core.content.selection import selects
from acr_relocate.core.registry.image_references import parse_reference
from acr_relocate.core.request.relocation import RelocationRequest

LONGEST_PART: Final = 256 * 1024
"""Characters of repository names in one part: Prefect takes parameters of at most 512 KB."""


def divided(request: RelocationRequest, items: Iterable[ImportItem]) -> tuple[RelocationRequest, ...]:
    """Return the request of each part of an import that lacks these items; none if there is nothing to divide.

    What is in no part is left to who divides the work: the rest of a part without room, and repositories of which
    nothing is selected but some pinned images. Nor does a part prune.
    """
    ours = (item for item in items if selects(item.repository, request.selection))
    shares = parts(ours, request.workers)
    return tuple(_part(request, share) for share in shares) if len(shares) > 1 else ()


def _part(request: RelocationRequest, share: tuple[str, ...]) -> RelocationRequest:
    inside = set(share)
    pinned = [image for image in request.selection.pinned if parse_reference(image).repository in inside]
    selection = request.selection.model_copy(update={"repositories": list(share), "pinned": pinned})
    # What was missing may be deleted before a part looks: the whole request was looked at, a part need not be.
    alone = {"workers": 1, "prune": False, "allow_empty": True}
    return request.model_copy(update={"selection": selection, **alone})


def parts(items: Iterable[ImportItem], workers: int) -> tuple[tuple[str, ...], ...]:
    """Return the repositories that each of so many runs brings, the runs level by their imports; none is empty.

    A repository is never divided: what refers to an image comes after it, and both are in one repository. The largest
    comes first, each to the run that has the least to do. What a part has no room for is in none: it is imported by
    who divides the work, after the others.
    """
    sizes = Counter(item.repository for item in items)
    heap: list[tuple[int, int]] = [(0, number) for number in range(workers)]
    shares: list[list[str]] = [[] for _ in range(workers)]
    room = [LONGEST_PART] * workers
    for repository, size in sorted(sizes.items(), key=lambda entry: (-entry[1], entry[0])):
        load, number = heapq.heappop(heap)
        if len(repository) <= room[number]:
            shares[number].append(repository)
            room[number] -= len(repository)
        heapq.heappush(heap, (load + size, number))
    return tuple(tuple(sorted(share)) for share in shares if share)

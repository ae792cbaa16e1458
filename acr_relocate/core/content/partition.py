"""One registry's import in parts, each for a worker run of its own: whole repositories, balanced by missing images."""

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
    """Return the request of each part of an import that lacks these items; empty if there is nothing to divide.

    The calling run imports the remainder: what fits in no part, and repositories of which only pinned images are
    selected. Parts do not prune.
    """
    ours = (item for item in items if selects(item.repository, request.selection))
    shares = parts(ours, request.workers)
    return tuple(_part(request, share) for share in shares) if len(shares) > 1 else ()


def _part(request: RelocationRequest, share: tuple[str, ...]) -> RelocationRequest:
    inside = set(share)
    pinned = [image for image in request.selection.pinned if parse_reference(image).repository in inside]
    selection = request.selection.model_copy(update={"repositories": list(share), "pinned": pinned})
    # A missing image may be deleted before its part looks: an empty part is fine, the whole request was checked.
    # Runs do not tell each other what they push, and the registry counts it for all of them together.
    alone = {"workers": 1, "prune": False, "prune_unselected": False, "allow_empty": True, "small_artifacts": "import"}
    return request.model_copy(update={"selection": selection, **alone})


def parts(items: Iterable[ImportItem], workers: int) -> tuple[tuple[str, ...], ...]:
    """Return the repositories for each of so many runs, balanced by their imports; no part is empty.

    A repository is never divided: a referrer comes after its subject, in the same repository. The largest repository
    is assigned first, each to the run with the least work. A repository that fits in no part is left to the calling
    run, after the parts.
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

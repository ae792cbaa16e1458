"""Wanted content that a listing of the target lacks: to be read directly before it counts as missing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from acr_relocate.core.content.selection import copy_roots
from acr_relocate.core.model import slots_model
from acr_relocate.core.registry.inventory import Content
from acr_relocate.core.request.selection import Selection

PROBED: Final = 20
"""So many are read: a listing that lags hides the latest content, and mostly all of it."""


@slots_model
class Unseen:
    """A tag or a digest of the repository that the listing lacks, or shows with another digest."""

    repository: str
    reference: str
    digest: str


def unseen(want: Content, have: Content, selection: Selection) -> tuple[Unseen, ...]:
    """Return some of the wanted and unlisted content, the first of each repository."""
    return tuple(islice(_unseen(want, have, selection), PROBED))


def _unseen(want: Content, have: Content, selection: Selection) -> Iterator[Unseen]:
    there = {repository.name: repository for repository in have.repositories}
    for repository, travel in copy_roots(want, selection):
        target = there.get(repository.name)
        tags = {tag.name: tag.digest for tag in target.tags} if target else {}
        digests = {manifest.digest for manifest in target.manifests} if target else set[str]()
        named = ((name, digest) for digest, names in travel.tags.items() for name in names)
        lacking = [(name, digest) for name, digest in named if tags.get(name) != digest]
        lacking += [(digest, digest) for digest in sorted(travel.digests - digests)]
        for reference, digest in lacking[:2]:
            yield Unseen(repository=repository.name, reference=reference, digest=digest)

"""Compare the target's bytes with their digests: of all manifests or of a sample."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable

from acr_relocate.core.content.selection import selected
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.inventory import Content
from acr_relocate.core.request.selection import Selection
from acr_relocate.core.verification.differences import Difference, difference


class BlobReading(FrozenModel):
    """The result of reading a blob: the digest of its bytes, or an empty string if the registry lacks the blob."""

    repository: str
    digest: str
    found: str


class BlobCheck(FrozenModel):
    """The manifests whose blobs are read: `sample` manifests, or `every` one."""

    sample: int = 0
    every: bool = False


def to_read(target: Content, selection: Selection, check: BlobCheck) -> dict[str, tuple[str, ...]]:
    """Return the manifests to read by repository. A sample is spread over all digests, and the same each time."""
    pairs = [
        (repository.name, manifest.digest)
        for repository in selected(target, selection)
        for manifest in repository.manifests
        if manifest.attributes.read_enabled and repository.attributes.read_enabled
    ]
    chosen = sorted(pairs) if check.every else sorted(pairs, key=_lot)[: check.sample]
    grouped = defaultdict[str, list[str]](list)
    for repository, digest in chosen:
        grouped[repository].append(digest)
    return {repository: tuple(digests) for repository, digests in grouped.items()}


def compare_blobs(readings: Iterable[BlobReading]) -> tuple[Difference, ...]:
    """Return a difference for each blob that is missing or whose bytes do not match its digest."""
    return tuple(
        difference(
            "blob",
            reading.digest,
            f"the blob {reading.repository}@{reading.digest} {'is damaged' if reading.found else 'is missing'} "
            "at the target",
            sides=(reading.digest, reading.found),
            repository=reading.repository,
        )
        for reading in readings
        if reading.found != reading.digest
    )


def _lot(pair: tuple[str, str]) -> str:
    return hashlib.sha256("@".join(pair).encode()).hexdigest()

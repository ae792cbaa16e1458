"""Compare the target's bytes with their digests: of all manifests or of a sample."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

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


class BlobsRead(FrozenModel):
    """The number of blobs read, and those that are missing or damaged: of a large registry all would be too many."""

    count: int = 0
    wrong: tuple[BlobReading, ...] = ()


class BlobCheck(FrozenModel):
    """The manifests whose blobs are read: `sample` manifests, or `every` one.

    `resume`: but for those that an interrupted check of the last days has read.
    """

    sample: int = 0
    every: bool = False
    resume: bool = False


class ManifestPage(FrozenModel):
    """Some manifests of one repository, whose blobs are read together and held in memory."""

    repository: str
    digests: tuple[str, ...]


PAGE_OF_MANIFESTS: Final = 500


def to_read(target: Content, selection: Selection, check: BlobCheck) -> tuple[ManifestPage, ...]:
    """Return the manifests to read, in pages. A sample is spread over all digests, and the same each time."""
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
    return tuple(
        ManifestPage(repository=repository, digests=tuple(digests[start : start + PAGE_OF_MANIFESTS]))
        for repository, digests in grouped.items()
        for start in range(0, len(digests), PAGE_OF_MANIFESTS)
    )


def compare_blobs(wrong: Iterable[BlobReading]) -> tuple[Difference, ...]:
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
        for reading in wrong
    )


def _lot(pair: tuple[str, str]) -> str:
    return hashlib.sha256("@".join(pair).encode()).hexdigest()

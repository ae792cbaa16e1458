"""The content that a pull would get: manifests and their blobs, fully read or only checked for existence."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from acr_relocate.azure.client.manifest_bodies import digest_in, objects_in
from acr_relocate.azure.client.registry_api import DataPlane
from acr_relocate.azure.client.task_group import together
from acr_relocate.core.removal.whole_copy import MissingPart
from acr_relocate.core.verification.blobs import BlobReading, BlobsRead

# Concurrent blob downloads. Each holds a megabyte; more would not be faster than the network.
_CONCURRENCY: Final = 8
# Concurrent HEAD requests: each is a few hundred bytes.
QUESTIONS: Final = 32
# Of a manifest of schema 1, whose blobs have no size there.
LAYERS_OF_SCHEMA_1: Final = "fsLayers"


@dataclass(frozen=True)
class PartsAsked:
    """A registry's answers: the number of manifests read and blobs asked for, and the missing parts."""

    manifests: int
    blobs: int
    missing: tuple[MissingPart, ...]


async def read_blobs(plane: DataPlane, repository: str, digests: Iterable[str]) -> BlobsRead:
    """Read each blob of these manifests and compare it with its digest; shared blobs are read once.

    A missing manifest has no blobs: the listing shows that it is missing.
    """
    slots = asyncio.Semaphore(_CONCURRENCY)
    async with together() as group:
        bodies = [group.create_task(_manifest(plane, repository, digest, slots)) for digest in digests]
    wanted = dict.fromkeys(blob for body in bodies for blob in _blobs(body.result()))
    async with together() as group:
        reading = [group.create_task(_blob(plane, repository, digest, slots)) for digest in wanted]
    found = [task.result() for task in reading]
    return BlobsRead(count=len(found), wrong=tuple(one for one in found if one.found != one.digest))


async def _manifest(plane: DataPlane, repository: str, digest: str, slots: asyncio.Semaphore) -> dict[str, Any]:
    async with slots:
        return await plane.manifest(repository, digest) or {}


async def _blob(plane: DataPlane, repository: str, digest: str, slots: asyncio.Semaphore) -> BlobReading:
    async with slots:
        return BlobReading(
            repository=repository, digest=digest, found=await plane.blob_digest(repository, digest) or ""
        )


def _blobs(manifest: dict[str, Any]) -> list[str]:
    """Return the digests that a pull requests from the registry. Layers with `urls` are stored elsewhere."""
    return [one["digest"] for one in descriptors(manifest) if not one.get("urls")]


def descriptors(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a manifest's descriptors. A BuildKit cache's index lists blobs among its manifests."""
    listed = [one for one in objects_in(manifest.get("manifests")) if not _is_manifest(one)]
    old = [{"digest": one.get("blobSum")} for one in objects_in(manifest.get(LAYERS_OF_SCHEMA_1))]
    layers = objects_in(manifest.get("layers")) or objects_in(manifest.get("blobs"))
    found = [*objects_in([manifest.get("config")]), *layers, *listed, *old]
    return [one for one in found if digest_in(one)]


def _is_manifest(descriptor: dict[str, Any]) -> bool:
    kind = str(descriptor.get("mediaType", ""))
    return "manifest" in kind or "image.index" in kind


async def ask_for_parts(plane: DataPlane, manifests: Mapping[str, Iterable[str]]) -> PartsAsked:
    """Check whether the registry has each of these manifests (digests by repository), and every blob that one names.

    Manifests are read and their bytes compared with their digests; blobs are only asked for (HEAD), once for each
    repository. A layer with `urls` may be kept elsewhere: the registry need not have it.
    """
    slots = asyncio.Semaphore(QUESTIONS)
    async with together() as group:
        asking = [group.create_task(_ask_in(plane, name, tuple(digests), slots)) for name, digests in manifests.items()]
    found = [task.result() for task in asking]
    return PartsAsked(
        manifests=sum(one.manifests for one in found),
        blobs=sum(one.blobs for one in found),
        missing=tuple(part for one in found for part in one.missing),
    )


async def lacking(plane: DataPlane, parts: Iterable[MissingPart]) -> frozenset[MissingPart]:
    """Return the parts that the registry lacks as well."""
    slots, parts = asyncio.Semaphore(QUESTIONS), tuple(parts)
    async with together() as group:
        asking = [group.create_task(_has(plane, part, slots)) for part in parts]
    return frozenset(part for part, task in zip(parts, asking, strict=True) if not task.result())


async def _has(plane: DataPlane, part: MissingPart, slots: asyncio.Semaphore) -> bool:
    async with slots:
        if part.digest == part.manifest:
            return await plane.head_digest(part.repository, part.digest) is not None
        return await plane.has_blob(part.repository, part.digest)


async def _ask_in(plane: DataPlane, name: str, digests: tuple[str, ...], slots: asyncio.Semaphore) -> PartsAsked:
    async with together() as group:
        reading = [group.create_task(_shown(plane, name, digest, slots)) for digest in digests]
    bodies = dict(zip(digests, (task.result() for task in reading), strict=True))
    gone = [MissingPart(repository=name, manifest=one, digest=one) for one, body in bodies.items() if body is None]
    wanted: dict[str, tuple[MissingPart, dict[str, Any]]] = {}
    for digest, body in bodies.items():
        for blob in descriptors(body or {}):
            elsewhere = bool(blob.get("urls"))
            part = MissingPart(repository=name, manifest=digest, digest=blob["digest"], elsewhere=elsewhere)
            wanted.setdefault(blob["digest"], (part, blob))
    async with together() as group:
        asking = [(part, group.create_task(_held(plane, name, blob, slots))) for part, blob in wanted.values()]
    missing = (*gone, *(part for part, task in asking if not task.result()))
    return PartsAsked(manifests=len(bodies) - len(gone), blobs=len(wanted), missing=missing)


async def _shown(plane: DataPlane, name: str, digest: str, slots: asyncio.Semaphore) -> dict[str, Any] | None:
    async with slots:
        return await plane.manifest(name, digest)


async def _held(plane: DataPlane, name: str, blob: dict[str, Any], slots: asyncio.Semaphore) -> bool:
    async with slots:
        return await plane.has_blob(name, blob["digest"], blob.get("size"))

"""What a pull would get: manifests and their blobs, read to the last byte."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Final

from acr_relocate.azure.client.registry_api import DataPlane
from acr_relocate.azure.client.task_group import together
from acr_relocate.core.verification.blobs import BlobReading

# Blobs on their way at once. Each holds a piece of a megabyte; more would not be faster than the network.
CONCURRENCY: Final = 8


async def read_blobs(plane: DataPlane, repository: str, digests: Iterable[str]) -> tuple[BlobReading, ...]:
    """What each blob of these manifests turned out to be; blobs that manifests share are read once.

    A manifest that is gone has no blobs: that it is gone, the listing tells.
    """
    slots = asyncio.Semaphore(CONCURRENCY)
    async with together() as group:
        bodies = [group.create_task(_manifest(plane, repository, digest, slots)) for digest in digests]
    wanted = dict.fromkeys(blob for body in bodies for blob in _blobs(body.result()))
    async with together() as group:
        reading = [group.create_task(_blob(plane, repository, digest, slots)) for digest in wanted]
    return tuple(task.result() for task in reading)


async def _manifest(plane: DataPlane, repository: str, digest: str, slots: asyncio.Semaphore) -> dict[str, Any]:
    async with slots:
        return await plane.manifest(repository, digest) or {}


async def _blob(plane: DataPlane, repository: str, digest: str, slots: asyncio.Semaphore) -> BlobReading:
    async with slots:
        return BlobReading(
            repository=repository, digest=digest, found=await plane.blob_digest(repository, digest) or ""
        )


def _blobs(manifest: dict[str, Any]) -> list[str]:
    """The digests that a pull asks the registry for. Layers with `urls` are kept elsewhere."""
    descriptors = [manifest.get("config") or {}, *(manifest.get("layers") or manifest.get("blobs") or ())]
    return [one["digest"] for one in descriptors if "digest" in one and not one.get("urls")]

"""The synthetic artifacts of a rehearsal, pushed to the registry that stands for the source."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Final

from acr_relocate.azure.client.registry_api import DataPlane, RawManifest
from acr_relocate.azure.content.push import PART
from acr_relocate.core.registry.inventory import Attributes
from acr_relocate.core.rehearsal.artifacts import Artifact

_LOCKED: Final = Attributes(delete_enabled=False, write_enabled=False)


async def push_artifacts(plane: DataPlane, artifacts: Sequence[Artifact]) -> None:
    """Push the artifacts to the registry. Again: only what it lacks is sent. Raises AccessDenied."""
    for artifact in artifacts:
        for blob in artifact.blobs:
            if not await plane.has_blob(artifact.repository, blob.digest):
                await plane.put_blob(artifact.repository, blob.digest, _parts(blob.content))
        raw = RawManifest(artifact.manifest.content, artifact.manifest.media_type)
        for reference in artifact.tags or (artifact.manifest.digest,):
            if await plane.head_digest(artifact.repository, reference) != artifact.manifest.digest:
                await plane.put_manifest(artifact.repository, reference, raw)
    for artifact in artifacts:
        for tag in artifact.tags if artifact.locked else ():
            await plane.set_attributes(artifact.repository, tag, _LOCKED)


async def _parts(content: bytes) -> AsyncIterator[bytes]:
    for first in range(0, len(content), PART):
        yield content[first : first + PART]

"""The synthetic artifacts of a rehearsal, pushed to the registry that stands for the source."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Final

from acr_relocate.azure.client.registry_api import DataPlane, RawManifest
from acr_relocate.azure.content.listing import list_content
from acr_relocate.azure.content.push import PART
from acr_relocate.core.errors import ListingIncomplete
from acr_relocate.core.registry.inventory import Attributes
from acr_relocate.core.rehearsal.artifacts import Artifact
from acr_relocate.core.request.selection import Selection

_WAITS: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 30.0)
"""Seconds between two looks at the lists."""
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


async def wait_until_listed(plane: DataPlane, artifacts: Sequence[Artifact]) -> None:
    """Return once the registry's lists show the artifacts: they lag behind a push, and imports follow the lists.

    Raises ListingIncomplete after a minute and a half.
    """
    wanted = {(one.repository, one.manifest.digest, tag) for one in artifacts for tag in one.tags or ("",)}
    for wait in (*_WAITS, None):
        held = await list_content(plane, Selection())
        shown = {(one.name, tag.digest, tag.name) for one in held.repositories for tag in one.tags}
        shown |= {(one.name, manifest.digest, "") for one in held.repositories for manifest in one.manifests}
        if wanted <= shown:
            return
        if wait is not None:
            await asyncio.sleep(wait)  # the lists of a registry lag behind its pushes
    raise ListingIncomplete("The small source does not list what was pushed to it", resource=plane.login_server)


async def _parts(content: bytes) -> AsyncIterator[bytes]:
    for first in range(0, len(content), PART):
        yield content[first : first + PART]

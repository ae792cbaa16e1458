"""Attach the proof of a move to the images of the target, as a referrer of each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Final

from acr_relocate.azure.client.registry_api import DataPlane, RawManifest
from acr_relocate.azure.client.task_group import together
from acr_relocate.core.errors import AccessDenied, NotFound
from acr_relocate.core.registry.inventory import MOVE_PROOF
from acr_relocate.core.verification.attached_proof import (
    ARTIFACT_MANIFEST,
    EMPTY_CONFIG,
    MovedImage,
    digest_of_bytes,
    proof_artifact,
)

_AT_ONCE: Final = 16


async def attach_proof(plane: DataPlane, images: Iterable[MovedImage], envelope: bytes, created: datetime) -> int:
    """Attach the signed envelope to each image that has no proof of a move yet; return to how many.

    Again: only what is missing is pushed. Raises AccessDenied without the right to push.
    """
    slots = asyncio.Semaphore(_AT_ONCE)
    async with together() as group:
        attaching = [group.create_task(_attach(plane, image, envelope, created, slots)) for image in images]
    return sum(task.result() for task in attaching)


async def _attach(
    plane: DataPlane, image: MovedImage, envelope: bytes, created: datetime, slots: asyncio.Semaphore
) -> bool:
    async with slots:
        referrers = await plane.referrers(image.repository, image.digest)
        if any(one.get("artifactType") == MOVE_PROOF for one in referrers):
            return False
        subject = await plane.raw_manifest(image.repository, image.digest)
        if subject is None:
            raise NotFound(f"{image.repository}@{image.digest} is gone", resource=plane.login_server)
        content = proof_artifact(envelope, subject.content, subject.media_type, created)
        try:
            for blob in (EMPTY_CONFIG, envelope):
                if not await plane.has_blob(image.repository, digest_of_bytes(blob)):
                    await plane.put_blob(image.repository, digest_of_bytes(blob), _whole(blob))
            await plane.put_manifest(
                image.repository, digest_of_bytes(content), RawManifest(content, ARTIFACT_MANIFEST)
            )
        except AccessDenied as error:
            remedy = (
                "The statement is signed and in its file. To attach it, assign AcrPush at the target or, if it is in "
                "ABAC mode, Container Registry Repository Writer, and run again."
            )
            raise AccessDenied(error.message, code=error.code, resource=error.resource, remedy=remedy) from None
        return True


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content

"""Push artifacts that importImage does not take to the target, manifest by manifest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from acr_relocate.azure.client.manifest_bodies import digest_in, manifest_body, objects_in, size_in
from acr_relocate.azure.client.registry_api import DataPlane, RawManifest
from acr_relocate.azure.content.listing import is_manifest
from acr_relocate.core.content.import_plan import ImportItem
from acr_relocate.core.content.remaining_import import references_to_probe
from acr_relocate.core.errors import AccessDenied, NotFound

# Bytes of a blob in memory at a time.
PART: Final = 8 * 2**20
_RIGHTS = (
    "Importing does not include the right to push. Assign AcrPush at the target or, if it is in ABAC mode, "
    "Container Registry Repository Writer; or push the index yourself: "
)


async def push_manifest(source: DataPlane, target: DataPlane, item: ImportItem) -> None:
    """Push the manifest, byte for byte, under the item's tags, or by its digest if it has none.

    All manifests that it lists must already exist; blobs, which a build cache lists, are copied. An existing tag is
    moved: check it first.
    Raises NotFound, AccessDenied, TemporaryFailure.
    """
    name = item.repository
    manifest = await source.raw_manifest(name, item.digest)
    if manifest is None:
        raise NotFound(f"{source.login_server}/{item.source_image} is not there any more", resource=source.login_server)
    for reference in references_to_probe(item):
        try:
            await _bring_blobs(source, target, name, manifest)
            await target.put_manifest(name, reference, manifest)
        except AccessDenied as error:
            there = f"{target.login_server}/{target.names.to_target(name)}"
            copy = f"crane copy {source.login_server}/{item.source_image} {there}:TAG"
            raise AccessDenied(error.message, code=error.code, resource=error.resource, remedy=_RIGHTS + copy) from None


async def _bring_blobs(source: DataPlane, target: DataPlane, name: str, manifest: RawManifest) -> None:
    """Copy the blobs that an index lists, as BuildKit's caches do."""
    for entry in objects_in(manifest_body(manifest.content).get("manifests")):
        digest, size = digest_in(entry), size_in(entry)
        if digest and not is_manifest(entry) and not await target.has_blob(name, digest):
            await target.put_blob(name, digest, _parts(source, name, digest, size))


async def _parts(source: DataPlane, name: str, digest: str, size: int) -> AsyncIterator[bytes]:
    for first in range(0, size, PART):
        yield await source.blob_part(name, digest, first, min(first + PART, size) - 1)

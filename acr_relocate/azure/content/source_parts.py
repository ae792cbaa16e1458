"""Find the existing parts of an artifact that Azure could not copy; and import an index by its parts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any, Final

from acr_relocate.azure.client.manifest_bodies import digest_in, objects_in
from acr_relocate.azure.client.registry_api import DataPlane
from acr_relocate.azure.content.push import push_manifest
from acr_relocate.core.content.import_plan import ImportItem
from acr_relocate.core.errors import BrokenAtSource, ImportRefused, RelocationError, TooManyManifests

_DEEPEST: Final = 8
Json = dict[str, Any]
ImportOne = Callable[[ImportItem], Awaitable[None]]


async def explained(source: DataPlane, item: ImportItem, error: RelocationError) -> RelocationError:
    """Return the error, with the result of asking the source for each part of the artifact.

    BrokenAtSource if a manifest or a blob is gone there; a complete artifact is not broken, whatever Azure says.
    """
    gone = [part async for part in missing_parts(source, item.repository, item.digest)]
    if gone:
        return BrokenAtSource(
            f"{error.message} The source does not have {', '.join(gone[:3])}.",
            code="BrokenAtSource",
            resource=f"{item.repository}@{item.digest}",
            correlation_id=error.correlation_id,
            remedy="Push it again from where it was built, or accept the gap: "
            f"accept_broken: [{item.repository}@{item.digest}]",
        )
    if isinstance(error, BrokenAtSource):
        return ImportRefused(
            f"{error.message} The source shows all of it.",
            code=error.code,
            resource=error.resource,
            correlation_id=error.correlation_id,
            remedy="Run again; if it stays so, copy it yourself and ask Azure's support: "
            f"crane copy {source.login_server}/{item.source_image} TARGET/{item.repository}:TAG",
        )
    return error


async def missing_parts(source: DataPlane, repository: str, digest: str, depth: int = 0) -> AsyncIterator[str]:
    """Yield the digests of the manifests and blobs that the artifact lists and the source does not have."""
    manifest = await source.manifest(repository, digest)
    if manifest is None:
        yield digest
        return
    for child in _digests(manifest.get("manifests")) if depth < _DEEPEST else ():
        async for gone in missing_parts(source, repository, child, depth + 1):
            yield gone
    config = manifest.get("config")
    for blob in (*_digests([config]), *_digests(manifest.get("layers"))):
        if not await source.has_blob(repository, blob):
            yield blob


async def bring_by_parts(source: DataPlane, target: DataPlane, item: ImportItem, import_one: ImportOne) -> None:
    """Bring an index that is too large for an import: import its parts, then push it.

    Raises the errors of an import or a push.
    """
    index = await source.manifest(item.repository, item.digest) or {}
    for child in _digests(index.get("manifests")):
        if await target.head_digest(item.repository, child) is not None:
            continue
        part = replace(item, digest=child, tags=(), after=(), replaces=())
        try:
            await import_one(part)
        except TooManyManifests:
            await bring_by_parts(source, target, part, import_one)
    await push_manifest(source, target, item)


def _digests(entries: object) -> list[str]:
    """Return the digests of descriptors, without layers stored elsewhere."""
    return [digest_in(entry) for entry in objects_in(entries) if digest_in(entry) and not entry.get("urls")]

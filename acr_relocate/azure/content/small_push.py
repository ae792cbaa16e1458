"""Push small artifacts and missing tags to the target: byte for byte, a tag only where a look just before allows it.

A registry has no conditional write: an image that somebody pushes under the tag between that look and our write loses
the tag. So the newest manifests are compared before and after: such an image is still there, and it is reported.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final, NamedTuple

from acr_relocate.azure.client.manifest_bodies import manifest_body, size_in
from acr_relocate.azure.client.registry_api import DataPlane, RawManifest
from acr_relocate.azure.client.task_group import together
from acr_relocate.azure.content.blobs import descriptors
from acr_relocate.azure.content.displaced import conflict, displaced, newest
from acr_relocate.core.content.import_outcome import ImportOutcome, failed_import
from acr_relocate.core.content.import_plan import ImportItem
from acr_relocate.core.content.remaining_import import references_to_probe, remaining_import
from acr_relocate.core.errors import AccessDenied, NotFound, RelocationError, TemporaryFailure

AT_ONCE: Final = 64
"""Pushes in progress, of all batches: enough for 2,000 writes a minute at 100 ms a call, while some of them hang."""


class PushState:
    """The shared state of all batches of a run: the places for pushes, and the blobs that are at the target.

    Artifacts of one repository have blobs in common, above all the empty config: each is looked for and put once.
    """

    def __init__(self) -> None:
        self.slots = asyncio.Semaphore(AT_ONCE)
        self._blobs: dict[tuple[str, str], asyncio.Lock] = {}
        self._there: set[tuple[str, str]] = set()

    @asynccontextmanager
    async def blob(self, name: str, digest: str) -> AsyncIterator[bool]:
        """Yield whether the blob is known to be in the repository; it is, if the block ends without an error."""
        key = name, digest
        async with self._blobs.setdefault(key, asyncio.Lock()):
            yield key in self._there
            self._there.add(key)


class Displaced(NamedTuple):
    """In one repository: the images that lost their tag while we pushed, and the tags that it may have been."""

    digests: tuple[str, ...]
    tags: frozenset[str]


async def push_batch(
    source: DataPlane,
    target: DataPlane,
    items: Sequence[ImportItem],
    at_source: Mapping[str, AbstractSet[str]],
    state: PushState,
    *,
    force: bool,
) -> tuple[ImportOutcome, ...]:
    """Push each item, and return the outcome of each; a failure is data. Raises AccessDenied without the right.

    Args:
        source: The registry to read from.
        target: The registry to push to.
        items: The missing tags and small artifacts.
        at_source: For each repository, digests that are known to be the source's.
        state: That of all batches.
        force: Whether a tag may be moved from whatever it names.

    """
    tagged = sorted({item.repository for item in items if item.tags})
    before = {name: await newest(target, name) for name in tagged}
    async with together() as group:
        pushing = [group.create_task(_outcome(source, target, item, state, force=force)) for item in items]
    outcomes = tuple(task.result() for task in pushing)
    if force:
        return outcomes
    theirs: dict[str, Displaced] = {}
    for name in tagged:
        known = before[name] | at_source.get(name, frozenset())
        if lost := await displaced(source, target, name, frozenset(known)):
            put = frozenset(tag for item in items if item.repository == name for tag in item.tags)
            theirs[name] = Displaced(lost, await _moved_tags(target, name) & put or put)
    return tuple(_unless_displaced(target, outcome, theirs) for outcome in outcomes)


async def push_small(source: DataPlane, target: DataPlane, item: ImportItem, state: PushState, *, force: bool) -> bool:
    """Push the item, and return whether anything was missing.

    Raises NotFound if its bytes are not there (yet), AlreadyExists if a tag names something else, AccessDenied,
    TemporaryFailure.
    """
    manifest = await _manifest(source, target, item)
    if not item.carrier:
        await _bring_blobs(source, target, item.repository, manifest, state)
    written = [await _put(target, item, reference, manifest, force=force) for reference in references_to_probe(item)]
    return any(written)


async def _outcome(
    source: DataPlane, target: DataPlane, item: ImportItem, state: PushState, *, force: bool
) -> ImportOutcome:
    async with state.slots:
        try:
            written = await push_small(source, target, item, state, force=force)
        except AccessDenied:
            raise  # as it will be for every other item
        except RelocationError as error:
            return failed_import(item, error)
    return ImportOutcome(item=item, kind="created" if written else "already_there")


async def _manifest(source: DataPlane, target: DataPlane, item: ImportItem) -> RawManifest:
    """Return the manifest's bytes, which have its digest: the target's if it should have arrived there."""
    place = target if item.carrier else source
    manifest = await place.raw_manifest(item.repository, item.digest)
    if manifest is None:
        raise NotFound(f"{place.login_server}/{item.source_image} is not there", resource=place.login_server)
    return manifest


async def _bring_blobs(
    source: DataPlane, target: DataPlane, name: str, manifest: RawManifest, state: PushState
) -> None:
    """Copy the blobs that the target lacks; those stored elsewhere stay there."""
    blobs = {str(one["digest"]): size_in(one) for one in _own_blobs(manifest)}
    for digest, size in blobs.items():
        async with state.blob(name, digest) as is_there:
            if not (is_there or await target.has_blob(name, digest)):
                await target.put_blob(name, digest, _in_one(await _read_blob(source, name, digest, size)))


async def _read_blob(source: DataPlane, name: str, digest: str, size: int) -> bytes:
    """Return the bytes of the blob, checked against its digest."""
    content = await source.blob_part(name, digest, 0, size - 1) if size else b""
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != digest:
        raise TemporaryFailure(
            f"Reading the blob {source.login_server}/{name}@{digest} failed: its bytes do not have that digest",
            resource=source.login_server,
        )
    return content


async def _in_one(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _own_blobs(manifest: RawManifest) -> Iterable[dict[str, Any]]:
    return (one for one in descriptors(manifest_body(manifest.content)) if not one.get("urls"))


async def _put(target: DataPlane, item: ImportItem, reference: str, manifest: RawManifest, *, force: bool) -> bool:
    """Put the manifest under the tag, or by its digest, if a look shows that it may be; look again afterwards."""
    name, alone = item.repository, replace(item, tags=(reference,) if item.tags else ())
    if remaining_import(alone, {reference: await target.head_digest(name, reference)}, force=force) is None:
        return False
    await target.put_manifest(name, reference, manifest)
    if remaining_import(alone, {reference: await target.head_digest(name, reference)}, force=force):
        raise TemporaryFailure(
            f"{target.login_server}/{name}:{reference} was pushed and is not there", resource=target.login_server
        )
    return True


async def _moved_tags(target: DataPlane, name: str) -> frozenset[str]:
    """Return the tags that have been moved since they were first pushed."""
    listed = [tag async for tag in target.tags(name)]
    return frozenset(tag["name"] for tag in listed if tag.get("createdTime") != tag.get("lastUpdateTime"))


def _unless_displaced(target: DataPlane, outcome: ImportOutcome, theirs: Mapping[str, Displaced]) -> ImportOutcome:
    """Return the outcome, or a conflict if one of its tags was moved from an image that somebody pushed meanwhile."""
    item = outcome.item
    found = theirs.get(item.repository)
    if found is None or outcome.kind != "created":
        return outcome
    tags = tuple(tag for tag in item.tags if tag in found.tags)
    if not tags:
        return outcome
    place = f"{target.login_server}/{target.names.to_target(item.repository)}"
    return failed_import(item, conflict(place, tags, found.digests))

"""Detect images pushed to the target at the very moment in which a tag was deleted or moved there.

A registry has no conditional deletion or import by a tag's digest, and a locked tag can be neither deleted nor moved.
So the tag is compared before the change and after it: an image that lost its tag still exists, by its digest.
"""

from __future__ import annotations

from typing import Final

from acr_relocate.azure.client.registry_api import DataPlane
from acr_relocate.core.errors import AccessDenied, AlreadyExists

NEWEST: Final = 100
"""The number of newest manifests to check: more are not pushed to one repository at that moment."""


async def newest(plane: DataPlane, repository: str) -> frozenset[str]:
    """Return the last pushed digests, with or without a tag."""
    return frozenset(entry["digest"] for entry in await plane.newest_manifests(repository, NEWEST))


async def displaced(source: DataPlane, target: DataPlane, repository: str, before: frozenset[str]) -> tuple[str, ...]:
    """Return the untagged digests that are new since `before` and that the source does not have."""
    found = await target.newest_manifests(repository, NEWEST)
    new = [entry["digest"] for entry in found if entry["digest"] not in before and not entry.get("tags")]
    at_source = {digest: await source.head_digest(repository, digest) for digest in new}
    return tuple(digest for digest, held in at_source.items() if held is None)


async def restore_tag(target: DataPlane, repository: str, tag: str, digests: tuple[str, ...]) -> str:
    """Restore the tag of the one image that lost it; return that in words. Raises AlreadyExists if it is ambiguous."""
    place = f"{target.login_server}/{target.names.to_target(repository)}"
    if len(digests) == 1 and await target.head_digest(repository, tag) is None:
        manifest = await target.raw_manifest(repository, digests[0])
        if manifest is not None:
            try:
                await target.put_manifest(repository, tag, manifest)
            except AccessDenied:
                raise conflict(place, (tag,), digests) from None
            return f"somebody pushed {digests[0]} under it in that moment, and it names that again"
    raise conflict(place, (tag,), digests)


def conflict(place: str, tags: tuple[str, ...], digests: tuple[str, ...]) -> AlreadyExists:
    """Return the error that names the images that lost their tag."""
    return AlreadyExists(
        f"Somebody pushed {', '.join(digests)} to {place} in the moment in which {', '.join(tags)} was changed there; "
        "no tag names it any more. The image is there",
        code="TagConflict",
        resource=place,
        remedy=f"Decide what the tag names; to give it back: az acr import --force --name REGISTRY --source "
        f"{place}@{digests[0]} --image {place.partition('/')[2]}:{tags[0]}",
    )

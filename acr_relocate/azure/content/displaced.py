"""What somebody pushed to the target in the very moment in which a tag was deleted or moved there.

A registry has no deletion or import that depends on what a tag names, and a tag that is locked can be neither deleted
nor moved. So it is compared before the act and after it: the image that lost its tag is there, by its digest.
"""

from __future__ import annotations

from typing import Final

from acr_relocate.azure.client.registry_api import DataPlane
from acr_relocate.core.errors import AccessDenied, AlreadyExists

NEWEST: Final = 100
"""Manifests that are looked at: more are not pushed to one repository in the moment of one act."""


async def newest(plane: DataPlane, repository: str) -> frozenset[str]:
    """The digests that were pushed last, with or without a tag."""
    return frozenset(entry["digest"] for entry in await plane.newest_manifests(repository, NEWEST))


async def displaced(source: DataPlane, target: DataPlane, repository: str, before: frozenset[str]) -> tuple[str, ...]:
    """The digests that are new since `before`, that no tag names, and that the source does not have."""
    found = await target.newest_manifests(repository, NEWEST)
    new = [entry["digest"] for entry in found if entry["digest"] not in before and not entry.get("tags")]
    at_source = {digest: await source.head_digest(repository, digest) for digest in new}
    return tuple(digest for digest, held in at_source.items() if held is None)


async def give_back_tag(target: DataPlane, repository: str, tag: str, digests: tuple[str, ...]) -> str:
    """The tag names the one image again that lost it; what was done, in words. Raises AlreadyExists if that is open."""
    place = f"{target.login_server}/{repository}"
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
    """The error that names the images that lost their tag."""
    return AlreadyExists(
        f"Somebody pushed {', '.join(digests)} to {place} in the moment in which {', '.join(tags)} was changed there; "
        "no tag names it any more. The image is there",
        code="TagConflict",
        resource=place,
        remedy=f"Decide what the tag names; to give it back: az acr import --force --name REGISTRY --source "
        f"{place}@{digests[0]} --image {place.partition('/')[2]}:{tags[0]}",
    )

"""The state of an import after an ambiguous answer: derived from the digests that the target then has."""

from collections.abc import Mapping
from dataclasses import replace

from acr_relocate.core.content.import_plan import ImportItem
from acr_relocate.core.errors import AlreadyExists


def references_to_probe(item: ImportItem) -> tuple[str, ...]:
    """Return the references to ask the target for: the item's tags, or the digest of an untagged import."""
    return item.tags or (item.digest,)


def remaining_import(item: ImportItem, held: Mapping[str, str | None], *, force: bool) -> ImportItem | None:
    """Return the part still to import, given the target's digest under each reference; None if it is complete.

    Raises AlreadyExists if a tag names another digest: only the digests in `replaces` may be replaced.
    """
    ours = dict(item.replaces)
    taken = {tag: digest for tag, digest in held.items() if digest not in {None, item.digest, ours.get(tag)}}
    if taken and not force:
        raise AlreadyExists(
            f"{item.repository} already has at the target: {_enumerate(taken)}. The source has {item.digest} there.",
            code="TagConflict",
            resource=f"{item.repository}@{item.digest}",
            remedy="Set force in the request to move the tags, or delete them at the target.",
        )
    missing = tuple(reference for reference in references_to_probe(item) if held.get(reference) != item.digest)
    if not missing:
        return None
    return replace(item, tags=missing) if item.tags else item


def _enumerate(taken: Mapping[str, str | None]) -> str:
    return ", ".join(f"{tag} as {digest}" for tag, digest in sorted(taken.items()))

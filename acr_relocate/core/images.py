"""Want, have, need: which digests to import, with which tags, and in which order."""

from __future__ import annotations

from acr_relocate.core.inventory import Content
from acr_relocate.core.model import Frozen
from acr_relocate.core.request import Selection


class ImportItem(Frozen):
    """One importImage call: a digest and all the tags it still lacks at the target. No tags: an untagged import.

    `wave` is 0 for what refers to nothing, and one more than its subject's for a referrer.
    """

    repository: str
    digest: str
    tags: tuple[str, ...] = ()
    wave: int = 0
    media_type: str = ""

    @property
    def label(self) -> str:
        """A name that a person recognises: `nginx@sha256:1f3c… (1.27, 1.27.1, latest)`."""
        return f"{self.repository}@{short(self.digest)} ({_enumerate(self.tags)})"

    @property
    def source_image(self) -> str:
        """importImage's `sourceImage`: by digest, so that no tag can move while it runs."""
        return f"{self.repository}@{self.digest}"

    @property
    def target_tags(self) -> tuple[str, ...]:
        """importImage's `targetTags`. Empty: put the repository into `untaggedTargetRepositories` instead."""
        return tuple(f"{self.repository}:{tag}" for tag in self.tags)


class TagConflict(Frozen):
    """A tag that names another digest at the target."""

    repository: str
    tag: str
    source_digest: str
    target_digest: str


class Blocked(Frozen):
    """A digest that is wanted but that importImage cannot bring, and what to do instead."""

    repository: str
    digest: str
    tags: tuple[str, ...]
    reason: str
    remedy: str


class ImportPlan(Frozen):
    """What the target lacks. `already_there` counts the digests that need nothing."""

    items: tuple[ImportItem, ...] = ()
    conflicts: tuple[TagConflict, ...] = ()
    blocked: tuple[Blocked, ...] = ()
    already_there: int = 0


def needed(want: Content, have: Content, selection: Selection, *, force: bool = False) -> ImportPlan:
    """What to import so that the target (`have`) holds all that is selected of the source (`want`)."""
    raise NotImplementedError


def shards(items: tuple[ImportItem, ...], size: int) -> tuple[tuple[ImportItem, ...], ...]:
    """Parts of at most `size` items, in order. A shard holds items of one wave only: shards of equal wave may run
    side by side, but a higher wave begins when the lower one has ended.
    """
    raise NotImplementedError


def short(digest: str) -> str:
    """The digest's algorithm and first four hexadecimal digits."""
    algorithm, _, value = digest.partition(":")
    return f"{algorithm}:{value[:4]}…"


def _enumerate(tags: tuple[str, ...], most: int = 4) -> str:
    if not tags:
        return "untagged"
    shown = ", ".join(tags[:most])
    return f"{shown}, +{len(tags) - most}" if len(tags) > most else shown

"""What to import, and in which order.

The algorithm is want / have / need, keyed on (repository, digest): see `needed`.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from itertools import groupby

from acr_relocate.core.image_lists import ImageReference, references
from acr_relocate.core.inventory import Content, Repository
from acr_relocate.core.model import Frozen
from acr_relocate.core.selecting import Selection
from acr_relocate.core.selection import IMPORT_LIMIT, Travel, travels


class ImportItem(Frozen):
    """One importImage call: a digest and all the tags it still lacks at the target. No tags: an untagged import.

    `wave` is 0 for what refers to nothing, and one more than its subject's for a referrer. `size_bytes` is the most that
    may be copied: of what the target lacks of it, whether or not it has some of the layers.
    """

    repository: str
    digest: str
    tags: tuple[str, ...] = ()
    wave: int = 0
    media_type: str = ""
    size_bytes: int = 0

    @property
    def label(self) -> str:
        """A name that a person recognises: `nginx@sha256:1f3c… (1.27, 1.27.1, latest)`."""
        return f"{self.repository}@{short(self.digest)} ({_enumerate(self.tags)})"

    @property
    def source_image(self) -> str:
        """The `sourceImage` of importImage: by digest, so that no tag can move while it runs."""
        return f"{self.repository}@{self.digest}"

    @property
    def target_tags(self) -> tuple[str, ...]:
        """The `targetTags` of importImage. If empty, `untaggedTargetRepositories` takes the repository instead."""
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
    """What the target lacks of the registry at `login_server`. `already_there` counts the digests that need nothing."""

    login_server: str = ""
    items: tuple[ImportItem, ...] = ()
    conflicts: tuple[TagConflict, ...] = ()
    blocked: tuple[Blocked, ...] = ()
    already_there: int = 0


def needed(
    want: Content, have: Content, selection: Selection, *, force: bool = False, only: Iterable[str] = ()
) -> ImportPlan:
    """Return what to import so that the target (`have`) holds all that is selected of the source (`want`).

    One item per (repository, digest) that is incomplete at the target, with all the tags that it lacks there. What
    travels inside an index has an item of its own only for its own missing tags. A tag that names another digest at
    the target is a conflict; with `force` it is moved instead. Importing the items and asking again needs nothing.
    `only`: references to images; nothing but these counts.
    """
    at_target = {repository.name: repository for repository in have.repositories}
    parts = [
        _needed_in(repository, travel, at_target.get(repository.name, Repository(name=repository.name)), force=force)
        for repository, travel in travels(want, selection)
    ]
    items = (item for part in parts for item in part.items)
    plan = ImportPlan(
        login_server=want.login_server,
        items=tuple(sorted(items, key=lambda item: (item.wave, item.repository, item.digest))),
        conflicts=tuple(conflict for part in parts for conflict in part.conflicts),
        blocked=tuple(blocked for part in parts for blocked in part.blocked),
        already_there=sum(part.already_there for part in parts),
    )
    return _restricted(plan, references(only, want.login_server)) if only else plan


def shards(items: Iterable[ImportItem], size: int) -> tuple[tuple[ImportItem, ...], ...]:
    """Return the items in parts of at most `size`, in order, each of one wave only.

    Shards of equal wave may run side by side; a higher wave begins when the lower one has ended, because a referrer
    comes after its subject.
    """
    waves = (tuple(wave) for _, wave in groupby(sorted(items, key=_wave), key=_wave))
    return tuple(wave[start : start + size] for wave in waves for start in range(0, len(wave), size))


def short(digest: str) -> str:
    """Return the digest's algorithm and first four hexadecimal digits."""
    algorithm, _, value = digest.partition(":")
    return f"{algorithm}:{value[:4]}…"


def _needed_in(repository: Repository, travel: Travel, at_target: Repository, *, force: bool) -> ImportPlan:
    waves, tags = travel.waves(), travel.tags
    have_tags = {tag.name: tag.digest for tag in at_target.tags}
    have_digests = {manifest.digest for manifest in at_target.manifests}
    items, conflicts, blocked, already_there = [], [], [], 0
    for digest in sorted(travel.roots | travel.oversized | (travel.carriers.keys() & tags.keys())):
        names = tags.get(digest, ())
        elsewhere = [name for name in names if have_tags.get(name, digest) != digest]
        lacking = tuple(name for name in names if name not in have_tags or (force and name in elsewhere))
        clashes = [] if force else elsewhere
        complete = travel.root_of(digest) != digest or have_digests.issuperset({digest, *travel.inside(digest)})
        conflicts += [_conflict(repository, name, digest, have_tags[name]) for name in clashes]
        if complete and not lacking:
            already_there += not clashes
        elif digest in travel.oversized:
            blocked.append(_beyond_the_limit(repository, digest, lacking, len(travel.inside(digest))))
        elif lacking or len(clashes) < max(len(names), 1):
            items.append(_item(repository, travel, digest, lacking, have_digests, waves))
    return ImportPlan(
        items=tuple(items), conflicts=tuple(conflicts), blocked=tuple(blocked), already_there=already_there
    )


def _restricted(plan: ImportPlan, only: Iterable[ImageReference]) -> ImportPlan:
    """Return the plan without all that is not referred to."""
    meant: dict[str, list[ImageReference]] = {}
    for reference in only:
        meant.setdefault(reference.repository, []).append(reference)

    def means(repository: str, digest: str, tags: Iterable[str]) -> bool:
        return any(reference.means(digest, tags) for reference in meant.get(repository, ()))

    return plan.model_copy(
        update={
            "items": tuple(item for item in plan.items if means(item.repository, item.digest, item.tags)),
            "conflicts": tuple(one for one in plan.conflicts if means(one.repository, one.source_digest, [one.tag])),
            "blocked": tuple(one for one in plan.blocked if means(one.repository, one.digest, one.tags)),
        }
    )


def _item(
    repository: Repository,
    travel: Travel,
    digest: str,
    tags: tuple[str, ...],
    have: Container[str],
    waves: Mapping[str, int],
) -> ImportItem:
    brings = () if travel.root_of(digest) != digest else (digest, *travel.inside(digest))
    return ImportItem(
        repository=repository.name,
        digest=digest,
        tags=tags,
        wave=waves[travel.root_of(digest)],
        media_type=travel.manifests[digest].media_type,
        size_bytes=sum(travel.manifests[one].size for one in brings if one not in have),
    )


def _conflict(repository: Repository, tag: str, source_digest: str, target_digest: str) -> TagConflict:
    return TagConflict(repository=repository.name, tag=tag, source_digest=source_digest, target_digest=target_digest)


def _beyond_the_limit(repository: Repository, digest: str, tags: tuple[str, ...], inside: int) -> Blocked:
    return Blocked(
        repository=repository.name,
        digest=digest,
        tags=tags,
        reason=f"the index holds {inside} manifests; importImage brings at most {IMPORT_LIMIT}",
        remedy=(
            "Its manifests are imported one by one. Then push the index itself, for example: "
            f"crane copy SOURCE/{repository.name}@{digest} TARGET/{repository.name}:TAG"
        ),
    )


def _wave(item: ImportItem) -> int:
    return item.wave


def _enumerate(tags: tuple[str, ...], most: int = 4) -> str:
    if not tags:
        return "untagged"
    shown = ", ".join(tags[:most])
    return f"{shown}, +{len(tags) - most}" if len(tags) > most else shown

"""The images to import, and their order.

The algorithm is want / have / need, keyed on (repository, digest): see `needed`.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from acr_relocate.core.content.broken import BrokenArtifact, broken_in
from acr_relocate.core.content.copy_roots import CopyRoots
from acr_relocate.core.content.selection import RepositoryCopies, copy_roots
from acr_relocate.core.model import FrozenModel, slots_model
from acr_relocate.core.registry.image_references import ImageReference, matching_references
from acr_relocate.core.registry.inventory import LONG_AGO, Content, Repository
from acr_relocate.core.request.selection import Selection

LARGE_BYTES: Final = 2**30
"""From this size on, an image's own bytes may outlast all other imports, so it begins first."""


@slots_model
class ImportItem:
    """One importImage call: a digest and all the tags it still lacks at the target. No tags: an untagged import.

    `after` are the digests of items of the same repository to import first: the subject of a referrer, or the parts of
    an index that is `pushed` manifest by manifest, because importImage does not take it. `size_bytes` is an upper
    bound: of the manifests that the target lacks, including layers that it may have. `updated`: when it or one of its
    tags was last pushed or moved, if the registry says so. `replaces`: those tags that the target has from an earlier
    run, with the digests that they name there until now.
    """

    repository: str
    digest: str
    tags: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    media_type: str = ""
    size_bytes: int = 0
    updated: datetime | None = None
    replaces: tuple[tuple[str, str], ...] = ()
    pushed: bool = False
    carrier: str = ""
    small: bool = False

    @property
    def label(self) -> str:
        """Return a readable name: `nginx@sha256:1f3c… (1.27, 1.27.1, latest)`."""
        return f"{self.repository}@{short(self.digest)} ({_enumerate(self.tags)})"

    @property
    def title(self) -> str:
        """Return a name that contains each repo:tag pair: `nginx:1.27, nginx:1.27.1, nginx:latest @sha256:1f3c…`."""
        return f"{', '.join(self.target_tags) or self.repository} @{short(self.digest)}"

    @property
    def source_image(self) -> str:
        """Return the `sourceImage` of importImage: by digest, so that no tag can move while it runs."""
        return f"{self.repository}@{self.digest}"

    @property
    def target_tags(self) -> tuple[str, ...]:
        """Return the `targetTags` of importImage. If empty, `untaggedTargetRepositories` takes the repository."""
        return tuple(f"{self.repository}:{tag}" for tag in self.tags)


class TagConflict(FrozenModel):
    """A tag that names another digest at the target."""

    repository: str
    tag: str
    source_digest: str
    target_digest: str


class ImportPlan(FrozenModel):
    """The imports that the target lacks from the registry at `login_server`. `already_there` counts complete digests.

    `blocked`: the missing images that are broken at the source and cannot be imported.
    """

    login_server: str = ""
    items: tuple[ImportItem, ...] = ()
    conflicts: tuple[TagConflict, ...] = ()
    blocked: tuple[BrokenArtifact, ...] = ()
    already_there: int = 0

    @property
    def pushed(self) -> tuple[ImportItem, ...]:
        """Return the items that importImage cannot take."""
        return tuple(item for item in self.items if item.pushed)

    @property
    def small(self) -> tuple[ImportItem, ...]:
        """Return the items to push although importImage would take them."""
        return tuple(item for item in self.items if item.small)

    @property
    def import_calls(self) -> int:
        """Return the number of importImage calls."""
        return sum(not (item.pushed or item.small) for item in self.items)

    @property
    def size_bytes(self) -> int:
        """Return the bytes of all items, at most: layers that several share are counted in each."""
        return sum(item.size_bytes for item in self.items)


def needed(  # noqa: PLR0913 - the state of both sides, and what the request says about it
    want: Content,
    have: Content,
    selection: Selection,
    *,
    force: bool = False,
    only: Iterable[str] = (),
    is_ours: Callable[[str, str, str], bool] = lambda *_: False,
    accept: Sequence[str] = (),
    copies: RepositoryCopies | None = None,
) -> ImportPlan:
    """Return the imports needed so that the target (`have`) holds all selected content of the source (`want`).

    One item per (repository, digest) that is incomplete at the target, with all the tags that it lacks there. A
    manifest inside an index has an item of its own only for its own missing tags. A tag that names another digest at
    the target is moved if that digest `is_ours` (repository, tag, digest: an earlier run imported it) or with `force`;
    otherwise it is a conflict. After importing the items, a second call returns none.
    `only`: references to images; only these count. `accept`: names of broken artifacts that the request accepts.
    `copies`: the selected repositories of the source with their imports, where they are known already.
    """
    at_target = {repository.name: repository for repository in have.repositories}
    parts = [
        _needed_in(
            repository, travel, at_target.get(repository.name, Repository(name=repository.name)), force, is_ours, accept
        )
        for repository, travel in copies or copy_roots(want, selection)
    ]
    items = (item for part in parts for item in part.items)
    plan = ImportPlan(
        login_server=want.login_server,
        items=tuple(longest_first(items)),
        conflicts=tuple(conflict for part in parts for conflict in part.conflicts),
        blocked=tuple(blocked for part in parts for blocked in part.blocked),
        already_there=sum(part.already_there for part in parts),
    )
    return _restricted(plan, matching_references(only, want.login_server)) if only else plan


def longest_first(items: Iterable[ImportItem]) -> list[ImportItem]:
    """Return the items ordered so that each comes after its prerequisites, and those that end last begin first.

    These are large images, whose bytes take longer than all other calls, then the longest chains of signatures. Among
    equals, the most recently updated image comes first: it is most likely in use, so the target can serve it early.
    """
    items = list(items)
    by_key = {(item.repository, item.digest): item for item in items}
    heights = dict.fromkeys(by_key, 0)
    urgent = {key: item.size_bytes if item.size_bytes >= LARGE_BYTES else 0 for key, item in by_key.items()}
    pending = [key for key, item in by_key.items() if item.after]
    while pending:
        key = pending.pop()
        for first in by_key[key].after:
            other = (key[0], first)
            if other in by_key and (heights[other] <= heights[key] or urgent[other] < urgent[key]):
                heights[other] = max(heights[other], heights[key] + 1)
                urgent[other] = max(urgent[other], urgent[key])
                pending.append(other)
    return sorted(
        items,
        key=lambda item: (
            -urgent[item.repository, item.digest],
            -heights[item.repository, item.digest],
            -(item.updated or LONG_AGO).timestamp(),
            item.repository,
            item.digest,
        ),
    )


def shards(items: Sequence[ImportItem], size: int) -> tuple[tuple[ImportItem, ...], ...]:
    """Return the items in parts of at most `size`, in order."""
    return tuple(tuple(items[start : start + size]) for start in range(0, len(items), size))


def short(digest: str) -> str:
    """Return the digest's algorithm and first four hexadecimal digits."""
    algorithm, _, value = digest.partition(":")
    return f"{algorithm}:{value[:4]}…"


def _needed_in(
    repository: Repository,
    travel: CopyRoots,
    at_target: Repository,
    force: bool,  # noqa: FBT001 - as `needed` has it
    is_ours: Callable[[str, str, str], bool],
    accept: Sequence[str],
) -> ImportPlan:
    tags = travel.tags
    have_tags = {tag.name: tag.digest for tag in at_target.tags}
    have_digests = {manifest.digest for manifest in at_target.manifests}
    broken = {one.digest: one for one in broken_in(repository, travel, accept)}
    items, conflicts, blocked, already_there = [], [], [one for digest, one in broken.items() if not digest], 0
    for digest in sorted(travel.roots | (travel.carriers.keys() & tags.keys())):
        names = tags.get(digest, ())
        elsewhere = [name for name in names if have_tags.get(name, digest) != digest]
        follow = [name for name in elsewhere if not force and is_ours(repository.name, name, have_tags[name])]
        lacking = tuple(name for name in names if name not in have_tags or name in (elsewhere if force else follow))
        clashes = [] if force else [name for name in elsewhere if name not in follow]
        conflicts += [_conflict(repository, name, digest, have_tags[name]) for name in clashes]
        if have_digests.issuperset(travel.brings(digest)) and not lacking:
            already_there += not clashes
        elif digest in broken:
            blocked.append(broken[digest].model_copy(update={"tags": lacking}))
        elif lacking or len(clashes) < max(len(names), 1):
            item = _item(repository, travel, digest, lacking, have_digests)
            replaces = tuple((name, have_tags[name]) for name in follow)
            items.append(replace(item, replaces=replaces) if replaces else item)
    return ImportPlan(
        items=_each_in_its_turn(items, travel),
        conflicts=tuple(conflicts),
        blocked=tuple(blocked),
        already_there=already_there,
    )


def _restricted(plan: ImportPlan, only: Iterable[ImageReference]) -> ImportPlan:
    """Return the plan restricted to the referenced images."""
    meant: dict[str, list[ImageReference]] = {}
    for reference in only:
        meant.setdefault(reference.repository, []).append(reference)

    def means(repository: str, digest: str, tags: Iterable[str]) -> bool:
        return any(reference.means(digest, tags) for reference in meant.get(repository, ()))

    items = _with_parts(plan.items, [one for one in plan.items if means(one.repository, one.digest, one.tags)])
    coming = {(item.repository, item.digest) for item in items}
    return plan.model_copy(
        update={
            "items": tuple(
                replace(item, after=tuple(one for one in item.after if (item.repository, one) in coming))
                for item in items
            ),
            "conflicts": tuple(one for one in plan.conflicts if means(one.repository, one.source_digest, [one.tag])),
            "blocked": tuple(one for one in plan.blocked if means(one.repository, one.digest, one.tags)),
        }
    )


def _with_parts(all_items: Iterable[ImportItem], meant: Iterable[ImportItem]) -> list[ImportItem]:
    """Return the given items, and the parts of those that are pushed, in the order of all items."""
    by_digest = {(item.repository, item.digest): item for item in all_items}
    found: dict[tuple[str, str], ImportItem] = {}
    pending = list(meant)
    while pending:
        item = pending.pop()
        found[item.repository, item.digest] = item
        if item.pushed:
            pending += [by_digest[item.repository, part] for part in item.after]
    return [item for key, item in by_digest.items() if key in found]


def _item(
    repository: Repository, travel: CopyRoots, digest: str, tags: tuple[str, ...], have: Container[str]
) -> ImportItem:
    manifest = travel.manifests[digest]
    return ImportItem(
        repository=repository.name,
        digest=digest,
        tags=tags,
        media_type=manifest.media_type,
        size_bytes=sum(travel.manifests[one].size for one in travel.brings(digest) if one not in have),
        updated=manifest.updated,
        pushed=digest in travel.oversized or manifest.is_build_cache,
        carrier=_carrier(travel, digest, have),
    )


def _carrier(travel: CopyRoots, digest: str, have: Container[str]) -> str:
    root = travel.root_of(digest)
    return digest if digest in have else root if root != digest else ""


def _each_in_its_turn(items: list[ImportItem], travel: CopyRoots) -> tuple[ImportItem, ...]:
    """Set for each item its prerequisites among the items."""
    coming = {item.digest for item in items}
    befores = {item.digest: tuple(one for one in travel.before(item.digest) if one in coming) for item in items}
    return tuple(replace(item, after=before) if (before := befores[item.digest]) else item for item in items)


def _conflict(repository: Repository, tag: str, source_digest: str, target_digest: str) -> TagConflict:
    return TagConflict(repository=repository.name, tag=tag, source_digest=source_digest, target_digest=target_digest)


def _enumerate(tags: tuple[str, ...], most: int = 4) -> str:
    if not tags:
        return "untagged"
    shown = ", ".join(tags[:most])
    return f"{shown}, +{len(tags) - most}" if len(tags) > most else shown

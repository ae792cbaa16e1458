"""What a request selects of a registry, and how it travels: by itself, or inside an index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from acr_relocate.core.inventory import Content, Manifest, Repository
from acr_relocate.core.request import Selection

IMPORT_LIMIT: Final = 50
"""The most manifests that importImage takes in one image (Azure's documentation of import)."""

Manifests = Mapping[str, Manifest]


def selected(content: Content, selection: Selection) -> Iterator[Repository]:
    """Yield the repositories whose names match one of the selection's patterns."""
    for repository in content.repositories:
        if any(fnmatchcase(repository.name, pattern) for pattern in selection.repositories):
            yield repository


@dataclass(frozen=True)
class Travel:
    """How the selected manifests of one repository travel.

    `roots` are imported by themselves. `carriers` names, for each manifest that travels inside an index, the root that
    brings it. `oversized` are wanted indexes beyond the import limit: they cannot be imported, so they carry nothing,
    and their children are roots. `manifests` is the whole repository, by digest.
    """

    manifests: Manifests
    roots: frozenset[str]
    carriers: Mapping[str, str]
    oversized: frozenset[str]

    @property
    def digests(self) -> frozenset[str]:
        """All that should be at the target in the end."""
        return self.roots | self.carriers.keys() | self.oversized

    def inside(self, digest: str) -> frozenset[str]:
        """Return the manifests that travel with this one."""
        return descendants(self.manifests, digest)

    def root_of(self, digest: str) -> str:
        """Return the root that brings this manifest; what is not brought by another is its own."""
        return digest if digest in self.roots else self.carriers.get(digest, digest)

    def before(self, digest: str) -> str:
        """Return the root that brings what this manifest's root refers to; nothing if it refers to nothing listed.

        A registry cannot hold a circle of subjects; in one that a listing shows nobody waits.
        """
        start = self.root_of(digest)
        first = current = self._subject_root(start)
        seen = {start}
        while current:
            if current in seen:
                return ""
            seen.add(current)
            current = self._subject_root(current)
        return first

    def _subject_root(self, digest: str) -> str:
        subject = self.manifests[digest].subject
        return self.root_of(subject) if subject and subject in self.manifests else ""


def plan_travel(repository: Repository, selection: Selection) -> Travel:
    """Return how the selected manifests of a repository travel. Linear in manifests, children and tags.

    A child of a wanted index is never a root; a child of an index that nobody wants is one, if it is wanted itself.
    A registry cannot hold a cycle of digests, but if a listing shows one, each of its manifests still travels.
    """
    manifests = index_by_digest(repository)
    wanted = set(_wanted(manifests.values(), {tag.digest for tag in repository.tags}, selection))
    oversized = _take_apart_oversized(manifests, wanted)
    importable = wanted - oversized
    roots = importable - _reachable(manifests, importable)
    indexes = sorted((root for root in roots if manifests[root].children), reverse=True)
    carriers = {inner: root for root in indexes for inner in descendants(manifests, root)}
    for digest in sorted(importable - roots - carriers.keys()):  # only a cycle leaves any
        if digest not in carriers:
            roots.add(digest)
            carriers |= dict.fromkeys(descendants(manifests, digest), digest)
    return Travel(manifests, frozenset(roots), carriers, oversized)


def index_by_digest(repository: Repository) -> dict[str, Manifest]:
    """Return every manifest that the repository lists or that one of its tags names."""
    listed = {manifest.digest: manifest for manifest in repository.manifests}
    unlisted = {tag.digest for tag in repository.tags} - listed.keys()
    return listed | {digest: Manifest(digest=digest) for digest in unlisted}


def tags_by_digest(repository: Repository) -> dict[str, tuple[str, ...]]:
    """Return the tags of each tagged digest, in the registry's order."""
    names: dict[str, list[str]] = {}
    for tag in repository.tags:
        names.setdefault(tag.digest, []).append(tag.name)
    return {digest: tuple(dict.fromkeys(tags)) for digest, tags in names.items()}


def descendants(manifests: Manifests, digest: str) -> frozenset[str]:
    """Return what an index contains, at any depth, itself left out, as far as the repository lists it."""
    if not manifests[digest].children:
        return frozenset()  # most manifests, so worth not walking
    return frozenset(_reachable(manifests, [digest]) - {digest})


def _wanted(manifests: Iterable[Manifest], tagged: set[str], selection: Selection) -> Iterator[str]:
    """Yield what is wanted for its own sake: what is tagged, and by the selection referrers and the untagged rest."""
    for manifest in manifests:
        untagged_too = selection.referrers if manifest.subject else selection.untagged
        if untagged_too or manifest.digest in tagged:
            yield manifest.digest


def _take_apart_oversized(manifests: Manifests, wanted: set[str]) -> frozenset[str]:
    """Return the wanted indexes beyond the limit, and add their children to `wanted`: those can be imported."""
    oversized = set()
    pending = [digest for digest in wanted if manifests[digest].children]
    while pending:
        digest = pending.pop()
        if digest not in oversized and len(descendants(manifests, digest)) > IMPORT_LIMIT:
            oversized.add(digest)
            children = [child for child in manifests[digest].children if child in manifests]
            wanted.update(children)
            pending.extend(children)
    return frozenset(oversized)


def _reachable(manifests: Manifests, starts: Iterable[str]) -> set[str]:
    """Return what the starts contain at any depth. A start is in it only if another one, or a cycle, contains it."""
    found: set[str] = set()
    pending = list(starts)
    while pending:
        for child in manifests[pending.pop()].children:
            if child in manifests and child not in found:
                found.add(child)
                pending.append(child)
    return found

"""What a request selects of a registry, and how it travels: by itself, or inside an index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from acr_relocate.core.image_lists import ImageReference, parse_reference, references
from acr_relocate.core.inventory import LONG_AGO, Content, Manifest, Repository
from acr_relocate.core.patterns import is_name, matches
from acr_relocate.core.selecting import Selection
from acr_relocate.core.wanting import Manifests, reachable, wanted

IMPORT_LIMIT: Final = 50
"""The most manifests that importImage takes in one image (Azure's documentation of import)."""


def selected_names(catalogue: Iterable[str], selection: Selection) -> tuple[str, ...]:
    """Return the repositories to look at: those of the catalogue that are selected, and those named in full.

    A repository may hide from the catalogue (listEnabled=false); one that is named in full is asked for all the same.
    """
    pinned = {parse_reference(text).repository for text in selection.pinned}
    found = [name for name in catalogue if name in pinned or selects(name, selection)]
    hidden = (name for name in selection.repositories if is_name(name) and selects(name, selection))
    return tuple(dict.fromkeys([*found, *hidden]))


def selected(content: Content, selection: Selection) -> Iterator[Repository]:
    """Yield the repositories of which something may be selected, whole."""
    pinned = {reference.repository for reference in references(selection.pinned, content.login_server)}
    for repository in content.repositories:
        if repository.name in pinned or selects(repository.name, selection):
            yield repository


def travels(content: Content, selection: Selection) -> Iterator[tuple[Repository, Travel]]:
    """Yield each repository of which something may be selected, and how that travels."""
    pinned = references(selection.pinned, content.login_server)
    only_pinned = selection.model_copy(update={"tags": [], "untagged": False})
    for repository in selected(content, selection):
        here = selection if selects(repository.name, selection) else only_pinned
        yield repository, plan_travel(repository, here, content.listed_at, pinned)


def chosen(content: Content, selection: Selection) -> Content:
    """Return what is selected of the content, and nothing else; repositories of which nothing is are left out."""
    narrowed = (_narrowed(repository, travel) for repository, travel in travels(content, selection))
    return content.model_copy(update={"repositories": tuple(one for one in narrowed if one.tags or one.manifests)})


@dataclass(frozen=True)
class Travel:
    """How the selected manifests of one repository travel.

    `roots` are imported by themselves. `tags` are the selected ones, by digest. `carriers` names, for each manifest
    that travels inside an index, the root that brings it. `oversized` are wanted indexes beyond the import limit: they
    cannot be imported, so they carry nothing, and their children are roots. `manifests` is the whole repository, by
    digest.
    """

    manifests: Manifests
    roots: frozenset[str]
    carriers: Mapping[str, str]
    oversized: frozenset[str]
    tags: Mapping[str, tuple[str, ...]]

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


def plan_travel(
    repository: Repository, selection: Selection, now: datetime = LONG_AGO, pinned: Iterable[ImageReference] = ()
) -> Travel:
    """Return how the selected manifests of a repository travel. Linear in manifests, children and tags.

    A child of a wanted index is never a root; a child of an index that nobody wants is one, if it is wanted itself.
    A registry cannot hold a cycle of digests, but if a listing shows one, each of its manifests still travels.
    """
    manifests = index_by_digest(repository)
    want = wanted(repository, manifests, selection, now, pinned)
    digests = set(want.digests)
    oversized = _take_apart_oversized(manifests, digests)
    importable = digests - oversized
    roots = importable - reachable(manifests, importable)
    indexes = sorted((root for root in roots if manifests[root].children), reverse=True)
    carriers = {inner: root for root in indexes for inner in descendants(manifests, root)}
    for digest in sorted(importable - roots - carriers.keys()):  # only a cycle leaves any
        if digest not in carriers:
            roots.add(digest)
            carriers |= dict.fromkeys(descendants(manifests, digest), digest)
    return Travel(manifests, frozenset(roots), carriers, oversized, want.tags)


def index_by_digest(repository: Repository) -> dict[str, Manifest]:
    """Return every manifest that the repository lists or that one of its tags names."""
    listed = {manifest.digest: manifest for manifest in repository.manifests}
    unlisted = {tag.digest for tag in repository.tags} - listed.keys()
    return listed | {digest: Manifest(digest=digest) for digest in unlisted}


def descendants(manifests: Manifests, digest: str) -> frozenset[str]:
    """Return what an index contains, at any depth, itself left out, as far as the repository lists it."""
    if not manifests[digest].children:
        return frozenset()  # most manifests, so worth not walking
    return frozenset(reachable(manifests, [digest]) - {digest})


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


def selects(name: str, selection: Selection) -> bool:
    """Return whether the repository is selected by its name, whatever images are pinned."""
    return matches(name, selection.repositories) and not matches(name, selection.exclude_repositories)


def _narrowed(repository: Repository, travel: Travel) -> Repository:
    names = {name for names in travel.tags.values() for name in names}
    manifests = tuple(one for one in travel.manifests.values() if one.digest in travel.digests)
    return repository.model_copy(
        update={"manifests": manifests, "tags": tuple(tag for tag in repository.tags if tag.name in names)}
    )

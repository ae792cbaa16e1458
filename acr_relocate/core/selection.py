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

    `roots` travel by themselves. `tags` are the selected ones, by digest. `carriers` names, for each manifest that
    travels inside an index, the root that brings it. `oversized` are wanted indexes beyond the import limit and
    `incomplete` those of which the repository lacks a part: both are roots that bring nothing but themselves, and their
    parts are roots too. `manifests` is the whole repository, by digest.
    """

    manifests: Manifests
    roots: frozenset[str]
    carriers: Mapping[str, str]
    oversized: frozenset[str]
    incomplete: frozenset[str]
    tags: Mapping[str, tuple[str, ...]]

    @property
    def digests(self) -> frozenset[str]:
        """All that should be at the target in the end."""
        return self.roots | self.carriers.keys()

    def inside(self, digest: str) -> frozenset[str]:
        """Return the manifests that an index holds, at any depth."""
        return descendants(self.manifests, digest)

    def lacks(self, digest: str) -> tuple[str, ...]:
        """Return what the index lists, at any depth, and the repository does not hold."""
        return tuple(sorted(_missing(self.manifests, digest)))

    def root_of(self, digest: str) -> str:
        """Return the root that brings this manifest; what is not brought by another is its own."""
        return digest if digest in self.roots else self.carriers.get(digest, digest)

    def brings(self, digest: str) -> frozenset[str]:
        """Return what arrives with this manifest, itself included; nothing if another one brings it."""
        if self.root_of(digest) != digest:
            return frozenset()
        alone = frozenset({digest})
        return alone if digest in self.oversized | self.incomplete else alone | self.inside(digest)

    def before(self, digest: str) -> tuple[str, ...]:
        """Return the roots to come before this one's: of what it refers to, and of the parts of an oversized one.

        A registry cannot hold a circle of these; in one that a listing shows nobody waits.
        """
        start = self.root_of(digest)
        return tuple(need for need in self._needs(start) if start not in self._all_before(need))

    def _needs(self, root: str) -> tuple[str, ...]:
        manifest = self.manifests[root]
        needs = (manifest.subject or "", *(manifest.children if root in self.oversized else ()))
        return tuple(dict.fromkeys(self.root_of(need) for need in needs if need in self.manifests))

    def _all_before(self, root: str) -> set[str]:
        found, pending = {root}, [root]
        while pending:
            needs = [need for need in self._needs(pending.pop()) if need not in found]
            found.update(needs)
            pending += needs
        return found


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
    oversized, incomplete = _take_apart(manifests, digests)
    alone = oversized | incomplete
    carrying = digests - alone
    roots = carrying - reachable(manifests, carrying)
    indexes = sorted((root for root in roots if manifests[root].children), reverse=True)
    carriers = {inner: root for root in indexes for inner in descendants(manifests, root)}
    for digest in sorted(carrying - roots - carriers.keys()):  # only a cycle leaves any
        if digest not in carriers:
            roots.add(digest)
            carriers |= dict.fromkeys(descendants(manifests, digest), digest)
    return Travel(manifests, frozenset(roots | alone), carriers, oversized, incomplete, want.tags)


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


def _take_apart(manifests: Manifests, wanted: set[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the wanted indexes beyond the limit and the incomplete ones, and add their parts to `wanted`."""
    oversized, incomplete = set[str](), set[str]()
    pending = [digest for digest in wanted if manifests[digest].children]
    while pending:
        digest = pending.pop()
        if digest in oversized | incomplete:
            continue
        if _missing(manifests, digest):
            incomplete.add(digest)
        elif len(descendants(manifests, digest)) > IMPORT_LIMIT:
            oversized.add(digest)
        else:
            continue
        parts = [child for child in manifests[digest].children if child in manifests]
        wanted.update(parts)
        pending.extend(parts)
    return frozenset(oversized), frozenset(incomplete)


def _missing(manifests: Manifests, digest: str) -> set[str]:
    held = (digest, *descendants(manifests, digest))
    return {child for one in held for child in manifests[one].children if child not in manifests}


def selects(name: str, selection: Selection) -> bool:
    """Return whether the repository is selected by its name, whatever images are pinned."""
    return matches(name, selection.repositories) and not matches(name, selection.exclude_repositories)


def _narrowed(repository: Repository, travel: Travel) -> Repository:
    names = {name for names in travel.tags.values() for name in names}
    manifests = tuple(one for one in travel.manifests.values() if one.digest in travel.digests)
    return repository.model_copy(
        update={"manifests": manifests, "tags": tuple(tag for tag in repository.tags if tag.name in names)}
    )

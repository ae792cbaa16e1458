"""The manifests to import so that everything selected arrives: roots of at most 50 manifests each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from acr_relocate.core.content.manifest_graph import Manifests, _missing, descendants, index_by_digest, reachable
from acr_relocate.core.content.wanted_tags import select_content
from acr_relocate.core.registry.image_references import ImageReference
from acr_relocate.core.registry.inventory import LONG_AGO, Repository
from acr_relocate.core.request.selection import Selection

IMPORT_LIMIT: Final = 50
"""The most manifests that importImage takes in one image (Azure's documentation of import)."""


@dataclass(frozen=True)
class CopyRoots:
    """How the selected manifests of one repository travel.

    `roots` travel by themselves. `tags` are the selected ones, by digest. `carriers` names, for each manifest that
    travels inside an index, the root that brings it. `oversized` are wanted indexes beyond the import limit and
    `incomplete` those of which the repository lacks a part: both are roots that bring nothing but themselves, and their
    parts are roots too. `gone` are those that a tag names and the repository lacks. `manifests` is the whole
    repository, by digest.
    """

    manifests: Manifests
    roots: frozenset[str]
    carriers: Mapping[str, str]
    oversized: frozenset[str]
    incomplete: frozenset[str]
    tags: Mapping[str, tuple[str, ...]]
    gone: frozenset[str] = frozenset()

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


def plan_copy_roots(
    repository: Repository, selection: Selection, now: datetime = LONG_AGO, pinned: Iterable[ImageReference] = ()
) -> CopyRoots:
    """Return how the selected manifests of a repository travel. Linear in manifests, children and tags.

    A child of a wanted index is never a root; a child of an index that nobody wants is one, if it is wanted itself.
    A registry cannot hold a cycle of digests, but if a listing shows one, each of its manifests still travels.
    """
    manifests = index_by_digest(repository)
    want = select_content(repository, manifests, selection, now, pinned)
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
    gone = digests - {manifest.digest for manifest in repository.manifests}
    return CopyRoots(manifests, frozenset(roots | alone), carriers, oversized, incomplete, want.tags, frozenset(gone))


def _take_apart(manifests: Manifests, wanted: set[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the wanted indexes beyond the limit and the incomplete ones, and add their parts to `select_content`."""
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

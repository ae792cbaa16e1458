"""The manifests to import so that all selected content arrives: roots of at most 50 manifests each."""

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
    """The imports of one repository's selected manifests.

    `roots` are imported one by one. `tags` are the selected ones, by digest. `carriers` gives, for each manifest inside
    an index, the root that brings it. `oversized` are wanted indexes beyond the import limit, `incomplete` those of
    which the repository lacks a part: both are roots that bring only themselves, and their parts are roots too. `gone`
    are digests that a tag names and the repository lacks. `manifests` is the whole repository, by digest.
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
        """Return all digests that the target should hold in the end."""
        return self.roots | self.carriers.keys()

    def inside(self, digest: str) -> frozenset[str]:
        """Return the manifests that an index holds, at any depth."""
        return descendants(self.manifests, digest)

    def lacks(self, digest: str) -> tuple[str, ...]:
        """Return the listed manifests of the index, at any depth, that the repository does not hold."""
        return tuple(sorted(_missing(self.manifests, digest)))

    def root_of(self, digest: str) -> str:
        """Return the root that brings this manifest, or its own digest."""
        return digest if digest in self.roots else self.carriers.get(digest, digest)

    def brings(self, digest: str) -> frozenset[str]:
        """Return the manifests that arrive with this one, itself included; empty if another root brings it."""
        if self.root_of(digest) != digest:
            return frozenset()
        alone = frozenset({digest})
        return alone if digest in self.oversized | self.incomplete else alone | self.inside(digest)

    def before(self, digest: str) -> tuple[str, ...]:
        """Return the roots to import before this one: of its subject, and of the parts of an oversized index.

        A registry cannot hold a cycle of these; if a listing shows one, it is ignored.
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
    """Return the imports of the selected manifests of a repository. Linear in manifests, children and tags.

    A child of a wanted index is never a root; a wanted child of an unwanted index is one.
    A registry cannot hold a cycle of digests, but if a listing shows one, each of its manifests is still imported.
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

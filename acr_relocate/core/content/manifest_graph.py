"""A repository's manifests as a graph: children of indexes, subjects of referrers, and what is reachable."""

from collections.abc import Iterable, Mapping

from acr_relocate.core.registry.inventory import Manifest, Repository

Manifests = Mapping[str, Manifest]


def index_by_digest(repository: Repository) -> dict[str, Manifest]:
    """Return every manifest that the repository lists or that one of its tags names."""
    listed = {manifest.digest: manifest for manifest in repository.manifests}
    unlisted = {tag.digest for tag in repository.tags} - listed.keys()
    return listed | {digest: Manifest(digest=digest) for digest in unlisted}


def descendants(manifests: Manifests, digest: str) -> frozenset[str]:
    """Return the manifests inside an index, at any depth, without itself, as far as the repository lists them."""
    if not manifests[digest].children:
        return frozenset()  # most manifests, so worth not walking
    return frozenset(reachable(manifests, [digest]) - {digest})


def _missing(manifests: Manifests, digest: str) -> set[str]:
    held = (digest, *descendants(manifests, digest))
    return {child for one in held for child in manifests[one].children if child not in manifests}


def reachable(manifests: Manifests, starts: Iterable[str]) -> set[str]:
    """Return the manifests inside the starts, at any depth, with a start only if another, or a cycle, contains it."""
    found: set[str] = set()
    pending = list(starts)
    while pending:
        for child in manifests[pending.pop()].children:
            if child in manifests and child not in found:
                found.add(child)
                pending.append(child)
    return found

"""Broken artifacts of the source: listed but not readable. Each is reported and counted; the others are imported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from acr_relocate.core.content.copy_roots import CopyRoots
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.inventory import Repository
from acr_relocate.core.request.name_patterns import matches_any

BrokenKind = Literal["tag_without_manifest", "index_without_parts", "count_drifts", "import_finds_nothing"]


class BrokenArtifact(FrozenModel):
    """An artifact of the source that cannot be imported as it is, with reason and remedy.

    Without a digest it is the repository, which counts more than it lists. `accepted`: the request accepts the gap.
    """

    repository: str
    digest: str = ""
    tags: tuple[str, ...] = ()
    kind: BrokenKind = "index_without_parts"
    reason: str
    remedy: str
    accepted: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names that the request may use for it: `repository`, `repository:tag`, `repository@digest`."""
        tags = (f"{self.repository}:{tag}" for tag in self.tags)
        return (self.repository, *tags, *((f"{self.repository}@{self.digest}",) if self.digest else ()))

    @property
    def subjects(self) -> tuple[str, ...]:
        """Return its names in a comparison: its digest and its tags."""
        return (self.digest, *self.tags) if self.digest else self.tags

    @property
    def label(self) -> str:
        """Return its shortest unambiguous name."""
        return self.names[-1]

    def judged(self, accept: Sequence[str]) -> BrokenArtifact:
        """Return it, marked as accepted if one of the request's names or patterns matches it."""
        return self.model_copy(update={"accepted": any(matches_any(name, accept) for name in self.names)})


def broken_in(repository: Repository, travel: CopyRoots, accept: Sequence[str] = ()) -> Iterator[BrokenArtifact]:
    """Yield the broken artifacts among the selected ones of a repository."""
    for digest in sorted(travel.gone):
        yield _tag_without_manifest(repository.name, digest, travel.tags.get(digest, ())).judged(accept)
    for digest in sorted(travel.incomplete):
        found = _index_without_parts(repository.name, digest, travel.tags.get(digest, ()), travel.lacks(digest))
        yield found.judged(accept)
    if repository.unaccounted:
        yield _count_drifts(repository).judged(accept)


def unaccepted(broken: Iterable[BrokenArtifact]) -> tuple[BrokenArtifact, ...]:
    """Return the broken artifacts that the request does not accept."""
    return tuple(one for one in broken if not one.accepted)


def _tag_without_manifest(repository: str, digest: str, tags: tuple[str, ...]) -> BrokenArtifact:
    names = ", ".join(f"{repository}:{tag}" for tag in tags) or f"{repository}@{digest}"
    return BrokenArtifact(
        repository=repository,
        digest=digest,
        tags=tags,
        kind="tag_without_manifest",
        reason=f"broken at the source: {names} names {digest}, and the source has no such manifest",
        remedy=_remedy("Push the image again under the tag", f"{repository}:{tags[0]}" if tags else repository),
    )


def _index_without_parts(
    repository: str, digest: str, tags: tuple[str, ...], lacking: tuple[str, ...]
) -> BrokenArtifact:
    return BrokenArtifact(
        repository=repository,
        digest=digest,
        tags=tags,
        kind="index_without_parts",
        reason=(
            f"broken at the source: the index lists {', '.join(lacking)}, which the source does not hold; no registry "
            "takes it like that"
        ),
        remedy="Its other parts are imported one by one. "
        + _remedy("Push the index again from where it was built", f"{repository}@{digest}"),
    )


def _count_drifts(repository: Repository) -> BrokenArtifact:
    return BrokenArtifact(
        repository=repository.name,
        kind="count_drifts",
        reason=f"broken at the source: {repository.unaccounted}; asked again in another order, it lists the same",
        remedy=(
            "All that it lists is moved. If something is hidden (listEnabled=false), make it listable: `az acr "
            f"repository update --name SOURCE --image {repository.name}@DIGEST --list-enabled true`. "
            + _remedy(
                f"If not, leave the repository out (selection: exclude_repositories: [{repository.name}])",
                repository.name,
            )
        ),
    )


def _remedy(mend: str, name: str) -> str:
    return f"{mend}, or go on without it: accept_broken: [{name}]"

"""The tags and digests that earlier runs imported: only those may be overwritten or pruned at the target.

Without such a record a moved tag is a conflict for a person, and nothing is pruned.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pydantic import Field

from acr_relocate.core.content.import_plan import ImportItem, ImportPlan, needed
from acr_relocate.core.content.selection import RepositoryCopies, copy_roots
from acr_relocate.core.model import FrozenModel, slots_model
from acr_relocate.core.registry.inventory import Content, Repository
from acr_relocate.core.request.relocation import RelocationRequest


@slots_model
class ImportRecord:
    """The record, written before an import, that the target will have a digest under these tags.

    `replaces`: the digests that some of them named until then. The record is written again without these once the
    import is done: in between, as after a kill, the tag names one or the other.
    """

    repository: str
    digest: str
    tags: tuple[str, ...]
    replaces: tuple[tuple[str, str], ...] = ()


class ImportLedger(FrozenModel):
    """For each `repository:tag` the digests that it may name unless somebody else has moved it."""

    digests: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    def is_ours(self, repository: str, tag: str, digest: str) -> bool:
        """Return whether the tag at the target still names a digest that we imported."""
        return digest in self.digests.get(f"{repository}:{tag}", ())


NOTHING_KNOWN: Final = ImportLedger()


class DeletedTag(FrozenModel):
    """A tag that is at the target only because we imported it, and that the source has deleted.

    `unselected`: the selection leaves it out, whether the source has it or not.
    """

    repository: str
    tag: str
    digest: str
    unselected: bool = False

    @property
    def name(self) -> str:
        """`repository:tag`."""
        return f"{self.repository}:{self.tag}"


def ledger(newest_first: Iterable[ImportRecord]) -> ImportLedger:
    """Return the last import under each tag."""
    digests: dict[str, tuple[str, ...]] = {}
    for entry in newest_first:
        before = dict(entry.replaces)
        alone = (entry.digest,)
        for tag in entry.tags:
            may_be = (entry.digest, before[tag]) if tag in before else alone
            digests.setdefault(f"{entry.repository}:{tag}", may_be)
    return ImportLedger(digests=digests)


def needed_by(
    request: RelocationRequest,
    want: Content,
    have: Content,
    known: ImportLedger,
    copies: RepositoryCopies | None = None,
) -> ImportPlan:
    """Return the import plan for this request, as of now. `copies`: as for `needed`."""
    return needed(
        want,
        have,
        request.selection,
        force=request.force,
        only=request.only,
        is_ours=known.is_ours,
        accept=request.accept_broken,
        copies=copies,
    )


def records_before(items: Iterable[ImportItem]) -> Iterator[ImportRecord]:
    """Yield the records to write before these imports."""
    for item in items:
        if item.tags:
            yield ImportRecord(repository=item.repository, digest=item.digest, tags=item.tags, replaces=item.replaces)


def settled(items: Iterable[ImportItem]) -> Iterator[ImportRecord]:
    """Yield the records to write after these imports have succeeded: the tags that moved."""
    for item in items:
        if item.replaces:
            yield ImportRecord(repository=item.repository, digest=item.digest, tags=tuple(dict(item.replaces)))


def deleted_at_source(want: Content, have: Content, known: ImportLedger) -> tuple[DeletedTag, ...]:
    """Return the target's tags that the source no longer has, if we imported them and they were not moved since."""
    sources = {repository.name: _tags(repository) for repository in want.repositories}
    return tuple(
        DeletedTag(repository=target.name, tag=tag, digest=digest)
        for target in have.repositories
        for tag, digest in _tags(target).items()
        if tag not in sources.get(target.name, {}) and known.is_ours(target.name, tag, digest)
    )


def left_out_by_selection(
    want: Content, have: Content, known: ImportLedger, request: RelocationRequest
) -> tuple[DeletedTag, ...]:
    """Return the target's tags that the selection leaves out, if we imported them and they were not moved since.

    `have`: all content of the target. Tags of selected repositories that the source has deleted are not among them.
    """
    wanted = {
        one.name: {tag for tags in travel.tags.values() for tag in tags}
        for one, travel in copy_roots(want, request.selection)
    }
    sources = {repository.name: _tags(repository) for repository in want.repositories}
    return tuple(
        DeletedTag(repository=target.name, tag=tag, digest=digest, unselected=True)
        for target in have.repositories
        for tag, digest in _tags(target).items()
        if tag not in wanted.get(target.name, ())
        and (target.name not in sources or tag in sources[target.name])
        and known.is_ours(target.name, tag, digest)
    )


def _tags(repository: Repository) -> Mapping[str, str]:
    return {tag.name: tag.digest for tag in repository.tags}

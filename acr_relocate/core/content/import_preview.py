"""A preview of an import: the images it would bring, and those it would leave, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic import Field

from acr_relocate.core.content.broken import BrokenArtifact
from acr_relocate.core.content.import_ledger import (
    NOTHING_KNOWN,
    DeletedTag,
    ImportLedger,
    deleted_at_source,
    needed_by,
)
from acr_relocate.core.content.import_plan import ImportItem, TagConflict
from acr_relocate.core.content.pulls import NO_PULLS_ASKED, PullCounts, count_pulls
from acr_relocate.core.content.selection import selected, selected_content
from acr_relocate.core.content.small_artifacts import with_pushes
from acr_relocate.core.documents.document import Advice, AdviceList, Document, Section, Table, Text, section
from acr_relocate.core.documents.markdown import to_markdown
from acr_relocate.core.findings import Finding
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.inventory import Content
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.wording import plural, size

_MOST: Final = 100
"""Rows of a list; the JSON has all of them."""
DELETED: Final = "Deleted at the source since the last import"
UNSELECTED: Final = "Brought earlier, and no longer selected: would be deleted"


class Unselected(FrozenModel):
    """Content that the selection leaves out: whole repositories, and in the others `repository:tag` and digests."""

    repositories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    manifests: int = 0


class Preview(FrozenModel):
    """The planned imports (`items`, in order) and the rest. `size_bytes` is an upper bound: layers are shared.

    `deleted`: tags that the source no longer has, and the target has only from earlier imports. `unselected`: those of
    earlier imports that the selection leaves out, to be pruned. `renamed`: the imported repositories with another name
    at the target, with that. `pulls`: what a selection of the recently pulled leaves out. `findings`: the changes of
    killed runs that are not restored.
    """

    source_id: str
    target_id: str
    items: tuple[ImportItem, ...] = ()
    size_bytes: int = 0
    already_there: int = 0
    conflicts: tuple[TagConflict, ...] = ()
    blocked: tuple[BrokenArtifact, ...] = ()
    deleted: tuple[DeletedTag, ...] = ()
    unselected: tuple[DeletedTag, ...] = ()
    left_out: Unselected = Unselected()
    renamed: dict[str, str] = Field(default_factory=dict)
    pulls: PullCounts = NO_PULLS_ASKED
    findings: tuple[Finding, ...] = ()

    @property
    def tag_count(self) -> int:
        """Return the number of tags that the target would get."""
        return sum(len(item.tags) for item in self.items)


def preview(
    request: RelocationRequest,
    want: Content,
    have: Content,
    known: ImportLedger = NOTHING_KNOWN,
    *,
    pushes: bool = False,
) -> Preview:
    """Return the preview of an import of this request, computed by the same functions as the import.

    `pushes`: whether small artifacts may be pushed.
    """
    plan = with_pushes(needed_by(request, want, have, known), request, allowed=pushes)
    return Preview(
        source_id=request.source.resource_id,
        target_id=request.target_id,
        items=plan.items,
        size_bytes=plan.size_bytes,
        already_there=plan.already_there,
        conflicts=plan.conflicts,
        blocked=plan.blocked,
        deleted=deleted_at_source(want, have, known),
        left_out=left_out(request, want),
        pulls=count_pulls(want, request.selection),
        renamed=request.names.moved(item.repository for item in plan.items),
    )


def left_out(request: RelocationRequest, want: Content) -> Unselected:
    """Return the source's content that the selection leaves out."""
    moved = selected_content(want, request.selection)
    tags = {(repository.name, tag.name) for repository in moved.repositories for tag in repository.tags}
    whole = list(selected(want, request.selection))
    return Unselected(
        repositories=want.not_listed,
        tags=tuple(
            f"{repository.name}:{tag.name}"
            for repository in whole
            for tag in repository.tags
            if (repository.name, tag.name) not in tags
        ),
        manifests=sum(len(repository.manifests) for repository in whole) - moved.manifest_count,
    )


def preview_markdown(preview: Preview) -> str:
    """Return the preview as Markdown."""
    return to_markdown(preview_document(preview))


def preview_document(preview: Preview) -> Document:
    """Return the preview as a document: the counts, then the lists, shortened."""
    left = preview.left_out
    items = [(i.repository, ", ".join(i.tags) or "(untagged)", i.digest, size(i.size_bytes)) for i in preview.items]
    conflicts = [(f"{c.repository}:{c.tag}", c.source_digest, c.target_digest) for c in preview.conflicts]
    blocked = [(f"{b.repository}@{b.digest}", ", ".join(b.tags), b.reason, b.remedy) for b in preview.blocked]
    names = [(name, "repository") for name in left.repositories] + [(name, "tag") for name in left.tags]
    imports = plural(len(preview.items), "import")
    source, target = (ResourceId(each).name for each in (preview.source_id, preview.target_id))
    return Document(
        title=f"{imports.capitalize()} from {source} to {target}, and nothing has been changed",
        tone="plain",
        lead=(Table(("what", "count"), _counts(preview)),),
        sections=(
            *section("Notes and warnings", _warnings(preview.findings)),
            *_first(items, "Would be imported", ("repository", "tags", "digest", "size, at most")),
            *_first(list(preview.renamed.items()), "Renamed", ("at the source", "at the target")),
            *_first(conflicts, "Conflicts", ("tag", "at the source", "at the target")),
            *_first(blocked, "Broken at the source", ("digest", "tags", "why", "what to do")),
            *_first([(tag.name, tag.digest) for tag in preview.deleted], DELETED, ("tag", "digest")),
            *_first([(tag.name, tag.digest) for tag in preview.unselected], UNSELECTED, ("tag", "digest")),
            *_first(names, "Not selected", ("name", "what")),
        ),
    )


def _warnings(findings: tuple[Finding, ...]) -> AdviceList:
    return AdviceList(tuple(Advice(one.severity, one.message, one.remedy) for one in findings))


def _counts(preview: Preview) -> tuple[tuple[str, str], ...]:
    left = preview.left_out
    return (
        ("importImage calls", f"{sum(not (item.pushed or item.small) for item in preview.items):,}"),
        ("missing tags and small artifacts pushed", f"{sum(item.small for item in preview.items):,}"),
        ("indexes pushed after their parts", f"{sum(item.pushed for item in preview.items):,}"),
        ("tags", f"{preview.tag_count:,}"),
        ("of these, moved since an earlier import", f"{sum(len(item.replaces) for item in preview.items):,}"),
        ("size, at most", size(preview.size_bytes)),
        ("digests already there", f"{preview.already_there:,}"),
        ("tags in conflict", f"{len(preview.conflicts):,}"),
        ("artifacts broken at the source", f"{len(preview.blocked):,}"),
        ("tags deleted at the source since", f"{len(preview.deleted):,}"),
        *((("tags to delete, no longer selected", f"{len(preview.unselected):,}"),) if preview.unselected else ()),
        *_pulls(preview.pulls),
        ("repositories not selected", f"{len(left.repositories):,}"),
        ("tags not selected", f"{len(left.tags):,}"),
        ("manifests not selected", f"{left.manifests:,}"),
    )


def _pulls(pulls: PullCounts) -> tuple[tuple[str, str], ...]:
    if pulls == NO_PULLS_ASKED:
        return ()
    known = f"{pulls.unknown:,}{f' ({pulls.reason})' if pulls.reason else ''}"
    unused = f"{pulls.unused:,}, at most {size(pulls.unused_bytes)}"
    return ("tags not pulled lately, left out", unused), ("tags kept, of which pulls are unknown", known)


def _first(rows: Sequence[tuple[str, ...]], title: str, header: tuple[str, ...]) -> tuple[Section, ...]:
    """Return a section with the first rows and the number of the rest; no section without rows."""
    rest = Text(f"… and {len(rows) - _MOST:,} more." if len(rows) > _MOST else "")
    return section(title, Table(header, tuple(rows[:_MOST])), rest)

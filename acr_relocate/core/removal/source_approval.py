"""The question to a person before a source is deleted."""

from __future__ import annotations

from acr_relocate.core.approval.decision import ApprovalSubject
from acr_relocate.core.approval.subjects import settings
from acr_relocate.core.removal.source_detachments import release_actions, releases
from acr_relocate.core.removal.source_evidence import (
    DeletionEvidence,
    content_left_behind,
    soak,
    undecided_differences,
    unknowable_facts,
)
from acr_relocate.core.removal.whole_copy import content_fingerprint, first_names, images_of, loss_by_repository
from acr_relocate.core.request.approval_stage import Stage
from acr_relocate.core.request.identity import relocation_id
from acr_relocate.core.wording import plural


def deletion_of(grounds: DeletionEvidence) -> ApprovalSubject:
    """Return the question before the registry is deleted. A push to it voids the approval."""
    source, target = grounds.pair.source.registry, grounds.pair.target.registry
    gone = content_left_behind(grounds)
    only_here = f" Lost, because the target does not have it: {first_names(images_of(gone))}." if gone else ""
    taken = release_actions(releases(grounds), source.id)
    lifted = [action.what for action in taken]
    also = f" Before that: {'; '.join(lifted)}." if lifted else ""
    undone = undecided_differences(grounds)
    lacking = f" Not decided yet: {' '.join(undone)}" if undone else ""
    ignored = grounds.request.not_consumers
    uncounted = f" Pulls and pushes by {first_names(ignored)} do not count." if ignored else ""
    unknown = "; ".join(f"{what} ({why})" for what, why in unknowable_facts(grounds).items())
    return ApprovalSubject(
        stage=Stage.BEFORE_DELETE,
        question=f"Delete the registry {source.name} for good? {plural(grounds.held.manifest_count, 'manifest')} and "
        f"{plural(grounds.held.tag_count, 'tag')} go with it and cannot be brought back.{only_here} "
        f"{target.name} has just been compared with it. {how_it_was_read(grounds)}{lacking}{also}{uncounted} "
        f"Not known: {unknown}.",
        typed=source.name,
        facts={
            "source": {source.id: "", "content": content_fingerprint(grounds.held)},
            "target": {target.id: "", "content": content_fingerprint(grounds.kept)},
            "relocation": {relocation_id(grounds.request): ""},
            f"settings of {source.name}": settings(source),
            "soak period": {soak(grounds): ""},
            "pulls that do not count": dict.fromkeys(ignored, ""),
            "only at the source": loss_by_repository(gone),
            "broken at the source": {part.name: "" for part in grounds.copy_check.broken},
            "taken from the source": {action.subject: action.what for action in taken},
            "not decided": dict.fromkeys(undone, ""),
            "not known": dict.fromkeys(unknowable_facts(grounds), ""),
        },
    )


def how_it_was_read(grounds: DeletionEvidence) -> str:
    """Return how much of the target was read, and how."""
    check, target = grounds.copy_check, grounds.pair.target.registry
    sample = (
        f" The blobs of {plural(grounds.sampled, 'manifest')} were read to the last byte and have their digests."
        if grounds.sampled
        else " No blob was read to the last byte."
    )
    return f"{check.in_words(target.name)}{sample}"

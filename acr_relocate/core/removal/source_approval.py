"""The question to a person before a source is deleted."""

from __future__ import annotations

from acr_relocate.core.approval.decision import ApprovalSubject
from acr_relocate.core.approval.subjects import settings
from acr_relocate.core.removal.kept_name import goes_with_name, kept_name_in_words
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


def deletion_of(evidence: DeletionEvidence) -> ApprovalSubject:
    """Return the question before the registry is deleted. A push to it voids the approval."""
    source, target = evidence.pair.source.registry, evidence.pair.target.registry
    gone = content_left_behind(evidence)
    only_here = f" Lost, because the target does not have it: {first_names(images_of(gone))}." if gone else ""
    taken = release_actions(releases(evidence), source.id)
    lifted = [action.what for action in taken]
    also = f" Before that: {'; '.join(lifted)}." if lifted else ""
    undone = undecided_differences(evidence)
    lacking = f" Not decided yet: {' '.join(undone)}" if undone else ""
    ignored = evidence.request.not_consumers
    uncounted = f" Pulls and pushes by {first_names(ignored)} do not count." if ignored else ""
    unknown = "; ".join(f"{what} ({why})" for what, why in unknowable_facts(evidence).items())
    return ApprovalSubject(
        stage=Stage.BEFORE_DELETE,
        question=f"Delete the registry {source.name} for good? {plural(evidence.held.manifest_count, 'manifest')} and "
        f"{plural(evidence.held.tag_count, 'tag')} go with it and cannot be brought back.{only_here} "
        f"{target.name} has just been compared with it. {reading_in_words(evidence)}{lacking}{also}{uncounted} "
        f"{kept_name_in_words(evidence)}Not known: {unknown}.",
        typed=source.name,
        facts={
            "source": {source.id: "", "content": content_fingerprint(evidence.held)},
            "target": {target.id: "", "content": content_fingerprint(evidence.kept)},
            "relocation": {relocation_id(evidence.request): ""},
            f"settings of {source.name}": settings(source),
            "soak period": {soak(evidence): ""},
            "pulls that do not count": dict.fromkeys(ignored, ""),
            "only at the source": loss_by_repository(gone),
            "broken at the source": {part.name: "" for part in evidence.copy_check.broken},
            "taken from the source": {action.subject: action.what for action in taken},
            "not decided": dict.fromkeys(undone, ""),
            "not known": dict.fromkeys(unknowable_facts(evidence), ""),
        }
        | goes_with_name(evidence),
    )


def reading_in_words(evidence: DeletionEvidence) -> str:
    """Return how much of the target was read, and how."""
    check, target = evidence.copy_check, evidence.pair.target.registry
    sample = (
        f" The blobs of {plural(evidence.sampled, 'manifest')} were read to the last byte and have their digests."
        if evidence.sampled
        else " No blob was read to the last byte."
    )
    return f"{check.in_words(target.name)}{sample}"

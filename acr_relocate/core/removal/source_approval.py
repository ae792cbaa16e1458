"""What a person is asked before a source is deleted."""

from __future__ import annotations

from acr_relocate.core.approval.decision import ApprovalSubject
from acr_relocate.core.approval.subjects import settings
from acr_relocate.core.removal.source_detachments import releases
from acr_relocate.core.removal.source_evidence import (
    DeletionEvidence,
    content_fingerprint,
    first_names,
    left_behind,
    soak,
    undecided_differences,
    unknowable_facts,
)
from acr_relocate.core.request.approval_stage import Stage
from acr_relocate.core.request.identity import relocation_id
from acr_relocate.core.wording import plural


def deletion_of(grounds: DeletionEvidence) -> ApprovalSubject:
    """Return what a person is asked before the registry is deleted. A push to it makes an approval void."""
    source, target = grounds.pair.source.registry, grounds.pair.target.registry
    gone = left_behind(grounds)
    only_here = f" Lost, because the target does not have it: {first_names(gone)}." if gone else ""
    lifted = [action.what for action in releases(grounds).releases]
    also = f" Before that: {'; '.join(lifted)}." if lifted else ""
    undone = undecided_differences(grounds)
    lacking = f" Nobody has decided about this: {' '.join(undone)}" if undone else ""
    ignored = grounds.request.not_consumers
    uncounted = f" Pulls by {first_names(ignored)} do not count." if ignored else ""
    unknown = "; ".join(f"{what} ({why})" for what, why in unknowable_facts(grounds).items())
    return ApprovalSubject(
        stage=Stage.BEFORE_DELETE,
        question=f"Delete the registry {source.name} for good? {plural(grounds.held.manifest_count, 'manifest')} and "
        f"{plural(grounds.held.tag_count, 'tag')} go with it, and nobody can bring them back.{only_here} "
        f"{target.name} has just been compared with it.{lacking}{also}{uncounted} Not known: {unknown}.",
        typed=source.name,
        facts={
            "source": {source.id: "", "content": content_fingerprint(grounds.held)},
            "target": {target.id: "", "content": content_fingerprint(grounds.kept)},
            "relocation": {relocation_id(grounds.request): ""},
            f"settings of {source.name}": settings(source),
            "soak period": {soak(grounds): ""},
            "pulls that do not count": dict.fromkeys(ignored, ""),
            "only at the source": dict.fromkeys(gone, ""),
            "taken from the source": {action.subject: action.what for action in releases(grounds).releases},
            "not decided": dict.fromkeys(undone, ""),
            "not known": dict.fromkeys(unknowable_facts(grounds), ""),
        },
    )

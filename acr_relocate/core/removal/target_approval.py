"""The question to a person before a rollback, and whether its facts still hold."""

from __future__ import annotations

from acr_relocate.core.approval.decision import ApprovalSubject, fingerprint, subject_changes
from acr_relocate.core.approval.subjects import settings
from acr_relocate.core.cut_over import CutOverAction
from acr_relocate.core.dependencies import DEPENDENCY_KINDS
from acr_relocate.core.dependencies.raw_surroundings import properties, readable_items
from acr_relocate.core.errors import NotRelocated
from acr_relocate.core.registry.inventory import Child, Registry
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.removal.part import child_in_words, content_removals, in_words, staying_images
from acr_relocate.core.removal.target import (
    RelocationTraces,
    actions_to_undo,
    removals,
)
from acr_relocate.core.removal.whole_copy import (
    ApprovedLoss,
    content_fingerprint,
    first_names,
    images_of,
    loss_by_repository,
    loss_fingerprint,
    only_in,
)
from acr_relocate.core.request.approval_stage import Stage
from acr_relocate.core.request.identity import relocation_id


def made_by_others(traces: RelocationTraces) -> tuple[str, ...]:
    """Return the children and roles at the target that others created, and that the deletion removes too."""
    if traces.target is None or traces.source is None:
        return ()
    brought = {(child.kind, child.name) for child in traces.source.children}
    ours = {action.creates.lower() for action in traces.actions}
    children = [
        f"{one.kind}/{one.name}"
        for one in traces.target.children
        if (one.kind, one.name) not in brought and not _is_home(one, traces.target)
    ]
    roles = [
        f"role assignment {ResourceId(str(entry['id'])).name}"
        for entry in readable_items(traces.around.role_assignments)
        if str(properties(entry).get("scope") or "").lower() == traces.target.id.lower()
        and str(entry["id"]).lower() not in ours
    ]
    return (*sorted(children), *sorted(roles))


def _is_home(child: Child, registry: Registry) -> bool:
    """Return whether it is the replication that Azure creates in every registry's own region."""
    return child.kind == "replications" and child.location == registry.location


def discard_of(traces: RelocationTraces) -> ApprovalSubject:
    """Return the question before a rollback: everything to remove, by name."""
    request, whole, parts = traces.request, removals(traces), actions_to_undo(traces)
    lost, others = only_in(traces.kept, traces.held), made_by_others(traces)
    also = f" Lost, because only the target has it: {first_names(images_of(lost))}." if lost else ""
    theirs = f" With the registry goes what others made there: {first_names(others)}." if others else ""
    kept_whole = f" {traces.copy_check.in_words(request.source.name)}" if traces.target else ""
    back = f" First switched back: {first_names(one.name for one in traces.switched)}." if traces.switched else ""
    listed = [one.name for one in whole] + [_named(action) for action in parts]
    return ApprovalSubject(
        stage=Stage.BEFORE_DELETE,
        question=f"Roll back the relocation of {request.source.name} to {request.target.name}? Deletes or restores "
        f"these, and nothing else: {'; '.join(listed)}.{back}{also}{theirs}{kept_whole} "
        f"{request.source.name} stays as it is.",
        typed=request.target.name,
        facts={
            "relocation": {relocation_id(request): ""},
            "removed": {one.id: one.type for one in whole},
            "switched back": {one.dependent_id: one.in_words for one in traces.switched},
            "taken back": {action.id: action.what for action in parts},
            "only at the target": loss_by_repository(lost),
            "content": {one.login_server: content_fingerprint(one) for one in (traces.kept,) if traces.target},
            "made by others": dict.fromkeys(others, ""),
            f"settings of {request.target.name}": settings(traces.target) if traces.target else {},
        },
    )


def discard_part_of(traces: RelocationTraces) -> ApprovalSubject:
    """Return the question before the part of one source of a target goes: everything to remove, by name."""
    request, whole, parts = traces.request, removals(traces), actions_to_undo(traces)
    content = content_removals(traces.kept, traces.held)
    images = [in_words(one, request.names.to_target(one.repository)) for one in content]
    children = [child_in_words(path) for path in traces.children]
    listed = [*images, *children, *(one.name for one in whole), *(_named(action) for action in parts)]
    stays = staying_images(traces.kept, content)
    theirs = f" What others pushed there stays: {first_names(stays)}." if stays else ""
    back = f" First switched back: {first_names(one.name for one in traces.switched)}." if traces.switched else ""
    return ApprovalSubject(
        stage=Stage.BEFORE_DELETE,
        question=f"Remove the part of {request.source.name} from {request.target.name}? Deletes or restores "
        f"these, and nothing else: {'; '.join(listed)}.{back}{theirs} "
        f"{traces.copy_check.in_words(request.source.name)} "
        f"{request.source.name} stays as it is, and so do the parts of the other sources.",
        typed=request.target.name,
        facts={
            "relocation": {relocation_id(request): ""},
            "removed": {one.id: one.type for one in whole} | dict.fromkeys(traces.children, "child"),
            "switched back": {one.dependent_id: one.in_words for one in traces.switched},
            "taken back": {action.id: action.what for action in parts},
            "content": {one.repository: fingerprint(one.model_dump()) for one in content},
            "staying": dict.fromkeys(stays, ""),
        },
    )


def approved_target_loss(traces: RelocationTraces) -> ApprovedLoss:
    """Return the state to compare again when the target goes: its content, and the part that the source lacks."""
    return ApprovedLoss(
        going=traces.kept.login_server,
        staying=traces.held.login_server,
        contents={traces.kept.login_server: content_fingerprint(traces.kept)},
        lost=loss_fingerprint(only_in(traces.kept, traces.held)),
    )


def require_unchanged(approved: ApprovalSubject, now: ApprovalSubject) -> None:
    """Raise NotRelocated with the differences if the removals are no longer those that were approved."""
    if changes := subject_changes(approved, now):
        raise NotRelocated(
            f"The target has changed since the approval, so nothing was removed: {first_names(changes)}",
            code="ChangedSinceApproval",
            remedy="Run again, and approve the present state.",
        )


def _named(action: CutOverAction) -> str:
    label = DEPENDENCY_KINDS[action.kind].label if action.kind in DEPENDENCY_KINDS else ""
    names_its_kind = not label or action.subject.startswith(label.partition(" of ")[0])
    return action.subject if names_its_kind else f"{label} {action.subject}"

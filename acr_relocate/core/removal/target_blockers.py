"""Blockers of a rollback. No approval overrides them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from acr_relocate.core.dependencies import Dependency
from acr_relocate.core.dependencies.raw_surroundings import readable_items
from acr_relocate.core.findings import Finding
from acr_relocate.core.registry.regions import normalise_location
from acr_relocate.core.removal.part import uses_only_others
from acr_relocate.core.removal.target import (
    RelocationTraces,
    actions_to_undo,
    rollback_commands,
)
from acr_relocate.core.removal.whole_copy import first_names, images_of, only_in
from acr_relocate.core.request.identity import PLAN_TAG, target_mark
from acr_relocate.core.switching import SwitchedDependent
from acr_relocate.core.wording import plural


def discard_blockers(traces: RelocationTraces) -> tuple[Finding, ...]:
    """Return all blockers of the rollback. No approval overrides them."""
    return (
        *_no_source(traces),
        *_foreign_target(traces),
        *_bound(traces),
        *_foreign_locks(traces),
        *_missing_parts(traces),
        *_name_without_content(traces),
    )


def _no_source(traces: RelocationTraces) -> Iterator[Finding]:
    if traces.source is None:
        yield _obstacle(
            "source_is_gone",
            f"{traces.request.source.name} is not there any more, so {traces.request.target.name} is all there is",
            "Relocate from the target instead, with a request of its own.",
            traces.request.source.resource_id,
        )


def _foreign_target(traces: RelocationTraces) -> Iterator[Finding]:
    target, expected = traces.target, target_mark(traces.request)
    if target is not None and target.tags.get(PLAN_TAG) != expected:
        yield _obstacle(
            "target_is_of_another_relocation",
            f"{target.name} has not the tag {PLAN_TAG}={expected}: this relocation did not make it",
            "Give the request with which it was made, or delete it manually.",
            target.id,
        )


def _bound(traces: RelocationTraces) -> Iterator[Finding]:
    """Yield the users of the target, except those that the rollback itself points at the source again."""
    taken_back = {one.lower() for action in actions_to_undo(traces) for one in action.about}
    taken_back |= {covered for one in traces.switched for covered in one.covers}
    for entry in rollback_commands(traces):
        if entry.id.lower() in taken_back or (traces.is_part and _uses_others(entry, traces)):
            continue
        yield _obstacle(
            "consumer_uses_target",
            f"{entry.label} {entry.name} uses the target: {entry.tie}",
            f"# Point it at the source again, then run again:\n{entry.command}",
            entry.id,
        )


def _uses_others(entry: Dependency, traces: RelocationTraces) -> bool:
    others = traces.request.consolidation.prefixes_beside(traces.request.source.name)
    return traces.target is not None and uses_only_others(entry, traces.around, traces.target.login_server, others)


def still_switched(switched: Iterable[SwitchedDependent]) -> tuple[Finding, ...]:
    """Return an obstacle for each dependent that could not be switched back: it would pull from a deleted target."""
    return tuple(
        _obstacle(
            "consumer_uses_target",
            f"{one.name} could not be switched back to {one.source_server}",
            "For the reason, see the report of: acr-relocate switch-back REQUEST",
            one.dependent_id,
        )
        for one in switched
    )


def _foreign_locks(traces: RelocationTraces) -> Iterator[Finding]:
    ours = {action.creates.lower() for action in traces.actions}
    for lock in readable_items(traces.around.locks):
        if f"{lock.scope}/providers/Microsoft.Authorization/locks/{lock.name}".lower() not in ours:
            yield _obstacle(
                "locked_by_somebody_else",
                f"the lock {lock.name} ({lock.level}) at {lock.scope} is not of this relocation",
                "Ask its owner to delete it.",
                lock.scope,
            )


def _missing_parts(traces: RelocationTraces) -> Iterator[Finding]:
    missing = traces.copy_check.missing
    if missing and traces.source is not None:
        yield _obstacle(
            "source_not_whole",
            f"{traces.source.name} lists images of which it lacks {plural(len(missing), 'part')} that only the target "
            f"has: {first_names(part.name for part in missing)}",
            "# Push these images to the source again from the target (crane copy), then run again.",
            traces.source.id,
        )


def _name_without_content(traces: RelocationTraces) -> Iterator[Finding]:
    """Yield that the kept name does not have all content again, which no approval may give up."""
    source, request = traces.source, traces.request
    if source is None or not request.keeps_name or normalise_location(source.location) != request.target.location:
        return
    if lost := only_in(traces.kept, traces.held):
        yield _obstacle(
            "kept_name_lacks_content",
            f"{source.name} does not have all that {request.target.name} holds: {first_names(images_of(lost))}",
            "Delete what is not wanted there. To import the rest: acr-relocate keep-name REQUEST",
            source.id,
        )


def _obstacle(code: str, message: str, remedy: str, resource: str) -> Finding:
    return Finding(code=code, severity="blocker", message=message, remedy=remedy, resource=resource)

"""Blockers of the deletion of a source. No approval overrides them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from acr_relocate.core.dependencies.consumers import consumers
from acr_relocate.core.dependencies.raw_surroundings import readable_items
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.findings import Finding
from acr_relocate.core.registry.regions import normalise_location
from acr_relocate.core.removal.source_evidence import DeletionEvidence, pushed_lately, soak
from acr_relocate.core.removal.whole_copy import first_names
from acr_relocate.core.request.identity import PLAN_TAG, target_mark
from acr_relocate.core.verification import unclean
from acr_relocate.core.wording import plural

# Parts of the surroundings that may contain unseen consumers.
WHERE_CONSUMERS_ARE: Final = {
    "naming": "resources whose settings name the registry",
    "clusters": "AKS clusters",
    "sites": "App Service and Function apps",
    "batch_pools": "Batch pools",
    "downstream": "cache rules and tasks of other registries",
}


def deletion_blockers(evidence: DeletionEvidence) -> tuple[Finding, ...]:
    """Return all blockers of the deletion. No approval overrides them.

    Where the name is kept, its users stay with it, and none of them is in the way.
    """
    in_use = (*_consumers(evidence), *_uses(evidence), *_pushes(evidence), *_unread(evidence))
    return (
        *_differences(evidence),
        *_foreign_target(evidence),
        *_missing_parts(evidence),
        *_unmoved(evidence),
        *(_name_is_there(evidence) if evidence.request.keeps_name else in_use),
        *_locks_from_above(evidence),
    )


def _name_is_there(evidence: DeletionEvidence) -> Iterator[Finding]:
    source, location = evidence.pair.source.registry, evidence.request.target.location
    if normalise_location(source.location) == location:
        yield _obstacle(
            "kept_name_is_there",
            f"{source.name} is in {location} already, so its name is where it is to be",
            "To continue what is left to do: acr-relocate keep-name REQUEST",
            source.id,
        )


def _differences(evidence: DeletionEvidence) -> Iterator[Finding]:
    if found := unclean(evidence.differences):
        yield _obstacle(
            "not_verified",
            f"{plural(len(found), 'difference')} between source and target",
            "Do what each difference says, then run again.",
        )


def _foreign_target(evidence: DeletionEvidence) -> Iterator[Finding]:
    target, expected = evidence.pair.target.registry, target_mark(evidence.request)
    if target.tags.get(PLAN_TAG) != expected:
        yield _obstacle(
            "target_is_of_another_relocation",
            f"{target.name} has the tag {PLAN_TAG}={target.tags.get(PLAN_TAG, '')}, not {expected}: it was not made by "
            "this relocation",
            "Give the request with which the source was relocated.",
            target.id,
        )


def _consumers(evidence: DeletionEvidence) -> Iterator[Finding]:
    source = evidence.pair.source
    for entry in consumers(source.registry, source.around, evidence.request):
        yield _obstacle(
            "consumer_still_bound",
            f"{entry.label} {entry.name} still uses the source: {entry.tie}",
            f"# Point it at the target, then run again:\n{entry.command}",
            entry.id,
        )


def _missing_parts(evidence: DeletionEvidence) -> Iterator[Finding]:
    target, missing = evidence.pair.target.registry, evidence.copy_check.missing
    if missing:
        yield _obstacle(
            "copy_not_whole",
            f"{target.name} lists images of which it lacks {plural(len(missing), 'part')} that only the source has: "
            f"{first_names(part.name for part in missing)}",
            "# Delete each of these images at the target, then bring it again with `acr-relocate sync`:\n"
            + "\n".join(_deleting(target.name, image) for image in sorted({part.image for part in missing})),
            target.id,
        )


def _unmoved(evidence: DeletionEvidence) -> Iterator[Finding]:
    source, target = evidence.pair.source.registry, evidence.pair.target.registry
    if evidence.unmoved:
        yield _obstacle(
            "other_source_not_moved",
            f"{first_names(evidence.unmoved)} moves to {target.name} too and has not moved yet: until then the "
            f"settings of {source.name} decide what {target.name} gets",
            "Move it first: run its request, or the batch.",
            target.id,
        )


def _deleting(registry: str, image: str) -> str:
    return f"az acr repository delete --name {registry} --image {image}"


def _uses(evidence: DeletionEvidence) -> Iterator[Finding]:
    if isinstance(evidence.uses, Unknown):
        return
    for operation, identity in sorted({(use.operation, use.identity) for use in evidence.uses}):
        used = sorted(
            {use.repository for use in evidence.uses if (use.operation, use.identity) == (operation, identity)}
        )
        done, code = ("pushed to", "pushed_lately") if operation == "Push" else ("pulled", "pulled_lately")
        yield _obstacle(
            code,
            f"{identity or 'an identity without a name'} {done} {first_names(used)} in the last {soak(evidence)}",
            "Find out who that is and point it at the target; a scanner goes into `not_consumers` of the request.",
        )


def _pushes(evidence: DeletionEvidence) -> Iterator[Finding]:
    if lately := pushed_lately(evidence):
        yield _obstacle(
            "pushed_lately",
            f"{first_names(lately)} {'was' if len(lately) == 1 else 'were'} pushed, moved or locked in the last "
            f"{soak(evidence)}, by the dates in the registry",
            "Find out who pushes there and point it at the target; then wait for the soak period (`soak_days`).",
        )


def _unread(evidence: DeletionEvidence) -> Iterator[Finding]:
    for part, what in WHERE_CONSUMERS_ARE.items():
        found = getattr(evidence.pair.source.around, part)
        if isinstance(found, Unknown):
            yield _obstacle(
                "could_not_be_read",
                f"{what} could not be read, so somebody may still use the source: {found.reason}",
                "Give the identity the Reader role there, then run again.",
            )
    for row in evidence.pair.source.around.odd:
        if row.part in WHERE_CONSUMERS_ARE:
            yield _obstacle(
                "could_not_be_read",
                f"{row.name or 'one'} of the {WHERE_CONSUMERS_ARE[row.part]} may still use the source: Azure's answer "
                f"about it is not as documented ({row.reason})",
                f"# Look whether it names {evidence.pair.source.registry.name}, and take that away:\n"
                f"az resource show --ids {row.id}"
                if row.id
                else "Find it, and look whether it uses the source.",
                row.id,
            )


def _locks_from_above(evidence: DeletionEvidence) -> Iterator[Finding]:
    source = evidence.pair.source
    for lock in readable_items(source.around.locks):
        if lock.scope.lower() != source.registry.id.lower():
            yield _obstacle(
                "locked_from_above",
                f"the lock {lock.name} ({lock.level}) at {lock.scope} protects more than this registry",
                "Ask its owner to delete it: this service only deletes locks of the registry itself.",
                lock.scope,
            )


def _obstacle(code: str, message: str, remedy: str, resource: str = "") -> Finding:
    return Finding(code=code, severity="blocker", message=message, remedy=remedy, resource=resource)

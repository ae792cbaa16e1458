"""Known and unknowable facts about a source to be deleted. All of them are read again each time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from acr_relocate.core.dependencies import DependencyMap, Surroundings, build_map
from acr_relocate.core.dependencies.raw_surroundings import properties, readable_items
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.inventory import LONG_AGO, Content, Manifest, Tag
from acr_relocate.core.removal.whole_copy import (
    ApprovedLoss,
    CopyCheck,
    Thing,
    content_fingerprint,
    first_names,
    loss_fingerprint,
    only_in,
)
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.design import design
from acr_relocate.core.verification import Difference, SnapshotPair
from acr_relocate.core.wording import plural

_EVENTS: Final = "ContainerRegistryRepositoryEvents"
_GROUPS: Final = ("allLogs", "audit")
DARK: Final = Unknown(reason="Container insights is off there")


class RegistryUse(FrozenModel):
    """A pull or a push in the registry's logs, with the identity and the repository."""

    identity: str
    repository: str
    operation: Literal["Pull", "Push"] = "Pull"


class DeletionEvidence(FrozenModel):
    """Facts about a registry to be deleted, all read just now.

    `held`: all content of the source, regardless of the selection; `kept`: all content of the target. `copy_check`:
    whether the target has every blob of it; the bytes of `sampled` manifests were read as well. `differences`: of the
    verification. `uses`: pulls and pushes of the request's soak period, or why they are unknown. `ourselves`: the ids
    of the running identity. `unmoved`: other sources of the target that have brought nothing to it yet, by name.
    """

    request: RelocationRequest
    pair: SnapshotPair
    held: Content
    kept: Content
    differences: tuple[Difference, ...]
    uses: tuple[RegistryUse, ...] | Unknown
    copy_check: CopyCheck = CopyCheck()
    sampled: int = 0
    ourselves: tuple[str, ...] = ()
    unmoved: tuple[str, ...] = ()


def logs_of_use(around: Surroundings) -> tuple[str, ...]:
    """Return the workspaces that receive the registry's repository events."""
    return tuple(
        str(properties(entry)["workspaceId"])
        for entry in readable_items(around.diagnostic_settings)
        if properties(entry).get("workspaceId") and any(map(_has_events, properties(entry).get("logs") or ()))
    )


def _has_events(log: dict[str, Any]) -> bool:
    return bool(log.get("enabled")) and (log.get("category") == _EVENTS or log.get("categoryGroup") in _GROUPS)


def unknowable_facts(evidence: DeletionEvidence) -> dict[str, str]:
    """Return the facts that Azure does not show, each with the reason, for a person to decide about."""
    uses = evidence.uses
    unread = {f"whether anybody pulled in the last {soak(evidence)}": uses.reason} if isinstance(uses, Unknown) else {}
    dark = {f"whether the cluster {name} runs its images": reason for name, reason in _clusters_in_the_dark(evidence)}
    closed = evidence.copy_check.unread
    blobs = {f"whether the blobs of {first_names(closed)} arrived": "readEnabled=false hides them"} if closed else {}
    return (
        unread
        | dark
        | blobs
        | {
            "whether repositories hide from its catalogue (listEnabled=false)": "Azure does not list them",
            "whether anything outside Azure names it": "Azure cannot see pipelines and manifests",
        }
    )


def content_left_behind(evidence: DeletionEvidence) -> tuple[Thing, ...]:
    """Return the manifests and tags of the source that the target does not have, by choice."""
    return only_in(evidence.held, evidence.kept)


def pushed_lately(evidence: DeletionEvidence) -> tuple[str, ...]:
    """Return the images that were pushed, moved or locked in the soak period, by the registry's own dates."""
    if evidence.held.listed_at == LONG_AGO:
        return ()
    since = evidence.held.listed_at - timedelta(days=evidence.request.soak_days)
    found: set[str] = set()
    for repository in evidence.held.repositories:
        found |= {f"{repository.name}:{tag.name}" for tag in repository.tags if _is_after(tag, since)}
        found |= {f"{repository.name}@{one.digest}" for one in repository.manifests if _is_after(one, since)}
    return tuple(sorted(found))


def _is_after(one: Tag | Manifest, since: datetime) -> bool:
    return one.updated is not None and one.updated > since


def undecided_differences(evidence: DeletionEvidence) -> tuple[str, ...]:
    """Return in words each open decision about something that the target lacks or has differently."""
    target = design(evidence.pair.source.registry, evidence.request)
    return tuple(one.message for one in (*target.notes, *target.mappings) if one.severity == "decision")


def approved_source_loss(evidence: DeletionEvidence) -> ApprovedLoss:
    """Return the state to compare again when the source goes: the content of both registries, and the loss."""
    going, staying = (one.registry.login_server for one in (evidence.pair.source, evidence.pair.target))
    return ApprovedLoss(
        going=going,
        staying=staying,
        contents={going: content_fingerprint(evidence.held), staying: content_fingerprint(evidence.kept)},
        lost=loss_fingerprint(content_left_behind(evidence)),
        names=evidence.kept.names,
    )


def dependents(evidence: DeletionEvidence) -> DependencyMap:
    """Return the map of resources tied to the source now."""
    source = evidence.pair.source
    return build_map(source.registry, source.around, evidence.request)


def _clusters_in_the_dark(evidence: DeletionEvidence) -> Iterator[tuple[str, str]]:
    """Yield the clusters whose nodes may pull from the source and whose logs do not show whether they do."""
    running = evidence.pair.source.around.running
    for entry in dependents(evidence).dependencies:
        reading = running.get(entry.id.lower(), DARK)
        if entry.kind == "cluster" and isinstance(reading, Unknown):
            yield entry.name, reading.reason


def soak(evidence: DeletionEvidence) -> str:
    """Return the soak period in words."""
    return plural(evidence.request.soak_days, "day")

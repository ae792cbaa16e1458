"""What is known of a source that is to be deleted, and what nobody can know. All of it is read anew each time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from acr_relocate.core.approval.decision import fingerprint
from acr_relocate.core.dependencies import DependencyMap, Surroundings, build_map
from acr_relocate.core.dependencies.raw_surroundings import properties, readable_items
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.inventory import Content, Repository
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.design import design
from acr_relocate.core.verification import Difference, SnapshotPair
from acr_relocate.core.wording import plural

SHOWN: Final = 5
EVENTS: Final = "ContainerRegistryRepositoryEvents"
GROUPS: Final = ("allLogs", "audit")
DARK: Final = Unknown(reason="Container insights is off there")


class RegistryPull(FrozenModel):
    """Somebody who pulled from the registry, and from which repository."""

    identity: str
    repository: str


class DeletionEvidence(FrozenModel):
    """What is known of a registry that is to be deleted, all of it read just now.

    `held`: all that it holds, whatever was selected, and `kept`: all that the target holds. `differences`: of the
    verification. `pulls`: those of the request's soak period, or why they are not known. `ourselves`: the ids of the
    identity that runs this.
    """

    request: RelocationRequest
    pair: SnapshotPair
    held: Content
    kept: Content
    differences: tuple[Difference, ...]
    pulls: tuple[RegistryPull, ...] | Unknown
    ourselves: tuple[str, ...] = ()


def logs_of_pulls(around: Surroundings) -> tuple[str, ...]:
    """Return the workspaces that the registry sends its repository events to."""
    return tuple(
        str(properties(entry)["workspaceId"])
        for entry in readable_items(around.diagnostic_settings)
        if properties(entry).get("workspaceId") and any(map(_has_pulls, properties(entry).get("logs") or ()))
    )


def _has_pulls(log: dict[str, Any]) -> bool:
    return bool(log.get("enabled")) and (log.get("category") == EVENTS or log.get("categoryGroup") in GROUPS)


def unknowable_facts(grounds: DeletionEvidence) -> dict[str, str]:
    """Return what Azure does not tell, so that a person has to decide, and why it does not."""
    pulls = grounds.pulls
    unread = {f"whether anybody pulled in the last {soak(grounds)}": pulls.reason} if isinstance(pulls, Unknown) else {}
    dark = {f"whether the cluster {name} runs its images": reason for name, reason in _clusters_in_the_dark(grounds)}
    return unread | dark | {"whether anything outside Azure names it": "Azure cannot see pipelines and manifests"}


def left_behind(grounds: DeletionEvidence) -> tuple[str, ...]:
    """Return the repositories of the source with manifests or tags that the target does not have, by choice."""
    return repositories_only_in(grounds.held, grounds.kept)


def undecided_differences(grounds: DeletionEvidence) -> tuple[str, ...]:
    """Return what the target lacks or has otherwise because nobody has decided, in words."""
    target = design(grounds.pair.source.registry, grounds.request)
    return tuple(one.message for one in (*target.notes, *target.mappings) if one.severity == "decision")


def repositories_only_in(one: Content, other: Content) -> tuple[str, ...]:
    """Return the repositories in which one registry has manifests or tags that the other does not have."""
    there = {repository.name: _things(repository) for repository in other.repositories}
    return tuple(sorted(each.name for each in one.repositories if _things(each) - there.get(each.name, set())))


def content_fingerprint(content: Content) -> str:
    """Return what is another for every other content: repositories, digests, and which tag names which."""
    return fingerprint({one.name: sorted(_things(one)) for one in content.repositories})


def contents(grounds: DeletionEvidence) -> dict[str, str]:
    """Return what both registries hold, as fingerprints by login server: what is to be so still when one goes."""
    pair = grounds.pair
    return {
        pair.source.registry.login_server: content_fingerprint(grounds.held),
        pair.target.registry.login_server: content_fingerprint(grounds.kept),
    }


def _things(repository: Repository) -> set[tuple[str, str]]:
    return {("", one.digest) for one in repository.manifests} | {(tag.name, tag.digest) for tag in repository.tags}


def dependents(grounds: DeletionEvidence) -> DependencyMap:
    """Return the map of what is tied to the source now."""
    source = grounds.pair.source
    return build_map(source.registry, source.around, grounds.request)


def _clusters_in_the_dark(grounds: DeletionEvidence) -> Iterator[tuple[str, str]]:
    """Yield the clusters whose nodes may pull from the source, and whose logs do not tell whether they do."""
    running = grounds.pair.source.around.running
    for entry in dependents(grounds).dependencies:
        reading = running.get(entry.id.lower(), DARK)
        if entry.kind == "cluster" and isinstance(reading, Unknown):
            yield entry.name, reading.reason


def soak(grounds: DeletionEvidence) -> str:
    """Return the soak period in words."""
    return plural(grounds.request.soak_days, "day")


def first_names(names: Sequence[str]) -> str:
    """Return the first of the names, and how many more there are."""
    rest = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")

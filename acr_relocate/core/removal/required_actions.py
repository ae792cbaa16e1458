"""The actions needed to roll back and to delete the source: derived from the calls, by scope."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from acr_relocate.core.access.permissions import granting, missing_actions
from acr_relocate.core.access.required_actions import granted_by
from acr_relocate.core.access.roles import ACR, DEPLOYMENTS, LOG_DESTINATIONS, REPOSITORIES, Duty
from acr_relocate.core.cut_over import ArmCall
from acr_relocate.core.cut_over.required_actions import action_of
from acr_relocate.core.evidence.azure_facts import PermissionSet
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.findings import Finding
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.removal import DeletionEvidence, release_actions, releases
from acr_relocate.core.removal.kept_name import dead_with_it
from acr_relocate.core.removal.part import content_removals
from acr_relocate.core.removal.target import (
    DEPLOYMENT_TYPE,
    GROUP,
    OwnedResource,
    RelocationTraces,
    actions_to_undo,
    removals,
)
from acr_relocate.core.switching.required_actions import rights_to_switch

GROUP_RIGHTS: Final = (
    "Microsoft.Resources/subscriptions/resourceGroups/delete",
    "Microsoft.Resources/subscriptions/resourceGroups/resources/read",  # it is removed only if it is empty
)
SAID: Final[dict[Duty, tuple[str, str]]] = {
    "discard": ("relocation_cannot_be_taken_back", "take the relocation back"),
    "retire": ("source_cannot_be_deleted", "delete the source"),
}


def rights_to_discard(traces: RelocationTraces) -> dict[str, tuple[str, ...]]:
    """Return the actions that a rollback needs, by the id of the resource or group at which they must be granted."""
    return _by_place(
        [
            *(right for made in removals(traces) for right in _removing(made)),
            *((_place(call.path), action_of(call)) for action in actions_to_undo(traces) for call in action.undo),
            *([(_group(traces.target), f"{DEPLOYMENTS}/write")] if traces.target else []),  # the lease
            *(right for one in traces.switched for right in rights_to_switch(one)),
            *(
                (_place(path), action_of(ArmCall(method="DELETE", path=path, api_version="")))
                for path in traces.children
            ),
            *_rights_to_remove_content(traces),
        ]
    )


def _rights_to_remove_content(traces: RelocationTraces) -> list[tuple[str, str]]:
    """Return the rights for the images of a part; in ABAC mode they are data actions."""
    target = traces.target
    if target is None or not (traces.is_part and content_removals(traces.kept, traces.held)):
        return []
    if target.uses_abac:
        return [(target.id, f"{REPOSITORIES}/content/delete"), (target.id, f"{REPOSITORIES}/metadata/write")]
    return [(target.id, f"{ACR}/artifacts/delete"), (target.id, f"{ACR}/push/write")]


def rights_to_retire(evidence: DeletionEvidence) -> dict[str, tuple[str, ...]]:
    """Return the actions needed to delete the source, and to restore its settings if the deletion fails."""
    source = evidence.pair.source.registry.id
    taken = release_actions(releases(evidence), source)
    calls = [call for release in taken for call in (release.call, *release.undo)]
    end = ArmCall(method="DELETE", path=source, api_version="")
    rights = [(source, action_of(call)) for call in (*calls, end)]
    rights += [right for call in calls for right in _rights_to_send_logs(call)]
    locks = [(source, action) for action in _rights_to_lock(evidence.pair.source.registry)]
    records = [(_group(evidence.pair.source.registry), f"{DEPLOYMENTS}/{verb}") for verb in ("read", "write", "delete")]
    endpoints = [(one, action_of(ArmCall(method="DELETE", path=one, api_version=""))) for one in dead_with_it(evidence)]
    return _by_place([*rights, *locks, *records, *endpoints])


def _rights_to_send_logs(call: ArmCall) -> Iterable[tuple[str, str]]:
    """Yield the rights at the destinations of a diagnostic setting that the call writes."""
    sent = (call.body or {}).get("properties") or {}
    return ((str(sent[name]), one.keys) for name, one in LOG_DESTINATIONS.items() if sent.get(name))


def _group(registry: Registry) -> str:
    """Return the id of the resource group, where the registry's lease and restore records are kept."""
    return ResourceId(registry.id).group_id


def _rights_to_lock(registry: Registry) -> tuple[str, ...]:
    """Return the actions needed to lock a registry's repositories; in ABAC mode a data action."""
    mode = str(registry.properties.get("roleAssignmentMode") or "")
    return () if mode.lower().startswith("abac") else (f"{ACR}/push/write",)


def missing_removal_rights(
    needed: Mapping[str, tuple[str, ...]], granted: Mapping[str, tuple[PermissionSet, ...] | Unknown | None], duty: Duty
) -> tuple[Finding, ...]:
    """Return a blocker for each scope at which the running identity lacks actions; none if its rights are unknown."""
    code, step = SAID[duty]
    return tuple(
        Finding(
            code=code,
            severity="blocker",
            message=f"To {step}, the running identity lacks {', '.join(lacks)} at {place}.",
            remedy=granting(lacks[0], place, f"acr-relocate {_role_with(lacks[0], duty)}"),
            resource=place,
        )
        for place, actions in needed.items()
        if (lacks := missing_actions(actions, granted.get(place)))
    )


def _role_with(action: str, duty: Duty) -> Duty:
    """Return the duty whose role has the action: where a name is kept, private endpoints go as in a rollback."""
    return duty if action in granted_by(duty) else "discard"


def _removing(made: OwnedResource) -> Iterable[tuple[str, str]]:
    if made.type == GROUP:
        return [(made.id, action) for action in GROUP_RIGHTS]
    place = ResourceId(made.id).group_id if made.type == DEPLOYMENT_TYPE else _place(made.id)
    return [(place, action_of(ArmCall(method="DELETE", path=made.id, api_version="")))]


def _deleting(path: str) -> str:
    return action_of(ArmCall(method="DELETE", path=path, api_version=""))


def _place(path: str) -> str:
    """Return the resource that the path leads to or through; roles are assigned there or above, not to its content."""
    above, _, rest = path.partition("/providers/")
    namespace = rest.partition("/")[0]
    return above if namespace == "Microsoft.Authorization" else f"{above}/providers/{'/'.join(rest.split('/')[:3])}"


def _by_place(rights: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = defaultdict(set)
    for place, action in rights:
        found[place].add(action)
    return {place: tuple(sorted(found[place])) for place in sorted(found)}

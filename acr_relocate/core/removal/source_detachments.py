"""What is taken from a source before it goes, and how it is given back if it does not go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from acr_relocate.core.cut_over import ArmCall, CutOverAction, DoneWhen, detachments
from acr_relocate.core.dependencies import Dependency
from acr_relocate.core.dependencies.raw_surroundings import properties, readable_items
from acr_relocate.core.model import Restorable
from acr_relocate.core.removal.source_evidence import DeletionEvidence, dependents

LOCKS: Final = "2020-05-01"
DIAGNOSTICS: Final = "2021-05-01-preview"
SINKS: Final = (
    "workspaceId",
    "storageAccountId",
    "eventHubAuthorizationRuleId",
    "eventHubName",
    "marketplacePartnerId",
)
SETTING: Final = (*SINKS, "logAnalyticsDestinationType", "logs", "metrics")
OUTLIVE_IT: Final = {
    "private_endpoint": "network private-endpoint delete",
    "event_topic": "eventgrid system-topic delete",
}


class Detached(Restorable):
    """What is taken from a source before it goes, in this order. If it does not go, the last is given back first."""

    record_kind = "taken"
    releases: tuple[CutOverAction, ...]


def releases(grounds: DeletionEvidence) -> Detached:
    """Return what is taken from the registry before it goes, each with how it is given back if it does not go.

    Locks first: they forbid the rest. Then the roles of those who no longer use it, but not our own, which we need.
    Then its diagnostic settings, which would come back with the next registry of that name (diagnostic-settings.md).
    """
    source = grounds.pair.source
    roles = detachments(source.registry, source.around, grounds.request)
    others = [role for role in roles if not _is_ours(role, grounds.ourselves)]
    taken = (*_own_locks(grounds), *others, *_diagnostic_settings(grounds))
    return Detached(registry_id=source.registry.id.lower(), releases=taken)


def orphaned_after_deletion(grounds: DeletionEvidence) -> tuple[Dependency, ...]:
    """Return what stays behind without use when the registry is gone, each with the command that removes it."""
    return tuple(
        entry.model_copy(
            update={
                "action": "it belonged to the registry and is of no use without it",
                "command": f"az {OUTLIVE_IT[entry.kind]} --ids {entry.id}",
            }
        )
        for entry in dependents(grounds).dependencies
        if entry.kind in OUTLIVE_IT
    )


def _own_locks(grounds: DeletionEvidence) -> Iterator[CutOverAction]:
    source = grounds.pair.source
    for lock in readable_items(source.around.locks):
        path = f"{source.registry.id}/providers/Microsoft.Authorization/locks/{lock.name}"
        if lock.scope.lower() == source.registry.id.lower():
            body = {"properties": {"level": lock.level, "notes": lock.notes}}
            yield _release("lock", lock.name, f"lift the lock {lock.name} ({lock.level})", path, LOCKS, body)


def _diagnostic_settings(grounds: DeletionEvidence) -> Iterator[CutOverAction]:
    for entry in readable_items(grounds.pair.source.around.diagnostic_settings):
        body = {"properties": {name: properties(entry)[name] for name in SETTING if properties(entry).get(name)}}
        what = f"remove the diagnostic setting {entry['name']}"
        yield _release("diagnostic_setting", str(entry["name"]), what, str(entry["id"]), DIAGNOSTICS, body)


def _release(kind: str, subject: str, what: str, path: str, version: str, body: dict[str, Any]) -> CutOverAction:
    return CutOverAction(
        id=f"release {path.lower()}",
        kind=kind,
        subject=subject,
        what=what,
        call=ArmCall(method="DELETE", path=path, api_version=version),
        look=DoneWhen(call=ArmCall(method="GET", path=path, api_version=version)),
        undo=(ArmCall(method="PUT", path=path, api_version=version, body=body),),
    )


def _is_ours(role: CutOverAction, ourselves: tuple[str, ...]) -> bool:
    return any(call.body["properties"].get("principalId") in ourselves for call in role.undo)

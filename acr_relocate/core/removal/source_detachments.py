"""The locks, roles and settings removed from a source right before its deletion, and restored if it stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pydantic import ValidationError

from acr_relocate.core.cut_over import ArmCall, ChangeResource, CutOverAction, DoneWhen
from acr_relocate.core.dependencies import Dependency
from acr_relocate.core.dependencies.access import role_name
from acr_relocate.core.dependencies.raw_surroundings import properties, readable_items
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.removal.kept_name import dead_with_it
from acr_relocate.core.removal.source_evidence import DeletionEvidence, dependents
from acr_relocate.core.removal.taken_facts import (
    CONTENT_ROLES,
    Detached,
    TakenLock,
    TakenRole,
    TakenSetting,
    log_category,
    log_entry,
)

_LOCKS: Final = "2020-05-01"
_AUTHORIZATION: Final = "2022-04-01"
_DIAGNOSTICS: Final = "2021-05-01-preview"
OUTLIVE_IT: Final = {
    "private_endpoint": "network private-endpoint delete",
    "event_topic": "eventgrid system-topic delete",
}


def releases(evidence: DeletionEvidence) -> Detached:
    """Return the facts to remove from the registry right before its deletion.

    Its own locks, because they forbid the deletion. The roles at it that open its content, but not our own, which we
    need. Its diagnostic settings, which would come back with the next registry of that name (diagnostic-settings.md).
    Anything that these facts cannot express stays; `remaining_at_source` names it. In the order of their names:
    settings that were removed and restored are listed in another order, and asked about in the same words.
    """
    source = evidence.pair.source
    return Detached(
        registry_id=source.registry.id.lower(),
        locks=tuple(sorted(_own_locks(evidence), key=_name)),
        roles=tuple(sorted((role for _, role in _roles(evidence) if role), key=_name)),
        settings=tuple(sorted((setting for _, setting in _settings(evidence) if setting), key=_name)),
    )


def _name(fact: TakenLock | TakenRole | TakenSetting) -> str:
    return fact.name


def release_actions(taken: Detached, registry_id: str) -> tuple[CutOverAction, ...]:
    """Return the calls that remove it, in order, each with those that restore it; all below the registry's own id."""
    return (
        *(_release_lock(lock, registry_id) for lock in taken.locks),
        *(_release_role(role, registry_id) for role in taken.roles),
        *(_release_setting(setting, registry_id) for setting in taken.settings),
    )


def orphaned_after_deletion(evidence: DeletionEvidence) -> tuple[Dependency, ...]:
    """Return the resources that the deletion leaves behind unused, each with the command that removes it.

    Where the name is kept, its private endpoints are removed with it (`kept_name`).
    """
    removed = dead_with_it(evidence)
    return tuple(
        entry.model_copy(
            update={
                "action": "it belonged to the registry and is of no use without it",
                "command": f"az {OUTLIVE_IT[entry.kind]} --ids {entry.id}",
            }
        )
        for entry in dependents(evidence).dependencies
        if entry.kind in OUTLIVE_IT and entry.id not in removed
    ) + tuple(remaining_at_source(evidence))


def remaining_at_source(evidence: DeletionEvidence) -> Iterator[Dependency]:
    """Yield the roles and diagnostic settings that stay at the registry, each with the command to remove it."""
    for path in (path for path, role in _roles(evidence) if role is None):
        yield _left("role_assignment", path, f"az role assignment delete --ids {path}")
    for path in (path for path, setting in _settings(evidence) if setting is None):
        resource = evidence.pair.source.registry.id
        yield _left(
            "diagnostic_setting",
            path,
            f"az monitor diagnostic-settings delete --name {ResourceId(path).name} --resource {resource}",
        )


def _left(kind: str, path: str, command: str) -> Dependency:
    return Dependency(
        kind=kind,
        name=ResourceId(path).name,
        id=path,
        found="Resource Manager",
        strategy="manual",
        action="manual: it outlives the registry, and would hold for the next one of that name",
        manual=True,
        command=command,
    )


def _own_locks(evidence: DeletionEvidence) -> Iterator[TakenLock]:
    source = evidence.pair.source
    for lock in readable_items(source.around.locks):
        if lock.scope.lower() == source.registry.id.lower():
            level = "ReadOnly" if lock.level == "ReadOnly" else "CanNotDelete"
            yield TakenLock(name=lock.name, level=level, notes=lock.notes or "")


def _roles(evidence: DeletionEvidence) -> Iterator[tuple[str, TakenRole | None]]:
    """Yield the id of each role at the registry itself, but our own, with its facts if it is of a known kind.

    Roles that cover everything (Owner, Reader) do not open the content, and end with the registry.
    """
    registry_id = evidence.pair.source.registry.id.lower()
    for entry in readable_items(evidence.pair.source.around.role_assignments):
        own = properties(entry)
        if str(own.get("scope") or "").lower() != registry_id or own.get("principalId") in evidence.ourselves:
            continue
        role = ResourceId(str(own.get("roleDefinitionId") or "")).name.lower()
        if role in CONTENT_ROLES:
            yield str(entry["id"]), _role(entry, own, role)
        elif role_name(role) == role:
            yield str(entry["id"]), None


def _role(entry: dict[str, Any], own: dict[str, Any], role: str) -> TakenRole | None:
    try:
        return TakenRole(
            name=ResourceId(str(entry["id"])).name,
            role=role,
            principal_id=str(own.get("principalId") or ""),
            principal_type=own.get("principalType"),
            condition=own.get("condition"),
            condition_version=own.get("conditionVersion"),
            description=own.get("description"),
        )
    except ValidationError:
        return None


def _settings(evidence: DeletionEvidence) -> Iterator[tuple[str, TakenSetting | None]]:
    for entry in readable_items(evidence.pair.source.around.diagnostic_settings):
        yield str(entry["id"]), _setting(str(entry["name"]), properties(entry))


def _setting(name: str, own: dict[str, Any]) -> TakenSetting | None:
    if own.get("marketplacePartnerId"):
        return None
    try:
        return TakenSetting(
            name=name,
            workspace=own.get("workspaceId"),
            storage=own.get("storageAccountId"),
            event_hub_rule=own.get("eventHubAuthorizationRuleId"),
            event_hub=own.get("eventHubName"),
            destination=own.get("logAnalyticsDestinationType"),
            logs=tuple(map(log_category, own.get("logs") or ())),
            metrics=tuple(map(log_category, own.get("metrics") or ())),
        )
    except ValidationError:
        return None


def _release_lock(lock: TakenLock, registry_id: str) -> CutOverAction:
    path = f"{registry_id}/providers/Microsoft.Authorization/locks/{lock.name}"
    body = {"properties": {"level": lock.level, "notes": lock.notes}}
    return _release("lock", lock.name, f"lift the lock {lock.name} ({lock.level})", path, _LOCKS, body)


def _release_role(role: TakenRole, registry_id: str) -> CutOverAction:
    subscription = ResourceId(registry_id).subscription_id
    told = {
        "roleDefinitionId": f"{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role.role}",
        "principalId": role.principal_id,
        "principalType": role.principal_type,
        "condition": role.condition,
        "conditionVersion": role.condition_version,
        "description": role.description,
    }
    name = f"{role_name(role.role)} for {role.principal_id}"
    path = f"{registry_id}/providers/Microsoft.Authorization/roleAssignments/{role.name}"
    body = {"properties": {key: value for key, value in told.items() if value}}
    what = f"take the role {role_name(role.role)} at {ResourceId(registry_id).name} from {role.principal_id}"
    return _release("role_assignment", name, what, path, _AUTHORIZATION, body)


def _release_setting(setting: TakenSetting, registry_id: str) -> CutOverAction:
    told = {
        "workspaceId": setting.workspace,
        "storageAccountId": setting.storage,
        "eventHubAuthorizationRuleId": setting.event_hub_rule,
        "eventHubName": setting.event_hub,
        "logAnalyticsDestinationType": setting.destination,
        "logs": [log_entry(one) for one in setting.logs],
        "metrics": [log_entry(one) for one in setting.metrics],
    }
    path = f"{registry_id}/providers/Microsoft.Insights/diagnosticSettings/{setting.name}"
    body = {"properties": {key: value for key, value in told.items() if value}}
    what = f"remove the diagnostic setting {setting.name}"
    return _release("diagnostic_setting", setting.name, what, path, _DIAGNOSTICS, body)


def _release(kind: str, subject: str, what: str, path: str, version: str, body: dict[str, Any]) -> CutOverAction:
    return CutOverAction(
        id=f"release {path.lower()}",
        kind=kind,
        subject=subject,
        what=what,
        call=ArmCall(method="DELETE", path=path, api_version=version),
        look=DoneWhen(call=ArmCall(method="GET", path=path, api_version=version)),
        effect=ChangeResource(restore=(ArmCall(method="PUT", path=path, api_version=version, body=body),)),
    )
